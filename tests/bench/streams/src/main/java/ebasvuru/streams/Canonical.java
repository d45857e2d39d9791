package ebasvuru.streams;

import com.fasterxml.jackson.core.io.schubfach.DoubleToDecimal;
import java.math.BigDecimal;
import java.util.List;

/**
 * JSON without spaces, with the members of every object in the order of their names, and with numbers as
 * {@code serde_json} writes them. Equal contents have equal bytes.
 */
final class Canonical {
    /** The most digits before the point, and zeros after it, of a number without an exponent. */
    private static final int DIGITS_BEFORE = 16;
    private static final int ZEROS_AFTER = 4;

    private Canonical() { }

    static void write(Object value, JsonWriter out) {
        if (value instanceof String text) {
            out.string(text);
        } else if (value instanceof JsonObject object) {
            object.sort();
            out.raw('{');
            for (int i = 0; i < object.size(); i++) {
                if (i > 0) out.raw(',');
                out.string(object.name(i)).raw(':');
                write(object.value(i), out);
            }
            out.raw('}');
        } else if (value instanceof List<?> items) {
            out.raw('[');
            for (int i = 0; i < items.size(); i++) {
                if (i > 0) out.raw(',');
                write(items.get(i), out);
            }
            out.raw(']');
        } else if (value instanceof Double number) {
            out.raw(real(number));
        } else {
            out.raw(value == Json.NULL ? "null" : value.toString());
        }
    }

    /** The shortest digits that are read as the same double. */
    private static String real(double number) {
        if (number == 0) return 1 / number > 0 ? "0.0" : "-0.0";
        BigDecimal shortest = new BigDecimal(DoubleToDecimal.toString(Math.abs(number))).stripTrailingZeros();
        String digits = shortest.unscaledValue().toString();
        // How many digits stand before the point; less than 1 if there are zeros after it.
        int point = digits.length() - shortest.scale();
        String text;
        if (point > DIGITS_BEFORE || point <= -ZEROS_AFTER - 1) {
            String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
            text = digits.charAt(0) + fraction + (point > 0 ? "e+" : "e") + (point - 1);
        } else if (point <= 0) {
            text = "0." + "0".repeat(-point) + digits;
        } else if (point < digits.length()) {
            text = digits.substring(0, point) + "." + digits.substring(point);
        } else {
            text = digits + "0".repeat(point - digits.length()) + ".0";
        }
        return number < 0 ? "-" + text : text;
    }
}
