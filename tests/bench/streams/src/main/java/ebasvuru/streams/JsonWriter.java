package ebasvuru.streams;

import java.util.Arrays;

/** A growing buffer of JSON in UTF-8, used for one record after the other. */
final class JsonWriter {
    private byte[] bytes = new byte[8192];
    private int length;

    JsonWriter clear() {
        length = 0;
        return this;
    }

    /** The buffer, of which the first {@link #length} bytes are written. */
    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    byte[] copy() {
        return Arrays.copyOf(bytes, length);
    }

    /** A character of ASCII. */
    JsonWriter raw(char c) {
        reserve(1);
        bytes[length++] = (byte) c;
        return this;
    }

    /** ASCII. */
    JsonWriter raw(byte[] ascii) {
        reserve(ascii.length);
        System.arraycopy(ascii, 0, bytes, length, ascii.length);
        length += ascii.length;
        return this;
    }

    /** ASCII. */
    @SuppressWarnings("deprecation") // The only copy into an array that is there; it is right for ASCII.
    JsonWriter raw(String ascii) {
        int count = ascii.length();
        reserve(count);
        ascii.getBytes(0, count, bytes, length);
        length += count;
        return this;
    }

    /** ASCII that needs no escapes, as a string. */
    JsonWriter quoted(String ascii) {
        return raw('"').raw(ascii).raw('"');
    }

    JsonWriter number(long value) {
        return raw(Long.toString(value));
    }

    /** A string, with the escapes that {@code serde_json} writes. */
    JsonWriter string(String text) {
        int count = text.length();
        // An escape has six bytes, any other character at most three for each of its chars.
        reserve(count * 6 + 2);
        byte[] to = bytes;
        int at = length;
        to[at++] = '"';
        for (int i = 0; i < count; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                if (c >= ' ' && c != '"' && c != '\\') to[at++] = (byte) c;
                else at = escaped(c, to, at);
            } else if (c < 0x800) {
                to[at++] = (byte) (0xc0 | c >> 6);
                to[at++] = (byte) (0x80 | c & 0x3f);
            } else if (Character.isHighSurrogate(c)) {
                int point = Character.toCodePoint(c, text.charAt(++i));
                to[at++] = (byte) (0xf0 | point >> 18);
                to[at++] = (byte) (0x80 | point >> 12 & 0x3f);
                to[at++] = (byte) (0x80 | point >> 6 & 0x3f);
                to[at++] = (byte) (0x80 | point & 0x3f);
            } else {
                to[at++] = (byte) (0xe0 | c >> 12);
                to[at++] = (byte) (0x80 | c >> 6 & 0x3f);
                to[at++] = (byte) (0x80 | c & 0x3f);
            }
        }
        to[at++] = '"';
        length = at;
        return this;
    }

    private static int escaped(char c, byte[] to, int from) {
        int at = from;
        to[at++] = '\\';
        switch (c) {
            case '"', '\\' -> to[at++] = (byte) c;
            case '\b' -> to[at++] = 'b';
            case '\f' -> to[at++] = 'f';
            case '\n' -> to[at++] = 'n';
            case '\r' -> to[at++] = 'r';
            case '\t' -> to[at++] = 't';
            default -> {
                to[at++] = 'u';
                to[at++] = '0';
                to[at++] = '0';
                to[at++] = Hex.digit(c >> 4);
                to[at++] = Hex.digit(c);
            }
        }
        return at;
    }

    private void reserve(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
