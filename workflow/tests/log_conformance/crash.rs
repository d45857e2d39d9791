//! kill -9 in the middle of work.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use ebasvuru_workflow::log::embedded::EmbeddedLog;
use ebasvuru_workflow::log::{Log, Polled, Retention};

use crate::fixture::{Fixture, copies, member, numbers, offsets, test_kafka};

const COUNT: usize = 3000;

/// Copies records, and reports after each commit how many are acknowledged.
fn copy(
    log: &dyn Log,
    input: &'static str,
    output: &'static str,
    mut acknowledged: impl FnMut(usize) -> bool,
) {
    let mut transactor = log.transactor(&member(input, "a")).unwrap();
    let mut count = 0;
    loop {
        match transactor.poll(10, Duration::from_millis(100)).unwrap() {
            Polled::Records(records) => {
                transactor.transact(&offsets(&records), copies(&records, output)).unwrap();
                count += records.len();
            }
            Polled::Assigned(_) | Polled::Revoked(_) | Polled::Idle => {}
        }
        if acknowledged(count) {
            return;
        }
    }
}

/// Not a test: the process that `kill9_…` kills.
#[test]
#[ignore = "run by kill9_loses_nothing_and_repeats_nothing"]
fn the_process_that_is_killed() {
    let var = |name: &str| -> &'static str { Box::leak(std::env::var(name).unwrap().into_boxed_str()) };
    let address = var("CRASH_LOG");
    let log: Arc<dyn Log> = if address.starts_with('/') {
        Arc::new(EmbeddedLog::open(Path::new(address)).unwrap())
    } else {
        Arc::new(test_kafka().unwrap().log(&[]))
    };
    copy(log.as_ref(), var("CRASH_INPUT"), var("CRASH_OUTPUT"), |count| {
        println!("\nacknowledged {count}");
        count == COUNT
    });
}

pub fn kill9_loses_nothing_and_repeats_nothing(f: &Fixture) {
    let (input, output) = (f.topic(Retention::Forever), f.topic(Retention::Forever));
    f.fill(input, 0, COUNT);
    for round in 1..=3 {
        let before = f.all(output).len();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::the_process_that_is_killed", "--ignored", "--nocapture"])
            .env("CRASH_LOG", &f.address)
            .env("KAFKA_TEST_BROKERS", &f.address)
            .env("CRASH_INPUT", input)
            .env("CRASH_OUTPUT", output)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut acknowledged = 0;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            if let Some(count) = line.unwrap().strip_prefix("acknowledged ") {
                acknowledged = count.parse().unwrap();
                if acknowledged >= 100 * round {
                    break;
                }
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(acknowledged > 0, "the child did not work");
        let kept = f.all(output).len();
        assert!(kept >= before + acknowledged, "{kept} kept of {before} and {acknowledged}");
    }
    // The next member continues exactly where the killed one stopped.
    let left = COUNT - f.all(output).len();
    copy(f.log.as_ref(), input, output, |count| count >= left);
    assert_eq!(numbers(&f.all(output)), (0..COUNT).collect::<Vec<_>>());
}
