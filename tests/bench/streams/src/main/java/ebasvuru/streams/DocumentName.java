package ebasvuru.streams;

/** Makes the sender's name of a document safe to show and to save. */
final class DocumentName {
    private static final int CHARS = 255;
    /** The longest end of a name that counts as its extension. */
    private static final int EXTENSION = 10;
    private static final String UNNAMED = "belge";
    private static final String ELLIPSIS = "…";
    /** Separates folders, or is not allowed in names on some system. */
    private static final String FORBIDDEN = "/\\:*?\"<>|";
    /** No character before it is composed with another one. */
    private static final char FIRST_COMBINING = 0x300;

    private DocumentName() { }

    static String of(String given) {
        if (isSafe(given)) return given;
        String line = Text.line(given);
        StringBuilder allowed = new StringBuilder(line.length());
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            allowed.append(FORBIDDEN.indexOf(c) < 0 ? c : '-');
        }
        String name = withoutEnds(allowed.toString());
        return shortened(name.isEmpty() ? UNNAMED : name);
    }

    /** Whether the name stays as it is. Few do not; this is quicker than making it safe. */
    private static boolean isSafe(String name) {
        if (name.length() > CHARS) return false;
        char before = ' ';
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean fits = c == ' ' ? before != ' '
                : c < FIRST_COMBINING && Characters.isBase(c) && FORBIDDEN.indexOf(c) < 0;
            if (!fits) return false;
            before = c;
        }
        return before != ' ' && before != '.' && name.charAt(0) != '.';
    }

    /** A name that begins with a dot is hidden; Windows drops a dot at the end. */
    private static String withoutEnds(String name) {
        int start = 0;
        while (start < name.length()) {
            int c = name.codePointAt(start);
            if (c != '.' && Characters.isBase(c)) break;
            start += Character.charCount(c);
        }
        int end = name.length();
        while (end > start && (name.charAt(end - 1) == '.' || name.charAt(end - 1) == ' ')) end--;
        return name.substring(start, end);
    }

    /** The name with at most {@link #CHARS} characters, shortened before its extension. */
    private static String shortened(String name) {
        int dot = extension(name);
        String stem = name.substring(0, dot);
        String extension = name.substring(dot);
        int room = CHARS - extension.length();
        if (stem.codePointCount(0, stem.length()) <= room) return name;
        int end = stem.offsetByCodePoints(0, room - 1);
        // No letter loses its accent.
        while (end > 0 && Characters.isExtending(stem.codePointAt(end))) end = stem.offsetByCodePoints(end, -1);
        return stem.substring(0, end) + ELLIPSIS + extension;
    }

    /** Where the extension begins, with its dot; the length of the name if it has none. */
    private static int extension(String name) {
        int dot = name.lastIndexOf('.');
        int length = name.length() - dot - 1;
        if (dot <= 0 || length < 1 || length > EXTENSION) return name.length();
        for (int i = dot + 1; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= 0x80 || !Character.isLetterOrDigit(c)) return name.length();
        }
        return dot;
    }
}
