//! The whole list behind a number as CSV and XLSX: how long it takes, and whether memory grows with it.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ebasvuru_analytics::client::connect;
use ebasvuru_analytics::engine::USER;
use ebasvuru_workflow::domain::calendar::day_of;
use serde_json::Value;

use crate::rows::fill;
use crate::server::execute;
use crate::table::{Goal, Line, thousands};
use crate::world::World;

const ROWS: u64 = 1_000_000;
/// How much memory an export may add to the process that serves it.
const ROOM: u64 = 200 << 20;

pub fn exports() -> Vec<Line> {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let product = Product::start(&data);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let token = std::fs::read_to_string(data.join("clickhouse.token")).unwrap();
    let client = connect(&product.endpoint("clickhouse"), "ebasvuru", USER, &token).unwrap();
    fill(&|sql| execute(&runtime, &client, sql), &World::new(), ROWS);
    product.log_in();
    let today = day_of(World::new().now);
    let from = today.saturating_sub(jiff::ToSpan::days(729_i64));
    let mut lines = Vec::new();
    for format in ["csv", "xlsx"] {
        let before = product.memory();
        let began = Instant::now();
        let path = format!("/raporlama/basvurular.{format}?rakam=total&bas={from}&son={today}");
        let bytes: u64 = product.curl(&["-o", "/dev/null", "-w", "%{size_download}"], &path).parse().unwrap();
        let took = began.elapsed().as_secs_f64();
        let grown = product.memory().saturating_sub(before);
        let mib = |bytes: u64| format!("{} MiB", thousands((bytes >> 20) as f64));
        lines.push(Line {
            what: format!("{} rows as {format}", thousands(ROWS as f64)),
            figure: format!("{took:.1} s"),
            reference: mib(bytes),
            ratio: None,
            goal: Goal::None,
        });
        lines.push(Line {
            what: "  memory of the dashboard, at most, on top".into(),
            figure: mib(grown),
            reference: mib(before),
            ratio: None,
            goal: Goal::Of("≤ 200 MiB", grown <= ROOM && bytes > ROWS * 20),
        });
    }
    lines
}

/// `ebasvuru up` on its own folder, and a browser session of its Yönetici.
struct Product<'a> {
    process: Child,
    data: &'a Path,
}

impl<'a> Product<'a> {
    fn start(data: &'a Path) -> Self {
        let out = std::fs::File::create(data.with_file_name("words")).unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_ebasvuru"))
            .args(["up", "--no-demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .env_remove("KAFKA_BROKERS")
            .env_remove("CLICKHOUSE_URL")
            .envs([("EBASVURU__METRICS__LISTEN", "127.0.0.1:0"), ("EBASVURU__PORTAL__LISTEN", "127.0.0.1:0")])
            .envs([("EBASVURU__CLICKHOUSE__MEMORY_MIB", "4096")])
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let product = Self { process, data };
        let give_up = Instant::now() + Duration::from_secs(120);
        while !data.join("endpoints.json").exists() || product.password().is_none() {
            assert!(Instant::now() < give_up, "`up` is never ready");
            std::thread::sleep(Duration::from_millis(100));
        }
        product
    }

    fn endpoint(&self, name: &str) -> String {
        let endpoints = std::fs::read(self.data.join("endpoints.json")).unwrap();
        let endpoints: Value = serde_json::from_slice(&endpoints).unwrap();
        endpoints[name].as_str().unwrap().to_owned()
    }

    /// The one-time password of the first Yönetici, as `up` prints it.
    fn password(&self) -> Option<String> {
        let words = std::fs::read_to_string(self.data.with_file_name("words")).unwrap_or_default();
        let line = words.lines().find(|line| line.split_whitespace().any(|word| word == "yonetici"))?;
        line.split_whitespace().last().map(ToOwned::to_owned)
    }

    fn log_in(&self) {
        let (old, new) = (self.password().unwrap(), "mavi at pil zımba 77");
        self.post("/giris", &[("kullanici", "yonetici"), ("sifre", &old)]);
        self.post("/sifre", &[("eski", &old), ("yeni", new), ("tekrar", new)]);
    }

    /// Sends a form with the CSRF token of its page.
    fn post(&self, path: &str, fields: &[(&str, &str)]) {
        let page = self.curl(&[], path);
        let token = page.split_once("name=\"csrf\" value=\"").and_then(|(_, rest)| rest.split('"').next());
        let token = token.unwrap_or_else(|| panic!("{path} has no form:\n{page}")).to_owned();
        let mut args =
            vec!["-w".to_owned(), "%{http_code}".to_owned(), "-o".to_owned(), "/dev/null".to_owned()];
        // The ticket comes first, as in the forms of the pages.
        for (name, value) in [&("csrf", token.as_str())].into_iter().chain(fields) {
            args.extend(["--data-urlencode".to_owned(), format!("{name}={value}")]);
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        assert_eq!(self.curl(&args, path), "303", "{path} is refused");
    }

    fn curl(&self, args: &[&str], path: &str) -> String {
        let jar = self.data.join("cookies");
        let output = Command::new("curl")
            .args(["-sS", "--noproxy", "*", "-b"])
            .arg(&jar)
            .arg("-c")
            .arg(&jar)
            .args(args)
            .arg(format!("{}{path}", self.endpoint("dashboard")))
            .output()
            .unwrap();
        assert!(output.status.success(), "{path}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The peak memory of the process, in bytes.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Product<'_> {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
