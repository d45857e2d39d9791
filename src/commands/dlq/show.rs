//! `ebasvuru dlq show`: one dead letter.

use std::io::Write;

use ebasvuru_workflow::log::Log;

use super::message::fetch;
use crate::cli::Address;

/// Prints its headers and its key, an empty line, and its bytes exactly as they came.
pub fn run(log: &dyn Log, address: Address, out: &mut impl Write) -> anyhow::Result<()> {
    let record = fetch(log, address)?;
    for (name, value) in &record.headers {
        writeln!(out, "{name}: {}", String::from_utf8_lossy(value))?;
    }
    if let Some(key) = &record.key {
        writeln!(out, "key: {}", String::from_utf8_lossy(key))?;
    }
    writeln!(out)?;
    out.write_all(record.value.as_deref().unwrap_or_default())?;
    writeln!(out)?;
    Ok(())
}
