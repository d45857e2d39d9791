package ebasvuru.streams;

import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;

/** The names of the entries of the key ring: a retention class and a month in Turkey. */
final class EntryNames {
    private static final ZoneId TURKEY = ZoneId.of("Europe/Istanbul");

    private final Map<String, String> names = new HashMap<>();
    private YearMonth month;
    /** When the month begins and when it has ended, in seconds. */
    private long from;
    private long until;

    /** The entry of a class at this time. */
    String of(String retentionClass, Time at) {
        if (month == null || at.second() < from || at.second() >= until) {
            month = YearMonth.from(Instant.ofEpochSecond(at.second()).atZone(TURKEY));
            from = month.atDay(1).atStartOfDay(TURKEY).toEpochSecond();
            until = month.plusMonths(1).atDay(1).atStartOfDay(TURKEY).toEpochSecond();
            names.clear();
        }
        return names.computeIfAbsent(retentionClass, it -> it + "-" + month);
    }
}
