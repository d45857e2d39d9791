//! The product from outside: the binary as an operator runs it, with e-Devlet's messages as input, the
//! citizens' notifications as output, and the log compared with ClickHouse.
//!
//! Each scenario is written once and runs on the embedded log and, unless
//! `EBASVURU_SUITES=quick`, on Apache Kafka itself.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test harness fails by panicking")]

mod backup;
mod dead_letters;
mod documents;
mod engine;
mod fault_proxy;
mod faults;
mod kill;
mod lifecycle;
mod load;
mod logging;
mod operations;
mod partitions;
mod pipes;
mod product;
mod sizes;
mod staff;
mod start;
mod strangers;
mod turn;
