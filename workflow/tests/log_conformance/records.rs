//! Records, placement, readers, topics.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use ebasvuru_workflow::budget;
use ebasvuru_workflow::log::{
    LogError, Outgoing, POLL_BYTES, Polled, RecordAddress, Retention, Start, TopicSpec,
};

use crate::fixture::{Fixture, PARTITIONS, eventually, keyed, member, numbers, offsets, poll_all, value};

/// The expected hashes are those of Apache Kafka's `UtilsTest.testMurmur2`.
pub fn placement_equals_that_of_the_java_client(f: &Fixture) {
    let topic = f.topic(Retention::Forever);
    for (key, hash) in [
        ("21", -973_932_308_i32),
        ("foobar", -790_332_482),
        ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
        ("abc", 479_470_107),
    ] {
        let places = f.produce(vec![keyed(topic, key, "x")]);
        assert_eq!(places[0].0, (hash & i32::MAX) % PARTITIONS, "{key}");
    }
}

pub fn order_holds_per_key(f: &Fixture) {
    let topic = f.topic(Retention::Forever);
    f.fill(topic, 0, 1000);
    let mut last: HashMap<Bytes, (i32, usize)> = HashMap::new();
    for record in f.all(topic) {
        let number: usize = value(&record).parse().unwrap();
        if let Some((partition, before)) =
            last.insert(record.key.clone().unwrap(), (record.partition, number))
        {
            assert_eq!(partition, record.partition);
            assert!(before < number, "{before} came before {number}");
        }
    }
    assert_eq!(last.len(), 20);
}

pub fn records_are_read_as_they_were_written(f: &Fixture) {
    let topic = f.topic(Retention::Forever);
    let sent = vec![
        Outgoing {
            topic,
            partition: Some(1),
            key: Some(Bytes::from_static(b"\xff\x00key")),
            value: Some(Bytes::from_static(b"\x00\x01\xfe")),
            headers: vec![
                ("b".into(), Bytes::from_static(b"2")),
                ("a".into(), Bytes::from_static(b"\xff")),
                ("b".into(), Bytes::new()),
            ],
        },
        // A tombstone differs from an empty value.
        Outgoing {
            topic,
            partition: Some(1),
            key: Some(Bytes::from_static(b"k")),
            value: None,
            headers: vec![],
        },
        Outgoing { topic, partition: Some(1), key: None, value: Some(Bytes::new()), headers: vec![] },
    ];
    let places = f.produce(sent.clone());
    let came = f.all(topic);
    assert_eq!(places, came.iter().map(|r| (r.partition, r.offset)).collect::<Vec<_>>());
    for (sent, came) in sent.iter().zip(&came) {
        assert_eq!((&sent.key, &sent.value, &sent.headers), (&came.key, &came.value, &came.headers));
        assert!(came.timestamp.as_second() > 1_700_000_000);
        assert_eq!(&*came.topic, topic);
    }
}

pub fn readers_start_at_the_given_offset(f: &Fixture) {
    let topic = f.topic(Retention::Forever);
    f.fill(topic, 0, 40);
    let mut end = f.log.reader(topic, Start::End).unwrap();
    assert_eq!(end.poll(10, Duration::from_millis(200)).unwrap().len(), 0);
    f.fill(topic, 40, 10);
    assert_eq!(numbers(&poll_all(end.as_mut(), 10)), (40..50).collect::<Vec<_>>());

    let there = f.all(topic).into_iter().filter(|r| r.partition == 2).nth(3).unwrap();
    let mut at = f.log.reader(topic, Start::at(2, there.offset)).unwrap();
    let first = poll_all(at.as_mut(), 1);
    assert_eq!((first[0].partition, first[0].offset), (2, there.offset));
    assert!(first.iter().all(|r| r.partition == 2));

    let mut each = f.log.reader(topic, Start::Each(vec![(1, there.offset), (2, there.offset)])).unwrap();
    let mut came = Vec::new();
    each.read_to_end(&mut |r| came.push((r.partition, r.offset))).unwrap();
    came.sort_unstable();
    let of_each = f.all(topic).into_iter().map(|r| (r.partition, r.offset));
    let mut wanted: Vec<_> =
        of_each.filter(|(partition, offset)| [1, 2].contains(partition) && *offset >= there.offset).collect();
    wanted.sort_unstable();
    assert_eq!(came, wanted);
}

