package ebasvuru.streams;

import java.util.List;
import java.util.UUID;

/** An object of the message and its place there. It checks shape and types; its code is {@code schema}. */
record Members(JsonObject object, String place, int index) {
    private static final int NO_INDEX = -1;

    static Members root(Object message) throws Fault {
        return of(message, "", NO_INDEX);
    }

    /** The item at this index of the array {@code place}. */
    static Members item(Object item, String place, int index) throws Fault {
        return of(item, place, index);
    }

    private static Members of(Object value, String place, int index) throws Fault {
        if (value instanceof JsonObject object) return new Members(object, place, index);
        throw Fault.schema(place(place, index) + " must be an object");
    }

    Members members(String name) throws Fault {
        return of(get(name), name, NO_INDEX);
    }

    String text(String name) throws Fault {
        if (get(name) instanceof String text) return text;
        throw wrong(name, "a string");
    }

    /** The text; null if it is absent or {@code null}. */
    String optionalText(String name) throws Fault {
        return isGiven(name) ? text(name) : null;
    }

    boolean isGiven(String name) {
        Object value = object.get(name);
        return value != null && value != Json.NULL;
    }

    boolean is(String name, String expected) {
        return expected.equals(object.get(name));
    }

    void constant(String name, String expected) throws Fault {
        if (!text(name).equals(expected)) throw wrong(name, '"' + expected + '"');
    }

    /** An integer by value; a number beyond a long becomes its nearest bound. */
    long integer(String name) throws Fault {
        Object value = get(name);
        if (value instanceof Long integer) return integer;
        if (value instanceof Number number && number.doubleValue() == Math.rint(number.doubleValue())) {
            return (long) number.doubleValue();
        }
        throw wrong(name, "an integer");
    }

    UUID uuid(String name) throws Fault {
        String text = text(name);
        boolean fits = text.length() == 36;
        for (int i = 0; fits && i < 36; i++) {
            char c = text.charAt(i);
            fits = i == 8 || i == 13 || i == 18 || i == 23 ? c == '-' : Hex.isDigit(c);
        }
        if (!fits) throw wrong(name, "a UUID");
        return UUID.fromString(text);
    }

    Time time(String name) throws Fault {
        Time time = Rfc3339.read(text(name));
        if (time == null) throw wrong(name, "an RFC 3339 time with an offset");
        return time;
    }

    List<?> array(String name) throws Fault {
        if (get(name) instanceof List<?> items) return items;
        throw wrong(name, "an array");
    }

    /** An object of texts, sorted by their names; null if it is absent or {@code null}. */
    JsonObject texts(String name) throws Fault {
        if (!isGiven(name)) return null;
        if (!(get(name) instanceof JsonObject texts)) throw wrong(name, "an object");
        texts.sort();
        for (int i = 0; i < texts.size(); i++) {
            if (!(texts.value(i) instanceof String)) throw wrong(name, "an object of strings");
        }
        return texts;
    }

    @Override
    public String toString() {
        return place(place, index);
    }

    private Object get(String name) throws Fault {
        Object value = object.get(name);
        if (value == null) throw Fault.schema(member(name) + " is missing");
        return value;
    }

    private Fault wrong(String name, String expected) {
        return Fault.schema(member(name) + " must be " + expected);
    }

    private String member(String name) {
        return place.isEmpty() ? name : this + "." + name;
    }

    private static String place(String place, int index) {
        if (place.isEmpty()) return "the message";
        return index == NO_INDEX ? place : place + "[" + index + "]";
    }
}
