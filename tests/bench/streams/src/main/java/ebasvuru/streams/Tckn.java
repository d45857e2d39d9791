package ebasvuru.streams;

/** The T.C. Kimlik No: 11 digits, of which the last two are check digits. */
final class Tckn {
    private static final int DIGITS = 11;

    private Tckn() { }

    static boolean isValid(String text) {
        if (text.length() != DIGITS || text.charAt(0) == '0') return false;
        int odd = 0;
        int even = 0;
        for (int i = 0; i < DIGITS; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) return false;
            if (i >= 9) continue;
            if (i % 2 == 0) odd += digit;
            else even += digit;
        }
        // 40 is 0 modulo 10, and keeps the difference positive.
        int tenth = (7 * odd + 40 - even) % 10;
        int eleventh = (odd + even + tenth) % 10;
        return text.charAt(9) - '0' == tenth && text.charAt(10) - '0' == eleventh;
    }
}
