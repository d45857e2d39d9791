//! The child process: loads the engine and serves it on a loopback address.

use std::ffi::CString;
use std::io::{Read, Write};
use std::path::PathBuf;

use axum::serve::ListenerExt;

use super::ffi::Api;
use super::http::{Endpoint, router};

/// Threads that may sit in the engine at once, statements and inserts together.
const BLOCKING_THREADS: usize = 16;

/// What the child is told on its command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeOptions {
    /// libchdb.so.
    pub library: PathBuf,
    /// Where ClickHouse's files lie; one process at a time.
    pub data: PathBuf,
    /// The loopback port; 0 chooses one.
    pub port: u16,
    /// The engine's memory limit.
    pub memory_mib: u64,
}

impl ServeOptions {
    /// As arguments for [`ServeOptions::from_args`].
    #[must_use]
    pub fn to_args(&self) -> Vec<String> {
        let text = |path: &PathBuf| path.display().to_string();
        vec![text(&self.library), text(&self.data), self.port.to_string(), self.memory_mib.to_string()]
    }

    /// Reads what [`ServeOptions::to_args`] wrote.
    #[must_use]
    pub fn from_args(args: &[String]) -> Option<Self> {
        match args {
            [library, data, port, memory] => Some(Self {
                library: library.into(),
                data: data.into(),
                port: port.parse().ok()?,
                memory_mib: memory.parse().ok()?,
            }),
            _ => None,
        }
    }
}

/// Serves until the parent goes (its end of standard input closes) and never returns: the
/// engine's own threads make an ordinary exit crash.
///
/// Says `ready http://…` on standard output, or `failed CODE: …`.
pub fn serve(options: &ServeOptions) -> ! {
    let code = match start(options) {
        Ok(()) => 0,
        Err(line) => {
            let _ = writeln!(std::io::stdout(), "failed {line}");
            1
        }
    };
    exit(code)
}

fn exit(code: i32) -> ! {
    let _ = std::io::stdout().flush();
    // SAFETY: ends the process at once, running no destructors and no exit handlers.
    unsafe { libc::_exit(code) }
}

fn start(options: &ServeOptions) -> Result<(), String> {
    // SAFETY: asks the kernel to end this process with its parent; no memory is involved.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    std::thread::spawn(|| {
        let mut rest = Vec::new();
        let _ = std::io::stdin().read_to_end(&mut rest);
        exit(0)
    });
    let io = |what: &str, e: &dyn std::fmt::Display| format!("ENGINE_DISK: {what}: {e}");
    std::fs::create_dir_all(&options.data).map_err(|e| io(&options.data.display().to_string(), &e))?;
    let data = options.data.canonicalize().map_err(|e| io(&options.data.display().to_string(), &e))?;
    // The engine itself refuses a second process only after half a start; a lock says it clearly.
    let lock = std::fs::File::create(data.join("engine.lock")).map_err(|e| io("engine.lock", &e))?;
    lock.try_lock().map_err(|_| {
        format!(
            "ENGINE_IN_USE: another process runs the engine on {}: stop it, or choose another --data",
            data.display()
        )
    })?;
    // Without a configuration of its own the engine would read a config.xml of the working folder.
    let config = data.join("config.xml");
    std::fs::write(&config, "<clickhouse/>\n").map_err(|e| io("config.xml", &e))?;
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
    let api = Api::load(&options.library)
        .map_err(|e| format!("ENGINE_LIBRARY: {} cannot be loaded: {e}", options.library.display()))?;
    // Held for good: it keeps the data path open between requests.
    let first = api
        .open(&arguments)
        .ok_or_else(|| format!("ENGINE_DATA: ClickHouse cannot open its files under {}", store.display()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(BLOCKING_THREADS)
        .enable_all()
        .build()
        .map_err(|e| io("threads", &e))?;
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", options.port)).await?;
        let mut out = std::io::stdout();
        writeln!(out, "ready http://{}", listener.local_addr()?)?;
        out.flush()?;
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, router(Endpoint::new(api, arguments))).await
    });
    std::mem::forget((first, lock));
    served.map_err(|e| format!("ENGINE_PORT: {e}"))
}
