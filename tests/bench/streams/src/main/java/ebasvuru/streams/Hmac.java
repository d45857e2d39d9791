package ebasvuru.streams;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * HMAC-SHA256 under one key. It keeps the two keyed states, which makes it quicker than
 * {@code javax.crypto.Mac} for short texts.
 */
final class Hmac {
    private static final int BLOCK = 64;

    private final MessageDigest inner;
    private final MessageDigest outer;

    /** Under a key of at most 64 bytes. */
    Hmac(byte[] key) {
        inner = keyed(key, 0x36);
        outer = keyed(key, 0x5c);
    }

    byte[] of(byte[] bytes, int length) {
        try {
            MessageDigest first = (MessageDigest) inner.clone();
            first.update(bytes, 0, length);
            MessageDigest second = (MessageDigest) outer.clone();
            second.update(first.digest());
            return second.digest();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The 32 bytes that HKDF-Expand makes of the key for this use. */
    byte[] expand(byte[] info) {
        byte[] block = Arrays.copyOf(info, info.length + 1);
        block[info.length] = 1;
        return of(block, block.length);
    }

    private static MessageDigest keyed(byte[] key, int pad) {
        byte[] block = Arrays.copyOf(key, BLOCK);
        for (int i = 0; i < BLOCK; i++) block[i] ^= (byte) pad;
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(block);
            return digest;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
