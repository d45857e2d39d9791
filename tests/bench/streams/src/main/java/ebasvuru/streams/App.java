package ebasvuru.streams;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;

/**
 * The product's {@code ingest} as an application of Kafka Streams: it reads submissions, and writes commands
 * and dead letters. With {@code -Dcopy=true} it only copies, which shows what Kafka Streams itself costs.
 *
 * <p>It prints each change of its state, as in {@code REBALANCING -> RUNNING}. It ends with status 1 if it
 * fails, and by SIGTERM after a last commit.
 */
public final class App {
    static final String SUBMISSIONS = "edevlet.submissions";
    static final String COMMANDS = "ebasvuru.commands";
    static final String DLQ = "edevlet.submissions.dlq";

    private App() { }

    public static void main(String[] args) throws Exception {
        if (args.length != 5) {
            System.err.println("usage: App BROKERS APPLICATION_ID CATALOG.json KEYRING.toml STATE_DIR");
            System.exit(2);
        }
        Catalog catalog = Catalog.load(Path.of(args[2]));
        KeyRing ring = KeyRing.load(Path.of(args[3]));
        Topology topology = topology(Boolean.getBoolean("copy") ? Copy::new : () -> new Ingest(catalog, ring));
        KafkaStreams streams = new KafkaStreams(topology, Settings.of(args[0], args[1], args[4]));
        CountDownLatch ended = new CountDownLatch(1);
        streams.setUncaughtExceptionHandler(failure -> {
            failure.printStackTrace();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.setStateListener((now, before) -> {
            System.out.println(before + " -> " + now);
            if (now.hasCompletedShutdown()) ended.countDown();
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(20))));
        streams.start();
        ended.await();
        if (streams.state() == KafkaStreams.State.ERROR) System.exit(1);
    }

    private static Topology topology(ProcessorSupplier<byte[], byte[], byte[], byte[]> step) {
        ByteArrayDeserializer in = new ByteArrayDeserializer();
        ByteArraySerializer out = new ByteArraySerializer();
        return new Topology()
            .addSource("submissions", in, in, SUBMISSIONS)
            .addProcessor("step", step, "submissions")
            .addSink(COMMANDS, COMMANDS, out, out, "step")
            .addSink(DLQ, DLQ, out, out, "step");
    }
}
