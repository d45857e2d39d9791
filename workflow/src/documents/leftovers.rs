//! What interrupted writes leave in a folder.

use std::path::Path;
use std::time::{Duration, SystemTime};
use std::{fs, io};

use super::open::folder;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
