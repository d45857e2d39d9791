//! The workers of the pipeline, each on a thread of its own.

use std::sync::Arc;

use ebasvuru_ingest::{IngestProcessor, Settings};
use ebasvuru_workflow::log::runner::Runner;
use ebasvuru_workflow::log::{Member, Processor, group, topic};
use ebasvuru_workflow::worker::{WorkflowProcessor, WorkflowRetention};
use jiff::SignedDuration;

use crate::bootstrap::Resources;
use crate::config::Config;
use crate::consumer_lag;
use crate::process::Process;

/// Starts the ingest workers.
pub fn start_ingest(process: &mut Process, config: &Config, resources: &Resources) -> anyhow::Result<()> {
    let settings =
        Settings { bad_ratio: config.ingest.bad_ratio, max_message_bytes: config.ingest.max_message_bytes };
    let (catalog, sealer) = (Arc::clone(&resources.catalog), resources.sealer.clone());
    let workers = Workers {
        name: "ingest",
        group: group::INGEST,
        topic: topic::SUBMISSIONS,
        count: config.ingest.workers,
    };
    workers.start(process, config, resources, move || {
        IngestProcessor::new(catalog.clone(), sealer.clone(), settings)
    })
}

/// Starts the workflow workers.
pub fn start_workflow(process: &mut Process, config: &Config, resources: &Resources) -> anyhow::Result<()> {
    let retention = WorkflowRetention {
        deduplication: SignedDuration::from_hours(24 * i64::from(config.workflow.dedup_days)),
        ..WorkflowRetention::default()
    };
    let (catalog, sealer) = (Arc::clone(&resources.catalog), resources.sealer.clone());
    let workers = Workers {
        name: "workflow",
        group: group::WORKFLOW,
        topic: topic::COMMANDS,
        count: config.workflow.workers,
    };
    workers.start(process, config, resources, move || {
        WorkflowProcessor::new(catalog.clone(), sealer.clone(), retention)
    })
}

/// The workers of one group in this process.
struct Workers {
    name: &'static str,
    group: &'static str,
    topic: &'static str,
    count: u16,
}

impl Workers {
    fn start<P: Processor + 'static>(
        &self,
        process: &mut Process,
        config: &Config,
        resources: &Resources,
        new_processor: impl Fn() -> P + Clone + Send + 'static,
    ) -> anyhow::Result<()> {
        consumer_lag::watch(process, &resources.log, &resources.clock, self.group, self.topic)?;
        for worker in 0..self.count {
            let name = format!("{}-{worker}", self.name);
            let member = Member {
                group: self.group.to_owned(),
                topic: self.topic,
                slot: format!("{}-{}-{worker}", self.name, config.kafka.slot),
            };
            let (health, stop) = (process.part(&name), process.stop.clone());
            let (resources, new_processor) = (resources.clone(), new_processor.clone());
            process.thread(&name, move || {
                let runner = Runner {
                    log: resources.log.as_ref(),
                    member,
                    clock: resources.clock.clone(),
                    blobs: resources.blobs.as_ref(),
                    partitions: resources.partitions,
                    health,
                    stop,
                };
                runner.run(new_processor);
            })?;
        }
        Ok(())
    }
}
