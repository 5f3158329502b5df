//! A record as a file: written whole or not at all, for nobody else to read.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use serde::{Serialize, de::DeserializeOwned};

use super::Error;

/// Writes the record; when this returns, it is on the disk.
pub(super) fn write(path: &Path, record: &impl Serialize) -> Result<(), Error> {
    let text = serde_json::to_vec_pretty(record).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    put(path, &text).map_err(Error::folder("write", path))
}

fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
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
