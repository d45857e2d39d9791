//! The data folder, and its lock: only one process at a time runs the embedded parts.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, bail};
use ebasvuru_workflow::error_code::{CodedError, ErrorCode};
use ebasvuru_workflow::private::{self, FolderError};

use crate::endpoints::Endpoints;

/// The data folder belongs to this process until this is dropped or the process ends.
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Takes the folder, and creates it if it is missing.
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

    /// As [`DataLock::take`]; `None` if another process has the folder.
    pub fn try_take(data: &Path) -> anyhow::Result<Option<Self>> {
        create(data)?;
        let file = File::create(data.join("up.lock")).with_context(|| unusable(data))?;
        if file.try_lock().is_err() {
            return Ok(None);
        }
        // An `up` that was killed leaves its endpoints behind.
        Endpoints::remove(data);
        Ok(Some(Self { _file: file }))
    }

    /// Whether a process has the folder now.
    pub fn is_taken(data: &Path) -> bool {
        File::open(data.join("up.lock")).is_ok_and(|file| file.try_lock_shared().is_err())
    }
}

/// Creates the data folder with access for its owner alone. An existing folder that others may
/// enter is refused, because its files, and those to come, are personal data and keys.
pub fn create(data: &Path) -> anyhow::Result<()> {
    private::folder(data).map_err(|error| match error {
        FolderError::Io(error) => anyhow::Error::new(error).context(unusable(data)),
        exposed @ FolderError::Exposed { .. } => exposed.into(),
    })
}

fn unusable(data: &Path) -> CodedError {
    ErrorCode::DataFolder
        .with(format!("{} cannot be created or written: choose another with --data", data.display()))
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::failure;

    #[test]
    fn one_process_at_a_time_has_the_folder_and_an_unusable_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let refused = |data: &Path| DataLock::take(data).err().unwrap();
        assert!(!DataLock::is_taken(&data));
        let first = DataLock::take(&data).unwrap();
        assert!(DataLock::is_taken(&data) && DataLock::try_take(&data).unwrap().is_none());
        assert_eq!(failure::code(&refused(&data)), Some(ErrorCode::DataInUse));
        drop(first);
        assert!(!DataLock::is_taken(&data));
        let no_folder = refused(&data.join("up.lock/data"));
        assert_eq!(failure::code(&no_folder), Some(ErrorCode::DataFolder));
        assert!(no_folder.to_string().contains("--data"), "{no_folder}");
        set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
        let exposed = refused(&data);
        assert_eq!(failure::code(&exposed), Some(ErrorCode::DataExposed));
        assert!(exposed.to_string().contains("chmod"), "{exposed}");
    }
}
