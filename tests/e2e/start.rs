//! What `up` says when it cannot start.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use ebasvuru_workflow::seal::KeyRing;

use crate::product::{On, Product, eventually};

/// The head of the answer to a GET.
fn head(url: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    said.split_once("\r\n\r\n").unwrap().0.to_lowercase()
}

#[test]
fn without_a_demo_there_is_no_portal_and_what_is_set_is_kept() {
    let product = Product::up(On::Embedded).unwrap();
    let endpoints = product.endpoints();
    assert!(endpoints.get("portal").is_none(), "{endpoints}");
    eventually("the greeting", || product.words().contains("e-Başvuru ").then_some(()));
    assert!(!product.words().contains("e-Devlet (demo)"), "{}", product.words());
    let login = head(endpoints["dashboard"].as_str().unwrap(), "/giris");
    assert!(login.contains("set-cookie") && !login.contains("secure"), "loopback has no TLS: {login}");
    drop(product);

    let mut product = Product::new(On::Embedded).unwrap();
    product.set("EBASVURU__DASHBOARD__SECURE_COOKIES", "true");
    product.set("EBASVURU__PORTAL__ENABLED", "true");
    product.start_up();
    let endpoints = product.endpoints();
    let portal = head(endpoints["portal"].as_str().unwrap(), "/");
    assert!(portal.starts_with("http/1.1 200"), "{portal}");
    eventually("the greeting", || product.words().contains("e-Devlet (demo)").then_some(()));
    let login = head(endpoints["dashboard"].as_str().unwrap(), "/giris");
    assert!(login.contains("secure"), "it was set: {login}");
}

#[test]
fn a_second_up_and_a_taken_port_say_what_to_do() {
    let product = Product::up(On::Embedded).unwrap();
    let second = product.try_run(&["up", "--no-demo", "--listen", "127.0.0.1:0"]);
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains("DATA_IN_USE") && said.contains("--data"), "{said}");

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let elsewhere = ["--data", data.to_str().unwrap()];
    for (setting, listen, metrics) in [
        ("--listen", address.as_str(), "127.0.0.1:0"),
        ("EBASVURU__METRICS__LISTEN", "127.0.0.1:0", &address),
    ] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_ebasvuru"))
            .args(["up", "--no-demo", "--listen", listen])
            .args(elsewhere)
            .env("EBASVURU__METRICS__LISTEN", metrics)
            .env("EBASVURU__PORTAL__LISTEN", "127.0.0.1:0")
            .env_remove("KAFKA_BROKERS")
            .env_remove("CLICKHOUSE_URL")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("PORT_IN_USE") && said.contains(&address) && said.contains(setting), "{said}");
    }

    let wrong = product.try_run(&["dlq", "show", "nowhere"]);
    assert_eq!(wrong.status.code(), Some(2), "wrong use");
    product.run(&["check"]);
}

/// Whoever made a key ring of its own would seal what nobody else can read.
#[test]
fn a_key_ring_that_is_lost_or_of_another_log_is_refused_by_every_process() {
    let mut product = Product::up(On::Embedded).unwrap();
    product.kill_up();
    let (ring, kept) = (product.data().join("keyring.toml"), product.data().join("kept.toml"));
    std::fs::rename(&ring, &kept).unwrap();
    let refused = |code: &str| {
        for args in [
            &["ingest"][..],
            &["workflow"],
            &["up", "--no-demo", "--listen", "127.0.0.1:0"],
            &["user", "list"],
            &["keys", "init"],
            &["check"],
        ] {
            let output = product.try_run(args);
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
            assert!(said.contains(code), "{args:?}: {said}");
        }
    };
    refused("keyring_missing");
    assert!(!ring.exists(), "nobody has made one");
    KeyRing::create(&ring).unwrap();
    refused("keyring_foreign");
    std::fs::rename(&kept, &ring).unwrap();
    product.start_up();
    let check = product.run(&["check"]);
    assert!(check.contains("ok    keys: ") && check.contains(", until 20"), "{check}");
}

/// A folder of the version before, which everybody could enter, and a document folder that was
/// made by hand: the line that refuses them says what to run, and that is all it takes.
#[test]
fn a_folder_that_others_may_enter_is_refused_and_the_line_mends_it() {
    let mut product = Product::new(On::Embedded).unwrap();
    let documents = product.data().with_file_name("documents");
    for (folder, mode) in [(product.data(), 0o755), (&documents, 0o770)] {
        std::fs::create_dir(folder).unwrap();
        std::fs::write(folder.join("old"), "T.C. Kimlik No").unwrap();
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode)).unwrap();
        std::fs::set_permissions(folder.join("old"), std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    product.set("EBASVURU__STORE__URL", documents.to_str().unwrap());
    for folder in [product.data().to_owned(), documents] {
        let refused = product.try_run(&["up", "--no-demo", "--listen", "127.0.0.1:0"]);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(said.contains("DATA_EXPOSED: "), "{said}");
        let mend = format!("chmod -R go= {}", folder.display());
        assert!(said.contains(&format!("`{mend}`")), "{said}");
        assert!(Command::new("sh").args(["-c", &mend]).status().unwrap().success());
        let mode = std::fs::metadata(folder.join("old")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "files of before are closed with it");
    }
    product.start_up();
}
