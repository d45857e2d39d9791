package ebasvuru.streams;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** Blind indexes: keyed hashes by which equal values are found without being readable. */
final class Indexes {
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    /** Of the 32 bytes of a hash, so many are enough for equality. */
    private static final int BYTES = 16;

    private final Hmac tckn;
    private final Hmac name;
    private final Hmac content;

    Indexes(KeyRing ring) {
        Hmac root = new Hmac(ring.index());
        tckn = derived(root, "index/tckn");
        name = derived(root, "index/name/2");
        content = derived(root, "index/content");
    }

    String ofTckn(String it) {
        return index(tckn, it);
    }

    /** Of a folded word; the prefix is the version of the fold. */
    String ofWord(String word) {
        return "2." + index(name, word);
    }

    /** Of a content in canonical form. */
    String ofContent(JsonWriter canonical) {
        return index(content, canonical.bytes(), canonical.length());
    }

    private static String index(Hmac hmac, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return index(hmac, bytes, bytes.length);
    }

    private static String index(Hmac hmac, byte[] bytes, int length) {
        byte[] hash = Arrays.copyOf(hmac.of(bytes, length), BYTES);
        return new String(BASE64.encode(hash), StandardCharsets.US_ASCII);
    }

    private static Hmac derived(Hmac root, String use) {
        return new Hmac(root.expand(use.getBytes(StandardCharsets.US_ASCII)));
    }
}
