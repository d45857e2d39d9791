//! The key ring: a file with one random key per retention class and month of receipt.
//!
//! It is kept outside of Kafka and ClickHouse, so that their copies and backups hold
//! nothing readable. It is never extended behind an operator's back: two machines that
//! each invented next month's key could not read each other's blobs.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::{APPLICATIONS, KeyRingError, SealError, USERS};

/// The keys, shared by all that seal and open in this process.
pub struct KeyRing {
    path: PathBuf,
    keys: RwLock<Keys>,
}

/// The file, and the entries ready for derivation.
#[derive(Clone)]
struct Keys {
    file: RingFile,
    derive: BTreeMap<String, Hkdf<Sha256>>,
    index: [Hmac<Sha256>; 3],
}

/// The blind indexes; each has a key of its own.
#[derive(Clone, Copy)]
pub(super) enum Index {
    Tckn,
    Name,
    Content,
}

/// The file's shape. Keys are lower-case hex of 32 bytes.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RingFile {
    /// The key of the blind indexes.
    index: String,
    /// The living entries.
    entries: BTreeMap<String, String>,
    /// The names of destroyed entries, so that none is ever made again.
    #[serde(default)]
    destroyed: Vec<String>,
}

impl KeyRing {
    /// Reads the ring.
    pub fn load(path: &Path) -> Result<Self, KeyRingError> {
        let keys = read(path)?;
        Ok(Self { path: path.into(), keys: RwLock::new(keys) })
    }

    /// Reads the ring, making it when there is none, with entries for applications from
    /// the month of `now` (Europe/Istanbul) to `months_ahead` months later.
    pub fn load_or_create(path: &Path, months_ahead: u32, now: Timestamp) -> Result<Self, KeyRingError> {
        let unreadable = |e: std::io::Error| unreadable(path, &e);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(unreadable)?;
        }
        {
            let _lock = lock(path)?;
            if !path.try_exists().map_err(unreadable)? {
                let entries = BTreeMap::from([(USERS.to_owned(), random_key()?)]);
                write(path, &RingFile { index: random_key()?, entries, destroyed: Vec::new() })?;
            }
        }
        let ring = Self::load(path)?;
        ring.ensure_months(APPLICATIONS, now, months_ahead + 1)?;
        Ok(ring)
    }

    /// Makes the entries of a class for `n` months, the first being that of `from`
    /// (Europe/Istanbul). What exists, or was destroyed, stays as it is.
    pub fn ensure_months(&self, class: &str, from: Timestamp, n: u32) -> Result<(), KeyRingError> {
        let fits = (1..=32).contains(&class.len())
            && class.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !fits {
            return Err(KeyRingError::BadClass(class.chars().take(40).collect()));
        }
        self.change(|file| {
            let mut month = month_of(from);
            for _ in 0..n {
                let name = entry_name(class, month);
                if !file.entries.contains_key(&name) && !file.destroyed.contains(&name) {
                    file.entries.insert(name, random_key()?);
                }
                month = month.last_of_month().tomorrow().unwrap_or(month);
            }
            Ok(())
        })
    }

    /// Destroys an entry: what it sealed is erased. Says whether there was one. Every other
    /// process keeps its copy in memory until it is started again.
    pub fn destroy(&self, entry: &str) -> Result<bool, KeyRingError> {
        let mut found = false;
        self.change(|file| {
            found = file.entries.remove(entry).is_some();
            if found {
                file.destroyed.push(entry.into());
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The names of the living entries, in order.
    #[must_use]
    pub fn entries(&self) -> Vec<String> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.file.entries.keys().cloned().collect()
    }

    /// The key of `context` under `entry`. An entry this process has not seen is looked for
    /// in the file once more: months are added while processes run.
    pub(super) fn derive(&self, entry: &str, context: &str) -> Result<[u8; 32], SealError> {
        match self.derive_known(entry, context) {
            Err(SealError::EntryMissing(_)) => {
                let fresh = read(&self.path)?;
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = fresh;
                self.derive_known(entry, context)
            }
            known => known,
        }
    }

    fn derive_known(&self, entry: &str, context: &str) -> Result<[u8; 32], SealError> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let Some(hkdf) = keys.derive.get(entry) else {
            let destroyed = keys.file.destroyed.iter().any(|name| name == entry);
            return Err(if destroyed {
                SealError::Erased(entry.into())
            } else {
                SealError::EntryMissing(entry.into())
            });
        };
        Ok(expand(hkdf, context))
    }

    /// The keyed hash of one blind index, ready to take what is indexed: several are made
    /// for each submission, so the keys are derived once for the ring.
    pub(super) fn index(&self, index: Index) -> Hmac<Sha256> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).index[index as usize].clone()
    }

    /// Changes the file under its lock, starting from what it holds now.
    fn change(
        &self,
        mend: impl FnOnce(&mut RingFile) -> Result<(), KeyRingError>,
    ) -> Result<(), KeyRingError> {
        let _lock = lock(&self.path)?;
        let mut file = read(&self.path)?.file;
        mend(&mut file)?;
        write(&self.path, &file)?;
        let fresh = read(&self.path)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("path", &self.path).field("entries", &self.entries()).finish()
    }
}

