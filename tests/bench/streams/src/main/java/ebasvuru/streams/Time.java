package ebasvuru.streams;

import java.time.Instant;

/**
 * A point in time to the nanosecond, and the same as text in UTC, without the zeros at the end of a fraction.
 */
record Time(long second, int nano, String utc) {
    static Time of(long second, int nano) {
        String whole = Instant.ofEpochSecond(second).toString();
        if (nano == 0) return new Time(second, nano, whole);
        String digits = Integer.toString(1_000_000_000 + nano).substring(1);
        int end = digits.length();
        while (digits.charAt(end - 1) == '0') end--;
        String utc = whole.substring(0, whole.length() - 1) + "." + digits.substring(0, end) + "Z";
        return new Time(second, nano, utc);
    }

    /** Whether it is more than so many seconds after another time. */
    boolean isAfter(Time other, long seconds) {
        long between = second - other.second;
        return between > seconds || between == seconds && nano > other.nano;
    }
}
