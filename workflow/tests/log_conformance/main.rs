//! One suite for both logs: what a processor relies on holds on SQLite as on Apache Kafka.
//!
//! Kafka is started once for all tests (`workflow::testing::kafka`).

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

mod crash;
mod driven;
mod fixture;
mod groups;
mod kafka_only;
mod records;
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
    records: placement_is_the_java_clients, order_holds_per_key, records_come_back_as_they_were,
        readers_start_where_told, catch_up_hands_over_everything, topics_are_created_once_and_compared,
        a_poll_has_a_bound_in_bytes, a_record_is_found_by_its_address, a_record_fits_or_is_refused_as_too_large;
    transactions: outputs_and_offsets_are_one, a_failed_transaction_leaves_nothing,
        what_was_not_consumed_comes_again, a_replay_is_all_that_was_committed,
        a_transaction_may_only_write, what_is_appended_counts_with_what_is_committed;
    groups: metadata_stands_beside_the_offset, a_stopped_members_share_goes_to_the_others,
        a_former_self_cannot_commit, asking_for_members_disturbs_none, lag_is_what_is_left_to_read, a_member_given_up_cannot_commit, a_consumer_seeks_and_pauses;
    crash: kill9_loses_nothing_and_repeats_nothing;
    driven: state_survives_a_new_worker, a_batch_of_many_parts_is_dealt_with_once,
        a_halt_commits_what_is_dealt_with, a_lost_original_has_its_fallback,
        conflicts_by_the_thousand_are_dealt_with, a_batch_that_outlasts_its_transaction_goes_on_by_parts,
        of_two_in_one_slot_one_stops_and_says_which, a_record_too_large_stops_the_worker,
        a_partition_beyond_the_state_is_not_taken;
}
