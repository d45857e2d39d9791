package ebasvuru.streams;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.text.Normalizer2;
import java.util.ArrayList;
import java.util.List;

/**
 * The folded words of names: in lower-case letters of the ASCII keyboard, as far as they have any. Every
 * character is folded by itself, so a table of the usual ones does most of the work.
 */
final class Fold {
    private static final char JOINT = '-';
    /** Basic Latin to Latin Extended-A, which has the Turkish letters. */
    private static final char[] TABLE = new char[0x180];

    static {
        for (char c = 0; c < TABLE.length; c++) {
            String folded = folded(c);
            if (folded.length() == 1) TABLE[c] = folded.charAt(0);
        }
    }

    private Fold() { }

    /**
     * What a name is found by, each once: of every word the parts between its hyphens and apostrophes, then
     * the whole without them.
     */
    static List<String> indexWords(String name) {
        StringBuilder folded = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = quick(name.charAt(i));
            if (c != 0) {
                folded.append(c);
            } else {
                int point = name.codePointAt(i);
                folded.append(folded(point));
                if (Character.isSupplementaryCodePoint(point)) i++;
            }
        }
        List<String> words = new ArrayList<>(4);
        int from = 0;
        for (int i = 0; i <= folded.length(); i++) {
            if (i < folded.length() && folded.charAt(i) != ' ') continue;
            if (i > from) addWord(folded.substring(from, i), words);
            from = i + 1;
        }
        return words;
    }

    /** The one character that a character is folded to; 0 if the table has none. */
    static char quick(char c) {
        return c < TABLE.length ? TABLE[c] : 0;
    }

    private static void addWord(String word, List<String> words) {
        if (word.indexOf(JOINT) < 0) {
            add(word, words);
            return;
        }
        StringBuilder joined = new StringBuilder(word.length());
        for (String part : word.split("-")) {
            if (part.isEmpty()) continue;
            add(part, words);
            joined.append(part);
        }
        if (joined.length() > 0) add(joined.toString(), words);
    }

    private static void add(String word, List<String> words) {
        if (!words.contains(word)) words.add(word);
    }

    /** A character as folded letters and digits, joints, and spaces for what separates words. */
    private static String folded(int c) {
        // Some symbols decompose into letters (™), the acute accent into a space.
        if (c == 0xb4 || c == '`' || Characters.isDash(c)) return "-";
        if (Characters.isSymbol(c)) return " ";
        if (Characters.isIgnored(c)) return "";
        Normalizer2 decomposed = Normalizer2.getNFKDInstance();
        String letters = UCharacter.foldCase(decomposed.normalize(Character.toString(c)), true);
        StringBuilder folded = new StringBuilder();
        decomposed.normalize(letters).codePoints().forEach(it -> {
            if (Characters.isMark(it) || Characters.isIgnored(it)) return;
            plain(it).codePoints().forEach(plain -> {
                if (Characters.isJoint(plain)) folded.append(JOINT);
                else if (Characters.isAlphanumeric(plain)) folded.appendCodePoint(plain);
                else folded.append(' ');
            });
        });
        return folded.toString();
    }

    /** The letters here have no decomposition in Unicode, and the digits are Arabic and Persian. */
    private static String plain(int c) {
        if (c >= 0x660 && c <= 0x669 || c >= 0x6f0 && c <= 0x6f9) return Integer.toString(c & 15);
        return switch (c) {
            case 'ı' -> "i";
            case 'ø' -> "o";
            case 'ł' -> "l";
            case 'đ', 'ð' -> "d";
            case 'ħ' -> "h";
            case 'ə' -> "e";
            case 'æ' -> "ae";
            case 'œ' -> "oe";
            case 'þ' -> "th";
            default -> Character.toString(c);
        };
    }
}
