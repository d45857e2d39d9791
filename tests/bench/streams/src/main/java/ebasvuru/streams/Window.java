package ebasvuru.streams;

/** Good or bad, for each of the last 1,000 messages. Above one bad message in five, ingest stops. */
final class Window {
    private static final int SIZE = 1000;
    private static final int ALLOWED = 200;

    private final boolean[] bad = new boolean[SIZE];
    private int next;
    private int count;

    /** Adds the next message; false if there are too many bad ones now. */
    boolean take(boolean isBad) {
        if (bad[next]) count--;
        if (isBad) count++;
        bad[next] = isBad;
        next = (next + 1) % SIZE;
        return !isBad || count <= ALLOWED;
    }
}
