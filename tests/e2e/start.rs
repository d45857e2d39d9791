//! The start of the product, and what it prints when it cannot start.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use ebasvuru_workflow::seal::KeyRing;

use crate::product::{Backend, Product, eventually};

/// The header of the response to a GET.
fn response_header(url: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response.split_once("\r\n\r\n").unwrap().0.to_lowercase()
}

#[test]
fn without_a_demo_there_is_no_portal_unless_it_is_enabled() {
    let product = Product::up(Backend::Embedded).unwrap();
    let endpoints = product.endpoints();
    assert!(endpoints.get("portal").is_none(), "{endpoints}");
    eventually("the greeting", || product.output().contains("e-Başvuru ").then_some(()));
    assert!(!product.output().contains("e-Devlet (demo)"), "{}", product.output());
    let login = response_header(endpoints["dashboard"].as_str().unwrap(), "/giris");
    assert!(login.contains("set-cookie") && !login.contains("secure"), "loopback has no TLS: {login}");
    drop(product);

    let mut product = Product::new(Backend::Embedded).unwrap();
    product.set("EBASVURU__DASHBOARD__SECURE_COOKIES", "true");
    product.set("EBASVURU__PORTAL__ENABLED", "true");
    product.start_up();
    let endpoints = product.endpoints();
    let portal = response_header(endpoints["portal"].as_str().unwrap(), "/");
    assert!(portal.starts_with("http/1.1 200"), "{portal}");
    eventually("the greeting", || product.output().contains("e-Devlet (demo)").then_some(()));
    let login = response_header(endpoints["dashboard"].as_str().unwrap(), "/giris");
    assert!(login.contains("secure"), "it was set: {login}");
}

#[test]
fn a_second_up_and_a_port_in_use_are_refused_with_what_to_do() {
    let product = Product::up(Backend::Embedded).unwrap();
    let second = product.try_run(&["up", "--no-demo", "--listen", "127.0.0.1:0"]);
    let stderr = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("DATA_IN_USE") && stderr.contains("--data"), "{stderr}");

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
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
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        let parts = ["PORT_IN_USE", &address, setting];
        assert!(parts.iter().all(|part| stderr.contains(part)), "{stderr}");
    }

    let wrong = product.try_run(&["dlq", "show", "nowhere"]);
    assert_eq!(wrong.status.code(), Some(2), "wrong use");
    product.run(&["check"]);
}

/// A process that created its own key ring would seal data that no other process can open.
#[test]
fn every_process_refuses_a_key_ring_that_is_missing_or_of_another_log() {
    let mut product = Product::up(Backend::Embedded).unwrap();
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
            let printed = [output.stdout, output.stderr].concat();
            let printed = String::from_utf8_lossy(&printed);
            assert_eq!(output.status.code(), Some(1), "{args:?}: {printed}");
            assert!(printed.contains(code), "{args:?}: {printed}");
        }
    };
    refused("keyring_missing");
    assert!(!ring.exists(), "no process created one");
    KeyRing::create(&ring).unwrap();
    refused("keyring_foreign");
    std::fs::rename(&kept, &ring).unwrap();
    product.start_up();
    let check = product.run(&["check"]);
    assert!(check.contains("ok    keys: ") && check.contains(", until 20"), "{check}");
}

/// A data folder of an old version, which everybody could enter, and a document folder that was created
/// by hand: the message has the command that fixes them.
#[test]
fn a_folder_that_others_may_enter_is_refused_with_the_command_that_fixes_it() {
    let mut product = Product::new(Backend::Embedded).unwrap();
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
        let stderr = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("DATA_EXPOSED: "), "{stderr}");
        let fix = format!("chmod -R go= {}", folder.display());
        assert!(stderr.contains(&format!("`{fix}`")), "{stderr}");
        assert!(Command::new("sh").args(["-c", &fix]).status().unwrap().success());
        let mode = std::fs::metadata(folder.join("old")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "existing files are closed, too");
    }
    product.start_up();
}
