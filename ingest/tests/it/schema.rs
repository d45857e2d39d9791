//! The published schemas: generated from the types, and in agreement with the reader.

use std::path::Path;

use ebasvuru_ingest::submission::{submission_schema, withdrawal_schema};
use jsonschema::Validator;
use schemars::Schema;
use serde_json::{Value, json};

use crate::support::{submission, with, withdrawal, without};

/// The validator that an integrator would build from the published file.
pub fn validator(schema: &Schema) -> Validator {
    jsonschema::options().should_validate_formats(true).build(schema.as_value()).unwrap()
}

/// `UPDATE_SCHEMA=1` writes the files. Read the difference before committing it: within a version,
/// optional members may be added, but nothing may be removed.
#[test]
fn the_published_schemas_are_generated_from_the_types() {
    for (name, schema) in
        [("submission.v1.json", submission_schema()), ("withdrawal.v1.json", withdrawal_schema())]
    {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name);
        let generated = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(&path, &generated).unwrap();
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(published == generated, "schema/{name} is not that of the types; UPDATE_SCHEMA=1 writes it");
        assert_eq!(schema.get("$schema"), Some(&json!("https://json-schema.org/draft/2020-12/schema")));
    }
}

#[test]
fn valid_messages_validate() {
    let (submissions, withdrawals) = (validator(&submission_schema()), validator(&withdrawal_schema()));
    let bare = ["/applicant/email", "/contact/district", "/form/fields"]
        .into_iter()
        .fold(with("/documents", json!([])), without);
    for message in
        [submission(), bare, with("/applicant/email", Value::Null), with("/new_member", json!([1]))]
    {
        assert!(submissions.is_valid(&message), "{message}");
        assert!(!withdrawals.is_valid(&message));
    }
    assert!(withdrawals.is_valid(&withdrawal()));
    assert!(withdrawals.is_valid(&without(without(withdrawal(), "/reason"), "/kind")));
    assert!(!submissions.is_valid(&withdrawal()));
}
