//! Transactions of outputs and offsets.

use std::time::Duration;

use ebasvuru_workflow::log::{Log, Outgoing, Retention, Start, TransactError};

use crate::fixture::{
    Fixture, PARTITIONS, copies, eventually, keyed, member, next_records, numbers, offsets, own_all, value,
};

fn committed(log: &dyn Log, group: &str, topic: &str) -> i64 {
    log.committed(group, topic).unwrap().iter().map(|p| p.offset).sum()
}

pub fn outputs_and_offsets_commit_together(f: &Fixture) {
    let (input, output) = (f.topic(Retention::Forever), f.topic(Retention::Forever));
    f.fill(input, 0, 50);
    let who = member(input, "a");
    let mut transactor = f.transactor(&who);
    own_all(transactor.as_mut());
    let mut done = 0;
    while done < 50 {
        let records = next_records(transactor.as_mut(), 20);
        assert_eq!(f.all(output).len(), done);
        transactor.transact(&offsets(&records), copies(&records, output)).unwrap();
        done += records.len();
        assert_eq!(f.all(output).len(), done);
        let total = i64::try_from(done).unwrap();
        assert_eq!(committed(f.log.as_ref(), &who.group, input), total);
    }
    assert_eq!(numbers(&f.all(output)), (0..50).collect::<Vec<_>>());
}

pub fn a_failed_transaction_leaves_nothing(f: &Fixture) {
    let (input, output) = (f.topic(Retention::Forever), f.topic(Retention::Forever));
    f.fill(input, 0, 30);
    let who = member(input, "a");
    let mut transactor = f.transactor(&who);
    own_all(transactor.as_mut());
    let records = next_records(transactor.as_mut(), 100);
    let mut outputs = copies(&records, output);
    outputs.push(Outgoing { partition: Some(PARTITIONS + 7), ..keyed(output, "k", "nowhere") });
    let failed = transactor.transact(&offsets(&records), outputs);
    assert!(matches!(failed, Err(TransactError::StartOver(_))), "{failed:?}");
    drop(transactor);
    assert_eq!(committed(f.log.as_ref(), &who.group, input), 0);

    let mut transactor = f.transactor(&who);
    let mut done = 0;
    while done < 30 {
        let records = next_records(transactor.as_mut(), 100);
        transactor.transact(&offsets(&records), copies(&records, output)).unwrap();
        done += records.len();
    }
    assert_eq!(numbers(&f.all(output)), (0..30).collect::<Vec<_>>());
}

pub fn records_that_were_not_consumed_are_delivered_again(f: &Fixture) {
    let (input, output) = (f.topic(Retention::Forever), f.topic(Retention::Forever));
    f.fill(input, 0, 200);
    let mut transactor = f.transactor(&member(input, "a"));
    own_all(transactor.as_mut());
    let mut done = 0;
    while done < 200 {
        let mut records = next_records(transactor.as_mut(), 100);
        // Sometimes nothing of a partition is consumed.
        records.truncate((records.len() / 3).max(1));
        transactor.transact(&offsets(&records), copies(&records, output)).unwrap();
        done += records.len();
    }
    let came = f.all(output);
    assert_eq!(numbers(&came), (0..200).collect::<Vec<_>>());
}

pub fn a_transaction_may_only_write(f: &Fixture) {
    let (input, output) = (f.topic(Retention::Forever), f.topic(Retention::Forever));
    let mut transactor = f.transactor(&member(input, "a"));
    own_all(transactor.as_mut());
    transactor.transact(&[], vec![keyed(output, "k", "1")]).unwrap();
    transactor.transact(&[], vec![]).unwrap();
    f.fill(input, 2, 1);
    let records = next_records(transactor.as_mut(), 10);
    transactor.transact(&offsets(&records), copies(&records, output)).unwrap();
    assert_eq!(numbers(&f.all(output)), vec![1, 2]);
}

