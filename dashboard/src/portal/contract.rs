//! The messages as an external producer writes them: plain JSON by the contract.

use ebasvuru_workflow::domain::catalog::Service;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::citizen::Citizen;
use super::draft::{Draft, field_id};

/// The largest inline document, in bytes.
pub const MAX_INLINE: usize = 256 * 1024;

/// A submission; `documents` as in the input contract.
pub fn submission(
    citizen: &Citizen,
    draft: &Draft,
    service: &Service,
    documents: Vec<Value>,
    at: Timestamp,
) -> Value {
    let typed = |name: &str| draft.typed.get(name).cloned().unwrap_or_default();
    let fields = service.form_fields.iter().filter_map(|field| {
        let value = typed(&field_id(&field.name));
        (!value.is_empty()).then(|| (field.name.clone(), Value::String(value)))
    });
    let mut applicant = json!({
        "tckn": citizen.tckn, "first_name": citizen.first_name, "last_name": citizen.last_name,
        "phone": typed("telefon"),
    });
    if !typed("eposta").is_empty() {
        applicant["email"] = typed("eposta").into();
    }
    let mut contact = json!({ "address": typed("adres") });
    if !typed("ilce").is_empty() {
        contact["district"] = typed("ilce").into();
    }
    json!({
        "schema": "edevlet.submission.v1",
        "submission_id": draft.id,
        "submitted_at": at.to_string(),
        "service": draft.service.as_str(),
        "valilik": draft.valilik.plate(),
        "applicant": applicant,
        "contact": contact,
        "form": { "subject": typed("konu"), "text": typed("aciklama"), "fields": fields.collect::<Map<_, _>>() },
        "documents": documents,
        "confirmation": typed("onay"),
    })
}

/// The withdrawal of a submission.
pub fn withdrawal(id: Uuid, reason: &str, at: Timestamp) -> Value {
    let mut message = json!({
        "schema": "edevlet.withdrawal.v1", "kind": "withdrawal",
        "submission_id": id, "withdrawn_at": at.to_string(),
    });
    if !reason.is_empty() {
        message["reason"] = reason.into();
    }
    message
}
