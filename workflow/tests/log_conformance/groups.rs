//! Group members: sharing partitions, handing them over, fencing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use ebasvuru_workflow::log::lag::lag;
use ebasvuru_workflow::log::{Member, Polled, Position, Retention, TransactError, Transactor};

use crate::fixture::{
    Fixture, PARTITIONS, copies, eventually, member, next_records, numbers, offsets, own_all,
};

pub fn metadata_is_kept_with_the_offset(f: &Fixture) {
    let topic = f.topic(Retention::Forever);
    f.fill(topic, 0, 40);
    let who = member(topic, "a");
    let mut consumer = f.log.consumer(&who).unwrap();
    let mut owned = Vec::new();
    eventually(|| {
        if let Polled::Assigned(partitions) = consumer.poll(1, Duration::from_millis(100)).unwrap() {
            owned.extend(partitions);
        }
        (owned.len() == PARTITIONS as usize).then_some(())
    });
    assert_eq!(consumer.committed(&[0, 1]).unwrap(), vec![]);
    let pending = Position { partition: 1, offset: 2, metadata: "pending:2-7".into() };
    consumer.commit(std::slice::from_ref(&pending)).unwrap();
    assert_eq!(consumer.committed(&[0, 1]).unwrap(), vec![pending.clone()]);
    assert_eq!(f.log.committed(&who.group, topic).unwrap(), vec![pending]);
    let plain = Position { partition: 1, offset: 8, metadata: String::new() };
    consumer.commit(std::slice::from_ref(&plain)).unwrap();
    drop(consumer);
    assert_eq!(f.log.committed(&who.group, topic).unwrap(), vec![plain]);
}

/// Records are counted, but not the transaction markers.
pub fn lag_counts_the_records_left_to_read(f: &Fixture) {
    let (input, output) = (f.topic(Retention::Forever), f.topic(Retention::Forever));
    f.fill(input, 0, 30);
    let left = |group: &str, topic: &str| -> i64 {
        lag(f.log.as_ref(), group, topic).unwrap().iter().map(|lag| lag.records).sum()
    };
    let who = member(input, "a");
    let mut transactor = f.transactor(&who);
    own_all(transactor.as_mut());
    let mut done = 0;
    while done < 30 {
        assert_eq!(left(&who.group, input), 30 - i64::try_from(done).unwrap());
        let records = next_records(transactor.as_mut(), 10);
        transactor.transact(&offsets(&records), copies(&records, output)).unwrap();
        done += records.len();
    }
    assert_eq!(left(&who.group, input), 0);
    // `output` ends with transaction markers: a group that has read its records has no lag.
    assert_eq!(left("g.reads-later", output), 30);
    let oldest = lag(f.log.as_ref(), "g.reads-later", output).unwrap();
    assert!(oldest.iter().all(|lag| lag.oldest.is_some() == (lag.records > 0)));
    let all = f.all(output);
    let next: Vec<Position> = offsets(&all)
        .into_iter()
        .map(|(partition, offset)| Position { partition, offset, metadata: String::new() })
        .collect();
    let reads_later = Member { group: "g.reads-later".into(), ..member(output, "b") };
    let mut consumer = f.log.consumer(&reads_later).unwrap();
    let mut owned = 0;
    eventually(|| {
        if let Polled::Assigned(partitions) = consumer.poll(1, Duration::from_millis(100)).unwrap() {
            owned += partitions.len();
        }
        (owned == PARTITIONS as usize).then_some(())
    });
    consumer.commit(&next).unwrap();
    assert_eq!(left("g.reads-later", output), 0);
}

pub fn a_consumer_seeks_and_pauses(f: &Fixture) {
    let topic = f.topic(Retention::Forever);
    f.fill(topic, 0, 40);
    let mut consumer = f.log.consumer(&member(topic, "a")).unwrap();
    let mut came = Vec::new();
    let more = |count: usize, consumer: &mut dyn ebasvuru_workflow::log::Consumer| {
        let mut came = Vec::new();
        eventually(|| {
            if let Polled::Records(records) = consumer.poll(100, Duration::from_millis(100)).unwrap() {
                came.extend(records);
            }
            (came.len() >= count).then_some(())
        });
        came
    };
    came.extend(more(40, consumer.as_mut()));
    let in_one = came.iter().filter(|r| r.partition == 1).count();
    consumer.seek(1, 0).unwrap();
    let again = more(in_one, consumer.as_mut());
    assert!(again.len() == in_one && again.iter().all(|r| r.partition == 1 && r.offset >= 0));
    consumer.pause(1, true).unwrap();
    f.fill(topic, 40, 40);
    let others = more(40 - in_one, consumer.as_mut());
    assert!(others.iter().all(|r| r.partition != 1));
    consumer.pause(1, false).unwrap();
    assert!(more(in_one, consumer.as_mut()).iter().all(|r| r.partition == 1));
}

