//! Folders for personal data and keys: only their owner may enter.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::error_code::ErrorCode;

/// Why a folder is not used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It exists and others may enter. It is not closed silently: the mode may be intended, and the
    /// operator must know that the folder was open.
    #[error(
        "{code}: the group or others may enter {path} (mode {mode:03o}), where personal data and keys lie: \
         run `chmod -R go= {path}`, and think about who read it meanwhile",
        code = ErrorCode::DataExposed
    )]
    Exposed {
        /// The folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It cannot be created or inspected.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl FolderError {
    /// The code, if it has one of its own.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Exposed { .. } => Some(ErrorCode::DataExposed),
            Self::Io(_) => None,
        }
    }
}

/// Creates the folder with mode 0700; a folder that exists must be as private.
pub fn folder(path: &Path) -> Result<(), FolderError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let mode = fs::metadata(path)?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(FolderError::Exposed { path: path.into(), mode }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_created_for_its_owner_and_one_open_to_others_is_refused() {
        let outside = tempfile::tempdir().unwrap();
        let path = outside.path().join("data/documents");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        folder(&path).unwrap();
        folder(&path).unwrap();
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o700, 0o700));
        for wide in [0o755, 0o750, 0o701, 0o777] {
            fs::set_permissions(&path, fs::Permissions::from_mode(wide)).unwrap();
            let said = folder(&path).unwrap_err().to_string();
            assert!(said.contains(&format!("chmod -R go= {}", path.display())), "{said}");
            assert_eq!(mode(&path), wide, "left as it was found");
        }
        fs::write(path.join("file"), "").unwrap();
        assert!(matches!(folder(&path.join("file")), Err(FolderError::Io(_))));
    }
}
