package ebasvuru.streams;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** Makes a command or a dead letter of each record. Each partition has its own, used by one thread. */
final class Ingest implements Processor<byte[], byte[], byte[], byte[]> {
    private static final byte[] TYPE = "ebasvuru.command.v1".getBytes(StandardCharsets.US_ASCII);

    private final Stage stage;
    private final Clock clock = new Clock();
    private final Window window = new Window();
    private ProcessorContext<byte[], byte[]> context;

    Ingest(Catalog catalog, KeyRing ring) {
        stage = new Stage(catalog, ring);
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
        this.context = context;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        RecordMetadata from = context.recordMetadata().orElseThrow();
        long ms = context.currentSystemTimeMs();
        Time now = clock.at(ms);
        boolean bad = false;
        try {
            Command command = stage.command(record.value(), from, now);
            Headers headers = new RecordHeaders().add("ce_type", TYPE);
            DeadLetter.copyReplay(record.headers(), headers);
            context.forward(new Record<>(command.key(), command.value(), ms, headers), App.COMMANDS);
        } catch (Fault fault) {
            Headers headers = DeadLetter.headers(record.headers(), fault, from, now);
            context.forward(new Record<>(record.key(), record.value(), ms, headers), App.DLQ);
            bad = true;
        }
        // A replayed dead letter says nothing about what e-Devlet sends now.
        if (!DeadLetter.isReplay(record.headers()) && !window.take(bad)) {
            throw new IllegalStateException("ingest_too_many_bad");
        }
    }
}
