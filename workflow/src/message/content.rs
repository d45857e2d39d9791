//! The sealed part of a submission: the person, the contact, the form. Ingest seals its JSON into
//! `Application::content`; detail pages and the citizen's notification open it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The personal part of a submission, with the member names of e-Devlet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionContent {
    /// Always [`SubmissionContent::SCHEMA`], because the sealed content is kept for years.
    pub schema: String,
    /// Who applies.
    pub applicant: Person,
    /// "İletişim Bilgileri".
    pub contact: Contact,
    /// "Başvuru Bilgileri".
    pub form: Form,
    /// The kind of each document of the submission, in their order. Documents that staff attach come
    /// after those.
    pub document_kinds: Vec<DocumentKind>,
}

impl SubmissionContent {
    /// The version written today.
    pub const SCHEMA: &str = "ebasvuru.content.v1";
}

/// What a document of a submission is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// "Başvuru Belgeniz": the signed application itself.
    Application,
    /// "Dosya Yükle": a supporting document.
    Supporting,
}

/// Who applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// T.C. Kimlik No.
    pub tckn: String,
    /// First names.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Cep Telefonu.
    pub phone: String,
    /// e-posta, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// How to reach the applicant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The postal address.
    pub address: String,
    /// The district.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub district: Option<String>,
}

/// What is applied for, in the applicant's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The service's own fields, by their name in the catalog.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}
