package ebasvuru.streams;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.text.Normalizer2;

/** Texts, as people see them. */
final class Text {
    private Text() { }

    /** Whether people see nothing of it. */
    static boolean isBlank(String text) {
        return firstBase(text) == text.length();
    }

    /** From its first to its last visible character, with the accents of that. */
    static String trim(String text) {
        int start = firstBase(text);
        int end = text.length();
        int last = end;
        while (last > start) {
            int c = text.codePointBefore(last);
            last -= Character.charCount(c);
            if (Characters.isBase(c)) {
                end = last + Character.charCount(c);
                break;
            }
        }
        while (end < text.length() && Characters.isExtending(text.codePointAt(end))) {
            end += Character.charCount(text.codePointAt(end));
        }
        return text.substring(start, end);
    }

    /** One line of visible characters, composed, with single spaces between its words. */
    static String line(String text) {
        StringBuilder visible = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Characters.isVisible(c)) visible.appendCodePoint(c);
            else if (c == Characters.BLANK_BRAILLE || UCharacter.isUWhiteSpace(c)) visible.append(' ');
        });
        String composed = trim(Normalizer2.getNFCInstance().normalize(visible));
        return composed.replaceAll(" +", " ");
    }

    /** Without white space at its ends. */
    static String withoutSpaceAround(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && isWhiteSpace(text.charAt(start))) start++;
        while (end > start && isWhiteSpace(text.charAt(end - 1))) end--;
        return text.substring(start, end);
    }

    static boolean isWhiteSpace(char c) {
        return UCharacter.isUWhiteSpace(c);
    }

    private static int firstBase(String text) {
        int at = 0;
        while (at < text.length()) {
            int c = text.codePointAt(at);
            if (Characters.isBase(c)) break;
            at += Character.charCount(c);
        }
        return at;
    }
}
