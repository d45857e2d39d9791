//! One suite for both logs: what a processor relies on is the same on SQLite and on Apache Kafka.
//!
//! Kafka is started once for all tests (`workflow::testing::kafka`).

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

mod crash;
mod fixture;
mod groups;
mod kafka_only;
mod records;
mod runner;
mod transactions;

/// Runs each property against both logs.
macro_rules! suite {
    ($($module:ident: $($name:ident),+;)+) => {
        mod on_sqlite {
            $($(#[test] fn $name() { crate::$module::$name(&crate::fixture::Fixture::sqlite()); })+)+
        }
        mod on_kafka {
            $($(#[test] fn $name() {
                if let Some(fixture) = crate::fixture::Fixture::kafka() {
                    crate::$module::$name(&fixture);
                }
            })+)+
        }
    };
}

suite! {
    records: placement_equals_that_of_the_java_client, order_holds_per_key, records_are_read_as_they_were_written,
        readers_start_at_the_given_offset, catch_up_delivers_everything, topics_are_created_once_and_compared,
        a_poll_has_a_bound_in_bytes, a_record_is_found_by_its_address, a_record_fits_or_is_refused_as_too_large;
    transactions: outputs_and_offsets_commit_together, a_failed_transaction_leaves_nothing,
        records_that_were_not_consumed_are_delivered_again, a_replay_has_everything_that_was_committed,
        a_transaction_may_only_write, appended_outputs_commit_with_the_transaction;
    groups: metadata_is_kept_with_the_offset, a_stopped_members_share_goes_to_the_others,
        a_predecessor_in_the_same_slot_cannot_commit, counting_members_does_not_disturb_the_group, lag_counts_the_records_left_to_read, a_member_without_a_session_cannot_commit, a_consumer_seeks_and_pauses;
    crash: kill9_loses_nothing_and_repeats_nothing;
    runner: state_survives_a_new_worker, a_batch_of_many_chunks_is_processed_once,
        a_halt_commits_what_is_processed, a_missing_original_is_replaced_by_its_fallback,
        thousands_of_conflicts_are_forwarded, a_record_is_visible_only_after_its_content_is_stored,
        a_batch_that_outlasts_its_transaction_continues_by_chunks,
        of_two_members_in_one_slot_one_halts, a_record_too_large_stops_the_worker,
        a_partition_added_after_the_state_was_made_halts_the_worker;
}
