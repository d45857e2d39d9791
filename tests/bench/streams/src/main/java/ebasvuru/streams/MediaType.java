package ebasvuru.streams;

import java.nio.charset.StandardCharsets;

/** Media types: {@code type/subtype} of the characters of RFC 6838, with parameters of visible ASCII. */
final class MediaType {
    private static final int PART = 127;
    private static final int ALL = 3 * PART + 2;

    private MediaType() { }

    static boolean fits(String text) {
        int semicolon = text.indexOf(';');
        int end = semicolon < 0 ? text.length() : semicolon;
        int parameters = text.length() - Math.min(end + 1, text.length());
        while (end > 0 && Text.isWhiteSpace(text.charAt(end - 1))) end--;
        int slash = text.indexOf('/');
        return slash >= 0 && slash < end && isName(text, 0, slash) && isName(text, slash + 1, end)
            && parameters <= PART && isVisible(text, text.length() - parameters)
            && text.getBytes(StandardCharsets.UTF_8).length <= ALL;
    }

    private static boolean isName(String text, int from, int to) {
        if (to <= from || to - from > PART || !isAlphanumeric(text.charAt(from))) return false;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (!isAlphanumeric(c) && "!#$&-^_.+".indexOf(c) < 0) return false;
        }
        return true;
    }

    private static boolean isAlphanumeric(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    private static boolean isVisible(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~') return false;
        }
        return true;
    }
}
