//! The sealed part of a submission: the person, the contact, the form. Ingest seals its JSON into
//! `Application::content`; detail pages and the citizen's notification open it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The personal part of a submission, with the member names of e-Devlet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionContent<'a> {
    /// Always [`SubmissionContent::SCHEMA`], because the sealed content is kept for years.
    pub schema: Cow<'a, str>,
    /// Who applies.
    pub applicant: Person<'a>,
    /// "İletişim Bilgileri".
    pub contact: Contact<'a>,
    /// "Başvuru Bilgileri".
    pub form: Form<'a>,
    /// The kind of each document of the submission, in their order. Documents that staff attach come
    /// after those.
    pub document_kinds: Vec<DocumentKind>,
}

impl SubmissionContent<'_> {
    /// The version written today.
    pub const SCHEMA: &'static str = "ebasvuru.content.v1";
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
pub struct Person<'a> {
    /// T.C. Kimlik No.
    pub tckn: Cow<'a, str>,
    /// First names.
    pub first_name: Cow<'a, str>,
    /// Last name.
    pub last_name: Cow<'a, str>,
    /// Cep Telefonu.
    pub phone: Cow<'a, str>,
    /// e-posta, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Cow<'a, str>>,
}

/// How to reach the applicant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact<'a> {
    /// The postal address.
    pub address: Cow<'a, str>,
    /// The district.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub district: Option<Cow<'a, str>>,
}

/// What is applied for, in the applicant's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form<'a> {
    /// The subject.
    pub subject: Cow<'a, str>,
    /// The text.
    pub text: Cow<'a, str>,
    /// The service's own fields, by their name in the catalog.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
}
