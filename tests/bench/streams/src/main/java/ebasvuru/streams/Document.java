package ebasvuru.streams;

import java.util.Locale;

/** A document of the right shape, by reference ({@code uri}) or inline (without). */
record Document(String kind, String name, String mediaType, long size, String sha256, String uri) {
    private static final int NAME_CHARS = 255;
    private static final long MAX_BYTES = 100 * 1024 * 1024;
    private static final int SHA256_DIGITS = 64;
    private static final String STORE = "store://sha256/";

    static Document read(Members it) throws Fault {
        String uri = it.optionalText("uri");
        String data = it.optionalText("data");
        if ((uri == null) == (data == null)) throw Fault.schema(it + " must have either uri or data");
        return new Document(
            it.text("kind"),
            it.text("name"),
            it.text("media_type"),
            it.integer("size"),
            it.text("sha256"),
            uri);
    }

    /** The same, checked as the document at this index: its name made safe, its hash in lower case. */
    Document checked(int index) throws Fault {
        if (!kind.equals("application") && !kind.equals("supporting")) {
            throw invalid(index, "kind must be application or supporting");
        }
        if (Text.isBlank(name) || name.codePointCount(0, name.length()) > NAME_CHARS) {
            throw invalid(index, "name must have 1 to 255 characters");
        }
        if (!MediaType.fits(mediaType)) throw invalid(index, "media_type is none");
        if (size < 1 || size > MAX_BYTES) throw invalid(index, "size must lie between 1 byte and 100 MiB");
        if (!isSha256(sha256)) throw invalid(index, "sha256 must be 64 hex digits");
        if (uri == null) {
            throw new UnsupportedOperationException("a document is inline, and there is no store for it");
        }
        String lower = sha256.toLowerCase(Locale.ROOT);
        if (!uri.startsWith(STORE) || !uri.substring(STORE.length()).equalsIgnoreCase(lower)) {
            throw invalid(index, "uri must be store://sha256/ and the sha256");
        }
        return new Document(kind, DocumentName.of(name), mediaType, size, lower, STORE + lower);
    }

    private static boolean isSha256(String text) {
        if (text.length() != SHA256_DIGITS) return false;
        for (int i = 0; i < SHA256_DIGITS; i++) if (!Hex.isDigit(text.charAt(i))) return false;
        return true;
    }

    private static Fault invalid(int index, String why) {
        return new Fault("document_invalid", "documents[" + index + "]: " + why);
    }
}
