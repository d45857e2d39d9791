//! The names of all metrics of the pipeline, with what each means.

/// Records that a processor has processed, by `group`.
pub const RECORDS: &str = "ebasvuru_stage_records_total";
/// Transactions committed, by `group`.
pub const COMMITS: &str = "ebasvuru_stage_commits_total";
/// Transactions aborted and repeated, by `group`.
pub const ABORTS: &str = "ebasvuru_stage_aborts_total";
/// How often a worker dropped its state and started over, by `group`.
pub const RESTARTS: &str = "ebasvuru_stage_restarts_total";
/// Transactional producers replaced because a commit or abort may have been requested twice, by
/// `group`.
pub const PRODUCERS_RENEWED: &str = "ebasvuru_producers_renewed_total";
/// Seconds from the poll to the commit of a batch, by `group`.
pub const BATCH_SECONDS: &str = "ebasvuru_stage_batch_seconds";
/// Partitions a worker owns now, by `group` and `slot`.
pub const PARTITIONS: &str = "ebasvuru_stage_partitions";
/// Messages of e-Devlet, by `outcome`: `received`, `withdrawn`, or a dead letter's code.
pub const INGESTED: &str = "ebasvuru_ingest_messages_total";
/// Seconds from the citizen's confirmation at e-Devlet until ingest has the submission in a commit.
pub const INGEST_DELAY_SECONDS: &str = "ebasvuru_ingest_delay_seconds";
/// The upper bounds of its buckets: seconds when all runs, hours and days after an outage.
pub const INGEST_DELAY_SECONDS_BUCKETS: &[f64] =
    &[1.0, 5.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 4.0 * 3600.0, 86_400.0, 7.0 * 86_400.0, 30.0 * 86_400.0];

/// Records that a group has not processed yet, by `group`, `topic` and `partition`.
pub const LAG_RECORDS: &str = "ebasvuru_lag_records";
/// Seconds since the oldest of them was appended, by `group` and `topic`; 0 if there are none.
pub const LAG_SECONDS: &str = "ebasvuru_lag_seconds";

/// Records that retention deleted before a group had read them, by `group` and `topic`.
pub const EXPIRED: &str = "ebasvuru_expired_records_total";
/// When the keys that seal submissions run out, in seconds since 1970.
pub const KEYS_RUN_OUT: &str = "ebasvuru_keys_run_out_timestamp_seconds";

/// Registers the descriptions with the recorder.
pub fn describe() {
    metrics::describe_counter!(RECORDS, "records that a processor has processed");
    metrics::describe_counter!(COMMITS, "transactions committed");
    metrics::describe_counter!(ABORTS, "transactions aborted and repeated");
    metrics::describe_counter!(RESTARTS, "how often a worker dropped its state and started over");
    metrics::describe_counter!(
        PRODUCERS_RENEWED,
        "transactional producers replaced because a commit or abort may have been requested twice"
    );
    metrics::describe_histogram!(
        BATCH_SECONDS,
        metrics::Unit::Seconds,
        "from the poll to the commit of a batch"
    );
    metrics::describe_gauge!(PARTITIONS, "partitions a worker owns now");
    metrics::describe_gauge!(LAG_RECORDS, "records that a group has not processed yet");
    metrics::describe_gauge!(
        LAG_SECONDS,
        metrics::Unit::Seconds,
        "since the oldest record that a group has not processed yet was appended"
    );
    metrics::describe_counter!(EXPIRED, "records that retention deleted before a group had read them");
    metrics::describe_gauge!(
        KEYS_RUN_OUT,
        metrics::Unit::Seconds,
        "since 1970: when the keys that seal submissions run out"
    );
    metrics::describe_counter!(INGESTED, "messages of e-Devlet, by what became of them");
    metrics::describe_histogram!(
        INGEST_DELAY_SECONDS,
        metrics::Unit::Seconds,
        "from the citizen's confirmation at e-Devlet to our reading of the submission"
    );
}
