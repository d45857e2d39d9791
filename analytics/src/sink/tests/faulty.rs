//! A log with a commit that fails.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ebasvuru_workflow::log::{
    Bounds, Consumer, Log, LogError, Member, Polled, Position, Producer, Reader, Record, RecordAddress,
    Start, TopicSpec, Transactor,
};

/// What happens at the commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitFault {
    /// The process dies before the commit.
    Before,
    /// The process dies after the commit, before it gets the answer.
    After,
    /// After the commit the partitions go to another member and come back.
    Rebalance,
}

/// A log whose `n`-th commit fails, once.
#[derive(Debug)]
pub struct FaultyLog {
    inner: Arc<dyn Log>,
    plan: Arc<Plan>,
}

#[derive(Debug)]
struct Plan {
    at: usize,
    fault: CommitFault,
    commits: AtomicUsize,
    /// The metadata of every attempted commit.
    seen: Mutex<Vec<String>>,
}

impl FaultyLog {
    pub fn new(inner: Arc<dyn Log>, at: usize, fault: CommitFault) -> Arc<Self> {
        let plan = Plan { at, fault, commits: AtomicUsize::new(0), seen: Mutex::default() };
        Arc::new(Self { inner, plan: Arc::new(plan) })
    }

    pub fn commits(&self) -> Vec<String> {
        self.plan.seen.lock().unwrap().clone()
    }
}

impl Log for FaultyLog {
    fn describe(&self) -> String {
        self.inner.describe()
    }
    fn ensure_topics(&self, specs: &[TopicSpec]) -> Result<Vec<String>, LogError> {
        self.inner.ensure_topics(specs)
    }
    fn bounds(&self, topic: &str) -> Result<Vec<Bounds>, LogError> {
        self.inner.bounds(topic)
    }
    fn record_at(&self, at: &RecordAddress) -> Result<Option<Record>, LogError> {
        self.inner.record_at(at)
    }
    fn committed(&self, group: &str, topic: &str) -> Result<Vec<Position>, LogError> {
        self.inner.committed(group, topic)
    }
    fn members(&self, group: &str, topic: &str) -> Result<usize, LogError> {
        self.inner.members(group, topic)
    }

    fn producer(&self) -> Result<Box<dyn Producer>, LogError> {
        self.inner.producer()
    }
    fn reader(&self, topic: &str, start: Start) -> Result<Box<dyn Reader>, LogError> {
        self.inner.reader(topic, start)
    }
    fn consumer(&self, member: &Member) -> Result<Box<dyn Consumer>, LogError> {
        let inner = self.inner.consumer(member)?;
        Ok(Box::new(FaultyConsumer { inner, plan: Arc::clone(&self.plan), moved: Vec::new() }))
    }
    fn transactor(&self, member: &Member) -> Result<Box<dyn Transactor>, LogError> {
        self.inner.transactor(member)
    }
}

struct FaultyConsumer {
    inner: Box<dyn Consumer>,
    plan: Arc<Plan>,
    /// Partitions that went to another member and come back: what the next polls return.
    moved: Vec<Polled>,
}

impl Consumer for FaultyConsumer {
    fn poll(&mut self, max: usize, wait: Duration) -> Result<Polled, LogError> {
        if self.moved.is_empty() { self.inner.poll(max, wait) } else { Ok(self.moved.remove(0)) }
    }

    fn committed(&mut self, partitions: &[i32]) -> Result<Vec<Position>, LogError> {
        self.inner.committed(partitions)
    }

    fn commit(&mut self, positions: &[Position]) -> Result<(), LogError> {
        self.plan.seen.lock().unwrap().extend(positions.iter().map(|p| p.metadata.clone()));
        let fault =
            (self.plan.commits.fetch_add(1, Ordering::SeqCst) == self.plan.at).then_some(self.plan.fault);
        let died = || Err(LogError::StartOver("died".into()));
        match fault {
            Some(CommitFault::Before) => died(),
            Some(CommitFault::After) => self.inner.commit(positions).and_then(|()| died()),
            Some(CommitFault::Rebalance) => {
                self.inner.commit(positions)?;
                let partitions: Vec<i32> = positions.iter().map(|p| p.partition).collect();
                for position in positions {
                    self.inner.seek(position.partition, position.offset)?;
                }
                self.moved = vec![Polled::Revoked(partitions.clone()), Polled::Assigned(partitions)];
                Ok(())
            }
            None => self.inner.commit(positions),
        }
    }

    fn seek(&mut self, partition: i32, offset: i64) -> Result<(), LogError> {
        self.inner.seek(partition, offset)
    }

    fn pause(&mut self, partition: i32, paused: bool) -> Result<(), LogError> {
        self.inner.pause(partition, paused)
    }
}
