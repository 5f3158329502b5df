//! The file `released` of a directory: what was promised, and may never change again.

use std::{collections::BTreeMap, fmt::Write};

use aws_lc_rs::digest;

use super::{
    Schema,
    fault::Faults,
    files::{Files, lines},
    procedure::Procedure,
    version::{FOLDER, Step, files_of},
};

/// The file's name.
pub(super) const FILE: &str = "released";
const OPENING: &str =
    "# What has been released: `iasql schema release` writes it. A version's files are frozen, and a procedure is for ever.\n";

/// What was released.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Released {
    /// The last version that was.
    pub(super) newest: i32,
    /// Line and SHA-256 by file.
    files: BTreeMap<String, (usize, String)>,
    /// Line and promise by name.
    procedures: BTreeMap<String, (usize, String)>,
}

impl Released {
    pub(super) fn read(text: &str, faults: &mut Faults) -> Self {
        let mut released = Self::default();
        for (line, word, rest) in lines(text) {
            match (word, rest.split_once(' ')) {
                ("version", None) if rest.parse() == Ok(released.newest + 1) => released.newest += 1,
                ("file", Some((sum, file))) => drop(released.files.insert(file.to_owned(), (line, sum.to_owned()))),
                ("procedure", Some(_)) => {
                    let name = rest.split('(').next().unwrap_or_default().to_owned();
                    released.procedures.insert(name, (line, rest.to_owned()));
                }
                _ => faults.add(FILE, line, "this line was not written by `iasql schema release`"),
            }
        }
        released
    }

    /// Notes every promise that is broken.
    pub(super) fn hold(&self, files: &Files, procedures: &BTreeMap<&str, &Procedure>, faults: &mut Faults) {
        for (file, (line, sum)) in &self.files {
            match files.get(file) {
                None => faults.add(FILE, *line, format!("{file} was released and is not there any more")),
                Some(text) if checksum(text) != *sum => {
                    faults.add(file, 0, "it was released and has been edited since; make a new version")
                }
                Some(_) => {}
            }
        }
        for (name, (line, promise)) in &self.procedures {
            match procedures.get(name.as_str()) {
                None => faults.add(FILE, *line, format!("the procedure {name} was released and is not there any more")),
                Some(procedure) if procedure.promise() != *promise => {
                    let said = format!("a released procedure never changes: it was {promise} and now is {}", procedure.promise());
                    faults.add(&procedure.file, 1, said);
                }
                Some(_) => {}
            }
        }
    }

    /// Notes what was put into a version, or taken out of one, by the files it is made of.
    pub(super) fn hold_versions(&self, files: &Files, faults: &mut Faults) {
        for number in 1..=self.newest {
            let manifest = format!("{FOLDER}{number:04}");
            let new = files_of(files, &manifest).into_iter().filter(|file| !self.files.contains_key(file));
            new.for_each(|file| faults.add(&file, 0, format!("it was added to version {number}, which is released; make a new version")));
        }
    }
}

/// The text of the file once all versions that there are have been released.
pub(super) fn write(schema: &Schema, files: &Files) -> String {
    let mut text = OPENING.to_owned();
    let mut promised = BTreeMap::new();
    for version in &schema.versions {
        let manifest = format!("{FOLDER}{:04}", version.number);
        line(&mut text, format_args!("version {}", version.number));
        for file in files_of(files, &manifest) {
            line(&mut text, format_args!("file {} {file}", checksum(files.get(&file).unwrap_or_default())));
        }
        for step in &version.steps {
            if let Step::Procedure(procedure) = step
                && promised.insert(&procedure.name, ()).is_none()
            {
                line(&mut text, format_args!("procedure {}", procedure.promise()));
            }
        }
    }
    text
}

fn line(text: &mut String, said: std::fmt::Arguments<'_>) {
    // writing to a String can't fail
    _ = writeln!(text, "{said}");
}

/// SHA-256 of a text, in hexadecimal digits.
pub fn checksum(text: &str) -> String {
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
