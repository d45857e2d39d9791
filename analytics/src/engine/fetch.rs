//! Fetches the engine's library: one npm package, verified, kept in the user's cache folder.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use ebasvuru_workflow::error_code::ErrorCode;
use sha2::{Digest, Sha256};

use super::EngineError;

/// The version of the package; its `latest` tag is an older one.
pub const VERSION: &str = "26.7.3-stable.1";
const PACKAGE: &str = "@chdb/lib-linux-x64-gnu";
/// SHA-256 of the library in that version.
const SHA256: &str = "36ad4e999882821ef13cf2d0f52c93f48e6ee1b4498b35a201c23ce4b8d15bf5";
/// The prefix of the folders in which downloads are unpacked.
const WORK_PREFIX: &str = "fetching-";
/// The size of the package, for the progress lines.
const PACKAGE_MB: u64 = 178;

/// The path of the library: `own` if it is given, else the one in the cache, fetched first if it is
/// missing. `progress` gets the lines for the person who waits.
///
/// # Errors
/// `ENGINE_PLATFORM`, `ENGINE_NPM`, `ENGINE_NETWORK`, `ENGINE_HASH`, `ENGINE_DISK`,
/// `ENGINE_LIBRARY`: each with what to do.
pub fn library(own: Option<&Path>, progress: &dyn Fn(&str)) -> Result<PathBuf, EngineError> {
    if let Some(own) = own {
        return if own.is_file() {
            Ok(own.to_owned())
        } else {
            Err(EngineError::new(
                ErrorCode::EngineLibrary,
                format!("clickhouse.library names {}, which is not a file", own.display()),
            ))
        };
    }
    if !cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
        return Err(EngineError::new(
            ErrorCode::EnginePlatform,
            "the embedded ClickHouse runs on Linux x86-64 (glibc) only: set CLICKHOUSE_URL to a server",
        ));
    }
    let folder = cache_folder()?;
    let disk = |e: &io::Error| {
        EngineError::new(
            ErrorCode::EngineDisk,
            format!("{} cannot be written ({e}): it needs 800 MB free", folder.display()),
        )
    };
    fs::create_dir_all(&folder).map_err(|e| disk(&e))?;
    let path = folder.join(format!("libchdb-{VERSION}.so"));
    if path.is_file() {
        return Ok(path);
    }
    let lock = File::create(folder.join("fetch.lock")).map_err(|e| disk(&e))?;
    if lock.try_lock().is_err() {
        progress("another process is fetching ClickHouse's engine; waiting for it");
        lock.lock().map_err(|e| disk(&e))?;
    }
    if path.is_file() {
        return Ok(path);
    }
    // Folders of killed downloads: the lock shows that none is running.
    for entry in fs::read_dir(&folder).map_err(|e| disk(&e))?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(WORK_PREFIX) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    progress(&format!("fetching ClickHouse's engine once ({PACKAGE_MB} MB, npm {PACKAGE}@{VERSION})"));
    let work = folder.join(format!("{WORK_PREFIX}{}", std::process::id()));
    let fetched = fetch(&work, progress).and_then(|library| {
        fs::rename(library, &path).map_err(|e| disk(&e))?;
        Ok(path.clone())
    });
    // An incomplete download is of no use to the next attempt.
    let _ = fs::remove_dir_all(&work);
    fetched
}

fn cache_folder() -> Result<PathBuf, EngineError> {
    let from = |variable: &str, below: &str| {
        std::env::var_os(variable).filter(|v| !v.is_empty()).map(|v| PathBuf::from(v).join(below))
    };
    from("XDG_CACHE_HOME", "ebasvuru").or_else(|| from("HOME", ".cache/ebasvuru")).ok_or_else(|| {
        EngineError::new(
            ErrorCode::EngineDisk,
            "there is no cache folder: set HOME, or clickhouse.library to a copy of libchdb.so",
        )
    })
}

fn fetch(work: &Path, progress: &dyn Fn(&str)) -> Result<PathBuf, EngineError> {
    let disk = |e: io::Error| EngineError::new(ErrorCode::EngineDisk, format!("{}: {e}", work.display()));
    let _ = fs::remove_dir_all(work);
    fs::create_dir_all(work).map_err(disk)?;
    let mut npm = Command::new("npm")
        .args(["pack", "--loglevel=error", &format!("{PACKAGE}@{VERSION}")])
        .current_dir(work)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| {
            EngineError::new(
                ErrorCode::EngineNpm,
                format!("npm cannot be run ({e}): install npm, or set clickhouse.library to a copy of libchdb.so, or CLICKHOUSE_URL to a server"),
            )
        })?;
    let mut reported = 0;
    let status = loop {
        if let Some(status) = npm.try_wait().map_err(disk)? {
            break status;
        }
        let megabytes =
            tarball(work).and_then(|path| path.metadata().ok()).map_or(0, |meta| meta.len() / 1_000_000);
        if megabytes >= reported + 20 {
            reported = megabytes;
            progress(&format!("  {megabytes} of {PACKAGE_MB} MB"));
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    if !status.success() {
        let mut why = String::new();
        if let Some(mut stderr) = npm.stderr.take() {
            let _ = stderr.read_to_string(&mut why);
        }
        let why = why.lines().find(|line| !line.trim().is_empty()).unwrap_or("npm failed").to_owned();
        return Err(if why.contains("ENOSPC") {
            EngineError::new(
                ErrorCode::EngineDisk,
                format!("{}: the disk is full: it needs 800 MB free", work.display()),
            )
        } else {
            EngineError::new(
                ErrorCode::EngineNetwork,
                format!(
                    "npm could not fetch {PACKAGE} ({why}): check the network and npm's registry setting, or set clickhouse.library or CLICKHOUSE_URL"
                ),
            )
        });
    }
    let tarball = tarball(work).ok_or_else(|| {
        EngineError::new(ErrorCode::EngineNetwork, "npm reported success but left no package")
    })?;
    progress("  unpacking and checking");
    let unpacked = Command::new("tar")
        .arg("-xzf")
        .arg(&tarball)
        .args(["--no-same-owner", "package/libchdb.so"])
        .current_dir(work)
        .stderr(Stdio::null())
        .status()
        .map_err(disk)?;
    let library = work.join("package/libchdb.so");
    if !unpacked.success() || !library.is_file() {
        return Err(EngineError::new(
            ErrorCode::EngineHash,
            "the package cannot be unpacked (half a download, or a full disk: 800 MB are needed): start again",
        ));
    }
    let hash = sha256(&library).map_err(disk)?;
    if hash != SHA256 {
        return Err(EngineError::new(
            ErrorCode::EngineHash,
            format!(
                "the library's SHA-256 is {hash}, not {SHA256}: half a download or another package; start again"
            ),
        ));
    }
    Ok(library)
}

fn tarball(work: &Path) -> Option<PathBuf> {
    let mut entries = fs::read_dir(work).ok()?.flatten().map(|entry| entry.path());
    entries.find(|path| path.extension().is_some_and(|end| end == "tgz"))
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(hasher.finalize())),
            n => hasher.update(&buffer[..n]),
        }
    }
}
