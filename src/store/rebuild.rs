//! A folder made again: the template copied, and a version's pages laid over it. It is made beside its place, and moved there when it is whole.

use std::{
    collections::{BTreeMap, HashSet},
    fs, io,
    os::unix::fs::{FileExt, PermissionsExt},
    path::{Path, PathBuf},
};

use nix::unistd::{Gid, Uid, chown};

use super::{
    Error,
    manifest::{Content, Entry, File, Pack, Piece},
    template::{self, Template},
};

/// To whom files are given: a user's and a group's number.
pub type Owner = (u32, u32);

/// A folder on its way, which is removed again where it does not arrive.
pub(super) struct Building {
    /// Where it is made.
    path: PathBuf,
    /// Where it is wanted.
    wanted: PathBuf,
    owner: Option<Owner>,
    done: bool,
}

impl Drop for Building {
    fn drop(&mut self) {
        if !self.done {
            drop(fs::remove_dir_all(&self.path));
        }
    }
}

impl Building {
    /// Copies the template, or uses up a copy that there is, and makes each file of the version as long as it will be. What can't be as the version
    /// says is refused before anything stands at the wanted place.
    pub(super) fn begin(
        wanted: &Path,
        content: &Content,
        template: &Template,
        spare: Option<&Path>,
        owner: Option<Owner>,
    ) -> Result<Self, Error> {
        if fs::symlink_metadata(wanted).is_ok() {
            return Err(Error::Exists(wanted.to_owned()));
        }
        let name = wanted.file_name().unwrap_or_default().to_string_lossy();
        let path = wanted.with_file_name(format!(".{name}.{}", uuid::Uuid::new_v4().simple()));
        // whoever else wants it may have been quicker
        let is_copied = spare.is_some_and(|spare| fs::rename(spare, &path).is_ok());
        if !is_copied {
            fs::create_dir(&path).map_err(Error::disk("make the folder", &path))?;
        }
        let building = Self { path, wanted: wanted.to_owned(), owner, done: false };
        // ours alone until it is whole: whose the files will be can't put anything in our way
        fs::set_permissions(&building.path, fs::Permissions::from_mode(0o700)).map_err(Error::disk("close the folder", &building.path))?;
        if is_copied {
            building.take_away(&content.gone)?
        } else {
            building.copy(template, &content.gone)?
        }
        content.entries.iter().try_for_each(|entry| building.shape(entry))?;
        Ok(building)
    }

    fn copy(&self, template: &Template, gone: &[String]) -> Result<(), Error> {
        let gone: HashSet<_> = gone.iter().map(String::as_str).collect();
        let inside_gone = |path: &str| path.match_indices('/').any(|(at, _)| gone.contains(&path[..at])) || gone.contains(path);
        for found in template.found().values().filter(|found| !inside_gone(&found.path)) {
            let to = self.path.join(&found.path);
            match found.size {
                None => fs::create_dir(&to).map_err(Error::disk("make the folder", &to))?,
                Some(_) => drop(fs::copy(template.folder().join(&found.path), &to).map_err(Error::disk("copy to", &to))?),
            }
            self.give(&to, found.mode)?;
        }
        Ok(())
    }

    /// Removes from a copy what the version has not.
    fn take_away(&self, gone: &[String]) -> Result<(), Error> {
        for path in gone.iter().map(|path| self.path.join(path)) {
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            match removed {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::disk("remove", &path)(error)),
                // with the folder that it was in
                _ => {}
            }
        }
        Ok(())
    }

    fn shape(&self, entry: &Entry) -> Result<(), Error> {
        let path = self.path.join(&entry.path);
        match &entry.file {
            None if path.is_dir() => {}
            None => fs::create_dir(&path).map_err(Error::disk("make the folder", &path))?,
            Some(file) => {
                let opened = fs::OpenOptions::new().write(true).create(true).truncate(false).open(&path);
                opened.and_then(|opened| opened.set_len(file.size)).map_err(Error::disk("make", &path))?;
            }
        }
        self.give(&path, entry.mode)
    }

    fn give(&self, path: &Path, mode: u32) -> Result<(), Error> {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(Error::disk("set the mode of", path))?;
        let Some((user, group)) = self.owner else { return Ok(()) };
        let given = chown(path, Some(Uid::from_raw(user)), Some(Gid::from_raw(group)));
        given.map_err(|error| Error::disk("give away", path)(error.into()))
    }

    /// Opens one pack, checks it, and writes its pages to where they belong.
    pub(super) fn lay(&self, pack: &Pack, packed: &[u8], pieces: &[(&Entry, &File, &Piece)]) -> Result<(), Error> {
        let bytes = open(pack, packed)?;
        for (entry, file, piece) in pieces {
            let path = self.path.join(&entry.path);
            let opened = fs::OpenOptions::new().write(true).open(&path).map_err(Error::disk("open", &path))?;
            let mut at = piece.at as usize;
            for run in &piece.runs {
                let (from, length) = file.bytes(*run);
                let length = length as usize;
                let part = bytes.get(at..at + length).ok_or_else(|| Error::broken(&pack.blob, "a pack is too short"))?;
                opened.write_all_at(part, from).map_err(Error::disk("write", &path))?;
                at += length;
            }
        }
        Ok(())
    }

    /// Moves the folder to its place.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        if fs::symlink_metadata(&self.wanted).is_ok() {
            return Err(Error::Exists(self.wanted.clone()));
        }
        self.give(&self.path, 0o700)?;
        fs::rename(&self.path, &self.wanted).map_err(Error::disk("move the folder to", &self.wanted))?;
        self.done = true;
        Ok(())
    }
}

/// What is in a pack, checked.
pub(super) fn open(pack: &Pack, packed: &[u8]) -> Result<Vec<u8>, Error> {
    let opened = zstd::bulk::decompress(packed, pack.raw as usize).map_err(|error| Error::broken(&pack.blob, error))?;
    if opened.len() as u64 != pack.raw || template::sum(&opened) != pack.sum {
        return Err(Error::broken(&pack.blob, "its checksum is another one"));
    }
    Ok(opened)
}

/// Which pieces stand in each of these packs.
pub(super) fn by_pack<'a>(content: &'a Content, packs: &[usize]) -> BTreeMap<usize, Vec<(&'a Entry, &'a File, &'a Piece)>> {
    let wanted: HashSet<_> = packs.iter().copied().collect();
    let mut found: BTreeMap<usize, Vec<_>> = BTreeMap::new();
    for entry in &content.entries {
        let pieces = entry.file.iter().flat_map(|file| file.pieces.iter().map(move |piece| (file, piece)));
        for (file, piece) in pieces.filter(|(_, piece)| wanted.contains(&piece.pack)) {
            found.entry(piece.pack).or_default().push((entry, file, piece));
        }
    }
    found
}
