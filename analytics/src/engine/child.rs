//! The parent's side: starts the engine, watches it, starts it again when it dies.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{EngineError, ServeOptions};

/// How to start the engine.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// The program to run as the child, with the arguments that come before those of the engine:
    /// this very binary and its hidden subcommand.
    pub program: (PathBuf, Vec<String>),
    /// libchdb.so.
    pub library: PathBuf,
    /// Where ClickHouse's files lie.
    pub data: PathBuf,
    /// The engine's memory limit.
    pub memory_mib: u64,
}

/// A running engine. Dropping it ends the child.
#[derive(Debug)]
pub struct Engine {
    url: String,
    child: Arc<Mutex<Child>>,
    stopping: Arc<AtomicBool>,
}

impl Engine {
    /// Starts the child and returns when it serves.
    ///
    /// # Errors
    /// What the child said: `ENGINE_IN_USE`, `ENGINE_LIBRARY`, `ENGINE_DISK`, `ENGINE_DATA`.
    pub fn start(options: EngineOptions) -> Result<Self, EngineError> {
        let stopping = Arc::new(AtomicBool::new(false));
        let (started, first) = sync_channel(1);
        let stop = Arc::clone(&stopping);
        // The kernel ends the child with the thread that started it, so that thread is the
        // watcher's own, whoever calls this.
        std::thread::spawn(move || match spawn(&options, 0) {
            Ok((child, url)) => {
                let port = url.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(0);
                let child = Arc::new(Mutex::new(child));
                if started.send(Ok((Arc::clone(&child), url))).is_ok() {
                    watch(&options, port, &child, &stop);
                }
            }
            Err(error) => drop(started.send(Err(error))),
        });
        let gone = |_| EngineError::new("ENGINE_START", "the thread that starts it ended");
        let (child, url) = first.recv().map_err(gone)??;
        Ok(Self { url, child, stopping })
    }

    /// Where it serves; stays the same when it is started again.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The child's process id, for tests that kill it.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.child.lock().unwrap_or_else(PoisonError::into_inner).id()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        // Its standard input closes: it leaves by itself. What it acknowledged is on disk.
        drop(child.stdin.take());
        let _ = child.wait();
    }
}

fn spawn(options: &EngineOptions, port: u16) -> Result<(Child, String), EngineError> {
    let serve = ServeOptions {
        library: options.library.clone(),
        data: options.data.clone(),
        port,
        memory_mib: options.memory_mib,
    };
    let (program, first) = &options.program;
    let failed =
        |why: String| EngineError::new("ENGINE_START", format!("the engine's process did not start: {why}"));
    let mut child = Command::new(program)
        .args(first)
        .args(serve.to_args())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| failed(format!("{}: {e}", program.display())))?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout);
        let _ = lines.read_line(&mut line);
        // Whatever else the engine prints must not fill the pipe.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
    }
    if let Some(url) = line.trim().strip_prefix("ready ") {
        return Ok((child, url.to_owned()));
    }
    let _ = child.kill();
    let _ = child.wait();
    let said = line.trim().strip_prefix("failed ").unwrap_or("it ended without a word");
    for code in ["ENGINE_IN_USE", "ENGINE_LIBRARY", "ENGINE_DISK", "ENGINE_DATA", "ENGINE_PORT"] {
        if let Some(detail) = said.strip_prefix(code) {
            return Err(EngineError::new(code, detail.trim_start_matches(": ")));
        }
    }
    Err(failed(said.to_owned()))
}

/// Starts the child again, on the same port, whenever it has died.
fn watch(options: &EngineOptions, port: u16, child: &Mutex<Child>, stopping: &AtomicBool) {
    let mut pause = Duration::from_millis(200);
    let mut said = false;
    loop {
        std::thread::sleep(Duration::from_millis(100));
        let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(Some(status)) = child.try_wait() else { continue };
        if stopping.load(Ordering::SeqCst) {
            return;
        }
        if !said {
            tracing::warn!(%status, "ClickHouse's engine ended; starting it again");
        }
        match spawn(options, port) {
            Ok((started, _)) => {
                *child = started;
                pause = Duration::from_millis(200);
                if said {
                    tracing::info!("ClickHouse's engine runs again");
                }
                said = false;
            }
            Err(error) => {
                if !said {
                    tracing::error!(%error, "ClickHouse's engine does not start; tried on");
                }
                said = true;
                drop(child);
                std::thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_secs(30));
            }
        }
    }
}