pub fn a_stopped_members_share_goes_to_the_others(f: &Fixture) {
    let (input, output) = (f.topic(Retention::Forever), f.topic(Retention::Forever));
    let [stop_first, stop_second] = [AtomicBool::new(false), AtomicBool::new(false)];
    let copy = |slot: &str, stop: &AtomicBool| {
        let who = member(input, slot);
        let mut transactor = f.transactor(&who);
        let mut count = 0;
        while !stop.load(Ordering::SeqCst) {
            if let Polled::Records(records) = transactor.poll(7, Duration::from_millis(50)).unwrap() {
                match transactor.transact(&offsets(&records), copies(&records, output)) {
                    Ok(()) => count += records.len(),
                    Err(TransactError::Aborted(_)) => {}
                    Err(TransactError::TooLarge(why)) => panic!("{why}"),
                    Err(TransactError::StartOver(_)) => {
                        drop(transactor);
                        transactor = f.transactor(&who);
                    }
                }
            }
        }
        count
    };
    thread::scope(|scope| {
        let first = scope.spawn(|| copy("a", &stop_first));
        let second = scope.spawn(|| copy("b", &stop_second));
        let mut sent = 0;
        let mut send = |rounds: usize| {
            for _ in 0..rounds {
                f.fill(input, sent, 20);
                sent += 20;
                thread::sleep(Duration::from_millis(20));
            }
            sent
        };
        let sent = send(20);
        eventually(|| (f.all(output).len() >= sent).then_some(()));
        // Both have joined by now, or soon will: let them share for a while.
        thread::sleep(Duration::from_secs(3));
        let sent = send(20);
        eventually(|| (f.all(output).len() >= sent).then_some(()));
        stop_first.store(true, Ordering::SeqCst);
        let by_first = first.join().unwrap();
        let sent = send(20);
        eventually(|| (f.all(output).len() >= sent).then_some(()));
        stop_second.store(true, Ordering::SeqCst);
        let by_second = second.join().unwrap();
        assert!(by_first > 0 && by_second > 0, "{by_first} and {by_second}");
        assert_eq!(numbers(&f.all(output)), (0..sent).collect::<Vec<_>>());
    });
}

/// Copies a batch and returns how much of it is committed. An abort is no failure: the same records
/// are delivered again.
fn copy_some(transactor: &mut dyn Transactor, output: &'static str) -> usize {
    let records = next_records(transactor, 100);
    match transactor.transact(&offsets(&records), copies(&records, output)) {
        Ok(()) => records.len(),
        Err(TransactError::Aborted(_)) => 0,
        Err(error) => panic!("{error}"),
    }
}

/// A process that was paused while its slot was started again.
pub fn a_predecessor_in_the_same_slot_cannot_commit(f: &Fixture) {
    let (input, output) = (f.topic(Retention::Forever), f.topic(Retention::Forever));
    f.fill(input, 0, 40);
    let who = member(input, "a");
    let mut former = f.transactor(&who);
    own_all(former.as_mut());
    let held = next_records(former.as_mut(), 100);

    let mut successor = f.transactor(&who);
    let mut done = 0;
    while done < 40 {
        done += copy_some(successor.as_mut(), output);
    }
    let late = former.transact(&offsets(&held), copies(&held, output));
    assert!(matches!(late, Err(TransactError::StartOver(_))), "{late:?}");
    assert!(former.poll(1, Duration::ZERO).is_err());
    assert_eq!(numbers(&f.all(output)), (0..40).collect::<Vec<_>>());
}

/// A process that was paused until another member had its partitions.
pub fn a_member_without_a_session_cannot_commit(f: &Fixture) {
    let (input, output) = (f.topic(Retention::Forever), f.topic(Retention::Forever));
    f.fill(input, 0, 40);
    let mut still = f.transactor(&member(input, "a"));
    own_all(still.as_mut());
    let held = next_records(still.as_mut(), 100);

    let mut other = f.transactor(&member(input, "b"));
    own_all(other.as_mut());
    let mut done = 0;
    while done < 40 {
        done += copy_some(other.as_mut(), output);
    }
    // Neither what it consumed, nor what is due by its timers.
    still.transact(&offsets(&held), copies(&held, output)).unwrap_err();
    still.transact(&[], copies(&held, output)).unwrap_err();
    assert_eq!(numbers(&f.all(output)), (0..40).collect::<Vec<_>>());
}

pub fn counting_members_does_not_disturb_the_group(f: &Fixture) {
    let topic = f.topic(Retention::Forever);
    let member = member(topic, "a");
    assert_eq!(f.log.members(&member.group, topic).unwrap(), 0);
    let mut transactor = f.transactor(&member);
    own_all(transactor.as_mut());
    for _ in 0..5 {
        assert_eq!(f.log.members(&member.group, topic).unwrap(), 1);
        let polled = transactor.poll(1, Duration::from_millis(100)).unwrap();
        assert!(matches!(polled, Polled::Idle), "{polled:?}");
    }
}
