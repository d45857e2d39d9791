//! The names of all metrics of the sink, with what each means.

/// Rows that ClickHouse has acknowledged, by `table`.
pub const ROWS: &str = "ebasvuru_sink_rows_total";
/// Inserts that ClickHouse has acknowledged, by `table`.
pub const INSERTS: &str = "ebasvuru_sink_inserts_total";
/// Inserts repeated because an attempt failed, by `table`.
pub const RETRIES: &str = "ebasvuru_sink_retries_total";
/// Seconds from the cut of a batch to the commit after it, by `topic`.
pub const BATCH_SECONDS: &str = "ebasvuru_sink_batch_seconds";
/// Records that could not be read and are kept in `sink_rejects`, by `topic`.
pub const REJECTS: &str = "ebasvuru_sink_rejects_total";
/// Events whose sequence does not follow the one before, by `what`: `gap` or `repeat`.
pub const SEQUENCE: &str = "ebasvuru_sink_sequence_errors_total";

/// Registers the descriptions with the recorder.
pub fn describe() {
    metrics::describe_counter!(ROWS, "rows that ClickHouse has acknowledged");
    metrics::describe_counter!(INSERTS, "inserts that ClickHouse has acknowledged");
    metrics::describe_counter!(RETRIES, "inserts repeated because an attempt failed");
    metrics::describe_histogram!(
        BATCH_SECONDS,
        metrics::Unit::Seconds,
        "from the cut of a batch to the commit after it"
    );
    metrics::describe_counter!(REJECTS, "records that could not be read and are kept in sink_rejects");
    metrics::describe_counter!(SEQUENCE, "events whose sequence does not follow the one before");
}
