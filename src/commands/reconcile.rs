//! `ebasvuru reconcile`: compares the log with ClickHouse.

use std::io::Write;
use std::process::ExitCode;

use ebasvuru_analytics::reconcile;

use super::exit_code;
use crate::bootstrap;
use crate::clickhouse_access::open;
use crate::config::Config;

/// Prints the comparison. Exit code 1: they differ.
pub async fn run(config: &Config, json: bool, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let (log, clickhouse) = (bootstrap::log(config)?, open(config).await?);
    let runtime = tokio::runtime::Handle::current();
    let report =
        tokio::task::block_in_place(|| reconcile::reconcile(log.as_ref(), &clickhouse.client, &runtime))?;
    if json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
    } else {
        for line in report.lines() {
            writeln!(out, "{line}")?;
        }
    }
    Ok(exit_code(report.is_clean()))
}
