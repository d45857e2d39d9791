//! Other users of the machine: what they can reach of a running `up`.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::product::{Backend, Product, eventually};

/// The user id of `nobody`, which owns nothing.
const NOBODY: u32 = 65534;

/// Visits every file and folder below, with its permission bits.
fn walk(folder: &Path, each: &mut impl FnMut(&Path, u32)) {
    let mode = |path: &Path| std::fs::symlink_metadata(path).map(|meta| meta.permissions().mode() & 0o777);
    if let Ok(mode) = mode(folder) {
        each(folder, mode);
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        // ClickHouse renames and removes files meanwhile.
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&path, each),
            Ok(kind) if kind.is_file() => mode(&path).into_iter().for_each(|mode| each(&path, mode)),
            _ => {}
        }
    }
}

#[test]
fn nothing_in_the_data_folder_is_for_the_group_or_others() {
    let product = Product::up(Backend::Embedded).unwrap();
    product.run(&["load", "--count", "50", "--seed", "3"]);
    eventually("rows", || product.try_number("SELECT count() FROM applications").filter(|rows| *rows > 0));
    let (mut seen, mut open) = (Vec::new(), Vec::new());
    walk(product.data(), &mut |path, mode| {
        seen.push(path.to_owned());
        if mode & 0o077 != 0 {
            open.push(format!("{} {mode:03o}", path.display()));
        }
    });
    for name in
        ["log.sqlite", "log.sqlite-wal", "endpoints.json", "clickhouse.token", "keyring.toml", "session.key"]
    {
        assert!(seen.contains(&product.data().join(name)), "{name} is not there: {seen:?}");
    }
    for folder in ["documents", "clickhouse/store"] {
        let below = product.data().join(folder);
        assert!(seen.iter().any(|path| path.starts_with(&below) && *path != below), "{folder} is empty");
    }
    assert!(open.is_empty(), "{} of {} are open to others: {open:#?}", open.len(), seen.len());
}

/// Runs a program as another user. Returns whether it succeeded, and what it printed.
fn run_as_nobody(program: &str, args: &[&str], input: &str) -> (bool, String) {
    let mut child = Command::new(program)
        .args(args)
        .uid(NOBODY)
        .gid(NOBODY)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&printed).into_owned())
}

#[test]
fn another_user_of_the_machine_reads_nothing_and_changes_nothing() {
    // SAFETY: asks for a number.
    if unsafe { libc::geteuid() } != 0 {
        eprintln!("SKIPPED: only root can act as another user");
        return;
    }
    let product = Product::up(Backend::Embedded).unwrap();
    product.run(&["load", "--count", "50", "--seed", "4"]);
    let count = || product.try_number("SELECT count() FROM applications");
    eventually("every row", || count().filter(|rows| *rows == 50));
    let ring = product.data().join("keyring.toml");
    let secret = std::fs::read_to_string(&ring).unwrap();
    let secret = secret.split('"').nth(1).unwrap();
    let written = product.data().with_file_name("written");

    let (listed, printed) = run_as_nobody("ls", &[product.data().to_str().unwrap()], "");
    assert!(!listed, "{printed}");
    for file in ["endpoints.json", "clickhouse.token", "keyring.toml", "session.key", "log.sqlite"] {
        let (read, printed) = run_as_nobody("cat", &[product.data().join(file).to_str().unwrap()], "");
        assert!(!read, "{file}: {printed}");
    }

    // The port is not secret: it is found by trying all.
    let url = product.endpoint("clickhouse");
    let ring = ring.display();
    let statements = [
        format!("SELECT * FROM /* /* */ file */ file('{ring}', 'LineAsString', 's String')"),
        format!("SELECT * FROM file($t${ring}$t$, $t$LineAsString$t$, $t$s String$t$)"),
        format!(
            "SELECT * FROM file(\u{2018}{ring}\u{2019}, \u{2018}LineAsString\u{2019}, \u{2018}s String\u{2019})"
        ),
        format!("SELECT * FROM \u{201c}file\u{201d}('{ring}', 'LineAsString', 's String')"),
        format!("SELECT file('{ring}')"),
        format!("CREATE TABLE default.a (s String) ENGINE = File(LineAsString, '{ring}')"),
        format!("SELECT 1 INTO /* /* */ */ OUTFILE '{}'", written.display()),
        "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 's String')".to_owned(),
        "SELECT no FROM ebasvuru.applications".to_owned(),
        "DROP TABLE ebasvuru.applications".to_owned(),
    ];
    let refused = |args: &[&str], sql: &str| {
        let form = ["-sS", "-w", "%{http_code}"];
        let (_, printed) = run_as_nobody("curl", &[&form, args].concat(), sql);
        assert!(printed.ends_with("403"), "{args:?} {sql}: {printed}");
        assert!(!printed.contains(secret), "{args:?} {sql}: {printed}");
        assert!(!written.exists(), "{args:?} {sql}");
    };
    for sql in &statements {
        refused(&["--data-binary", "@-", &url], sql);
        refused(
            &["-H", "X-ClickHouse-User: default", "-H", "X-ClickHouse-Key: ", "--data-binary", "@-", &url],
            sql,
        );
        refused(&["-u", "default:", "--data-binary", "@-", &url], sql);
        refused(&["-G", "--data-urlencode", &format!("query={sql}"), &url], "");
        refused(&["-X", "POST", "-d", "", "-G", "--data-urlencode", &format!("query={sql}"), &url], "");
    }
    // The operator has the token, and uses it as the README says.
    let key = format!("X-ClickHouse-Key: {}", product.token());
    let (_, answer) =
        run_as_nobody("curl", &["-sS", "-H", &key, "--data-binary", "@-", &url], "SELECT 6 * 7");
    assert_eq!(answer.trim(), "42");
    assert_eq!(count(), Some(50));
}
