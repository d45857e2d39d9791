//! What the engine refuses, and whom.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use ebasvuru_workflow::error_code::ErrorCode;

use crate::engine::testing;
use crate::engine::{Engine, EngineOptions, library};

/// After this long an answer does not come any more.
const TIMEOUT: Duration = Duration::from_secs(120);

fn address() -> &'static str {
    testing::engine().url().strip_prefix("http://").unwrap()
}

/// The engine's answer to a raw request.
fn send(request: &str) -> String {
    let mut stream = TcpStream::connect(address()).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn post(headers: &str, sql: &str) -> String {
    let (host, length) = (address(), sql.len());
    send(&format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\nContent-Length: {length}\r\n\r\n{sql}"
    ))
}

fn authorization() -> String {
    format!("X-ClickHouse-User: default\r\nX-ClickHouse-Key: {}\r\n", testing::engine().token().as_str())
}

#[tokio::test]
async fn an_exception_has_its_code() {
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

/// Whether the kernel has Landlock for files and connections.
fn kernel_confines() -> bool {
    // SAFETY: asks for the version alone; no memory is involved.
    let version =
        unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0usize, 1u32) };
    if version < 4 {
        eprintln!("SKIPPED: this kernel has no Landlock for files and connections (Linux 6.7)");
    }
    version >= 4
}

/// Statements that would reach outside, and which the engine's configuration refuses.
fn refused_by_the_engine(secret: &Path, new: &Path, host: &str) -> Vec<String> {
    let (secret, new) = (secret.display(), new.display());
    vec![
        format!("SELECT * FROM file('{secret}', 'CSV', 'a String')"),
        format!("SELECT * FROM /* /* */ file */ file('{secret}', 'CSV', 'a String')"),
        format!("SELECT * FROM file($t${secret}$t$, $t$CSV$t$, $t$a String$t$)"),
        format!(
            "SELECT * FROM file(\u{2018}{secret}\u{2019}, \u{2018}CSV\u{2019}, \u{2018}a String\u{2019})"
        ),
        format!("SELECT * FROM \u{201c}file\u{201d}('{secret}', 'CSV', 'a String')"),
        format!("SELECT * FROM \"file\" /**/ ('{secret}', 'CSV', 'a String')"),
        format!("WITH x AS (SELECT * FROM file('{secret}', 'CSV', 'a String')) SELECT * FROM x"),
        format!("SELECT * FROM '{secret}'"),
        format!("SELECT * FROM `{secret}`"),
        format!("CREATE TABLE a (a String) ENGINE = File(CSV, '{secret}')"),
        format!("CREATE VIEW a AS SELECT * FROM file('{secret}', 'CSV', 'a String')"),
        format!("INSERT INTO FUNCTION file('{new}', 'CSV', 'a String') VALUES ('x')"),
        format!("CREATE DATABASE d ENGINE = Filesystem('/')"),
        format!(
            "CREATE TABLE a (a String) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = local, path = '{new}')"
        ),
        format!("SELECT * FROM sqlite('{secret}', 'a')"),
        format!("SELECT * FROM icebergLocal('{secret}')"),
        format!("BACKUP DATABASE default TO File('{new}')"),
        format!("SELECT * FROM url('http://{host}/', 'CSV', 'a String')"),
        format!("CREATE TABLE a (a String) ENGINE = URL('http://{host}/', 'CSV')"),
        format!("INSERT INTO FUNCTION url('http://{host}/', 'CSV', 'a String') VALUES ('x')"),
        format!("SELECT * FROM s3('http://{host}/bucket/x.csv', 'CSV', 'a String')"),
        format!("SELECT * FROM remote('{host}', system.one)"),
        format!("SELECT * FROM mysql('{host}', 'a', 'b', 'c', 'd')"),
        format!("SELECT * FROM postgresql('{host}', 'a', 'b', 'c', 'd')"),
        format!("CREATE DATABASE d ENGINE = MySQL('{host}', 'a', 'b', 'c')"),
        format!(
            "CREATE DICTIONARY d (a String) PRIMARY KEY a SOURCE(HTTP(URL 'http://{host}/' FORMAT CSV)) \
             LAYOUT(COMPLEX_KEY_HASHED()) LIFETIME(1)"
        ),
        "SELECT * FROM executable('id', 'CSV', 'a String')".to_owned(),
        "CREATE FUNCTION f AS (x) -> x".to_owned(),
        "CREATE USER other".to_owned(),
        "GRANT ALL ON *.* TO default".to_owned(),
        "SYSTEM SHUTDOWN".to_owned(),
        "SELECT demangle(addressToSymbol(1)) SETTINGS allow_introspection_functions = 1".to_owned(),
    ]
}

/// Statements that would reach outside, which libchdb allows and the kernel refuses.
fn refused_by_the_kernel(secret: &Path, new: &Path, host: &str) -> Vec<String> {
    let folder = secret.parent().unwrap().display();
    let (secret, new) = (secret.display(), new.display());
    vec![
        format!("SELECT file('{secret}')"),
        "SELECT file('/proc/self/environ')".to_owned(),
        format!("SELECT 1 INTO OUTFILE '{new}'"),
        format!("INSERT INTO taken FROM INFILE '{secret}' FORMAT CSV"),
        format!("CREATE TABLE log (a String) ENGINE = FileLog('{secret}', 'CSV')"),
        format!("CREATE TABLE rocks (a String) ENGINE = EmbeddedRocksDB(0, '{new}') PRIMARY KEY a"),
        format!("ATTACH TABLE moved FROM '{folder}' (a String) ENGINE = MergeTree ORDER BY a"),
        format!("SELECT 1 AS a SETTINGS format_schema = '{secret}:gizli' FORMAT Protobuf"),
        format!(
            "CREATE TABLE web (a String) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = web, endpoint = 'http://{host}/')"
        ),
    ]
}

