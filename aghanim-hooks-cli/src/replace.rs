//! Replaces a file as a whole: nobody ever reads half of it.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;

/// The users who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Its owner alone. A replaced file keeps its owner and its group, and no other user can read it.
    Owner,
    /// The users that the system's settings (such as `umask`) allow.
    Usual,
}

/// Writes another file beside it, and renames that one. A symbolic link stays, and its target is replaced.
///
/// # Errors
/// Fails if the file can't be written. It is then as it was.
pub fn replace(path: &Path, bytes: &[u8], readers: Readers) -> anyhow::Result<()> {
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let name = path.file_name().with_context(|| format!("{} is not a file", path.display()))?;
    let mut beside = name.to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(beside);
    let written = write(&path, &beside, bytes, readers);
    if written.is_err() {
        // It may not have been made at all.
        let _ = std::fs::remove_file(&beside);
    }
    written.with_context(|| format!("can't write {}", path.display()))
}

fn write(path: &Path, beside: &Path, bytes: &[u8], readers: Readers) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if readers == Readers::Owner {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let mut file = options.open(beside)?;
    #[cfg(unix)]
    keep_owner(path, &file, readers)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(beside, path)?;
    // The new name must outlive a loss of power, too.
    #[cfg(unix)]
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// The endpoint may run as another user than the one who replaces its file.
#[cfg(unix)]
fn keep_owner(path: &Path, file: &File, readers: Readers) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};

    let Ok(before) = std::fs::metadata(path) else { return Ok(()) };
    let now = file.metadata()?;
    if (before.uid(), before.gid()) != (now.uid(), now.gid()) {
        fchown(file, Some(before.uid()), Some(before.gid()))?;
    }
    let mode = if readers == Readers::Owner { before.mode() & 0o660 } else { before.mode() & 0o777 };
    file.set_permissions(std::fs::Permissions::from_mode(mode))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_new_file_is_its_owners_and_an_old_one_keeps_its_group() {
        use std::os::unix::fs::PermissionsExt as _;

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secrets");
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        replace(&path, b"one", Readers::Owner).unwrap();
        assert_eq!(mode(), 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        replace(&path, b"two", Readers::Owner).unwrap();
        assert_eq!((mode(), std::fs::read(&path).unwrap()), (0o640, b"two".to_vec()));
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let (link, path) = (directory.path().join("link"), directory.path().join("file"));
        std::fs::write(&path, "one").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        replace(&link, b"two", Readers::Usual).unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(path).unwrap(), b"two");
    }

    #[test]
    fn a_directory_that_is_not_there_is_an_error_that_names_the_file() {
        let error = replace(Path::new("/nowhere/secrets"), b"", Readers::Owner).unwrap_err();
        assert!(format!("{error:#}").contains("/nowhere/secrets"), "{error:#}");
    }
}
