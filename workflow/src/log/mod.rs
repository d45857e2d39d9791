//! The log: topics, partitions, groups and transactions, as much of Kafka as the product uses, on Kafka
//! itself or in one SQLite file.
//!
//! A [`Processor`] is pure: records in, records out. [`runner`] is the one loop that runs a processor on
//! a [`Transactor`]. [`kafka`] and [`embedded`] are the two logs; both pass the same conformance suite.

mod append;
mod blob;
pub mod dead_letter;
pub mod embedded;
mod error;
pub mod group;
mod header;
pub mod kafka;
pub mod lag;
mod murmur2;
mod processor;
mod record;
pub mod runner;
mod storing;
pub mod topic;
mod traits;

pub use append::append;
pub use blob::{Blob, BlobStore};
pub use error::{LogError, TransactError};
pub use header::{Header, HeaderName, header_name};
pub use murmur2::partition_of;
pub use processor::{Forward, Halt, Processor, Step};
pub use record::{Outgoing, Record, RecordAddress};
pub use topic::{Retention, TopicSpec};
pub use traits::{
    Bounds, Consumer, Log, Member, POLL_BYTES, Polled, Position, Producer, Reader, Start, Transactor,
};
