//! Checks the sequence of each aggregate: the last net against an event that was lost or made twice
//! upstream.

use std::collections::HashMap;

use ebasvuru_workflow::domain::ids::EventId;

use super::row::Row;
use crate::metric;

/// The last sequence seen of every open aggregate, by partition. Begins anew with each
/// assignment: the first event seen of an aggregate is taken as it is.
#[derive(Debug, Default)]
pub struct Sequences {
    last: HashMap<i32, HashMap<u128, u64>>,
}

/// How an event does not follow the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Events in between are missing.
    Gap,
    /// It, or a later one, was there already.
    Repeat,
}

impl Sequences {
    /// Forgets a partition.
    pub fn forget(&mut self, partition: i32) {
        self.last.remove(&partition);
    }

    /// Checks a row, if it is an event; says what is wrong in the log and in a metric.
    pub fn check(&mut self, partition: i32, row: &Row) -> Option<Fault> {
        let Row::Event(event) = row else { return None };
        let aggregate = if event.user.is_empty() {
            event.application.as_u128()
        } else {
            EventId::of(&event.user, 0).0.as_u128()
        };
        let last = self.last.entry(partition).or_default();
        let expected = last.get(&aggregate).map(|seq| seq + 1).or((event.seq == 1).then_some(1));
        let fault = match expected {
            Some(expected) if event.seq > expected => Some(Fault::Gap),
            Some(expected) if event.seq < expected => Some(Fault::Repeat),
            _ => None,
        };
        // A closed application is final: nothing follows.
        if event.stage == "closed" {
            last.remove(&aggregate);
        } else if fault != Some(Fault::Repeat) {
            last.insert(aggregate, event.seq);
        }
        if let Some(fault) = fault {
            let what = if fault == Fault::Gap { "gap" } else { "repeat" };
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
        fault
    }
}
