//! Results of any size.

use clickhouse::{Client, Row};
use serde::{Deserialize, Serialize};

use crate::engine::testing;

#[derive(Debug, PartialEq, Row, Serialize, Deserialize)]
struct Numbered {
    number: u64,
    text: String,
}

const ROWS: &str = "SELECT number, concat('satır ', toString(number)) AS text FROM numbers(?)";

fn client() -> Client {
    testing::client("default")
}

/// The result in a format, as any client gets it.
async fn text(sql: &str, format: &str) -> String {
    let mut bytes = client().query(sql).fetch_bytes(format).unwrap();
    String::from_utf8(bytes.collect().await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn every_row_of_a_large_result_comes_once_and_in_order() {
    let mut rows = client().query(ROWS).bind(300_000u64).fetch::<Numbered>().unwrap();
    let mut next = 0;
    while let Some(row) = rows.next().await.unwrap() {
        assert_eq!(row, Numbered { number: next, text: format!("satır {next}") });
        next += 1;
    }
    assert_eq!(next, 300_000);
}

#[tokio::test]
async fn a_header_comes_once_whatever_the_number_of_blocks() {
    let sql = "SELECT number AS `bir \"iki\"\nüç` FROM numbers(200000)";
    for (format, lines) in [("CSV", 0), ("CSVWithNames", 2), ("TabSeparatedWithNamesAndTypes", 2)] {
        let text = text(sql, format).await;
        let rows: Vec<&str> = text.lines().skip(lines).collect();
        assert_eq!(rows.len(), 200_000, "{format}: {:?}", &text[..60]);
        assert!(rows.iter().enumerate().all(|(i, row)| *row == i.to_string()), "{format}");
    }
}

#[tokio::test]
async fn blocks_without_rows_do_not_end_a_result() {
    let sql = "SELECT number FROM numbers(3000000) WHERE number IN (5, 2999999) SETTINGS max_threads = 1";
    assert_eq!(text(sql, "TabSeparated").await, "5\n2999999\n");
}

#[tokio::test]
async fn a_result_without_rows_has_its_header() {
    let none = "SELECT number, 'x' AS text FROM numbers(10) WHERE number > 10";
    assert_eq!(text(none, "CSVWithNames").await, "\"number\",\"text\"\n");
    assert_eq!(client().query(none).fetch_all::<Numbered>().await.unwrap(), []);
    assert_eq!(client().query(none).fetch_optional::<Numbered>().await.unwrap(), None);
}

#[tokio::test]
async fn formats_that_cannot_be_split_are_complete() {
    let json: serde_json::Value =
        serde_json::from_str(&text("SELECT number FROM numbers(100000)", "JSON").await).unwrap();
    assert_eq!(json["data"].as_array().unwrap().len(), 100_000);
    let asked = text("SELECT number FROM numbers(2) FORMAT CSVWithNames", "RowBinary").await;
    assert_eq!(asked, "\"number\"\n0\n1\n");
}

#[tokio::test]
async fn an_exception_in_the_middle_of_a_result_is_an_error() {
    let sql = "SELECT throwIf(number = 900000, 'burada') FROM numbers(1000000) SETTINGS max_threads = 1, max_block_size = 1000";
    let mut bytes = client().query(sql).fetch_bytes("TSV").unwrap();
    let error = loop {
        match bytes.next().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("an incomplete result was taken as complete"),
            Err(error) => break error.to_string(),
        }
    };
    assert!(error.contains("burada") || error.contains("network"), "{error}");
}
