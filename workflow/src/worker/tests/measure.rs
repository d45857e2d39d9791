//! How fast a restore is, and what an entry costs. Run by hand, one at a time, since each
//! looks at the memory of the whole process:
//! `N=1000000 cargo test --release -p ebasvuru-workflow measure_restore_of_snapshots -- --ignored --nocapture`

use std::time::Instant;

use bytes::Bytes;

use crate::domain::application::{Application, CommandBody, Stub};
use crate::domain::ids::{ApplicationId, CommandId, SubmissionId};
use crate::log::{Record, Stage, topic};
use crate::message::{Message, StateRecord, type_of};

use super::catalog::DIRECT;
use super::harness::{World, start};

/// Resident memory in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    status.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

/// A held application with an answer, as the worker wrote it.
fn sample() -> (Application, Vec<(String, Bytes)>) {
    let mut world = World::new();
    world.submit(1, DIRECT, "I1MsEc2w3AssEo5dzjRkhw");
    world.run();
    world.staff(1, "ali", CommandBody::Claim);
    world.run();
    let text = world.text(1, &"Talebiniz uygun görülmüştür. ".repeat(10));
    world.staff(1, "ali", CommandBody::AddAnswer { text });
    world.run();
    let record = world.log[topic::APPLICATIONS].iter().rfind(|r| type_of(r) == Application::TYPE).unwrap();
    let Ok(StateRecord::Application(application)) = StateRecord::from_record(record) else { panic!() };
    (*application, record.headers.clone())
}

fn key(n: u128) -> ApplicationId {
    ApplicationId::of(SubmissionId(uuid::Uuid::from_u128(n)))
}

/// Restores `N` records (a million unless said) of one kind.
fn restored(what: &str, value: impl Fn(ApplicationId) -> Bytes, headers: &[(String, Bytes)]) {
    let n: u128 = std::env::var("N").map_or(1_000_000, |n| n.parse().unwrap());
    let record = |n: u128| Record {
        topic: topic::APPLICATIONS.into(),
        partition: 0,
        offset: i64::try_from(n).unwrap(),
        timestamp: start(),
        key: Some(key(n).to_string().into()),
        value: Some(value(key(n))),
        headers: headers.to_vec(),
    };
    let mut stage = World::new().restored();
    let mut spent = std::time::Duration::ZERO;
    let before = resident();
    for chunk in (0..n).step_by(10_000) {
        // Made outside of the measured time, as a poll would hand them over.
        let records: Vec<_> = (chunk..(chunk + 10_000).min(n)).map(record).collect();
        let began = Instant::now();
        records.into_iter().for_each(|record| stage.restore(0, record));
        spent += began.elapsed();
    }
    assert!(stage.broken.is_none());
    println!(
        "{what}: {n} in {spent:.2?}, {:.0}/s, {} bytes each in memory",
        n as f64 / spent.as_secs_f64(),
        u128::from(resident().saturating_sub(before)) / n
    );
}

#[test]
#[ignore = "a measurement"]
fn measure_restore_of_snapshots() {
    let (application, headers) = sample();
    let value = Bytes::from(serde_json::to_vec(&application).unwrap());
    println!("a snapshot has {} bytes", value.len());
    restored("snapshots", |_| Bytes::copy_from_slice(&value), &headers);
}

#[test]
#[ignore = "a measurement"]
fn measure_restore_of_snapshots_without_headers() {
    let (application, headers) = sample();
    let value = Bytes::from(serde_json::to_vec(&application).unwrap());
    restored("snapshots without headers", |_| Bytes::copy_from_slice(&value), &headers[..1]);
}

#[test]
#[ignore = "a measurement"]
fn measure_restore_of_stubs() {
    let stub = |id: ApplicationId| Stub {
        id,
        version: 9,
        content_hash: "I1MsEc2w3AssEo5dzjRkhw".into(),
        closed_at: start(),
        closed_by: CommandId(id.0),
    };
    let headers = stub(key(0)).to_record().headers;
    restored("stubs", |id| stub(id).to_record().value.unwrap(), &headers);
}
