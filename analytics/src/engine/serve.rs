//! The child process: loads the engine and serves it on the listener that its parent has bound.

use std::convert::Infallible;
use std::ffi::CString;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use ebasvuru_workflow::error_code::ErrorCode;

use super::ffi::Api;
use super::http::{Endpoint, router};
use super::{EngineError, Token, connections, sandbox};

/// How many threads can be inside the engine at once, for statements and inserts together.
const BLOCKING_THREADS: usize = 16;

/// The command line of the child. Its standard input is the listener. Its standard output is a
/// socket to the parent: the token comes over it, and the child ends when it closes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeOptions {
    /// libchdb.so.
    pub library: PathBuf,
    /// The folder of ClickHouse's files; only one process at a time can use it.
    pub data: PathBuf,
    /// The engine's memory limit.
    pub memory_mib: u64,
}

impl ServeOptions {
    /// As arguments for [`ServeOptions::from_args`].
    #[must_use]
    pub fn to_args(&self) -> Vec<String> {
        let text = |path: &PathBuf| path.display().to_string();
        vec![text(&self.library), text(&self.data), self.memory_mib.to_string()]
    }

    /// Reads what [`ServeOptions::to_args`] wrote.
    #[must_use]
    pub fn from_args(args: &[String]) -> Option<Self> {
        match args {
            [library, data, memory] => {
                Some(Self { library: library.into(), data: data.into(), memory_mib: memory.parse().ok()? })
            }
            _ => None,
        }
    }
}

/// The child's report once it serves, and the one when the kernel does not confine it.
pub(super) const READY: &str = "ready";
pub(super) const READY_UNCONFINED: &str = "ready, unconfined";

/// Serves until the parent ends. Never returns: with the engine's own threads an ordinary exit
/// crashes.
///
/// Reports `ready` to the parent, or why not ([`EngineError`]).
pub fn serve(options: ServeOptions) -> ! {
    // SAFETY: asks the kernel to end this process with its parent; no memory is involved.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    // Not on the main thread: the engine would look up its stack in /proc, outside the sandbox.
    if let Ok(Err(error)) = std::thread::spawn(move || start(&options)).join() {
        let _ = writeln!(std::io::stdout(), "{}", error.to_report());
    }
    exit(1)
}

fn exit(code: i32) -> ! {
    let _ = std::io::stdout().flush();
    // SAFETY: ends the process at once, running no destructors and no exit handlers.
    unsafe { libc::_exit(code) }
}

fn start(options: &ServeOptions) -> Result<(), EngineError> {
    let (listener, token) =
        inherited().map_err(|e| EngineError::not_started(format!("it is no child of `ebasvuru`: {e}")))?;
    let io = |what: &str, e: &dyn std::fmt::Display| {
        EngineError::new(ErrorCode::EngineDisk, format!("{what}: {e}"))
    };
    std::fs::create_dir_all(options.data.join("files"))
        .map_err(|e| io(&options.data.display().to_string(), &e))?;
    let data = options.data.canonicalize().map_err(|e| io(&options.data.display().to_string(), &e))?;
    // The engine itself notices a second process late and unclearly; a lock tells it at once.
    let lock = std::fs::File::create(data.join("engine.lock")).map_err(|e| io("engine.lock", &e))?;
    lock.try_lock().map_err(|_| {
        EngineError::new(
            ErrorCode::EngineInUse,
            format!(
                "another process runs the engine on {}: stop it, or choose another --data",
                data.display()
            ),
        )
    })?;
    let config = data.join("config.xml");
    std::fs::write(&config, sandbox::configuration(&data)).map_err(|e| io("config.xml", &e))?;
    let store = data.join("store");
    let arguments = [
        "clickhouse".to_owned(),
        format!("--path={}", store.display()),
        format!("--config-file={}", config.display()),
        format!("--max_server_memory_usage={}", options.memory_mib << 20),
        format!("--mark_cache_size={}", 256 << 20),
    ];
    let arguments: Vec<CString> =
        arguments.into_iter().map(CString::new).collect::<Result<_, _>>().map_err(|e| io("a path", &e))?;
    let api = Api::load(&options.library).map_err(|e| {
        let detail = format!("{} cannot be loaded: {e}", options.library.display());
        EngineError::new(ErrorCode::EngineLibrary, detail)
    })?;
    // Before the engine starts its threads, which inherit the sandbox; after the library is loaded,
    // which is outside it.
    let confined = sandbox::confine(&data)
        .map_err(|e| EngineError::not_started(format!("the process cannot be confined: {e}")))?;
    // Never closed: it keeps the data path open between requests.
    let first = api.open(&arguments).ok_or_else(|| {
        let detail = format!("ClickHouse cannot open its files under {}", store.display());
        EngineError::new(ErrorCode::EngineData, detail)
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(BLOCKING_THREADS)
        .enable_all()
        .build()
        .map_err(|e| io("threads", &e))?;
    let endpoint = Endpoint::new(api, arguments);
    let served: std::io::Result<Infallible> = runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let mut out = std::io::stdout();
        writeln!(out, "{}", if confined { READY } else { READY_UNCONFINED })?;
        out.flush()?;
        Ok(connections::serve(listener, router(endpoint), token).await)
    });
    std::mem::forget((first, lock));
    match served {
        Ok(never) => match never {},
        Err(error) => Err(EngineError::not_started(error.to_string())),
    }
}

/// The listener and the token. From now on the process ends with its parent.
fn inherited() -> std::io::Result<(TcpListener, Token)> {
    let take = |fd: std::os::fd::BorrowedFd<'_>| fd.try_clone_to_owned();
    let listener: OwnedFd = take(std::io::stdin().as_fd())?;
    let parent: OwnedFd = take(std::io::stdout().as_fd())?;
    let mut parent = BufReader::new(UnixStream::from(parent));
    let mut line = String::new();
    parent.read_line(&mut line)?;
    let token = Token::parse(line.trim_end()).ok_or_else(|| std::io::Error::other("no token came"))?;
    std::thread::spawn(move || {
        let _ = parent.read_to_end(&mut Vec::new());
        exit(0)
    });
    Ok((TcpListener::from(listener), token))
}
