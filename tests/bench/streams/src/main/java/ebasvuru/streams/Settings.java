package ebasvuru.streams;

import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * The settings of Kafka Streams: exactly once, with the sizes of fetches and batches at which it was fastest.
 * A system property {@code streams.NAME} sets NAME, whatever it is here.
 */
final class Settings {
    private static final String PREFIX = "streams.";
    /** The largest record of any topic, in bytes. */
    private static final String RECORD = "4194304";

    private Settings() { }

    static Properties of(String brokers, String applicationId, String stateDir) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, stateDir);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, "2");
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "100");
        consumer(settings, ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        consumer(settings, ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, RECORD);
        producer(settings, ProducerConfig.MAX_REQUEST_SIZE_CONFIG, RECORD);
        producer(settings, ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        producer(settings, ProducerConfig.BATCH_SIZE_CONFIG, "1048576");
        producer(settings, ProducerConfig.LINGER_MS_CONFIG, "100");
        producer(settings, ProducerConfig.BUFFER_MEMORY_CONFIG, "134217728");
        for (String name : System.getProperties().stringPropertyNames()) {
            if (name.startsWith(PREFIX)) settings.put(name.substring(PREFIX.length()), System.getProperty(name));
        }
        return settings;
    }

    private static void consumer(Properties settings, String name, String value) {
        settings.put(StreamsConfig.consumerPrefix(name), value);
    }

    private static void producer(Properties settings, String name, String value) {
        settings.put(StreamsConfig.producerPrefix(name), value);
    }
}
