//! How fast a restore is, and what an entry costs. Run by hand:
//! `N=1000000 cargo test --release -p ebasvuru-workflow measure_restore -- --ignored --nocapture`

use std::time::Instant;

use bytes::Bytes;

use crate::domain::application::{Application, CommandBody, Stub};
use crate::domain::ids::{ApplicationId, SubmissionId};
use crate::log::{Record, Stage, topic};
use crate::message::{Message, StateRecord, type_of};

use super::catalog::DIRECT;
use super::harness::{World, days, start};

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

#[test]
#[ignore = "a measurement"]
fn measure_restore() {
    let n: u128 = std::env::var("N").map_or(1_000_000, |n| n.parse().unwrap());
    let (application, headers) = sample();
    let value = Bytes::from(serde_json::to_vec(&application).unwrap());
    let stub = |n| Stub {
        id: key(n),
        version: 9,
        content_hash: "I1MsEc2w3AssEo5dzjRkhw".into(),
        closed_at: start() + days(i64::try_from(n % 90).unwrap()),
        closed_by: crate::domain::ids::CommandId(key(n).0),
    };
    let record = |n: u128, value: Bytes, headers: Vec<(String, Bytes)>| Record {
        topic: topic::APPLICATIONS.into(),
        partition: 0,
        offset: i64::try_from(n).unwrap(),
        timestamp: start(),
        key: Some(key(n).to_string().into()),
        value: Some(value),
        headers,
    };
    let mut restored = |what: &str, make: &dyn Fn(u128) -> Record| {
        let mut stage = World::new().restored();
        let mut spent = std::time::Duration::ZERO;
        let before = resident();
        let mut done = 0;
        while done < n {
            // Made in chunks, outside of the measured time, as a poll would hand them over.
            let chunk: Vec<_> = (done..(done + 10_000).min(n)).map(make).collect();
            done += 10_000;
            let began = Instant::now();
            for record in chunk {
                stage.restore(0, record);
            }
            spent += began.elapsed();
        }
        let bytes = resident().saturating_sub(before);
        println!(
            "{what}: {n} in {spent:.2?}, {:.0}/s, {} bytes each",
            n as f64 / spent.as_secs_f64(),
            u128::from(bytes) / n
        );
        assert!(stage.broken.is_none());
    };
    println!("a snapshot has {} bytes; with {} headers", value.len(), headers.len());
    restored("snapshots", &|n| record(n, value.clone(), headers.clone()));
    let plain = headers[..1].to_vec();
    restored("snapshots without headers", &|n| record(n, value.clone(), plain.clone()));
    restored("stubs", &|n| {
        let out = stub(n).to_record();
        record(n, out.value.unwrap(), out.headers)
    });
}
