//! What a node writes down of the files on its disk: which version they are or came from, and whether anything has changed them since.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use uuid::Uuid;

/// The word behind the number of files that are stored as they are.
const STORED: &str = "stored";

/// Of one database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Note {
    /// Of the newest manifest that this node has seen or made.
    pub(super) number: u64,
    /// Whether the bucket has the very files.
    pub(super) stored: bool,
}

impl Note {
    /// What was noted; where nothing was, of nothing.
    pub(super) fn read(file: &Path) -> Self {
        let text = fs::read_to_string(file).unwrap_or_default();
        let mut words = text.split_whitespace();
        let number = words.next().and_then(|word| word.parse().ok());
        number.map(|number| Self { number, stored: words.next() == Some(STORED) }).unwrap_or_default()
    }

    pub(super) fn write(self, file: &Path) -> io::Result<()> {
        let word = if self.stored { format!(" {STORED}") } else { String::new() };
        write(file, &format!("{}{word}", self.number))
    }
}

/// Where a database's note lies.
pub(super) fn place(home: &Path, database: &str) -> PathBuf {
    home.join("versions").join(database)
}

/// Of which databases there are notes.
pub(super) fn all(home: &Path) -> Vec<String> {
    let entries = fs::read_dir(place(home, "")).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| !name.ends_with(".new")).collect()
}

/// The name of whoever has this folder: its own for as long as that is there.
pub(in crate::gateway) fn holder(home: &Path) -> io::Result<String> {
    let file = home.join("holder");
    if let Ok(holder) = fs::read_to_string(&file) {
        return Ok(holder);
    }
    let holder = Uuid::new_v4().to_string();
    write(&file, &holder)?;
    Ok(holder)
}

/// Removes a note; content where there is none.
pub(super) fn forget(file: &Path) -> io::Result<()> {
    fs::remove_file(file).or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

/// Whole or not at all.
pub(super) fn write(file: &Path, text: &str) -> io::Result<()> {
    file.parent().map_or(Ok(()), fs::create_dir_all)?;
    let new = file.with_extension("new");
    fs::write(&new, text)?;
    fs::rename(new, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written_and_what_says_nothing_more_is_of_changed_files() {
        let file = std::env::temp_dir().join(format!("iasql-note-{}", std::process::id()));
        for note in [Note { number: 7, stored: true }, Note { number: 12, stored: false }] {
            note.write(&file).expect("a file");
            assert_eq!(Note::read(&file), note);
        }
        fs::write(&file, "5").expect("a file");
        assert_eq!(Note::read(&file), Note { number: 5, stored: false });
        fs::remove_file(&file).expect("the file");
        assert_eq!(Note::read(&file), Note::default());
    }
}
