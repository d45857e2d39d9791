//! Rows into ClickHouse through the sink, from Kafka, against an insert of the same blocks that
//! is all ClickHouse.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use clickhouse::Client;
use ebasvuru_analytics::sink::{Options, Source, healths, run};
use ebasvuru_workflow::domain::application::Action;
use ebasvuru_workflow::log::{Log, LogError, Outgoing, topic};
use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use crate::broker::{Broker, PARTITIONS};
use crate::server::Server;
use crate::table::{Line, rates};
use crate::world::{Player, World};

const LIFECYCLES: usize = 30_000;
const ROUNDS: usize = 3;
/// How much is sent at once: the size of the client's buffer.
const CHUNK: usize = 256 << 10;

pub fn analytics() -> Vec<Line> {
    let (broker, server) = (Broker::start(), Server::start());
    let records = written(&World::new(), LIFECYCLES);
    let of = |topic| move |it: &&Outgoing| it.topic == topic;
    let markers = records.iter().filter(of(topic::APPLICATIONS)).filter(|it| it.headers.len() == 1).count();
    let rows = records.len() - markers;

    // The first round fills tables that keep every version; the blocks are read from them.
    let kept = server.database("kept");
    server.execute(&kept, "CREATE TABLE all_applications AS open_applications ENGINE = MergeTree ORDER BY (topic, partition, offset)");
    server.execute(&kept, "DROP TABLE open_applications");
    server.execute(&kept, "RENAME TABLE all_applications TO open_applications");
    sunk(&broker, &server, &kept, &records);
    let blocks = blocks(&server, &kept);

    let rounds = (0..ROUNDS).map(|round| {
        let raw = inserted(&server, &server.database(&format!("raw{round}")), &blocks);
        let sink = sunk(&broker, &server, &server.database(&format!("sink{round}")), &records);
        (rows as f64 / sink, rows as f64 / raw)
    });
    vec![rates("rows of events, snapshots and archive", rounds.collect(), "≥ 0.70 of a raw insert", 0.7)]
}

/// What the worker writes for whole lifecycles, to the topics that the sink reads.
pub fn written(world: &World, lifecycles: usize) -> Vec<Outgoing> {
    let mut player = Player::new(world);
    let applications: Vec<_> = world.received(5).take(lifecycles).collect();
    player.play(applications.iter().map(|it| it.command.clone()));
    for (seen, action) in
        (1..).zip([Action::Assign, Action::AddAnswer, Action::SubmitForApproval, Action::Approve])
    {
        player.play(applications.iter().map(|it| world.command(it, seen, action)));
    }
    let read = Source::READ_MODEL.map(Source::topic);
    player.written.retain(|it| read.contains(&it.topic) && !is_counter(it));
    // The player has one partition; by key they are spread over all.
    player.written.iter_mut().for_each(|it| it.partition = None);
    player.written
}

fn is_counter(it: &Outgoing) -> bool {
    it.key.as_ref().is_some_and(|key| key.starts_with(b"counter/"))
}

/// How many seconds the sink takes to write what is published now, from its first commit on: joining
/// the groups does not count.
fn sunk(broker: &Broker, server: &Server, client: &Client, records: &[Outgoing]) -> f64 {
    broker.publish(records.iter().cloned());
    let log: Arc<dyn Log> = Arc::new(broker.log.clone());
    let (stop, healths) = (CancellationToken::new(), healths());
    let records = records.len() as f64;
    let ends: i64 =
        Source::READ_MODEL.iter().flat_map(|it| log.bounds(it.topic()).unwrap()).map(|end| end.high).sum();
    thread::scope(|scope| {
        scope.spawn(|| run(&log, client, &Options::new("bench"), server.runtime.handle(), &stop, &healths));
        // Also if this fails: nothing must keep waiting.
        let _stop = stop.clone().drop_guard();
        let before = position(&log);
        let mut first = None;
        loop {
            let now = position(&log);
            if now > before {
                first.get_or_insert((Instant::now(), ends - now));
            }
            if let Some((began, left)) = first.filter(|_| now == ends) {
                return began.elapsed().as_secs_f64() * records / left as f64;
            }
            thread::sleep(Duration::from_millis(20));
        }
    })
}

/// The committed offsets of the sink's groups, summed over all partitions.
fn position(log: &Arc<dyn Log>) -> i64 {
    let committed = || {
        let mut all = Vec::new();
        for source in Source::READ_MODEL {
            all.extend(log.committed(source.group(), source.topic())?);
        }
        Ok::<_, LogError>(all.iter().map(|it| it.offset).sum())
    };
    // A broker that has just started has no coordinator for the group yet.
    for _ in 0..100 {
        match committed() {
            Err(LogError::Unavailable(_)) => thread::sleep(Duration::from_millis(100)),
            answer => return answer.unwrap(),
        }
    }
    panic!("the broker does not return the committed offsets of the sink");
}

struct Block {
    table: &'static str,
    rows: Bytes,
}

/// The rows of the sink as RowBinary, one block for each topic and partition.
fn blocks(server: &Server, client: &Client) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (table, topic) in [
        ("events", topic::EVENTS),
        ("open_applications", topic::APPLICATIONS),
        ("open_applications", topic::ARCHIVE),
    ] {
        for partition in 0..PARTITIONS {
            let sql = format!(
                "SELECT * FROM {table} WHERE topic = '{topic}' AND partition = {partition} ORDER BY offset"
            );
            let mut cursor = client.query_raw(&sql).fetch_bytes("RowBinary").unwrap();
            let rows = server.runtime.block_on(cursor.collect()).unwrap();
            blocks.push(Block { table, rows });
        }
    }
    blocks
}

/// Seconds that ClickHouse takes for these blocks, as many at once as the sink sends.
fn inserted(server: &Server, client: &Client, blocks: &[Block]) -> f64 {
    let max_inserts = Options::new("bench").max_inserts * Source::READ_MODEL.len();
    let began = Instant::now();
    let all = stream::iter(blocks).for_each_concurrent(max_inserts, |block| async {
        let sql = format!("INSERT INTO {} FORMAT RowBinary", block.table);
        let mut insert = client
            .insert_formatted_with(sql)
            .with_setting("max_insert_block_size", "10000000")
            .with_setting("min_insert_block_size_rows", "10000000")
            .with_setting("min_insert_block_size_bytes", "0");
        for from in (0..block.rows.len()).step_by(CHUNK) {
            let chunk = block.rows.slice(from..block.rows.len().min(from + CHUNK));
            insert.send(chunk).await.unwrap();
        }
        insert.end().await.unwrap();
    });
    server.runtime.block_on(all);
    began.elapsed().as_secs_f64()
}
