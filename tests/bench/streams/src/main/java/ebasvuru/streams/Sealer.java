package ebasvuru.streams;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Seals by AES-256-GCM under a key that is derived for each application. */
final class Sealer {
    /** The field that a text is; it is bound into what is sealed. */
    enum Field {
        CONTENT("content"),
        DOCUMENT_NAME("document-name"),
        WITHDRAWAL_REASON("withdrawal-reason");

        private final byte[] name;

        Field(String name) {
            this.name = ascii(name);
        }
    }

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    /** The version of what is sealed. */
    private static final String MARK = "3";
    private static final int NONCE = 12;
    private static final int TAG = 16;
    /** How many nonces are drawn at once, because a draw is a system call. */
    private static final int DRAWN = 256;

    private final Map<String, Hmac> entries = new HashMap<>();
    private final Cipher cipher;
    private final SecureRandom random = new SecureRandom();
    private final byte[] drawn = new byte[NONCE * DRAWN];
    private int next = drawn.length;

    private final byte[] nonce = new byte[NONCE];
    private SecretKeySpec key;
    private String prefix;
    private byte[] associated;

    Sealer(KeyRing ring) {
        ring.entries().forEach((name, entry) -> entries.put(name, new Hmac(entry)));
        try {
            cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What is sealed from now on belongs to this application. */
    void begin(String entry, String application) {
        Hmac root = entries.get(entry);
        if (root == null) throw new IllegalStateException("the key ring has no entry " + entry);
        key = new SecretKeySpec(root.expand(ascii(MARK + "\0" + application)), "AES");
        prefix = "\"" + entry + "." + MARK + ".";
        associated = ascii(entry + "\0" + application + "\0");
        if (next == drawn.length) {
            random.nextBytes(drawn);
            next = 0;
        }
        System.arraycopy(drawn, next, nonce, 0, NONCE);
        next += NONCE;
    }

    /** Appends the sealed text as a string: entry, mark, and in base64 nonce, ciphertext and tag. */
    void seal(Field field, byte[] plain, int length, JsonWriter out) {
        byte[] sealed = new byte[NONCE + length + TAG];
        System.arraycopy(nonce, 0, sealed, 0, NONCE);
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG * 8, nonce));
            cipher.updateAAD(associated);
            cipher.updateAAD(field.name);
            cipher.doFinal(plain, 0, length, sealed, NONCE);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        out.raw(prefix).raw(BASE64.encode(sealed)).raw('"');
        countUp();
    }

    /** As {@link #seal(Field, byte[], int, JsonWriter)}. */
    void seal(Field field, String text, JsonWriter out) {
        byte[] plain = text.getBytes(StandardCharsets.UTF_8);
        seal(field, plain, plain.length, out);
    }

    private void countUp() {
        int at = NONCE - 1;
        while (at >= 0 && ++nonce[at] == 0) at--;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