pub fn catch_up_delivers_everything(f: &Fixture) {
    let topic = f.topic(Retention::Forever);
    let mut reader = f.log.reader(topic, Start::Beginning).unwrap();
    let mut came = Vec::new();
    reader.catch_up(&mut |r| came.push(r)).unwrap();
    assert!(came.is_empty());
    f.fill(topic, 0, 500);
    reader.catch_up(&mut |r| came.push(r)).unwrap();
    f.fill(topic, 500, 500);
    came.extend(poll_all(reader.as_mut(), 100));
    reader.catch_up(&mut |r| came.push(r)).unwrap();
    reader.catch_up(&mut |r| came.push(r)).unwrap();
    assert_eq!(numbers(&came), (0..1000).collect::<Vec<_>>());
    let bounds = f.log.bounds(topic).unwrap();
    assert_eq!(bounds.iter().map(|b| b.high - b.low).sum::<i64>(), 1000);
}

pub fn topics_are_created_once_and_compared(f: &Fixture) {
    let topic = f.topic(Retention::Days(7));
    let same = TopicSpec { name: topic, partitions: PARTITIONS, retention: Retention::Days(7) };
    assert_eq!(f.log.ensure_topics(&[same]).unwrap(), Vec::<String>::new());
    let more = TopicSpec { name: topic, partitions: PARTITIONS + 1, retention: Retention::Days(7) };
    let said = f.log.ensure_topics(&[more]).unwrap();
    assert!(said.len() == 1 && said[0].contains(topic) && said[0].contains('5'), "{said:?}");
    let said = f.log.bounds("no-such-topic").unwrap_err().to_string();
    assert!(said.contains("no-such-topic") && said.contains("ebasvuru topics"), "{said}");
}

/// 60 records of 900,000 bytes are more than one poll returns.
pub fn a_poll_has_a_bound_in_bytes(f: &Fixture) {
    const COUNT: usize = 60;
    let topic = f.topic(Retention::Forever);
    let large = "x".repeat(900_000);
    for i in 0..COUNT {
        f.produce(vec![keyed(topic, &format!("k{i}"), &large)]);
    }
    // Each partition has a share, and may exceed it by one record.
    let most = POLL_BYTES + PARTITIONS as usize * (large.len() + 10);
    let bounded = |bytes: usize| assert!(bytes <= most, "{bytes} bytes at once");
    let bytes = |records: &[ebasvuru_workflow::log::Record]| records.iter().map(|r| r.bytes()).sum();

    let mut reader = f.log.reader(topic, Start::Beginning).unwrap();
    let mut transactor = f.transactor(&member(topic, "a"));
    let (mut read, mut taken) = (0, 0);
    eventually(|| {
        let records = reader.poll(1_000, Duration::from_millis(100)).unwrap();
        bounded(bytes(&records));
        read += records.len();
        (read == COUNT).then_some(())
    });
    eventually(|| {
        if let Polled::Records(records) = transactor.poll(1_000, Duration::from_millis(100)).unwrap() {
            bounded(bytes(&records));
            taken += records.len();
            transactor.transact(&offsets(&records), vec![]).unwrap();
        }
        (taken == COUNT).then_some(())
    });
}

pub fn a_record_is_found_by_its_address(f: &Fixture) {
    let topic = f.topic(Retention::Forever);
    let places = f.produce((0..30).map(|i| keyed(topic, &format!("k{i}"), &i.to_string())).collect());
    let at = |(partition, offset): (i32, i64)| {
        f.log.record_at(&RecordAddress::new(topic, partition, offset)).unwrap()
    };
    // Forwards, backwards, and across partitions.
    for (i, place) in places.iter().enumerate().chain(places.iter().enumerate().rev()) {
        let found = at(*place).unwrap();
        assert_eq!((value(&found), (found.partition, found.offset)), (i.to_string(), *place));
    }
    for partition in 0..PARTITIONS {
        assert!(at((partition, 1_000_000)).is_none(), "an offset that was never written");
    }
}

pub fn a_record_fits_or_is_refused_as_too_large(f: &Fixture) {
    let topic = f.topic(Retention::Forever);
    // Random bytes, which compression does not make smaller.
    let noise = |bytes: usize| -> Bytes {
        (0..bytes.div_ceil(16)).flat_map(|_| *uuid::Uuid::new_v4().as_bytes()).take(bytes).collect()
    };
    let empty = keyed(topic, "k", "");
    let most = Outgoing { value: Some(noise(budget::RECORD - empty.size())), ..empty };
    most.fits().unwrap();
    f.produce(vec![most.clone()]);
    assert_eq!(f.all(topic).len(), 1);
    let more = Outgoing { headers: vec![("h".into(), Bytes::new())], ..most };
    let refused = f.log.producer().unwrap().send(vec![keyed(topic, "k", "small"), more]);
    assert!(matches!(refused, Err(LogError::TooLarge(_))), "{refused:?}");
    assert_eq!(f.all(topic).len(), 1);
}
