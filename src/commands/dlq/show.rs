//! `ebasvuru dlq show`: one dead letter.

use std::io::Write;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ebasvuru_workflow::dead_letters::{Address, DeadLetter, Reach, origin, read};
use ebasvuru_workflow::log::{Log, Record};
use serde_json::{Map, Value};

use super::fetch;
use super::list::state;

/// Prints its state, its headers and its key, an empty line, and its bytes exactly as they came.
pub fn run(
    log: &dyn Log,
    topic: &'static str,
    address: Address,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let record = fetch(log, topic, address)?;
    let mut messages = read(log, topic, Reach::All)?;
    let message =
        messages.remove(&origin(&record)).context("its topic has lost the dead letter meanwhile")?;
    if json {
        writeln!(out, "{}", to_json(&message, &record)?)?;
        return Ok(());
    }
    writeln!(out, "state: {}", state(&message))?;
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

/// The members of `list`, with headers, key and value. A value that is not text is in base64.
fn to_json(message: &DeadLetter, record: &Record) -> anyhow::Result<Value> {
    let mut json = serde_json::to_value(message)?;
    let text = |bytes: &[u8]| Value::from(String::from_utf8_lossy(bytes));
    let headers = record.headers.iter().map(|(name, value)| (name.to_string(), text(value)));
    json["headers"] = Value::Object(headers.collect::<Map<_, _>>());
    json["key"] = record.key.as_deref().map_or(Value::Null, text);
    let value = record.value.as_deref().unwrap_or_default();
    match std::str::from_utf8(value) {
        Ok(text) => json["value"] = text.into(),
        Err(_) => json["value_base64"] = STANDARD.encode(value).into(),
    }
    Ok(json)
}
