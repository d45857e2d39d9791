//! Every mutated message gives one command or one dead letter, and never a panic.

use ebasvuru_ingest::generate::Mix;
use ebasvuru_ingest::submission::{WITHDRAWAL, submission_schema, withdrawal_schema};
use ebasvuru_workflow::log::{Processor, topic};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::generate::{generator, processor};
use crate::schema::validator;
use crate::support::{now, outcome, process, record, submission, withdrawal};

/// Replacement values: of each type, and at its limits.
fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-2_i64..90).prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-5_i32..90).prop_map(|n| Value::from(f64::from(n))),
        ".{0,40}".prop_map(Value::from),
        "[0-9]{11}".prop_map(Value::from),
        "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}".prop_map(Value::from),
        "2[0-9]{3}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-5][0-9](:[0-6][0-9])?(\\.[0-9]{0,11})?(Z|z|[+-][0-2][0-9]:[0-6][0-9])?"
            .prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!(["10000000146", "a", "b", "c", "d", "e", "f"])),
        Just(json!({ "a": { "b": [1, null, "c"] } })),
        Just(json!("withdrawal")),
        Just(json!(WITHDRAWAL)),
        Just(json!("store://sha256/")),
    ]
}

/// A change of a parsed message.
#[derive(Clone, Debug)]
enum Change {
    Delete(Index),
    Replace(Index, Value),
    Add(Index, String, Value),
}

fn change() -> impl Strategy<Value = Change> {
    let name = prop_oneof![
        Just("kind"),
        Just("data"),
        Just("uri"),
        Just("schema"),
        Just("email"),
        Just("reason"),
        Just("fields"),
        Just("x")
    ];
    prop_oneof![
        any::<Index>().prop_map(Change::Delete),
        (any::<Index>(), odd_value()).prop_map(|(at, value)| Change::Replace(at, value)),
        (any::<Index>(), name, odd_value()).prop_map(|(at, name, value)| Change::Add(at, name.into(), value)),
    ]
}

/// Every place below the root, as JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut below = |name: &str, value: &Value| {
        let here = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        places(value, &here, found);
        found.push(here);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| below(name, value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, value)| below(&i.to_string(), value)),
        _ => {}
    }
}

fn apply(message: &mut Value, change: Change) {
    let mut all = Vec::new();
    places(message, "", &mut all);
    match change {
        Change::Replace(at, value) if !all.is_empty() => {
            *message.pointer_mut(&all[at.index(all.len())]).unwrap() = value
        }
        Change::Delete(at) if !all.is_empty() => {
            let (parent, name) = all[at.index(all.len())].rsplit_once('/').unwrap();
            match message.pointer_mut(parent).unwrap() {
                Value::Object(map) => drop(map.remove(&name.replace("~1", "/").replace("~0", "~"))),
                Value::Array(items) => drop(items.remove(name.parse().unwrap())),
                _ => {}
            }
        }
        Change::Add(at, name, value) => {
            all.push(String::new());
            if let Some(map) = message.pointer_mut(&all[at.index(all.len())]).unwrap().as_object_mut() {
                map.insert(name, value);
            }
        }
        _ => {}
    }
}

fn original() -> impl Strategy<Value = Value> {
    prop_oneof![3 => Just(submission()), 1 => Just(withdrawal())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6000))]

    /// The published schema and the reader agree, and the bytes of a dead letter stay unchanged.
    #[test]
    fn the_code_schema_is_given_exactly_where_the_published_schema_refuses(
        mut message in original(),
        changes in proptest::collection::vec(change(), 1..4),
    ) {
        for change in changes {
            apply(&mut message, change);
        }
        let text = message.to_string();
        let step = process(text.clone());
        let outcome = outcome(&step);
        if outcome != "command" {
            prop_assert_eq!(step.outputs[0].value.as_deref(), Some(text.as_bytes()));
        }
        // Parsed from the text, as the consumer does: numbers may change when they are written.
        let read: Value = serde_json::from_str(&text).unwrap();
        let withdraws = read["kind"] == "withdrawal" || read["schema"] == WITHDRAWAL;
        thread_local! {
            static SCHEMAS: [jsonschema::Validator; 2] =
                [validator(&submission_schema()), validator(&withdrawal_schema())];
        }
        let valid = SCHEMAS.with(|schemas| schemas[usize::from(withdraws)].is_valid(&read));
        prop_assert_eq!(outcome != "schema", valid, "{} {}", outcome, text);
    }

    /// Bytes are flipped, cut and repeated.
    #[test]
    fn any_bytes_become_one_command_or_one_dead_letter(
        changes in proptest::collection::vec(
            proptest::collection::vec((any::<Index>(), any::<u8>(), 0..5_u8), 0..4), 20),
        seed in any::<u64>(),
    ) {
        let mix = Mix { bad: 0.1, duplicates: 0.1 };
        let mut batch = Vec::new();
        for ((_, value), (offset, changes)) in generator(mix, seed).zip((0..).zip(changes)) {
            let mut bytes = value.to_vec();
            for (at, byte, how) in changes {
                let at = at.index(bytes.len().max(1));
                match how {
                    0 if !bytes.is_empty() => bytes[at] = byte,
                    1 if !bytes.is_empty() => bytes[at] ^= 1 << (byte % 8),
                    2 => bytes.truncate(at),
                    3 => bytes.insert(at.min(bytes.len()), byte),
                    _ => bytes.extend_from_within(at.min(bytes.len())..),
                }
            }
            batch.push(record(offset, bytes));
        }
        let step = processor().process(&batch, now());
        prop_assert_eq!((step.consumed, step.outputs.len(), &step.halt), (batch.len(), batch.len(), &None));
        for (record, output) in batch.iter().zip(&step.outputs) {
            if output.topic == topic::DLQ {
                prop_assert_eq!((&record.key, &record.value), (&output.key, &output.value));
            } else {
                prop_assert_eq!(output.topic, topic::COMMANDS);
            }
        }
    }
}
