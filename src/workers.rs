//! The workers of the pipeline, each on threads of its own.

use std::sync::Arc;

use ebasvuru_ingest::blob::Blobs;
use ebasvuru_ingest::{IngestProcessor, Settings};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::log::runner::Runner;
use ebasvuru_workflow::log::{BlobStore, Log, Member, Processor, group, topic};
use ebasvuru_workflow::seal::Sealer;
use ebasvuru_workflow::worker::{WorkflowProcessor, WorkflowRetention};
use jiff::SignedDuration;

use crate::config::Config;
use crate::lag;
use crate::process::Process;

/// What workers share.
#[derive(Clone)]
pub struct Shared {
    pub log: Arc<dyn Log>,
    pub clock: Clock,
    pub catalog: Arc<Catalog>,
    pub sealer: Sealer,
    pub blobs: Arc<dyn BlobStore>,
    /// Of how many partitions the workers' state is.
    pub partitions: i32,
}

impl Shared {
    /// Opens the document store of the configuration.
    pub fn blobs(config: &Config) -> anyhow::Result<Arc<dyn BlobStore>> {
        let store = ebasvuru_ingest::blob::open(&config.store.url)?;
        Ok(Arc::new(Blobs::new(store, tokio::runtime::Handle::current())))
    }

    /// Starts the ingest workers.
    pub fn start_ingest(&self, process: &mut Process, config: &Config) -> anyhow::Result<()> {
        let settings = Settings {
            bad_ratio: config.ingest.bad_ratio,
            max_message_bytes: config.ingest.max_message_bytes,
        };
        let (catalog, sealer) = (Arc::clone(&self.catalog), self.sealer.clone());
        self.start(
            process,
            config,
            ("ingest", group::INGEST, topic::SUBMISSIONS, config.ingest.workers),
            move || IngestProcessor::new(catalog.clone(), sealer.clone(), settings),
        )
    }

    /// Starts the workflow workers.
    pub fn start_workflow(&self, process: &mut Process, config: &Config) -> anyhow::Result<()> {
        let retention = WorkflowRetention {
            deduplication: SignedDuration::from_hours(24 * i64::from(config.workflow.dedup_days)),
            ..WorkflowRetention::default()
        };
        let (catalog, sealer) = (Arc::clone(&self.catalog), self.sealer.clone());
        self.start(
            process,
            config,
            ("workflow", group::WORKFLOW, topic::COMMANDS, config.workflow.workers),
            move || WorkflowProcessor::new(catalog.clone(), sealer.clone(), retention),
        )
    }

    fn start<S: Processor + 'static>(
        &self,
        process: &mut Process,
        config: &Config,
        (name, group, topic, workers): (&str, &'static str, &'static str, u16),
        fresh: impl Fn() -> S + Clone + Send + 'static,
    ) -> anyhow::Result<()> {
        lag::watch(process, &self.log, &self.clock, group, topic)?;
        for worker in 0..workers {
            let member = Member {
                group: group.to_owned(),
                topic,
                slot: format!("{name}-{}-{worker}", config.kafka.slot),
            };
            let health = process.part(&format!("{name}-{worker}"));
            let (shared, fresh, stop) = (self.clone(), fresh.clone(), process.stop.clone());
            process.thread(&format!("{name}-{worker}"), move || {
                let driver = Runner {
                    log: shared.log.as_ref(),
                    member,
                    clock: shared.clock.clone(),
                    blobs: shared.blobs.as_ref(),
                    partitions: shared.partitions,
                    health,
                    stop,
                };
                driver.run(fresh);
            })?;
        }
        Ok(())
    }
}
