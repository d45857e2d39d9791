//! The object store, which keeps documents under their SHA-256.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use std::{fs, io};

use ebasvuru_workflow::domain::document::object_path;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::{Blob, BlobStore};
use ebasvuru_workflow::private::{self, FolderError};
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, PutMode, RetryConfig};
use tokio::runtime::Handle;

/// How long one request to S3 is retried before it fails. Workers then try again.
const RETRY: Duration = Duration::from_secs(15);
/// How long a connection to S3 may be silent. There is no limit for a whole request: a person on a
/// slow line may take minutes for a download.
const SILENCE: Duration = Duration::from_secs(30);
/// How many contents are stored at the same time: a disk syncs many about as fast as one, and a store
/// over the network answers many about as fast as one.
const AT_ONCE: usize = 64;

/// Why the store of the setting `store.url` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A kind of store that is not supported.
    #[error(
        "{code}: {0:?} is not supported: store.url is a folder, file:///folder or s3://bucket/prefix",
        code = ErrorCode::StoreUnknown
    )]
    Unknown(String),
    /// The folder cannot be created or read, or the settings of S3 are wrong.
    #[error("{code}: the document store {store} cannot be used: {detail}", code = ErrorCode::StoreUnusable)]
    Unusable {
        /// The folder or URL.
        store: String,
        /// The error.
        detail: String,
    },
    /// Others may enter the folder.
    #[error(transparent)]
    Exposed(FolderError),
}

impl StoreError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Unknown(_) => ErrorCode::StoreUnknown,
            Self::Unusable { .. } => ErrorCode::StoreUnusable,
            Self::Exposed(_) => ErrorCode::DataExposed,
        }
    }
}

/// Opens the object store of `store.url`: a folder for its owner only, created if it is missing, with
/// atomic and synced writes; or a bucket of S3, with the settings of the variables `AWS_*`.
pub fn open(url: &str) -> Result<Arc<dyn ObjectStore>, StoreError> {
    open_with(url, std::env::vars_os())
}

