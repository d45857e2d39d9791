//! The key ring: a file with one random key per retention class and month of receipt.
//!
//! It is kept outside Kafka and ClickHouse, so that their copies and backups contain nothing readable.
//! A second ring, or a second key for a month, is never made without the operator: two machines with
//! different keys could not read each other's blobs. The log knows the [`KeyRing::fingerprints`] of the
//! keys in use.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit};
use jiff::Timestamp;
use jiff::civil::Date;
use sha2::Sha256;

use crate::domain::calendar::day_of;

use super::ring_file::{RingFile, lock, unreadable};
use super::{KeyRingError, SealError, USERS};

/// The keys, shared by everything that seals and opens in this process.
pub struct KeyRing {
    path: PathBuf,
    keys: RwLock<Keys>,
}

/// The file, and the entries ready for derivation.
#[derive(Clone)]
struct Keys {
    file: RingFile,
    derive: BTreeMap<String, Hkdf<Sha256>>,
    /// The key from which the keys of the blind indexes are derived.
    root: Hkdf<Sha256>,
    index: [Hmac<Sha256>; 4],
}

/// The blind indexes; each has a key of its own.
#[derive(Clone, Copy)]
pub(super) enum Index {
    Tckn,
    /// Of names as they were folded before version 2 of the index.
    FormerName,
    Content,
    Name,
}

impl KeyRing {
    /// Reads the ring.
    pub fn load(path: &Path) -> Result<Self, KeyRingError> {
        let keys = read(path)?;
        Ok(Self { path: path.into(), keys: RwLock::new(keys) })
    }

    /// Creates a ring if there is no file, with the entry for passwords only. The caller must know that
    /// nothing has been sealed yet: two rings could not read each other's blobs.
    pub fn create(path: &Path) -> Result<Self, KeyRingError> {
        let unreadable = |e: std::io::Error| unreadable(path, &e);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(unreadable)?;
        }
        {
            let _lock = lock(path)?;
            if path.try_exists().map_err(unreadable)? {
                return Err(self::unreadable(path, &"there is a file already"));
            }
            let entries = BTreeMap::from([(USERS.to_owned(), random_key()?)]);
            RingFile { index: random_key()?, entries, destroyed: Vec::new() }.write(path)?;
        }
        Self::load(path)
    }

    /// Creates the entries of a class for `n` months from the month of `from` in Turkey on. Existing and
    /// destroyed entries stay as they are.
    pub fn ensure_months(&self, class: &str, from: Timestamp, n: u32) -> Result<(), KeyRingError> {
        self.make(&self.missing(class, from, n)?)
    }

    /// The missing entries of a class for `n` months from the month of `from` in Turkey on, in order. A
    /// destroyed entry is not missing. Reads the file again.
    pub fn missing(&self, class: &str, from: Timestamp, n: u32) -> Result<Vec<String>, KeyRingError> {
        let fits = (1..=32).contains(&class.len())
            && class.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !fits {
            return Err(KeyRingError::BadClass(class.chars().take(40).collect()));
        }
        self.reload()?;
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let mut month = month_of(from);
        let mut missing = Vec::new();
        for _ in 0..n {
            let name = entry_name(class, month);
            if !keys.file.entries.contains_key(&name) && !keys.file.destroyed.contains(&name) {
                missing.push(name);
            }
            month = month.last_of_month().tomorrow().unwrap_or(month);
        }
        Ok(missing)
    }

    /// Creates these entries. Existing and destroyed entries stay as they are.
    pub fn make(&self, entries: &[String]) -> Result<(), KeyRingError> {
        if entries.is_empty() {
            return Ok(());
        }
        self.change(|file| {
            for name in entries {
                if !file.entries.contains_key(name) && !file.destroyed.contains(name) {
                    file.entries.insert(name.clone(), random_key()?);
                }
            }
            Ok(())
        })
    }

    /// A keyed hash of each key by its name, and of the key of the blind indexes under `index`: enough
    /// to tell one ring from another, and nothing more.
    #[must_use]
    pub fn fingerprints(&self) -> BTreeMap<String, String> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let print = |hkdf| hex::encode(&expand(hkdf, &[b"fingerprint"])[..16]);
        let entries = keys.derive.iter().map(|(name, hkdf)| (name.clone(), print(hkdf)));
        entries.chain([("index".to_owned(), print(&keys.root))]).collect()
    }

    /// Destroys an entry: what it sealed is erased. Returns whether there was one. Other processes keep
    /// their copy in memory until they are restarted.
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

    /// The names of the entries, in order.
    #[must_use]
    pub fn entries(&self) -> Vec<String> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.file.entries.keys().cloned().collect()
    }

    /// The key for `info` under `entry`. For an entry that this process does not know, the file is
    /// read once more: months are added while processes run.
    pub(super) fn derive(&self, entry: &str, info: &[&[u8]]) -> Result<[u8; 32], SealError> {
        match self.derive_known(entry, info) {
            Err(SealError::EntryMissing(_)) => {
                self.reload()?;
                self.derive_known(entry, info)
            }
            known => known,
        }
    }

    fn derive_known(&self, entry: &str, info: &[&[u8]]) -> Result<[u8; 32], SealError> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let Some(hkdf) = keys.derive.get(entry) else {
            let destroyed = keys.file.destroyed.iter().any(|name| name == entry);
            return Err(if destroyed {
                SealError::Erased(entry.into())
            } else {
                SealError::EntryMissing(entry.into())
            });
        };
        Ok(expand(hkdf, info))
    }

    /// The keyed hash of one blind index, ready for a value. Several are needed for each submission, so
    /// their keys are derived once for the ring.
    pub(super) fn index(&self, index: Index) -> Hmac<Sha256> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).index[index as usize].clone()
    }

    /// Changes the file under its lock, starting from what it holds now.
    fn change(
        &self,
        edit: impl FnOnce(&mut RingFile) -> Result<(), KeyRingError>,
    ) -> Result<(), KeyRingError> {
        let _lock = lock(&self.path)?;
        let mut file = RingFile::read(&self.path)?;
        edit(&mut file)?;
        file.write(&self.path)?;
        self.reload()
    }

    fn reload(&self) -> Result<(), KeyRingError> {
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
    day_of(at).first_of_month()
}

fn expand(hkdf: &Hkdf<Sha256>, info: &[&[u8]]) -> [u8; 32] {
    let mut key = [0; 32];
    #[expect(clippy::expect_used, reason = "32 bytes are within what HKDF-SHA256 can give")]
    hkdf.expand_multi_info(info, &mut key).expect("32 bytes");
    key
}

/// An entry is 32 uniformly random bytes, and so already a pseudorandom key (RFC 5869, section 3.3).
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

fn read(path: &Path) -> Result<Keys, KeyRingError> {
    let file = RingFile::read(path)?;
    let key = |name: &str, text: &str| {
        let mut key = [0; 32];
        hex::decode_to_slice(text, &mut key)
            .map(|()| key)
            .map_err(|_| unreadable(path, &format!("the key {name} is not 64 hex digits")))
    };
    let root = prk(&key("index", &file.index)?);
    // In the order of `Index`.
    let index = ["index/tckn", "index/name", "index/content", "index/name/2"]
        .map(|name| keyed(&expand(&root, &[name.as_bytes()])));
    let derive = file
        .entries
        .iter()
        .map(|(name, text)| Ok((name.clone(), prk(&key(name, text)?))))
        .collect::<Result<_, KeyRingError>>()?;
    Ok(Keys { file, derive, root, index })
}
