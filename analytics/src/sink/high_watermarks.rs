//! The high watermarks of a topic: the offset after the last record of each partition.

use std::collections::BTreeMap;

use ebasvuru_workflow::log::{Log, LogError, Start};

/// The offset after the last record, for every partition that has a record. It is lower than the
/// broker's own high bound if transaction markers follow the last record.
pub fn high_watermarks(log: &dyn Log, topic: &str) -> Result<BTreeMap<i32, i64>, LogError> {
    let mut high_watermarks = BTreeMap::new();
    for bounds in log.bounds(topic)? {
        let mut step = 1_000;
        let mut from = bounds.high;
        let mut last = None;
        while last.is_none() && from > bounds.low {
            from = bounds.low.max(bounds.high - step);
            let at = Start::at(bounds.partition, from);
            log.reader(topic, at)?.catch_up(&mut |record| last = Some(record.offset))?;
            step *= 10;
        }
        if let Some(last) = last {
            high_watermarks.insert(bounds.partition, last + 1);
        }
    }
    Ok(high_watermarks)
}
