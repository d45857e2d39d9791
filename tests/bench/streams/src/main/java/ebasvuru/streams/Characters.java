package ebasvuru.streams;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.lang.UProperty;

/** Classes of characters. */
final class Characters {
    /** A Braille cell without dots: a symbol to Unicode, and blank on every screen. */
    static final int BLANK_BRAILLE = 0x2800;

    private static final int MARKS =
        1 << UCharacter.NON_SPACING_MARK | 1 << UCharacter.COMBINING_SPACING_MARK | 1 << UCharacter.ENCLOSING_MARK;
    private static final int SYMBOLS = 1 << UCharacter.MATH_SYMBOL | 1 << UCharacter.CURRENCY_SYMBOL
        | 1 << UCharacter.MODIFIER_SYMBOL | 1 << UCharacter.OTHER_SYMBOL;
    private static final int NUMBERS = 1 << UCharacter.DECIMAL_DIGIT_NUMBER | 1 << UCharacter.LETTER_NUMBER
        | 1 << UCharacter.OTHER_NUMBER;

    private Characters() { }

    /** Whether people see the character. */
    static boolean isVisible(int c) {
        if (c < 0x80) return c > ' ' && c < 0x7f;
        return !(UCharacter.getType(c) == UCharacter.CONTROL
            || c == BLANK_BRAILLE
            || c >= 0xfff9 && c <= 0xfffb
            || UCharacter.isUWhiteSpace(c)
            || UCharacter.hasBinaryProperty(c, UProperty.DEFAULT_IGNORABLE_CODE_POINT)
            || UCharacter.hasBinaryProperty(c, UProperty.NONCHARACTER_CODE_POINT));
    }

    /** Whether it shows nothing and separates nothing. */
    static boolean isIgnored(int c) {
        return !isVisible(c) && !UCharacter.isUWhiteSpace(c) && c != BLANK_BRAILLE;
    }

    /** Whether it belongs to the one before it, as an accent does. */
    static boolean isExtending(int c) {
        return c >= 0x80 && UCharacter.hasBinaryProperty(c, UProperty.GRAPHEME_EXTEND);
    }

    /** Whether it is visible by itself. */
    static boolean isBase(int c) {
        return isVisible(c) && !isExtending(c);
    }

    static boolean isMark(int c) {
        return c >= 0x300 && isOf(c, MARKS);
    }

    static boolean isSymbol(int c) {
        return isOf(c, SYMBOLS) || UCharacter.hasBinaryProperty(c, UProperty.EXTENDED_PICTOGRAPHIC);
    }

    static boolean isAlphanumeric(int c) {
        return UCharacter.isUAlphabetic(c) || isOf(c, NUMBERS);
    }

    static boolean isDash(int c) {
        return UCharacter.hasBinaryProperty(c, UProperty.DASH);
    }

    /** A hyphen, a dash or an apostrophe of any kind: what joins the parts of a word. */
    static boolean isJoint(int c) {
        return isDash(c)
            || UCharacter.hasBinaryProperty(c, UProperty.QUOTATION_MARK)
            || switch (c) {
                case '`', 0xb4, 0x2032, 0x2035, 0x2b9, 0x2bb, 0x2bc, 0x2bd, 0x2be, 0x2bf, 0x2c8, 0xa78b, 0xa78c ->
                    true;
                default -> false;
            };
    }

    private static boolean isOf(int c, int categories) {
        return (1 << UCharacter.getType(c) & categories) != 0;
    }
}
