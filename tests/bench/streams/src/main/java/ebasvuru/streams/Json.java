package ebasvuru.streams;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A message as parsed JSON. A value is {@link #NULL}, a Boolean, a String, a {@link JsonObject}, a list, or a
 * number: a Long, a BigInteger of at most 64 bits, or else a Double.
 */
final class Json {
    static final Object NULL = new Object();
    /** How deep a value may be nested, as for {@code serde_json}. */
    private static final int DEPTH = 127;
    private static final int UNSIGNED_BITS = 64;

    private static final JsonFactory FACTORY = ((JsonFactoryBuilder) JsonFactory.builder())
        // It is UTF-8, whatever it looks like.
        .configure(JsonFactory.Feature.CHARSET_DETECTION, false)
        .configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false)
        // The size of a message limits its texts.
        .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEPTH)
            .maxNameLength(Integer.MAX_VALUE).maxNumberLength(Integer.MAX_VALUE).build())
        .build();

    private Json() { }

    /** Parses bytes that are UTF-8. */
    static Object parse(byte[] bytes) throws Fault {
        try (JsonParser parser = FACTORY.createParser(bytes, 0, bytes.length)) {
            JsonToken first = parser.nextToken();
            if (first == null) throw new Fault("not_json", "not JSON: no value");
            Object value = value(parser, first);
            if (parser.nextToken() != null) throw new Fault("not_json", "not JSON: more than a value");
            // Jackson takes half of a surrogate pair, but only an escape can write one.
            if (hasEscapesOfUnicode(bytes) && !isWellFormed(value)) {
                throw new Fault("not_json", "not JSON: half of a surrogate pair");
            }
            return value;
        } catch (JsonProcessingException e) {
            // Not its message, which quotes the input.
            JsonLocation at = e.getLocation();
            String where = at == null ? "" : " at line " + at.getLineNr() + " column " + at.getColumnNr();
            throw new Fault("not_json", "not JSON" + where);
        } catch (IOException e) {
            throw new Fault("not_json", "not JSON: " + e.getMessage());
        }
    }

    private static Object value(JsonParser parser, JsonToken token) throws IOException {
        switch (token) {
            case START_OBJECT -> {
                JsonObject object = new JsonObject();
                String name;
                while ((name = parser.nextFieldName()) != null) {
                    object.put(name, value(parser, parser.nextToken()));
                }
                return object;
            }
            case START_ARRAY -> {
                List<Object> items = new ArrayList<>(4);
                JsonToken next;
                while ((next = parser.nextToken()) != JsonToken.END_ARRAY) items.add(value(parser, next));
                return items;
            }
            case VALUE_STRING -> {
                return parser.getText();
            }
            case VALUE_NUMBER_INT -> {
                return integer(parser);
            }
            case VALUE_NUMBER_FLOAT -> {
                return real(parser);
            }
            case VALUE_TRUE -> {
                return Boolean.TRUE;
            }
            case VALUE_FALSE -> {
                return Boolean.FALSE;
            }
            default -> {
                return NULL;
            }
        }
    }

    private static Object integer(JsonParser parser) throws IOException {
        if (parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            long value = parser.getLongValue();
            return value == 0 && parser.getText().charAt(0) == '-' ? (Object) (-0.0) : (Object) value;
        }
        BigInteger value = parser.getBigIntegerValue();
        return value.signum() > 0 && value.bitLength() <= UNSIGNED_BITS ? value : real(parser);
    }

    private static Double real(JsonParser parser) throws IOException {
        double value = parser.getDoubleValue();
        if (Double.isInfinite(value)) throw new IOException("a number that no double can hold");
        return value;
    }

    private static boolean hasEscapesOfUnicode(byte[] bytes) {
        // The search in a Latin-1 string is much faster than a loop over the bytes.
        return new String(bytes, StandardCharsets.ISO_8859_1).contains("\\u");
    }

    private static boolean isWellFormed(Object value) {
        if (value instanceof String text) return isWellFormed(text);
        if (value instanceof List<?> items) {
            for (Object item : items) if (!isWellFormed(item)) return false;
        } else if (value instanceof JsonObject object) {
            for (int i = 0; i < object.size(); i++) {
                if (!isWellFormed(object.name(i)) || !isWellFormed(object.value(i))) return false;
            }
        }
        return true;
    }

    private static boolean isWellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) continue;
            if (++i == text.length() || !Character.isSurrogatePair(c, text.charAt(i))) return false;
        }
        return true;
    }
}
