package ebasvuru.streams;

import java.nio.charset.StandardCharsets;

/** Digits of base 16. */
final class Hex {
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private Hex() { }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
    }

    /** The lower-case digit of the lowest four bits. */
    static byte digit(int value) {
        return DIGITS[value & 15];
    }
}
