//! Inserts are complete, and happen once.

use clickhouse::{Client, Compression, Row};
use serde::{Deserialize, Serialize};

use crate::engine::testing;

#[derive(Debug, PartialEq, Row, Serialize, Deserialize)]
struct Line {
    id: u64,
    text: String,
    maybe: Option<i32>,
    #[serde(with = "clickhouse::serde::uuid")]
    of: uuid::Uuid,
}

fn line(id: u64) -> Line {
    let maybe = id.is_multiple_of(2).then_some(-1);
    Line { id, text: format!("İstanbul'un \t\\ {id}"), maybe, of: uuid::Uuid::from_u128(id.into()) }
}

/// A client of a new database with a table.
async fn table() -> Client {
    let (client, _) = testing::database().await;
    client
        .query(
            "CREATE TABLE lines (id UInt64, text String, maybe Nullable(Int32), of UUID)
             ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100",
        )
        .execute()
        .await
        .unwrap();
    client
}

async fn write(client: &Client, ids: std::ops::Range<u64>, token: &str) {
    let insert = client.insert::<Line>("lines").await.unwrap();
    let mut insert = insert.with_setting("insert_deduplication_token", token);
    for id in ids {
        insert.write(&line(id)).await.unwrap();
    }
    insert.end().await.unwrap();
}

async fn count(client: &Client) -> u64 {
    client.query("SELECT count() FROM lines").fetch_one().await.unwrap()
}

#[tokio::test]
async fn rows_are_read_as_they_were_written() {
    for compression in [Compression::None, Compression::Lz4] {
        let client = table().await.with_compression(compression);
        write(&client, 0..1_000, "a").await;
        let rows = client.query("SELECT ?fields FROM lines ORDER BY id").fetch_all::<Line>().await.unwrap();
        assert_eq!(rows, (0..1_000).map(line).collect::<Vec<_>>());
        // A value bound by the engine is never part of the statement.
        let text = "' OR 1=1 -- \\";
        let none =
            client.query_raw("SELECT count() FROM lines WHERE text = {text:String} AND id < {id:UInt64}");
        assert_eq!(none.param("text", text).param("id", 10u64).fetch_one::<u64>().await.unwrap(), 0);
        let same = client.query_raw("SELECT {text:String}").param("text", text).fetch_one::<String>().await;
        assert_eq!(same.unwrap(), text);
    }
}

#[tokio::test]
async fn a_repeated_token_inserts_once_and_another_token_inserts_again() {
    let client = table().await;
    write(&client, 0..50, "a").await;
    write(&client, 0..50, "a").await;
    assert_eq!(count(&client).await, 50);
    write(&client, 0..50, "b").await;
    assert_eq!(count(&client).await, 100);
}

#[tokio::test]
async fn an_interrupted_insert_leaves_no_row() {
    let client = table().await;
    let mut insert = client.insert::<Line>("lines").await.unwrap();
    // Far more than the client buffers: the engine has received most of it.
    for id in 0..200_000 {
        insert.write(&line(id)).await.unwrap();
    }
    drop(insert);
    // Complete rows are not kept either if the end of the body is missing.
    let plain = client.clone().with_compression(Compression::None);
    let mut whole = plain.insert_formatted_with("INSERT INTO lines (id) FORMAT RowBinary");
    let rows: Vec<u8> = (0..100_000u64).flat_map(u64::to_le_bytes).collect();
    whole.send(rows.into()).await.unwrap();
    drop(whole);
    // Half a row at the end of a body is an error.
    let mut half = plain.insert_formatted_with("INSERT INTO lines FORMAT RowBinary");
    half.send(vec![1, 2, 3].into()).await.unwrap();
    assert!(half.end().await.is_err());
    // Later inserts work.
    for id in 0..20 {
        write(&client, id..id + 1, &format!("after {id}")).await;
    }
    assert_eq!(count(&client).await, 20);
}
