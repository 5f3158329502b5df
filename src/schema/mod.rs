//! Versioned schemas: a directory of SQL becomes what stands in a database, version by version, behind stored procedures.
//!
//! The same form serves our own modules and a stranger's service; `docs/schema.md` describes it.

mod access;
mod adopt;
mod book;
mod check;
mod client;
mod error;
mod fault;
mod files;
mod fingerprint;
mod generate;
mod given;
mod golden;
mod grants;
mod head;
mod online;
mod pages;
mod procedure;
mod progress;
mod quoted;
mod reference;
mod released;
mod script;
mod signature;
mod skeleton;
mod sql_type;
mod upgrade;
mod version;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

pub use access::Access;
pub use adopt::adopt;
pub use book::installed;
pub use check::drift;
pub use client::{Calls, Database, Service, Setup, Transaction};
pub use error::Error;
pub use fault::{Fault, Faults};
pub use files::Files;
pub use fingerprint::{Drift, Fingerprint, fingerprint};
pub use generate::generate;
pub use given::With;
pub use golden::{Golden, Scratch};
pub use head::{Drops, Head, Rights, Service as Caller};
pub use pages::pages;
pub use procedure::{Argument, Column, Mode, Procedure, Returns};
pub use progress::{Done, How, Progress};
pub use reference::reference;
pub use released::checksum;
pub use skeleton::skeleton;
pub use sql_type::{Base, Type};
pub use upgrade::{downgrade, upgrade};
pub use version::{Step, Version};

use released::Released;

/// A schema directory, read and found without fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// What it is.
    pub head: Head,
    /// Its versions; the first is 1.
    pub versions: Vec<Version>,
    /// What its services' procedures may read and write, at the newest version.
    pub access: Vec<Access>,
    /// The last version that was released.
    pub released: i32,
    files: Files,
}

impl Schema {
    /// Reads a directory and checks all of it.
    ///
    /// # Errors
    /// Everything that is wrong, at once, each with its file and line.
    pub fn from_directory(path: impl AsRef<Path>) -> Result<Self, Faults> {
        let path = path.as_ref();
        let label = path.display().to_string();
        let mut faults = Faults::of(&label);
        let absolute = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let name = absolute.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match Files::read(path) {
            Ok(files) => Self::from_files(&label, &name, files),
            Err(error) => {
                faults.add("", 0, format!("it can't be read: {error}"));
                Err(faults)
            }
        }
    }

    /// The same with files that are read already; `label` is what faults call the directory, `name` what it is called.
    ///
    /// # Errors
    /// As [`from_directory`](Self::from_directory).
    pub fn from_files(label: &str, name: &str, files: Files) -> Result<Self, Faults> {
        let mut faults = Faults::of(label);
        if files.get(head::FILE).is_none() {
            faults.add(head::FILE, 0, "the file is not there; `iasql schema new` makes a directory to start from");
        }
        let head = Head::read(files.get(head::FILE).unwrap_or_default(), name, &mut faults);
        let access = access::read(files.get(access::FILE).unwrap_or_default(), &head, &mut faults);
        let versions = version::read(&files, &head.name, &mut faults);
        let lock = Released::read(files.get(released::FILE).unwrap_or_default(), &mut faults);
        let schema = Self { head, versions, access, released: lock.newest, files };
        schema.check_services(&mut faults);
        schema.check_orphans(&mut faults);
        lock.hold(&schema.files, &schema.latest(schema.newest()), &mut faults);
        lock.hold_versions(&schema.files, &mut faults);
        schema.check_redefinitions(&mut faults);
        if lock.newest > schema.newest() {
            faults.add(released::FILE, 0, format!("version {} was released and is not there", lock.newest));
        }
        if faults.faults.is_empty() { Ok(schema) } else { Err(faults) }
    }

    /// Its name, which is that of the Postgres schema.
    pub fn name(&self) -> &str {
        &self.head.name
    }

    /// The newest version.
    pub fn newest(&self) -> i32 {
        self.versions.len() as i32
    }

    /// The same as it was at an earlier version, with what was promised until then.
    #[must_use]
    pub fn up_to(&self, version: i32) -> Self {
        let mut earlier = self.clone();
        earlier.versions.retain(|kept| kept.number <= version);
        earlier.released = earlier.released.min(version);
        earlier
    }

    /// The procedures that there are at a version, by name, each as last defined.
    pub fn procedures(&self, at: i32) -> Vec<&Procedure> {
        self.latest(at).into_values().collect()
    }

    fn latest(&self, at: i32) -> BTreeMap<&str, &Procedure> {
        self.definitions(at).map(|(_, procedure)| (procedure.name.as_str(), procedure)).collect()
    }

    /// Every definition of a procedure up to a version, the oldest first.
    fn definitions(&self, at: i32) -> impl Iterator<Item = (i32, &Procedure)> {
        let steps = self.versions.iter().filter(move |version| version.number <= at);
        let steps = steps.flat_map(|version| version.steps.iter().map(move |step| (version.number, step)));
        steps.filter_map(|(number, step)| if let Step::Procedure(procedure) = step { Some((number, procedure)) } else { None })
    }

    /// The text of the file `released` once all that is here has been.
    pub fn release(&self) -> String {
        released::write(self, &self.files)
    }

    /// Its files.
    pub fn files(&self) -> &Files {
        &self.files
    }

    fn check_services(&self, faults: &mut Faults) {
        for (_, procedure) in self.definitions(self.newest()) {
            for service in std::iter::once(&procedure.service).chain(&procedure.callers) {
                faults.keep(&procedure.file, 1, self.head.knows(service));
            }
        }
    }

    /// What no version names would never run.
    fn check_orphans(&self, faults: &mut Faults) {
        let manifests = self.files.names().filter(|name| name.starts_with(version::FOLDER));
        let named: BTreeSet<String> = manifests.flat_map(|manifest| version::files_of(&self.files, manifest)).collect();
        let known = |name: &&str| name.ends_with(".sql") && *name != "example.sql" && !named.contains(*name);
        self.files.names().filter(known).for_each(|name| faults.add(name, 0, "no version names this file"));
    }

    /// A later definition may differ in its body and its description, and in nothing that was promised.
    fn check_redefinitions(&self, faults: &mut Faults) {
        let mut first: BTreeMap<&str, &Procedure> = BTreeMap::new();
        for (number, procedure) in self.definitions(self.newest()) {
            let promised = first.entry(&procedure.name).or_insert(procedure);
            if promised.promise() != procedure.promise() {
                let said = format!("version {number} may not change what {} takes and returns: {}", procedure.name, promised.promise());
                faults.add(&procedure.file, 1, said);
            }
        }
    }
}
