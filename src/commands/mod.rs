//! The subcommands: one file each. What starts a long-running process has `run` for the command
//! and `start` for the part that `up` needs, too.

mod analytics;
mod catalog;
mod check;
mod dashboard;
mod dlq;
mod engine_serve;
mod ingest;
mod keys;
pub mod load;
mod migrate;
mod portal;
pub mod publish;
pub mod rebuild;
mod reconcile;
mod repartition;
mod topics;
mod up;
mod user;
mod workflow;

use std::process::ExitCode;

use ebasvuru_workflow::error_code::ErrorCode;

use crate::cli::{Cli, Command};
use crate::config::Config;
use crate::output::{Output, complain, is_reader_gone};
use crate::{failure, logging};

/// Runs the subcommand to its end. Exit code 0: done; 1: it failed, or the answer is no; 2: wrong
/// use.
pub fn run(cli: Cli) -> ExitCode {
    if let Some(Command::EngineServe { args }) = &cli.command {
        return engine_serve::run(args);
    }
    let config = match Config::load(cli.common.config.as_deref(), &cli.common.settings()) {
        Ok(config) => config,
        Err(detail) => {
            complain(format_args!("ebasvuru: {}", ErrorCode::Config.with(detail)));
            return ExitCode::from(2);
        }
    };
    logging::init(&config.log);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(format_args!("ebasvuru: no threads: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let command = cli.command.unwrap_or(Command::Up(cli.up));
    runtime.block_on(dispatch(command, config)).unwrap_or_else(|error| {
        if is_reader_gone(&error) {
            return ExitCode::SUCCESS;
        }
        complain(format_args!("ebasvuru: {}", failure::line(&error)));
        ExitCode::FAILURE
    })
}

async fn dispatch(command: Command, config: Config) -> anyhow::Result<ExitCode> {
    let out = &mut Output;
    match command {
        Command::Up(options) => up::run(config, options).await?,
        Command::Ingest => ingest::run(&config).await?,
        Command::Workflow => workflow::run(&config).await?,
        Command::Analytics => analytics::run(&config).await?,
        Command::Dashboard => dashboard::run(&config).await?,
        Command::Portal => portal::run(&config).await?,
        Command::Topics => return topics::run(&config, out),
        Command::Repartition => repartition::run(&config, out)?,
        Command::Migrate => migrate::run(&config).await?,
        Command::Rebuild { month: None } => rebuild::run(&config, out).await?,
        Command::Rebuild { month: Some(month) } => rebuild::month(&config, month, out).await?,
        Command::Reconcile(options) => return reconcile::run(&config, options.json, out).await,
        Command::Dlq(command) => dlq::run(&config, command, out)?,
        Command::Keys(command) => keys::run(&config, command, out)?,
        Command::Check => return check::run(&config, out).await,
        Command::User(command) => user::run(&config, command, out)?,
        Command::Catalog(options) => catalog::run(&config, options.json, out)?,
        Command::Publish { file } => publish::run(&config, &file, out)?,
        Command::Load { rate, count, seed } => load::run(&config, rate, count, seed, out)?,
        // Handled before there is a configuration: the engine needs none.
        Command::EngineServe { args } => return Ok(engine_serve::run(&args)),
    }
    Ok(ExitCode::SUCCESS)
}

/// The exit code of a command that answers a question.
fn exit_code(yes: bool) -> ExitCode {
    if yes { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