/// The same, with these variables.
pub fn open_with(
    url: &str,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Arc<dyn ObjectStore>, StoreError> {
    if let Some(place) = url.strip_prefix("s3://") {
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        return s3(bucket, prefix, variables)
            .map_err(|detail| StoreError::Unusable { store: url.to_owned(), detail });
    }
    let folder = folder(url).ok_or_else(|| StoreError::Unknown(url.to_owned()))?;
    let unusable = |detail: String| StoreError::Unusable { store: url.to_owned(), detail };
    private::folder(folder).map_err(|error| match error {
        FolderError::Io(error) => unusable(error.to_string()),
        exposed @ FolderError::Exposed { .. } => StoreError::Exposed(exposed),
    })?;
    let store = LocalFileSystem::new_with_prefix(folder).map_err(|e| unusable(e.to_string()))?;
    Ok(Arc::new(store.with_fsync(true)))
}

fn folder(url: &str) -> Option<&Path> {
    match url.split_once("://") {
        None => Some(Path::new(url)),
        // `file://host/path` would be on another machine.
        Some(("file", path)) if path.starts_with('/') => Some(Path::new(path)),
        Some(_) => None,
    }
}

fn s3(
    bucket: &str,
    prefix: &str,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Arc<dyn ObjectStore>, String> {
    if bucket.is_empty() {
        return Err("it names no bucket".into());
    }
    // Fails if there is a provider already; that one will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = ClientOptions::new()
        .with_timeout_disabled()
        .with_read_timeout(SILENCE)
        .with_connect_timeout(Duration::from_secs(5));
    let retry = RetryConfig { max_retries: 5, retry_timeout: RETRY, ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new().with_client_options(client).with_retry(retry);
    for (name, value) in variables {
        let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else { continue };
        if name.starts_with("AWS_")
            && let Ok(key) = name.to_ascii_lowercase().parse()
        {
            builder = builder.with_config(key, value);
        }
    }
    let store = builder.with_bucket_name(bucket).build().map_err(|e| e.to_string())?;
    Ok(Arc::new(PrefixStore::new(store, prefix)))
}

/// Checks that the store can write and read an object.
pub async fn probe(store: &dyn ObjectStore) -> Result<(), object_store::Error> {
    let path = "check".into();
    store.put(&path, "written and read by `ebasvuru check`\n".into()).await?;
    store.get(&path).await?.bytes().await.map(drop)
}

/// Removes what interrupted writes have left in a folder: the files `…#1`, which hold a content until
/// it is complete, if nobody has written to them for `age`. S3 has no such files; a rule of the bucket
/// ends uploads that were never completed.
pub fn tidy(url: &str, now: SystemTime, age: Duration) -> io::Result<usize> {
    let Some(folder) = folder(url) else { return Ok(0) };
    let mut removed = 0;
    for outer in subfolders(&folder.join("sha256"))? {
        for inner in subfolders(&outer?.path())? {
            for file in fs::read_dir(inner?.path())? {
                let file = file?;
                if !file.file_name().to_str().is_some_and(|name| name.contains('#')) {
                    continue;
                }
                // It may be gone by now: completed, or removed by another replica.
                let Ok(written) = file.metadata().and_then(|meta| meta.modified()) else { continue };
                let old = now.duration_since(written).is_ok_and(|passed| passed >= age);
                removed += usize::from(old && fs::remove_file(file.path()).is_ok());
            }
        }
    }
    Ok(removed)
}

fn subfolders(folder: &Path) -> io::Result<impl Iterator<Item = io::Result<fs::DirEntry>> + use<>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => Some(entries),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let is_folder = |entry: &io::Result<fs::DirEntry>| {
        entry.as_ref().map_or(true, |entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
    };
    Ok(entries.into_iter().flatten().filter(is_folder))
}

/// Stores the content of inline documents, for the runner.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    runtime: Handle,
}

impl Blobs {
    /// Blobs in this store. Calls block on `runtime`, so they must come from a thread outside of it, as
    /// those of a worker do.
    #[must_use]
    pub const fn new(store: Arc<dyn ObjectStore>, runtime: Handle) -> Self {
        Self { store, runtime }
    }
}

impl BlobStore for Blobs {
    fn put(&self, blobs: &[Blob]) -> Result<(), String> {
        let put = async |blob: &Blob| {
            let path = object_path(&blob.sha256).into();
            match self.store.put_opts(&path, blob.bytes.clone().into(), PutMode::Create.into()).await {
                Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(()),
                Err(error) => Err(error.to_string()),
            }
        };
        let all = stream::iter(blobs).map(Ok).try_for_each_concurrent(AT_ONCE, put);
        self.runtime.block_on(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(sha256: char, bytes: &'static [u8]) -> Blob {
        Blob { sha256: sha256.to_string().repeat(64), bytes: bytes.into() }
    }

    #[test]
    fn content_is_stored_once_under_its_hash() {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let url = format!("file://{}/deep/er", folder.path().display());
        let store = open(&url).unwrap();
        let blobs = Blobs::new(store.clone(), runtime.handle().clone());
        blobs.put(&[blob('a', b"one")]).unwrap();
        blobs.put(&[blob('a', b"one"), blob('b', b"two"), blob('b', b"two")]).unwrap();

        let a = "a".repeat(64);
        let file = folder.path().join("deep/er/sha256/aa/aa").join(&a);
        assert_eq!(std::fs::read(&file).unwrap(), b"one");
        let left: Vec<_> = std::fs::read_dir(file.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "no staging file stays behind: {left:?}");
        let read =
            runtime.block_on(async { store.get(&object_path(&a).into()).await.unwrap().bytes().await });
        assert_eq!(&*read.unwrap(), b"one");
        runtime.block_on(probe(&*store)).unwrap();
    }

    #[test]
    fn leftovers_of_interrupted_writes_are_removed_once_they_are_old() {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().to_str().unwrap();
        let path = |name: &str| folder.path().join("sha256/aa/aa").join(name);
        fs::create_dir_all(path("")).unwrap();
        for name in ["aaaa", "aaaa#1", "aaab#2"] {
            fs::write(path(name), "half").unwrap();
        }
        let hour = Duration::from_hours(1);
        let written = fs::metadata(path("aaab#2")).unwrap().modified().unwrap();
        assert_eq!(tidy(url, written + hour / 2, hour).unwrap(), 0, "somebody may still be writing");
        assert_eq!(tidy(url, written + hour, hour).unwrap(), 2);
        let left: Vec<_> = fs::read_dir(path("")).unwrap().map(|f| f.unwrap().file_name()).collect();
        assert_eq!(left, ["aaaa"]);
        assert_eq!(tidy("s3://bucket", written, hour).unwrap(), 0);
        assert_eq!(tidy("/no/such/folder", written, hour).unwrap(), 0);
    }

    #[test]
    fn an_unusable_store_url_is_refused_by_name() {
        for url in ["gs://bucket/path", "https://example.org", "file://host/path"] {
            let error = open(url).unwrap_err();
            assert_eq!(error.code(), ErrorCode::StoreUnknown);
            assert!(error.to_string().contains(url));
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        let wrong = ("AWS_ALLOW_HTTP".into(), "perhaps".into());
        for url in [file.path().to_str().unwrap(), "s3:///prefix", "s3://bucket"] {
            let error = open_with(url, [wrong.clone()]).unwrap_err();
            assert_eq!(error.code(), ErrorCode::StoreUnusable);
            assert!(error.to_string().contains(url), "{error}");
        }
    }
}
