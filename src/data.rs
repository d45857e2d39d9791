//! The data folder, and who has it: one process at a time runs the embedded parts.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, bail};
use ebasvuru_workflow::error_code::{CodedError, ErrorCode};
use ebasvuru_workflow::private::{self, FolderError};

use crate::endpoints::Endpoints;

/// The data folder is ours until this is dropped, or the process has gone.
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Makes the folder where there is none and takes it.
    pub fn take(data: &Path) -> anyhow::Result<Self> {
        let Some(lock) = Self::try_take(data)? else {
            bail!(ErrorCode::DataInUse.with(format!(
                "another ebasvuru (`up`, or a command that needs the embedded ClickHouse) has {}: \
                 wait for it or stop it, or choose another --data",
                data.display()
            )));
        };
        Ok(lock)
    }

    /// The same; `None` when another process has it.
    pub fn try_take(data: &Path) -> anyhow::Result<Option<Self>> {
        folder(data)?;
        let file = File::create(data.join("up.lock")).with_context(|| unusable(data))?;
        if file.try_lock().is_err() {
            return Ok(None);
        }
        // Left behind by an `up` that was killed.
        Endpoints::remove(data);
        Ok(Some(Self { _file: file }))
    }

    /// Whether a process has the folder now.
    pub fn is_taken(data: &Path) -> bool {
        File::open(data.join("up.lock")).is_ok_and(|file| file.try_lock_shared().is_err())
    }
}

/// Makes the data folder for its owner alone. One that others may enter is refused, for its files
/// and those that will be made in it.
pub fn folder(data: &Path) -> anyhow::Result<()> {
    private::folder(data).map_err(|error| match error {
        FolderError::Io(error) => anyhow::Error::new(error).context(unusable(data)),
        exposed @ FolderError::Exposed { .. } => exposed.into(),
    })
}

fn unusable(data: &Path) -> CodedError {
    ErrorCode::DataFolder
        .with(format!("{} cannot be made or written: choose another with --data", data.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::failure;

    #[test]
    fn one_at_a_time_and_a_folder_that_cannot_be_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        assert!(!DataLock::is_taken(&data));
        let first = DataLock::take(&data).unwrap();
        assert!(DataLock::is_taken(&data) && DataLock::try_take(&data).unwrap().is_none());
        assert_eq!(failure::code(&DataLock::take(&data).err().unwrap()), Some(ErrorCode::DataInUse));
        drop(first);
        assert!(!DataLock::is_taken(&data));
        let no_folder = DataLock::take(&data.join("up.lock/data")).err().unwrap();
        assert_eq!(failure::code(&no_folder), Some(ErrorCode::DataFolder));
        assert!(no_folder.to_string().contains("--data"), "{no_folder}");
        std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
        let open = DataLock::take(&data).err().unwrap();
        assert_eq!(failure::code(&open), Some(ErrorCode::DataExposed));
        assert!(open.to_string().contains("chmod"), "{open}");
    }
}
