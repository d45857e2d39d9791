//! The row of an access to personal data.

use ebasvuru_workflow::log::Record;
use ebasvuru_workflow::message::{Access, DecodeError, Message as _, type_of};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::name_of;

/// A row of `access_log`.
#[derive(Clone, Debug, clickhouse::Row, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the schema says what each column means")]
pub struct AccessRow {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    #[serde(with = "clickhouse::serde::uuid")]
    pub id: Uuid,
    pub at: i64,
    pub user: String,
    #[serde(with = "clickhouse::serde::uuid")]
    pub application: Uuid,
    pub no: String,
    pub what: String,
    /// Nobody is asked for one.
    pub reason: String,
}

impl AccessRow {
    /// The row of a record of `ebasvuru.audit`.
    ///
    /// # Errors
    /// If this version does not know what the record is.
    pub fn of(record: &Record) -> Result<Self, DecodeError> {
        if type_of(record) != Access::TYPE {
            return Err(DecodeError::UnknownType(type_of(record).to_owned()));
        }
        let access = Access::from_record(record)?;
        Ok(Self {
            topic: record.topic.to_string(),
            partition: record.partition,
            offset: record.offset,
            id: access.id,
            at: access.at.as_millisecond(),
            user: access.user.to_string(),
            application: access.application.0,
            no: access.no.to_string(),
            what: name_of(access.what),
            reason: String::new(),
        })
    }
}