#[tokio::test]
async fn the_token_gives_no_access_to_files_and_hosts() {
    let (client, _) = testing::database().await;
    if std::env::var_os("CLICKHOUSE_URL").is_some() {
        eprintln!("SKIPPED: a real server has rules of its own");
        return;
    }
    client.query("CREATE TABLE taken (a String) ENGINE = Memory").execute().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (secret, new) = (folder.path().join("secret.csv"), folder.path().join("new"));
    std::fs::write(&secret, "gizli\n").unwrap();
    let host = TcpListener::bind("127.0.0.1:0").unwrap();
    host.set_nonblocking(true).unwrap();
    let host_name = host.local_addr().unwrap().to_string();
    let mut statements = refused_by_the_engine(&secret, &new, &host_name);
    if kernel_confines() {
        statements.extend(refused_by_the_kernel(&secret, &new, &host_name));
    }
    for sql in statements {
        let mut bytes = client.query_raw(&sql).fetch_bytes("CSV").unwrap();
        let answer = bytes.collect().await.map(|bytes| bytes.to_vec());
        assert!(answer.is_err(), "{sql}: {answer:?}");
        let error = answer.unwrap_err().to_string();
        assert!(error.contains("Code: "), "{sql}: {error}");
        assert!(!error.replace("gizli:", "").contains("gizli\n"), "{sql}: {error}");
        assert!(!new.exists() && secret.exists(), "{sql}");
        assert!(host.accept().is_err(), "{sql}: it connected");
    }
    assert_eq!(client.query("SELECT count() FROM taken").fetch_one::<u64>().await.unwrap(), 0);
}

#[test]
fn a_request_without_the_token_is_refused() {
    let right = authorization();
    assert!(post(&right, "SELECT 6 * 7").ends_with("\r\n\r\n42\n"));
    let token = testing::engine().token().as_str();
    let another = format!("X-ClickHouse-Key: {}\r\n", token.replace(['0', '1', '2'], "f"));
    let in_the_address = format!("POST /?user=default&password={token} HTTP/1.1\r\nHost: {}\r\n", address());
    for (who, answer) in [
        ("nobody", post("", "SELECT 6 * 7")),
        ("another token", post(&another, "SELECT 6 * 7")),
        ("another user", post(&right.replace("default", "root"), "SELECT 6 * 7")),
        ("a page", post(&format!("{right}Origin: http://a.example\r\n"), "SELECT 6 * 7")),
        ("a page of the same site", post(&format!("{right}Sec-Fetch-Site: same-site\r\n"), "SELECT 6 * 7")),
        (
            "an address",
            send(&format!("{in_the_address}Connection: close\r\nContent-Length: 12\r\n\r\nSELECT 6 * 7")),
        ),
        (
            "GET",
            send(&format!(
                "GET /?query=SELECT%206*7 HTTP/1.1\r\nHost: {}\r\n{right}Connection: close\r\n\r\n",
                address()
            )),
        ),
        (
            "a name of elsewhere",
            send(&format!(
                "POST /?query=SELECT%206*7 HTTP/1.1\r\nHost: rebound.example\r\n{right}Connection: close\r\n\r\n"
            )),
        ),
    ] {
        assert!(answer.starts_with("HTTP/1.1 403") && !answer.ends_with("42\n"), "{who}: {answer}");
        assert!(answer.to_lowercase().contains("x-clickhouse-exception-code: 516"), "{who}: {answer}");
    }
    let ping = send(&format!("GET /ping HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", address()));
    assert!(ping.starts_with("HTTP/1.1 200"), "{ping}");
}

/// Clients that connect and send nothing, or half a request.
#[test]
fn silent_connections_are_closed_and_lock_nobody_out() {
    let open = |sent: &str| {
        let mut stream = TcpStream::connect(address()).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream.write_all(sent.as_bytes()).unwrap();
        stream
    };
    let silent: Vec<TcpStream> =
        (0..300).map(|i| open(if i % 2 == 0 { "" } else { "POST / HTTP/1.1\r\nHo" })).collect();
    assert!(post(&authorization(), "SELECT 6 * 7").ends_with("\r\n\r\n42\n"));
    for mut stream in silent {
        let mut rest = Vec::new();
        // Closed with or without an answer (408), or reset.
        match stream.read_to_end(&mut rest) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}"),
        }
    }
}

#[test]
fn a_second_engine_on_the_same_files_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let options = || EngineOptions {
        program: (testing::program(), Vec::new()),
        library: library(None, &|line| eprintln!("{line}")).unwrap(),
        data: folder.path().join("clickhouse"),
        memory_mib: 512,
    };
    let first = Engine::start(options()).unwrap();
    assert_eq!(Engine::start(options()).unwrap_err().code, ErrorCode::EngineInUse);
    drop(first);
    Engine::start(options()).unwrap();
    let missing = EngineOptions { library: folder.path().join("no.so"), ..options() };
    assert_eq!(Engine::start(missing).unwrap_err().code, ErrorCode::EngineLibrary);
}
