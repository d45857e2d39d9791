package ebasvuru.streams;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/** Identities: UUIDs of version 5, so that the same message gives the same ones. */
final class Ids {
    private static final byte[] NAMESPACE = {
        0x65, 0x62, 0x61, 0x73, 0x76, 0x75, 0x72, 0x75, 0, 0, 0x74, 0x72, 0x67, 0x76, 0x74, 0x72,
    };
    private static final byte[] APPLICATION = "application\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] COMMAND = "command\0".getBytes(StandardCharsets.US_ASCII);

    private final MessageDigest sha1;

    Ids() {
        try {
            sha1 = MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The application that a submission makes. */
    String application(UUID submission) {
        ByteBuffer id = ByteBuffer.allocate(16);
        id.putLong(submission.getMostSignificantBits()).putLong(submission.getLeastSignificantBits());
        sha1.update(NAMESPACE);
        sha1.update(APPLICATION);
        sha1.update(id.array());
        return version5();
    }

    /** The command on an application for this reason. */
    String command(String application, String reason) {
        sha1.update(NAMESPACE);
        sha1.update(COMMAND);
        sha1.update(application.getBytes(StandardCharsets.US_ASCII));
        sha1.update((byte) 0);
        sha1.update(reason.getBytes(StandardCharsets.US_ASCII));
        return version5();
    }

    private String version5() {
        byte[] id = sha1.digest();
        id[6] = (byte) (id[6] & 0x0f | 0x50);
        id[8] = (byte) (id[8] & 0x3f | 0x80);
        byte[] text = new byte[36];
        int at = 0;
        for (int i = 0; i < 16; i++) {
            if (i == 4 || i == 6 || i == 8 || i == 10) text[at++] = '-';
            text[at++] = Hex.digit(id[i] >> 4);
            text[at++] = Hex.digit(id[i]);
        }
        return new String(text, StandardCharsets.US_ASCII);
    }
}
