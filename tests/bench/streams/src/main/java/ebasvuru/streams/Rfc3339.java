package ebasvuru.streams;

import java.time.LocalDate;
import java.time.YearMonth;

/** Reads times as RFC 3339 has them, of this millennium and at most to the nanosecond. */
final class Rfc3339 {
    private static final int WITHOUT_FRACTION = 19;
    private static final int DIGITS_OF_NANOS = 9;

    private Rfc3339() { }

    /** The time; null if the text is none. */
    static Time read(String text) {
        int n = text.length();
        if (n <= WITHOUT_FRACTION || text.charAt(0) != '2') return null;
        char t = text.charAt(10);
        if (text.charAt(4) != '-' || text.charAt(7) != '-' || t != 'T' && t != 't'
            || text.charAt(13) != ':' || text.charAt(16) != ':') {
            return null;
        }
        int century = two(text, 0, 29);
        int ofCentury = two(text, 2, 99);
        int month = two(text, 5, 12);
        int day = two(text, 8, 31);
        int hour = two(text, 11, 23);
        int minute = two(text, 14, 59);
        int second = two(text, 17, 59);
        if ((century | ofCentury | month | day | hour | minute | second) < 0) return null;
        int year = century * 100 + ofCentury;
        if (month == 0 || day == 0 || day > 28 && day > YearMonth.of(year, month).lengthOfMonth()) return null;

        int at = WITHOUT_FRACTION;
        int nanos = 0;
        if (text.charAt(at) == '.') {
            int digits = 0;
            for (at++; at < n && isDigit(text.charAt(at)); at++, digits++) {
                if (digits == DIGITS_OF_NANOS) return null;
                nanos = nanos * 10 + text.charAt(at) - '0';
            }
            if (digits == 0) return null;
            for (; digits < DIGITS_OF_NANOS; digits++) nanos *= 10;
        }
        long local = LocalDate.of(year, month, day).toEpochDay() * 86_400 + hour * 3600 + minute * 60 + second;
        if (at + 1 == n && (text.charAt(at) == 'Z' || text.charAt(at) == 'z')) {
            boolean isInItsForm = text.charAt(at) == 'Z' && t == 'T'
                && (at == WITHOUT_FRACTION || text.charAt(at - 1) != '0');
            return isInItsForm ? new Time(local, nanos, text) : Time.of(local, nanos);
        }
        if (at + 6 != n || text.charAt(at + 3) != ':') return null;
        char sign = text.charAt(at);
        int hours = two(text, at + 1, 23);
        int minutes = two(text, at + 4, 59);
        if (sign != '+' && sign != '-' || (hours | minutes) < 0) return null;
        int offset = hours * 3600 + minutes * 60;
        return Time.of(sign == '-' ? local + offset : local - offset, nanos);
    }

    /** The number of two digits, at most this one; -1 if there is none. */
    private static int two(String text, int at, int most) {
        char tens = text.charAt(at);
        char ones = text.charAt(at + 1);
        if (!isDigit(tens) || !isDigit(ones)) return -1;
        int number = (tens - '0') * 10 + ones - '0';
        return number <= most ? number : -1;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
