package ebasvuru.streams;

import java.util.Arrays;

/** The members of an object, which are few. If a name occurs twice, the last one counts. */
final class JsonObject {
    private String[] names = new String[10];
    private Object[] values = new Object[10];
    private int size;
    private boolean isSorted;

    int size() {
        return size;
    }

    String name(int at) {
        return names[at];
    }

    Object value(int at) {
        return values[at];
    }

    /** The member of this name; null if there is none. */
    Object get(String name) {
        int at = find(name);
        return at < 0 ? null : values[at];
    }

    void put(String name, Object value) {
        int at = find(name);
        if (at >= 0) {
            values[at] = value;
            return;
        }
        if (size == names.length) {
            names = Arrays.copyOf(names, size * 2);
            values = Arrays.copyOf(values, size * 2);
        }
        names[size] = name;
        values[size++] = value;
    }

    private int find(String name) {
        for (int i = 0; i < size; i++) if (names[i].equals(name)) return i;
        return -1;
    }

    /** Sorts the members by their names in UTF-8. */
    void sort() {
        if (isSorted) return;
        isSorted = true;
        for (int i = 1; i < size; i++) {
            String name = names[i];
            Object value = values[i];
            int at = i;
            for (; at > 0 && compare(names[at - 1], name) > 0; at--) {
                names[at] = names[at - 1];
                values[at] = values[at - 1];
            }
            names[at] = name;
            values[at] = value;
        }
    }

    private static int compare(String a, String b) {
        int common = Math.min(a.length(), b.length());
        for (int i = 0; i < common; i++) {
            if (a.charAt(i) != b.charAt(i)) return rank(a.charAt(i)) - rank(b.charAt(i));
        }
        return a.length() - b.length();
    }

    /** In UTF-8, surrogates come after the characters from U+E000 on; as chars, they come before them. */
    private static int rank(char c) {
        return Character.isSurrogate(c) ? c + Character.MAX_VALUE : c;
    }
}
