//! Opening the object store that the setting `store.url` names.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig};

use crate::error_code::ErrorCode;
use crate::private::{self, FolderError};

/// How long one request to S3 is retried before it fails. Workers then try again.
const RETRY: Duration = Duration::from_secs(15);
/// How long a connection to S3 may be silent. There is no limit for a whole request: a person on a
/// slow line may take minutes for a download.
const SILENCE: Duration = Duration::from_secs(30);
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

/// The folder of a URL; `None` for a bucket and for anything unknown.
pub(super) fn folder(url: &str) -> Option<&Path> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
