//! What stands in a folder: plain files and folders, in the order of their paths; anything else is refused.

use std::{
    fs,
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::Path,
};

use super::Error;

/// A file or folder below the one that was looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// From that folder on, with `/` between its parts.
    pub(super) path: String,
    /// The permission bits.
    pub(super) mode: u32,
    /// A file's size in bytes; none for a folder.
    pub(super) size: Option<u64>,
}

/// What is to be stored of a file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// All of it.
    Whole,
    /// These pages (first, and the one after the last); the others become zeros.
    Pages(Vec<(u64, u64)>),
    /// Nothing: as if it were not there.
    Nothing,
}

/// Says of a path what is to be stored of it.
pub(super) type Keeps<'a> = &'a dyn Fn(&str) -> Keep;

/// Everything below a folder that is to be kept, the folder itself left out; a folder comes before what is in it.
pub(super) fn walk(folder: &Path, keeps: Keeps<'_>) -> Result<Vec<Found>, Error> {
    let mut found = vec![];
    below(folder, "", keeps, &mut found)?;
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

fn below(folder: &Path, prefix: &str, keeps: Keeps<'_>, into: &mut Vec<Found>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(Error::disk("look into", folder))? {
        let entry = entry.map_err(Error::disk("look into", folder))?;
        let name = entry.file_name();
        let path = format!("{prefix}{}", name.to_string_lossy());
        if keeps(&path) == Keep::Nothing {
            continue;
        }
        if name.to_str().is_none() {
            return Err(Error::Kind { path, what: "a name that is not UTF-8" });
        }
        let seen = fs::symlink_metadata(entry.path()).map_err(Error::disk("look at", entry.path()))?;
        if let Some(what) = refused(seen.file_type()) {
            return Err(Error::Kind { path, what });
        }
        into.push(Found { path: path.clone(), mode: seen.mode() & 0o7777, size: seen.is_file().then_some(seen.len()) });
        if seen.is_dir() {
            below(&entry.path(), &format!("{path}/"), keeps, into)?;
        }
    }
    Ok(())
}

fn refused(kind: fs::FileType) -> Option<&'static str> {
    match kind {
        kind if kind.is_file() || kind.is_dir() => None,
        kind if kind.is_symlink() => Some("a symbolic link"),
        kind if kind.is_socket() => Some("a socket"),
        kind if kind.is_fifo() => Some("a pipe"),
        _ => Some("a device"),
    }
}
