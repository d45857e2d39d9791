/**
 * Ingest as an application of Kafka Streams, to compare the product with. It makes of each submission what the
 * product makes of it: both differ only in times, in nonces, and in how they say why something is not JSON.
 *
 * <p>{@link ebasvuru.streams.Ingest} takes a record, {@link ebasvuru.streams.Stage} makes a command of its
 * value: {@link ebasvuru.streams.Json} parses it, {@link ebasvuru.streams.Submission} and
 * {@link ebasvuru.streams.Members} check its shape, {@link ebasvuru.streams.Limits} its sizes,
 * {@link ebasvuru.streams.Admitted} its values, and {@link ebasvuru.streams.Sealer} seals what is personal.
 *
 * <p>Two things are left out: documents inline, which need a store, and dead letters by reference, for
 * records that are too large to be copied.
 */
package ebasvuru.streams;
