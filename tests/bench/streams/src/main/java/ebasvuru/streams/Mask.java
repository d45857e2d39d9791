package ebasvuru.streams;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.text.Normalizer2;
import java.util.Locale;

/**
 * The mask of a name: the first letter of each word, in upper case by the Turkish rules, and three stars.
 * Hyphens and apostrophes separate no words here.
 */
final class Mask {
    private static final String STARS = "***";
    private static final Locale TURKISH = Locale.forLanguageTag("tr");
    /** The masks of words that begin with a letter of {@link Fold#quick}; null for what is no letter. */
    private static final String[] MASKS = new String[0x180];

    static {
        for (char c = 0; c < MASKS.length; c++) {
            String mask = Fold.quick(c) == 0 ? STARS : careful(Character.toString(c));
            if (!mask.equals(STARS)) MASKS[c] = mask;
        }
    }

    private Mask() { }

    static String of(String name) {
        StringBuilder mask = new StringBuilder(16);
        boolean isMasked = false;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            char folded = Fold.quick(c);
            if (folded == 0) return careful(name);
            if (folded == ' ') {
                isMasked = false;
            } else if (!isMasked && MASKS[c] != null) {
                isMasked = true;
                add(mask, MASKS[c]);
            }
        }
        return mask.length() == 0 ? STARS : mask.toString();
    }

    /** The same for any characters. */
    private static String careful(String name) {
        StringBuilder text = new StringBuilder(name.length());
        name.codePoints().filter(c -> !Characters.isIgnored(c)).forEach(c ->
            // Before they are composed: some symbols become letters (™), some apostrophes a space.
            text.appendCodePoint(Characters.isJoint(c) ? '-' : Characters.isSymbol(c) ? ' ' : c));
        String composed = Normalizer2.getNFKCInstance().normalize(text);
        StringBuilder mask = new StringBuilder(16);
        boolean isMasked = false;
        for (int i = 0; i < composed.length(); i += Character.charCount(composed.codePointAt(i))) {
            int c = composed.codePointAt(i);
            if (Characters.isJoint(c)) continue;
            if (!Characters.isAlphanumeric(c) && !Characters.isMark(c)) {
                isMasked = false;
            } else if (!isMasked && UCharacter.isUAlphabetic(c)) {
                isMasked = true;
                add(mask, UCharacter.toUpperCase(TURKISH, Character.toString(c)) + STARS);
            }
        }
        return mask.length() == 0 ? STARS : mask.toString();
    }

    private static void add(StringBuilder mask, String word) {
        if (mask.length() > 0) mask.append(' ');
        mask.append(word);
    }
}