/// The entry of a class for the month of `at` in Turkey.
pub(super) fn monthly(class: &str, at: Timestamp) -> String {
    entry_name(class, month_of(at))
}

fn entry_name(class: &str, month: Date) -> String {
    format!("{class}-{:04}-{:02}", month.year(), month.month())
}

/// The first day of the month in which `at` falls in Turkey.
fn month_of(at: Timestamp) -> Date {
    let zone = TimeZone::get("Europe/Istanbul").unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).date().first_of_month()
}

fn expand(hkdf: &Hkdf<Sha256>, info: &str) -> [u8; 32] {
    let mut key = [0; 32];
    #[expect(clippy::expect_used, reason = "32 bytes are within what HKDF-SHA256 can give")]
    hkdf.expand(info.as_bytes(), &mut key).expect("32 bytes");
    key
}

/// An entry is 32 uniformly random bytes, so it is a pseudorandom key as it stands (RFC 5869, 3.3).
fn prk(key: &[u8; 32]) -> Hkdf<Sha256> {
    #[expect(clippy::expect_used, reason = "32 bytes are the length of the hash")]
    Hkdf::<Sha256>::from_prk(key).expect("32 bytes")
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    Hmac::new_from_slice(key).expect("any length")
}

fn random_key() -> Result<String, KeyRingError> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|e| KeyRingError::Random(e.to_string()))?;
    Ok(hex::encode(key))
}

fn unreadable(path: &Path, detail: &dyn fmt::Display) -> KeyRingError {
    KeyRingError::Unreadable { path: path.into(), detail: detail.to_string() }
}

fn read(path: &Path) -> Result<Keys, KeyRingError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => return Err(KeyRingError::Missing(path.into())),
        Err(e) => return Err(unreadable(path, &e)),
    };
    let mode = fs::metadata(path).map_err(|e| unreadable(path, &e))?.permissions().mode() & 0o777;
    if mode & 0o007 != 0 {
        return Err(KeyRingError::Exposed { path: path.into(), mode });
    }
    // A parser's message quotes the line it stumbled over, which may be a key.
    let file: RingFile = toml::from_str(&text).map_err(|_| unreadable(path, &"it is no key ring"))?;
    let key = |name: &str, text: &str| {
        let mut key = [0; 32];
        hex::decode_to_slice(text, &mut key)
            .map(|()| key)
            .map_err(|_| unreadable(path, &format!("the key {name} is not 64 hex digits")))
    };
    let index = prk(&key("index", &file.index)?);
    // In the order of `Index`.
    let index = ["index/tckn", "index/name", "index/content"].map(|name| keyed(&expand(&index, name)));
    let derive = file
        .entries
        .iter()
        .map(|(name, text)| Ok((name.clone(), prk(&key(name, text)?))))
        .collect::<Result<_, KeyRingError>>()?;
    Ok(Keys { file, derive, index })
}

/// Writes beside and renames, so that a reader or a crash meets the old ring or the new one.
fn write(path: &Path, file: &RingFile) -> Result<(), KeyRingError> {
    let unreadable = |e: std::io::Error| unreadable(path, &e);
    let text = toml::to_string(file).map_err(|_| self::unreadable(path, &"it does not serialize"))?;
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

/// One writer at a time, over processes; released when the file is dropped.
fn lock(path: &Path) -> Result<File, KeyRingError> {
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
