package ebasvuru.streams;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Checks that bytes are UTF-8, which Jackson does less strictly. */
final class Utf8 {
    private static final VarHandle EIGHT =
        MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long NOT_ASCII = 0x8080808080808080L;

    private Utf8() { }

    static void check(byte[] bytes) throws Fault {
        int valid = validUpTo(bytes);
        if (valid < bytes.length) throw new Fault("not_utf8", "not UTF-8 after byte " + valid);
    }

    /** How many bytes at the beginning are whole characters. */
    private static int validUpTo(byte[] bytes) {
        int length = bytes.length;
        int at = 0;
        while (at < length) {
            int lead = bytes[at] & 0xff;
            if (lead < 0x80) {
                at++;
                while (at + 8 <= length && ((long) EIGHT.get(bytes, at) & NOT_ASCII) == 0) at += 8;
                continue;
            }
            int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
            // No other encoding of what fewer bytes can encode, no surrogates, nothing above U+10FFFF.
            int low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
            int high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
            if (lead < 0xc2 || lead > 0xf4 || at + more >= length) return at;
            int second = bytes[at + 1] & 0xff;
            if (second < low || second > high) return at;
            for (int i = 2; i <= more; i++) if ((bytes[at + i] & 0xc0) != 0x80) return at;
            at += more + 1;
        }
        return length;
    }
}
