package ebasvuru.streams;

import java.time.Instant;

/** The time, made anew once a millisecond at most. */
final class Clock {
    private long ms = -1;
    private Time now;

    /** The time in this millisecond of the system's clock. */
    Time at(long ms) {
        if (ms != this.ms) {
            this.ms = ms;
            Instant instant = Instant.now();
            now = Time.of(instant.getEpochSecond(), instant.getNano());
        }
        return now;
    }
}
