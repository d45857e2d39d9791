//! Commands whose reader goes before their end, as in `ebasvuru catalog | head -1`.

use std::io::pipe;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;

use crate::product::{Backend, Product, eventually};

#[test]
fn a_command_ends_quietly_when_its_reader_goes() {
    let product = Product::up(Backend::Embedded).unwrap();
    let file = product.data().join("bad");
    std::fs::write(&file, "{}\n").unwrap();
    let file = file.to_str().unwrap();
    let commands: [&[&str]; 17] = [
        &["--help"],
        &["--version"],
        &["dlq", "--help"],
        &["catalog"],
        &["catalog", "--json"],
        &["check"],
        &["user", "list"],
        &["user", "list", "--json"],
        &["user", "add", "ece.yetkili", "--full-name", "Ece", "--role", "yonetici"],
        &["dlq", "list"],
        &["dlq", "list", "--json"],
        &["dlq", "replay", "--reason", "schema"],
        &["load", "--count", "3"],
        &["publish", file],
        &["keys", "extend"],
        &["topics"],
        &["reconcile"],
    ];
    let quiet = |args: &[&str]| {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let output = product.command(args).stdout(writer).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let quiet = output.status.success() || output.status.signal() == Some(libc::SIGPIPE);
        assert!(quiet && said.is_empty(), "{args:?} ended with {}: {said}", output.status);
    };
    commands.iter().for_each(|args| quiet(args));
    let letter = eventually("a dead letter", || {
        let line = product.run(&["dlq", "list", "--json"]);
        let line: serde_json::Value = serde_json::from_str(line.lines().next()?).unwrap();
        Some(line["address"].as_str()?.to_owned())
    });
    quiet(&["dlq", "show", &letter]);
    quiet(&["dlq", "show", &letter, "--json"]);
    assert!(product.run(&["user", "list"]).contains("ece.yetkili"), "what was asked is done");
}

/// `ebasvuru up 2>&1 | head -1` goes on serving.
#[test]
fn up_outlives_the_reader_of_its_output() {
    let product = Product::new(Backend::Embedded).unwrap();
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let mut up = product.command(&["up", "--no-demo", "--listen", "127.0.0.1:0"]);
    up.env("EBASVURU__LOG__FILTER", "debug").stdin(Stdio::null());
    let mut up = up.stdout(writer.try_clone().unwrap()).stderr(writer).spawn().unwrap();
    let endpoints: &Path = &product.data().join("endpoints.json");
    let served = eventually("the addresses, or the end", || {
        if up.try_wait().unwrap().is_some() {
            return Some(false);
        }
        endpoints.exists().then_some(true)
    });
    assert!(served, "it ended");
    product.run(&["load", "--count", "3"]);
    product.assert_reconciled();
    assert!(up.try_wait().unwrap().is_none(), "it ended");
    up.kill().unwrap();
    up.wait().unwrap();
}
