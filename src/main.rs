//! The one binary: `ebasvuru`.

mod bootstrap;
mod cli;
mod commands;
mod config;
mod data;
mod endpoints;
mod failure;
mod keys;
mod lag;
mod layout;
mod process;
mod topics;
mod workers;

use std::io::{BufReader, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use ebasvuru_analytics::engine::{ServeOptions, serve};
use ebasvuru_ingest::generate::{Generator, Mix};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::error_code::ErrorCode;
use std::sync::Arc;
use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, Command};
use crate::config::{Config, LogFormat};
use crate::data::DataLock;
use crate::keys::Keys;
use crate::process::{Process, bind};
use crate::workers::Shared;

/// Workers make and drop a batch's worth of small pieces ten times a second: taking a state in is
/// nearly twice as fast as with the C library's allocator (`cargo bench -- restore`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // What this process and its children make, is nobody else's to read.
    // SAFETY: sets a number of the process, before any thread.
    unsafe { libc::umask(0o077) };
    let cli = Cli::parse();
    if let Some(Command::EngineServe { args }) = &cli.command {
        return match ServeOptions::from_args(args) {
            Some(options) => serve(options),
            None => ExitCode::from(2),
        };
    }
    let config = match configure(&cli) {
        Ok(config) => config,
        Err(line) => {
            eprintln!("ebasvuru: {}", ErrorCode::Config.with(line));
            return ExitCode::from(2);
        }
    };
    init_log(&config);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("ebasvuru: no threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli, config)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("ebasvuru: {}", failure::line(&error));
            ExitCode::FAILURE
        }
    }
}

fn configure(cli: &Cli) -> Result<Config, String> {
    let common = &cli.common;
    let mut flags = Vec::new();
    let mut flag =
        |key: &str, value: Option<String>| flags.extend(value.map(|value| (key.to_owned(), value)));
    flag("data.dir", common.data.as_ref().map(|dir| dir.display().to_string()));
    flag("kafka.brokers", common.brokers.clone());
    flag("clickhouse.url", common.clickhouse.clone());
    Config::load(common.config.as_deref(), &flags)
}

fn init_log(config: &Config) {
    let filter = EnvFilter::try_new(&config.log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Text => subscriber.init(),
        LogFormat::Json => subscriber.json().init(),
    }
}

