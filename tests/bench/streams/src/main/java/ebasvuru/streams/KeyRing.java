package ebasvuru.streams;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** The product's key ring: the key of the blind indexes, and the entries by name. */
record KeyRing(byte[] index, Map<String, byte[]> entries) {
    /** Reads the file, which has {@code NAME = "KEY"} in each line that names a key. */
    static KeyRing load(Path file) throws IOException {
        Map<String, byte[]> keys = new HashMap<>();
        for (String line : Files.readAllLines(file)) {
            String[] parts = line.replace("\"", "").split("=");
            if (parts.length != 2 || parts[0].strip().equals("destroyed")) continue;
            keys.put(parts[0].strip(), HexFormat.of().parseHex(parts[1].strip()));
        }
        return new KeyRing(keys.remove("index"), keys);
    }
}
