//! A record as a file: written whole or not at all, for nobody else to read.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

use super::Error;

/// Writes the record; when this returns, it is on the disk.
pub(super) fn write(path: &Path, record: &impl Serialize) -> Result<(), Error> {
    let written = lay(path, &text(path, record)?).and_then(|file| {
        file.sync_all()?;
        arrive(path)
    });
    written.map_err(Error::folder("write", path))
}

/// The same for what is of no use after a power cut, since it tells of processes: a busy disk is not waited for.
pub(super) fn note(path: &Path, record: &impl Serialize) -> Result<(), Error> {
    let written = lay(path, &text(path, record)?).and_then(|_| fs::rename(aside(path), path));
    written.map_err(Error::folder("write", path))
}

fn text(path: &Path, record: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec_pretty(record).map_err(|source| Error::Read { path: path.to_owned(), source })
}

fn aside(path: &Path) -> PathBuf {
    path.with_extension("new")
}

fn lay(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(aside(path))?;
    file.write_all(bytes)?;
    Ok(file)
}

fn arrive(path: &Path) -> io::Result<()> {
    fs::rename(aside(path), path)?;
    // the name is in the folder, and that is a file of its own
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// Reads a record; `None` where there is no file.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|source| Error::Read { path: path.to_owned(), source }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::folder("read", path)(source)),
    }
}

/// Removes a file or a folder with all in it. One that is not there is content.
pub(super) fn remove(path: &Path) -> Result<(), Error> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(Error::folder("remove", path)),
    }
}