pub fn appended_outputs_commit_with_the_transaction(f: &Fixture) {
    let (input, output) = (f.topic(Retention::Forever), f.topic(Retention::Forever));
    f.fill(input, 0, 40);
    let who = member(input, "a");
    let mut transactor = f.transactor(&who);
    own_all(transactor.as_mut());
    let records = next_records(transactor.as_mut(), 100);
    transactor.append(copies(&records, output)).unwrap();
    let mut reader = f.log.reader(output, Start::Beginning).unwrap();
    let seen = reader.poll(100, Duration::from_millis(300)).unwrap();
    assert!(seen.is_empty(), "uncommitted records were read");
    // The member is dropped before it commits.
    drop(transactor);

    let mut transactor = f.transactor(&who);
    own_all(transactor.as_mut());
    // Appended, then failed: nothing of it may be left in the next transaction.
    let records = next_records(transactor.as_mut(), 100);
    transactor.append(copies(&records, output)).unwrap();
    let nowhere = vec![Outgoing { partition: Some(PARTITIONS + 7), ..keyed(output, "k", "nowhere") }];
    transactor.transact(&offsets(&records), nowhere).unwrap_err();
    drop(transactor);

    let mut transactor = f.transactor(&who);
    own_all(transactor.as_mut());
    let mut done = 0;
    while done < 40 {
        let records = next_records(transactor.as_mut(), 30);
        let (first, second) = records.split_at(records.len() / 2);
        transactor.append(copies(first, output)).unwrap();
        transactor.transact(&offsets(&records), copies(second, output)).unwrap();
        done += records.len();
    }
    let came = f.all(output);
    assert_eq!(numbers(&came), (0..40).collect::<Vec<_>>());
    assert_eq!(committed(f.log.as_ref(), &who.group, input), 40);
    // Only appended outputs: they are committed, too.
    transactor.append(vec![keyed(output, "k", "40")]).unwrap();
    transactor.transact(&[], vec![]).unwrap();
    assert_eq!(f.all(output).len(), 41);
}

pub fn a_replay_has_everything_that_was_committed(f: &Fixture) {
    let (input, state) = (f.topic(Retention::Forever), f.topic(Retention::Compact));
    let who = member(input, "a");
    let mut transactor = f.transactor(&who);
    own_all(transactor.as_mut());
    for round in 0..3 {
        let outputs = (0..20).map(|i| keyed(state, &format!("k{i}"), &round.to_string())).collect();
        transactor.transact(&[], outputs).unwrap();
    }
    let mut outputs: Vec<Outgoing> = vec![keyed(state, "k3", "last")];
    outputs.push(Outgoing { value: None, ..keyed(state, "k4", "") });
    transactor.transact(&[], outputs).unwrap();
    // A replay must not see what was aborted.
    let mut failing = vec![keyed(state, "k5", "never")];
    failing.push(Outgoing { partition: Some(PARTITIONS), ..keyed(state, "k", "nowhere") });
    transactor.transact(&[], failing).unwrap_err();
    drop(transactor);

    let mut transactor = f.transactor(&who);
    own_all(transactor.as_mut());
    let mut replayed = std::collections::BTreeMap::new();
    let mut replay = |partitions: &[i32]| {
        transactor
            .replay(state, partitions, &mut |record| {
                assert!(partitions.contains(&record.partition));
                replayed.insert(record.key.clone().unwrap(), record.value.as_ref().map(|_| value(&record)));
            })
            .unwrap();
    };
    replay(&[1]);
    replay(&(0..PARTITIONS).filter(|partition| *partition != 1).collect::<Vec<_>>());
    assert_eq!(replayed.len(), 20);
    for (key, now) in replayed {
        let expected = match &key[..] {
            b"k3" => Some("last"),
            b"k4" => None,
            _ => Some("2"),
        };
        assert_eq!(now.as_deref(), expected, "{key:?}");
    }
    // A replay does not change what is consumed next.
    f.fill(input, 0, 5);
    let mut came = Vec::new();
    eventually(|| {
        came.extend(next_records(transactor.as_mut(), 10));
        (came.len() == 5).then_some(())
    });
    drop(transactor.poll(1, Duration::ZERO));
}
