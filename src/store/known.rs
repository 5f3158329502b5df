//! What a template's fingerprint was found to be, kept beside it: reading 30 MB is most of what a start would take otherwise.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use aws_lc_rs::digest::{Context, SHA256};

use super::{Error, template::hex, walk::Found};

/// The fingerprint of a folder in which this was found: as it was noted, where nothing of it has been touched since, else as `read` finds it.
///
/// # Errors
/// When the folder can't be read. A note that can't be read or written costs time and nothing else.
pub(super) fn fingerprint(folder: &Path, found: &[Found], read: impl FnOnce() -> Result<String, Error>) -> Result<String, Error> {
    let (note, state) = (note(folder), state(folder, found)?);
    let noted = fs::read_to_string(&note).unwrap_or_default();
    if let Some((of, fingerprint)) = noted.split_once(' ')
        && of == state
    {
        return Ok(fingerprint.to_owned());
    }
    let fingerprint = read()?;
    let aside = note.with_extension(format!("known.{}", std::process::id()));
    // in the folder of an image nobody may write
    let written = fs::write(&aside, format!("{state} {fingerprint}")).and_then(|()| fs::rename(&aside, &note));
    if written.is_err() {
        drop(fs::remove_file(aside));
    }
    Ok(fingerprint)
}

fn note(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".known");
    folder.with_file_name(name)
}

/// Tells a folder from itself after anything in it was written, given away or put in another's place: whoever does that moves a file's change time, which
/// nobody can set.
fn state(folder: &Path, found: &[Found]) -> Result<String, Error> {
    let mut sum = Context::new(&SHA256);
    for one in found {
        let path = folder.join(&one.path);
        let seen = fs::symlink_metadata(&path).map_err(Error::disk("look at", path))?;
        let stamp = (seen.dev(), seen.ino(), seen.len(), seen.mode(), seen.ctime(), seen.ctime_nsec());
        sum.update(format!("{}\0{stamp:?}\0", one.path).as_bytes());
    }
    Ok(hex(sum.finish().as_ref()))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::store::walk::{Keep, walk};

    #[test]
    fn a_folder_is_read_again_when_anything_in_it_was_touched_and_not_before() {
        let place = std::env::temp_dir().join(format!("iasql-known-{}", std::process::id()));
        let folder = place.join("15");
        fs::create_dir_all(folder.join("base")).unwrap();
        fs::write(folder.join("base/1"), "one").unwrap();
        let reads = Cell::new(0);
        let look = || {
            let found = walk(&folder, &|_| Keep::Whole).unwrap();
            let read = || {
                reads.set(reads.get() + 1);
                Ok(format!("read {}", reads.get()))
            };
            fingerprint(&folder, &found, read).unwrap()
        };
        assert_eq!([look(), look()], ["read 1", "read 1"]);
        // as long as it was, and with the time that it had
        let time = fs::metadata(folder.join("base/1")).unwrap().modified().unwrap();
        fs::remove_file(folder.join("base/1")).unwrap();
        fs::write(folder.join("base/1"), "eno").unwrap();
        fs::File::open(folder.join("base/1")).unwrap().set_modified(time).unwrap();
        assert_eq!([look(), look()], ["read 2", "read 2"]);
        fs::write(folder.join("base/2"), "").unwrap();
        assert_eq!(look(), "read 3");
        fs::write(note(&folder), "what nobody wrote").unwrap();
        assert_eq!([look(), look()], ["read 4", "read 4"]);
        assert_eq!(fs::read_dir(&place).unwrap().count(), 2);
        fs::remove_dir_all(place).unwrap();
    }
}
