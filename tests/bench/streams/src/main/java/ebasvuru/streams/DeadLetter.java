package ebasvuru.streams;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** The headers of dead letters, and of messages that are dead letters published again. */
final class DeadLetter {
    private static final String PREFIX = "dlq-";
    /** Where the message stood when it was first dead-lettered. */
    private static final String ORIGIN = "dlq-origin";
    /** How often it has been published again. */
    private static final String ATTEMPT = "dlq-attempt";
    /** The longest header about the replay that a command gets, in bytes. */
    private static final int LONGEST = 1024;

    private DeadLetter() { }

    /** The record's own headers, then why, from where and when it is dead-lettered. */
    static Headers headers(Headers own, Fault fault, RecordMetadata from, Time now) {
        Headers headers = new RecordHeaders();
        for (Header header : own) {
            if (!header.key().startsWith(PREFIX) || isOfReplay(header)) headers.add(header);
        }
        add(headers, "dlq-reason", fault.code);
        add(headers, "dlq-detail", fault.getMessage());
        add(headers, "dlq-topic", from.topic());
        add(headers, "dlq-partition", Integer.toString(from.partition()));
        add(headers, "dlq-offset", Long.toString(from.offset()));
        add(headers, "dlq-at", now.utc());
        return headers;
    }

    static boolean isReplay(Headers headers) {
        return headers.lastHeader(ORIGIN) != null;
    }

    static void copyReplay(Headers from, Headers to) {
        for (Header header : from) {
            byte[] value = header.value();
            if (isOfReplay(header) && value != null && value.length <= LONGEST) to.add(header);
        }
    }

    private static boolean isOfReplay(Header header) {
        return header.key().equals(ORIGIN) || header.key().equals(ATTEMPT);
    }

    private static void add(Headers headers, String name, String value) {
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
