//! The files of a schema directory, from a disk or from inside a binary.

use std::{collections::BTreeMap, fs, io, path::Path};

use include_dir::Dir;

/// Texts by their path below the directory, with `/` in between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    texts: BTreeMap<String, String>,
}

impl Files {
    /// Reads a directory and those below it.
    ///
    /// # Errors
    /// When one can't be read, or is no text.
    pub fn read(directory: &Path) -> io::Result<Self> {
        let mut files = Self::default();
        files.read_below(directory, "")?;
        Ok(files)
    }

    fn read_below(&mut self, directory: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            match entry.file_type()?.is_dir() {
                true => self.read_below(&entry.path(), &format!("{name}/"))?,
                false => {
                    let text =
                        fs::read_to_string(entry.path()).map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?;
                    self.texts.insert(name, text);
                }
            }
        }
        Ok(())
    }

    /// Those of a directory that stands inside the binary.
    pub fn embedded(directory: &Dir<'_>) -> Self {
        let mut files = Self::default();
        files.take(directory, directory.path());
        files
    }

    fn take(&mut self, directory: &Dir<'_>, root: &Path) {
        for file in directory.files() {
            let name = file.path().strip_prefix(root).unwrap_or(file.path()).to_string_lossy().into_owned();
            self.texts.extend(file.contents_utf8().map(|text| (name, text.to_owned())));
        }
        directory.dirs().for_each(|below| self.take(below, root));
    }

    /// One file's text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// All names with their texts, sorted.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }
}

impl FromIterator<(String, String)> for Files {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(texts: I) -> Self {
        Self { texts: texts.into_iter().collect() }
    }
}

/// The lines of one of the small text files: number from 1, first word, rest. Blank ones and `#` comments are left out.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str, &str)> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).map(|(at, line)| {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        (at, word, rest.trim())
    })
}
