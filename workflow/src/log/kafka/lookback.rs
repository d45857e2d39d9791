//! Reads records by their addresses.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::Offset;

use super::lookup::Lookup;
use super::reader::KafkaReader;
use crate::log::{LogError, Record, RecordAddress, Start};

/// How many records are read at once: the next one asked for is often close.
const WINDOW: usize = 500;
/// How long a record that must exist may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// One reader for all addresses, which keeps the records that it read last.
#[derive(Default)]
pub(super) struct Lookback {
    reader: Option<KafkaReader>,
    window: Vec<Record>,
}

impl Lookback {
    /// The committed record at this address, if it still exists.
    pub(super) fn record_at(
        &mut self,
        lookup: &Arc<Lookup>,
        at: &RecordAddress,
    ) -> Result<Option<Record>, LogError> {
        let RecordAddress { topic, partition, offset } = at;
        let (partition, offset) = (*partition, *offset);
        let is_it = |record: &Record| record.offset == offset;
        if let [first, .., last] | [first @ last] = &self.window[..]
            && first.topic == *topic
            && first.partition == partition
            && (first.offset..=last.offset).contains(&offset)
        {
            return Ok(self.window.iter().find(|record| is_it(record)).cloned());
        }
        let (low, high) = lookup.watermarks(topic, partition)?;
        if !(low..high).contains(&offset) {
            return Ok(None);
        }
        let reader = match &mut self.reader {
            Some(reader) => reader,
            None => {
                let start = Start::at(partition, offset);
                self.reader.insert(KafkaReader::new(Arc::clone(lookup), topic, &start)?)
            }
        };
        reader.turn_to(topic, partition, Offset::Offset(offset));
        let window = reader.take(WINDOW, PATIENCE)?;
        reader.rest()?;
        self.window = window;
        if self.window.is_empty() {
            return Err(LogError::Unavailable(format!("{at} could not be read again")));
        }
        Ok(self.window.iter().find(|record| is_it(record)).cloned())
    }
}