/// Runs the subcommand; `false` is the answer no.
async fn run(cli: Cli, config: Config) -> anyhow::Result<bool> {
    let mut out = std::io::stdout();
    match cli.command {
        None => commands::up::run(config, cli.up).await?,
        Some(Command::Up(options)) => commands::up::run(config, options).await?,
        Some(Command::Ingest) => {
            let (mut process, shared) = begin(&config).await?;
            topics::look(&mut process, &shared.log, config.kafka.partitions)?;
            shared.start_ingest(&mut process, &config)?;
            process.finish().await?;
        }
        Some(Command::Workflow) => {
            let (mut process, shared) = begin(&config).await?;
            topics::look(&mut process, &shared.log, config.kafka.partitions)?;
            shared.start_workflow(&mut process, &config)?;
            process.finish().await?;
        }
        Some(Command::Analytics) => {
            let mut process = Process::begin(&config).await?;
            let client = bootstrap::clickhouse(&config)?;
            commands::analytics::start(&mut process, &config, &bootstrap::log(&config)?, &client)?;
            process.finish().await?;
        }
        Some(Command::Dashboard) => {
            let (mut process, shared) = begin(&config).await?;
            let client = bootstrap::clickhouse(&config)?;
            let listener = bind("the dashboard", "dashboard.listen", &config.dashboard.listen).await?;
            let served = commands::dashboard::start(&mut process, &config, &shared, &client, listener)?;
            process.finish().await?;
            served.await??;
        }
        Some(Command::Portal) => {
            let mut process = Process::begin(&config).await?;
            let (log, catalog) = (bootstrap::log(&config)?, bootstrap::catalog(&config)?);
            let listener = bind("the portal", "portal.listen", &config.portal.listen).await?;
            let clock = Clock::System;
            let served = commands::portal::start(&mut process, &config, &log, &catalog, &clock, listener)?;
            process.finish().await?;
            served.await??;
        }
        Some(Command::Topics) => {
            let log = bootstrap::log(&config)?;
            let differences = log.ensure_topics(&topics::specs(config.kafka.partitions))?;
            if Keys::create_for_new(&config, log.as_ref())? {
                let ring = config.keys.ring.display();
                writeln!(
                    out,
                    "the key ring of this new log is {ring}: every process needs it, and a copy elsewhere"
                )?;
            }
            for difference in &differences {
                writeln!(out, "{difference}")?;
            }
            return Ok(differences.is_empty());
        }
        Some(Command::Repartition) => {
            let log = bootstrap::log(&config)?;
            tokio::task::block_in_place(|| commands::repartition::run(log.as_ref(), &mut out))?;
        }
        Some(Command::Migrate) => {
            let clickhouse = bootstrap::own_clickhouse(&config).await?;
            commands::analytics::migrate(&config, &clickhouse.client).await?;
        }
        Some(Command::Rebuild) => {
            let log = bootstrap::log(&config)?;
            if DataLock::is_taken(&config.data.dir) {
                anyhow::bail!(ErrorCode::SinkRuns.with(format!(
                    "an `ebasvuru up` runs on {}, and its sink writes what a rebuild would empty: \
                     stop it, then rebuild",
                    config.data.dir.display()
                )));
            }
            let clickhouse = bootstrap::own_clickhouse(&config).await?;
            commands::analytics::rebuild(&config, &log, &clickhouse.client, &mut out).await?;
        }
        Some(Command::Reconcile(json)) => {
            let (log, clickhouse) = (bootstrap::log(&config)?, bootstrap::own_clickhouse(&config).await?);
            return commands::analytics::reconcile(&log, &clickhouse.client, json.json, &mut out);
        }
        Some(Command::Dlq(command)) => {
            commands::dlq::run(bootstrap::log(&config)?.as_ref(), &Clock::System, command, &mut out)?;
        }
        Some(Command::Keys(command)) => {
            let (log, catalog) = (bootstrap::log(&config)?, bootstrap::catalog(&config)?);
            let keys = match command {
                cli::Keys::Init => Keys::open_or_create(&config, &catalog, log.as_ref())?,
                cli::Keys::Extend => Keys::open(&config, &catalog, log.as_ref())?,
            };
            let now = Clock::System.now();
            keys.extend(log.as_ref(), now)?;
            let until = keys.run_out(now)?.map_or_else(String::new, |day| format!(", until {day}"));
            writeln!(out, "{}{until}", keys.describe())?;
        }
        Some(Command::Check) => return commands::check::run(&config, &mut out).await,
        Some(Command::User(command)) => {
            let (log, catalog) = (bootstrap::log(&config)?, bootstrap::catalog(&config)?);
            let sealer = Keys::open(&config, &catalog, log.as_ref())?.sealer();
            commands::user::run(log.as_ref(), &sealer, &Clock::System, command, &mut out)?;
        }
        Some(Command::Catalog(json)) => {
            commands::catalog::run(bootstrap::catalog(&config)?.as_ref(), json.json, &mut out)?
        }
        Some(Command::Publish { file }) => {
            let log = bootstrap::log(&config)?;
            if file.as_os_str() == "-" {
                commands::publish::lines(log.as_ref(), std::io::stdin().lock(), &mut out)?;
            } else {
                commands::publish::lines(
                    log.as_ref(),
                    BufReader::new(std::fs::File::open(&file)?),
                    &mut out,
                )?;
            }
        }
        Some(Command::Load { rate, count, seed }) => {
            let log = bootstrap::log(&config)?;
            let submissions = generator(&bootstrap::catalog(&config)?, seed, &Clock::System);
            let count = usize::try_from(count)?;
            commands::publish::load(log.as_ref(), submissions.take(count), rate, &mut out)?;
        }
        Some(Command::EngineServe { .. }) => {}
    }
    Ok(true)
}

/// A generator of submissions to every service of the catalog.
fn generator(
    catalog: &Arc<ebasvuru_workflow::domain::catalog::Catalog>,
    seed: u64,
    clock: &Clock,
) -> Generator {
    Generator::new(catalog, Mix::default(), seed, clock.now())
}

/// What a worker's process begins with: its parts, as soon as the log answers and the key ring is
/// the log's.
async fn begin(config: &Config) -> anyhow::Result<(Process, Shared)> {
    let mut process = Process::begin(config).await?;
    let clock = Clock::System;
    let (catalog, log) = (bootstrap::catalog(config)?, bootstrap::log(config)?);
    let health = process.part("keys");
    let open = || anyhow::Ok((Keys::open(config, &catalog, log.as_ref())?, layout::hold(log.as_ref())?));
    let (keys, partitions) = loop {
        match open() {
            Err(error) if failure::is_away(&error) && !process.stop.is_cancelled() => {
                health.waiting_with(failure::code(&error), &failure::line(&error));
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            opened => break opened?,
        }
    };
    let sealer = keys.sealer();
    keys.watch(&log, &clock, health);
    let shared = Shared { log, clock, catalog, sealer, blobs: Shared::blobs(config)?, partitions };
    Ok((process, shared))
}
