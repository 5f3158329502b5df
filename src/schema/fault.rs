//! What is wrong with a schema directory: all of it at once, each fault with its file and line.

use std::{collections::BTreeSet, fmt};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file, below the directory.
    pub file: String,
    /// The line, from 1; 0 where it is about the whole file.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub said: String,
}

/// Everything that is wrong with a directory; never empty where it is an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct Faults {
    /// The directory.
    pub directory: String,
    /// Sorted by file and line.
    pub faults: BTreeSet<Fault>,
}

impl Faults {
    pub(super) fn of(directory: &str) -> Self {
        Self { directory: directory.to_owned(), faults: BTreeSet::new() }
    }

    pub(super) fn add(&mut self, file: &str, line: usize, said: impl Into<String>) {
        self.faults.insert(Fault { file: file.to_owned(), line, said: said.into() });
    }

    /// Keeps the value, or notes why there is none.
    pub(super) fn keep<T>(&mut self, file: &str, line: usize, result: Result<T, String>) -> Option<T> {
        result.map_err(|said| self.add(file, line, said)).ok()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.said),
            line => write!(f, "{}:{line}: {}", self.file, self.said),
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = if self.faults.len() == 1 { "fault" } else { "faults" };
        write!(f, "the schema directory {} has {} {many}", self.directory, self.faults.len())?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n{fault}"))
    }
}

/// What stands at the nearest to a word among those that would be right: `; did you mean worker?`
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known = known.into_iter().map(|known| (strsim::jaro_winkler(known, word), known)).filter(|(likeness, _)| *likeness > 0.7);
    known.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, known)| format!("; did you mean {known}?")).unwrap_or_default()
}
