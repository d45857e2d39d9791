//! One file per subcommand (or per pair that belongs together).

pub mod analytics;
pub mod catalog;
pub mod check;
pub mod dashboard;
pub mod demo;
pub mod dlq;
pub mod portal;
pub mod publish;
pub mod repartition;
pub mod up;
pub mod user;
