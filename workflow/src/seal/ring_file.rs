//! The file of the key ring: read and written as a whole, by one writer at a time.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::KeyRingError;

/// The content of the file. Keys are 32 bytes in lower-case hex.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RingFile {
    /// The key of the blind indexes.
    pub(super) index: String,
    /// The entries that exist.
    pub(super) entries: BTreeMap<String, String>,
    /// The names of destroyed entries, so that none is ever created again.
    #[serde(default)]
    pub(super) destroyed: Vec<String>,
}

impl RingFile {
    pub(super) fn read(path: &Path) -> Result<Self, KeyRingError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == ErrorKind::NotFound => return Err(KeyRingError::Missing(path.into())),
            Err(e) => return Err(unreadable(path, &e)),
        };
        let mode = fs::metadata(path).map_err(|e| unreadable(path, &e))?.permissions().mode() & 0o777;
        if mode & 0o007 != 0 {
            return Err(KeyRingError::Exposed { path: path.into(), mode });
        }
        // The message of the parser quotes the wrong line, which may be a key.
        toml::from_str(&text).map_err(|_| unreadable(path, &"it is no key ring"))
    }

    /// Writes a new file and renames it, so that a reader, or a crash, leaves the old ring or the new
    /// one.
    pub(super) fn write(&self, path: &Path) -> Result<(), KeyRingError> {
        let unreadable = |e: std::io::Error| unreadable(path, &e);
        let text = toml::to_string(self).map_err(|_| self::unreadable(path, &"it does not serialize"))?;
        let beside = beside(path, "new");
        let _ = fs::remove_file(&beside);
        let mut out =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside).map_err(unreadable)?;
        out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).map_err(unreadable)?;
        fs::rename(&beside, path).map_err(unreadable)?;
        match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => {
                File::open(folder).and_then(|f| f.sync_all()).map_err(unreadable)
            }
            _ => Ok(()),
        }
    }
}

pub(super) fn unreadable(path: &Path, detail: &dyn fmt::Display) -> KeyRingError {
    KeyRingError::Unreadable { path: path.into(), detail: detail.to_string() }
}

/// Locks the ring against other writers, also in other processes, until the file is dropped.
pub(super) fn lock(path: &Path) -> Result<File, KeyRingError> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(beside(path, "lock"))
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|e| unreadable(path, &e))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}
