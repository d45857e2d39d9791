//! The parent's side: starts the engine's process, watches it, and restarts it when it dies.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clickhouse::Client;
use ebasvuru_workflow::error_code::ErrorCode;

use super::serve::{READY, READY_UNCONFINED};
use super::{EngineError, ServeOptions, Token, USER};
use crate::client::{BadUrl, connect};

/// How to start the engine.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// The program of the child, and its arguments before those of the engine: this binary and its
    /// hidden subcommand.
    pub program: (PathBuf, Vec<String>),
    /// libchdb.so.
    pub library: PathBuf,
    /// The folder of ClickHouse's files.
    pub data: PathBuf,
    /// The engine's memory limit.
    pub memory_mib: u64,
}

/// A running engine. Dropping it ends the child process.
#[derive(Debug)]
pub struct Engine {
    url: String,
    token: Token,
    running: Arc<Mutex<Running>>,
    stopping: Arc<AtomicBool>,
}

/// The child process. It ends when the socket is closed.
#[derive(Debug)]
struct Running {
    child: Child,
    socket: UnixStream,
}

/// Starts the child, each time with the same listener, so that nobody else on the machine gets the
/// port (and with it the token) while there is no child, and with the same token, so that clients
/// continue.
struct Launcher {
    options: EngineOptions,
    listener: TcpListener,
    token: Token,
}

impl Engine {
    /// Starts the child and returns once it serves.
    ///
    /// # Errors
    /// `ENGINE_PORT`, `ENGINE_START`, and from the child `ENGINE_IN_USE`, `ENGINE_LIBRARY`,
    /// `ENGINE_DISK`, `ENGINE_DATA`.
    pub fn start(options: EngineOptions) -> Result<Self, EngineError> {
        let no_port = |e| {
            EngineError::new(ErrorCode::EnginePort, format!("no port on 127.0.0.1 can be listened on: {e}"))
        };
        let listener = TcpListener::bind("127.0.0.1:0").map_err(no_port)?;
        listener.set_nonblocking(true).map_err(no_port)?;
        let url = format!("http://{}", listener.local_addr().map_err(no_port)?);
        let token = Token::random()?;
        let launcher = Launcher { options, listener, token: token.clone() };
        let stopping = Arc::new(AtomicBool::new(false));
        let (started, first) = sync_channel(1);
        let stop = Arc::clone(&stopping);
        // The kernel ends the child together with the thread that started it, so the thread that
        // watches the child starts it.
        std::thread::spawn(move || match launcher.spawn() {
            Ok(running) => {
                let running = Arc::new(Mutex::new(running));
                if started.send(Ok(Arc::clone(&running))).is_ok() {
                    launcher.watch(&running, &stop);
                }
            }
            Err(error) => drop(started.send(Err(error))),
        });
        let gone = |_| EngineError::new(ErrorCode::EngineStart, "the thread that starts it ended");
        let running = first.recv().map_err(gone)??;
        Ok(Self { url, token, running, stopping })
    }

    /// Its address; the same after a restart.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its token; the same after a restart.
    #[must_use]
    pub const fn token(&self) -> &Token {
        &self.token
    }

    /// A client of one of its databases.
    ///
    /// # Errors
    /// Never: the address is valid.
    pub fn client(&self, database: &str) -> Result<Client, BadUrl> {
        connect(&self.url, database, USER, self.token.as_str())
    }

    /// The process id of the child, for tests that kill it.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).child.id()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        // The child ends when its socket closes. What it acknowledged is on disk.
        let _ = running.socket.shutdown(Shutdown::Both);
        let _ = running.child.wait();
    }
}

impl Launcher {
    fn spawn(&self) -> Result<Running, EngineError> {
        let serve = ServeOptions {
            library: self.options.library.clone(),
            data: self.options.data.clone(),
            memory_mib: self.options.memory_mib,
        };
        let (program, first) = &self.options.program;
        let failed = EngineError::not_started;
        let io = |e: std::io::Error| failed(e.to_string());
        let (mut socket, child_socket) = UnixStream::pair().map_err(io)?;
        let listener = OwnedFd::from(self.listener.try_clone().map_err(io)?);
        let mut child = Command::new(program)
            .args(first)
            .args(serve.to_args())
            // The environment has settings, and secrets among them; the engine needs none of it.
            .env_clear()
            .env("TZ", "UTC")
            .stdin(listener)
            .stdout(OwnedFd::from(child_socket))
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| failed(format!("{}: {e}", program.display())))?;
        let mut report = String::new();
        let exchanged = socket
            .write_all(format!("{}\n", self.token.as_str()).as_bytes())
            .and_then(|()| socket.try_clone())
            .and_then(|from| {
                let mut from = BufReader::new(from);
                from.read_line(&mut report)?;
                // Whatever else the engine prints must not fill the socket.
                std::thread::spawn(move || std::io::copy(&mut from, &mut std::io::sink()));
                Ok(())
            });
        match report.trim() {
            READY => return Ok(Running { child, socket }),
            READY_UNCONFINED => {
                tracing::warn!(
                    "the kernel does not fully confine ClickHouse's engine (Landlock needs Linux 6.7): \
                     whoever has its token may reach files and hosts outside of its folder"
                );
                return Ok(Running { child, socket });
            }
            _ => {}
        }
        let _ = child.kill();
        let _ = child.wait();
        exchanged.map_err(io)?;
        Err(EngineError::from_report(&report)
            .unwrap_or_else(|| failed("it ended without a report".to_owned())))
    }

    /// Restarts the child, on the same port, whenever it has died.
    fn watch(&self, running: &Mutex<Running>, stopping: &AtomicBool) {
        let mut pause = Duration::from_millis(200);
        let mut failing = false;
        loop {
            std::thread::sleep(Duration::from_millis(100));
            let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
            let Ok(Some(status)) = running.child.try_wait() else { continue };
            if stopping.load(Ordering::SeqCst) {
                return;
            }
            if !failing {
                tracing::warn!(process.status = %status, "ClickHouse's engine has ended and is started again");
            }
            match self.spawn() {
                Ok(started) => {
                    *running = started;
                    pause = Duration::from_millis(200);
                    if failing {
                        tracing::info!("ClickHouse's engine runs again");
                    }
                    failing = false;
                }
                Err(error) => {
                    if !failing {
                        tracing::error!(
                            error.code = error.code.as_str(),
                            error.message = error.detail,
                            "ClickHouse's engine does not start; it is tried again"
                        );
                    }
                    failing = true;
                    drop(running);
                    self.close_connections(pause, stopping);
                    pause = (pause * 2).min(Duration::from_secs(30));
                }
            }
        }
    }

    /// Closes incoming connections for this long: their clients would wait for a child in vain.
    fn close_connections(&self, pause: Duration, stopping: &AtomicBool) {
        let since = Instant::now();
        while since.elapsed() < pause && !stopping.load(Ordering::SeqCst) {
            while self.listener.accept().is_ok() {}
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}
