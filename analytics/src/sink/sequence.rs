//! Checks the sequence of each aggregate: the last net against an event that was lost or made twice
//! upstream.

use std::collections::HashMap;

use ebasvuru_workflow::domain::ids::EventId;

use super::row::Row;
use crate::metric;

/// The last sequence number seen of every open aggregate, by partition. It starts anew with each
/// assignment: the first event of an aggregate is not checked.
#[derive(Debug, Default)]
pub struct Sequences {
    last: HashMap<i32, HashMap<u128, u64>>,
}

/// How an event does not follow the previous one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequenceError {
    /// Events in between are missing.
    Gap,
    /// This event, or a later one, was seen before.
    Repeat,
}

impl Sequences {
    /// Forgets a partition.
    pub fn forget(&mut self, partition: i32) {
        self.last.remove(&partition);
    }

    /// Checks a row if it is an event, and reports an error in the log and in a metric.
    pub fn check(&mut self, partition: i32, row: &Row) -> Option<SequenceError> {
        let Row::Event(event) = row else { return None };
        let aggregate = if event.user.is_empty() {
            event.application.as_u128()
        } else {
            EventId::of(&event.user, 0).0.as_u128()
        };
        let last = self.last.entry(partition).or_default();
        let expected = last.get(&aggregate).map(|seq| seq + 1).or((event.seq == 1).then_some(1));
        let error = match expected {
            Some(expected) if event.seq > expected => Some(SequenceError::Gap),
            Some(expected) if event.seq < expected => Some(SequenceError::Repeat),
            _ => None,
        };
        // A closed application is final: no event follows.
        if event.stage == "closed" {
            last.remove(&aggregate);
        } else if error != Some(SequenceError::Repeat) {
            last.insert(aggregate, event.seq);
        }
        if let Some(error) = error {
            let what = if error == SequenceError::Gap { "gap" } else { "repeat" };
            metrics::counter!(metric::SEQUENCE, "what" => what).increment(1);
            tracing::error!(
                event.id = %event.id,
                event.seq = event.seq,
                event.expected_seq = expected,
                event.fault = what,
                record.topic = event.topic,
                record.partition = event.partition,
                record.offset = event.offset,
                "an event does not follow the one before it: the log is damaged"
            );
        }
        error
    }
}
