//! The files below `versions/`: what each version does, file by file, in the order they run.

use super::{
    fault::Faults,
    files::{Files, lines},
    procedure::Procedure,
};

/// The folder of the manifests.
pub(super) const FOLDER: &str = "versions/";

/// One version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// From 1, without gaps.
    pub number: i32,
    /// What it does, in a sentence.
    pub about: String,
    /// In the order they run.
    pub steps: Vec<Step>,
}

/// What a line of a manifest means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A file that adds a table, or whatever else is new.
    Add {
        /// The file without its ending, which is the table's name.
        stem: String,
        /// What it runs.
        up: String,
        /// What takes it back, where that is more than dropping the table.
        down: Option<String>,
    },
    /// A change of what is there.
    Change {
        /// Both files' common name.
        stem: String,
        /// What it runs.
        up: String,
        /// What takes it back.
        down: String,
    },
    /// A procedure's definition, the first or a later one.
    Procedure(Procedure),
    /// A migration that runs after the version, batch by batch.
    Online {
        /// The function's name.
        name: String,
        /// What defines it.
        up: String,
    },
}

/// The files that a version is made of, its manifest among them.
pub(super) fn files_of(files: &Files, manifest: &str) -> Vec<String> {
    let entries = lines(files.get(manifest).unwrap_or_default()).filter(|(_, word, _)| *word != "about");
    let all = entries.flat_map(|(_, entry, _)| [".sql", ".up.sql", ".down.sql"].map(|end| format!("{entry}{end}")));
    let there = all.filter(|name| files.get(name).is_some());
    std::iter::once(manifest.to_owned()).chain(there).collect()
}

/// All manifests; a gap in the numbers is a fault.
pub(super) fn read(files: &Files, schema: &str, faults: &mut Faults) -> Vec<Version> {
    let mut versions = Vec::new();
    for name in files.names().filter(|name| name.starts_with(FOLDER)) {
        let next = versions.len() as i32 + 1;
        let digits = name.trim_start_matches(FOLDER);
        match digits.parse::<i32>() {
            Ok(number) if number == next && digits == format!("{number:04}") => versions.push(one(files, name, number, schema, faults)),
            Ok(number) if digits == format!("{number:04}") => {
                faults.add(name, 0, format!("version {next:04} was skipped: numbers count from 0001 without a gap"));
                versions.push(one(files, name, next, schema, faults));
            }
            _ => faults.add(name, 0, "a version's file is called by four digits, as in versions/0001"),
        }
    }
    if versions.is_empty() {
        faults.add(FOLDER.trim_end_matches('/'), 0, "there is no version; the first one stands in versions/0001");
    }
    versions
}

fn one(files: &Files, manifest: &str, number: i32, schema: &str, faults: &mut Faults) -> Version {
    let mut version = Version { number, about: String::new(), steps: Vec::new() };
    for (line, entry, rest) in lines(files.get(manifest).unwrap_or_default()) {
        if entry == "about" {
            rest.clone_into(&mut version.about);
        } else if !rest.is_empty() {
            faults.add(manifest, line, format!("a line names one file; what is `{rest}`?"));
        } else if let Some(step) = step(files, manifest, line, entry, schema, faults) {
            version.steps.push(step);
        }
    }
    if version.about.is_empty() {
        faults.add(manifest, 0, "it does not say what the version does: about …");
    }
    version
}

fn step(files: &Files, manifest: &str, line: usize, entry: &str, schema: &str, faults: &mut Faults) -> Option<Step> {
    let text = |end: &str| files.get(&format!("{entry}{end}")).map(str::to_owned);
    let stem = entry.to_owned();
    if entry.starts_with("procedures/") {
        let (file, sql) = (format!("{entry}.sql"), text(".sql").or_else(|| missing(manifest, line, entry, faults))?);
        let read = Procedure::read(schema, &file, &sql);
        return read.map_err(|found| found.into_iter().for_each(|(line, said)| faults.add(&file, line, said))).ok().map(Step::Procedure);
    }
    if let Some(name) = entry.strip_prefix("online/") {
        let up = text(".sql").or_else(|| missing(manifest, line, entry, faults))?;
        return Some(Step::Online { name: name.to_owned(), up });
    }
    match (text(".sql"), text(".up.sql"), text(".down.sql")) {
        (Some(up), None, down) => Some(Step::Add { stem, up, down }),
        (None, Some(up), Some(down)) => Some(Step::Change { stem, up, down }),
        (None, Some(_), None) => {
            faults.add(manifest, line, format!("{entry}.up.sql can't be taken back: {entry}.down.sql is missing"));
            None
        }
        (Some(_), Some(_), _) => {
            faults.add(manifest, line, format!("is {entry} new or a change? {entry}.sql and {entry}.up.sql are both there"));
            None
        }
        (None, None, _) => missing(manifest, line, entry, faults).map(|_: String| Step::Add { stem, up: String::new(), down: None }),
    }
}

fn missing<T>(manifest: &str, line: usize, entry: &str, faults: &mut Faults) -> Option<T> {
    faults.add(manifest, line, format!("{entry}.sql is not there"));
    None
}
