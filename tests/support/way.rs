//! A way to a bucket that is a folder, which can be closed: whoever comes is refused, and finds no empty bucket.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};

/// Runs a command of these words.
///
/// # Errors
/// What it said, where it failed.
pub(crate) fn run(words: &str) -> Result<(), String> {
    let mut parts = words.split_whitespace();
    let ran = Command::new(parts.next().unwrap_or_default()).args(parts).output().map_err(|error| format!("{words}: {error}"))?;
    if ran.status.success() { Ok(()) } else { Err(format!("{words}: {}", String::from_utf8_lossy(&ran.stderr).trim())) }
}

/// A way to the bucket: a folder in which it is, or a file that stands in its place, so that whoever comes is refused.
pub(crate) struct Way {
    folder: PathBuf,
    closed: PathBuf,
    mounted: bool,
}

impl Way {
    /// The folder itself.
    pub(crate) fn itself(folder: &Path) -> Self {
        fs::create_dir_all(folder.join("in")).expect("a bucket");
        Self::beside(folder, false)
    }

    /// Another way to the same folder, which can be closed by itself.
    pub(crate) fn to(beyond: &Self, folder: &Path) -> Result<Self, String> {
        fs::create_dir_all(folder.join("in")).map_err(|error| error.to_string())?;
        run(&format!("mount --bind {} {}", beyond.bucket().display(), folder.join("in").display()))?;
        Ok(Self::beside(folder, true))
    }

    fn beside(folder: &Path, mounted: bool) -> Self {
        let closed = folder.with_extension("closed");
        fs::write(&closed, "").expect("a file");
        Self { folder: folder.to_owned(), closed, mounted }
    }

    pub(crate) fn bucket(&self) -> PathBuf {
        self.folder.join("in")
    }

    pub(crate) fn url(&self) -> String {
        format!("file://{}", self.bucket().display())
    }

    pub(crate) fn is_open(&self) -> bool {
        self.folder.is_dir()
    }

    /// Both change places at once: nobody finds an empty bucket.
    pub(crate) fn open(&self, open: bool) {
        if self.is_open() != open {
            renameat2(AT_FDCWD, &self.folder, AT_FDCWD, &self.closed, RenameFlags::RENAME_EXCHANGE).expect("an exchange");
        }
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        // all around it may be gone
        if self.closed.exists() {
            self.open(true);
        }
        if self.mounted {
            drop(run(&format!("umount -l {}", self.bucket().display())));
        }
    }
}
