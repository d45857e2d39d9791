//! What the engine says no to.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::engine::testing;
use crate::engine::{Engine, EngineOptions, library};

/// The address when the engine is ours; a real server has rules of its own.
fn embedded() -> Option<&'static str> {
    std::env::var_os("CLICKHOUSE_URL").is_none().then(testing::url)
}

#[tokio::test]
async fn an_exception_has_its_number() {
    let (client, _) = testing::database().await;
    for (sql, code) in [
        ("SELECT * FROM nowhere", 60),
        ("SELEC 1", 62),
        ("SELECT nothing FROM system.one", 47),
        ("SELECT throwIf(1)", 395),
        ("CREATE TABLE t (a Nonsense) ENGINE = Memory", 50),
    ] {
        let error = client.query(sql).execute().await.unwrap_err().to_string();
        assert!(error.contains(&format!("Code: {code}.")), "{sql}: {error}");
    }
}

#[tokio::test]
async fn nothing_outside_of_the_data_can_be_read_or_written() {
    let Some(_) = embedded() else { return };
    let (client, _) = testing::database().await;
    let folder = tempfile::tempdir().unwrap();
    let (secret, new) = (folder.path().join("secret.csv"), folder.path().join("new.csv"));
    std::fs::write(&secret, "gizli\n").unwrap();
    let (path, new_path) = (secret.display(), new.display());
    for sql in [
        format!("SELECT * FROM file('{path}', 'CSV', 'a String')"),
        format!("SELECT * FROM `file`('{path}', 'CSV', 'a String')"),
        format!("SELECT * FROM \"file\" /**/ ('{path}', 'CSV', 'a String')"),
        format!("WITH x AS (SELECT * FROM file('{path}', 'CSV', 'a String')) SELECT * FROM x"),
        format!("SELECT file('{path}')"),
        format!("SELECT * FROM '{path}'"),
        format!("SELECT * FROM `{path}`"),
        format!("CREATE TABLE a (a String) ENGINE = File(CSV, '{path}')"),
        format!("INSERT INTO FUNCTION file('{new_path}', 'CSV', 'a String') VALUES ('x')"),
        format!("SELECT 1 INTO OUTFILE '{new_path}'"),
        format!("BACKUP DATABASE default TO File('{new_path}')"),
        "SELECT * FROM executable('id', 'CSV', 'a String')".to_owned(),
        "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')".to_owned(),
        "SYSTEM SHUTDOWN".to_owned(),
        "SELECT 1; SELECT 2".to_owned(),
    ] {
        let mut bytes = client.query(&sql).fetch_bytes("CSV").unwrap();
        let answer = bytes.collect().await.map(|bytes| bytes.to_vec());
        assert!(answer.is_err(), "{sql}: {answer:?}");
        assert!(!new.exists(), "{sql}");
    }
}

#[test]
fn a_page_in_a_browser_gets_no_answer() {
    let Some(url) = embedded() else { return };
    let address = url.strip_prefix("http://").unwrap();
    let ask = |headers: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        let length = "SELECT 6 * 7".len();
        write!(
            stream,
            "POST / HTTP/1.1\r\n{headers}Connection: close\r\nContent-Length: {length}\r\n\r\nSELECT 6 * 7"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    assert!(ask(&format!("Host: {address}\r\n")).contains("42"));
    for strange in ["Host: rebound.example\r\n", &format!("Host: {address}\r\nOrigin: http://a.example\r\n")]
    {
        let answer = ask(strange);
        assert!(answer.starts_with("HTTP/1.1 403") && !answer.contains("42"), "{answer}");
    }
}

#[test]
fn a_second_engine_on_the_same_files_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let options = || EngineOptions {
        program: (testing::program(), Vec::new()),
        library: library(None, &|line| eprintln!("{line}")).unwrap(),
        data: folder.path().join("clickhouse"),
        memory_mib: 512,
    };
    let first = Engine::start(options()).unwrap();
    assert_eq!(Engine::start(options()).unwrap_err().code, "ENGINE_IN_USE");
    drop(first);
    Engine::start(options()).unwrap();
    let missing = EngineOptions { library: folder.path().join("no.so"), ..options() };
    assert_eq!(Engine::start(missing).unwrap_err().code, "ENGINE_LIBRARY");
}
