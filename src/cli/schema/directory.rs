//! Schema directories on the disk: a new one, one as Rust, one that is released.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use iasql::schema::{self, Schema};

use crate::cli::{error::Error, exit::DONE, show::Show};

pub(crate) const NEW: &str = "\
Examples:
  iasql schema new queue
  iasql schema new db/schema --name queue";

pub(crate) const PROCS: &str = "\
Examples:
  iasql schema procs queue > src/procs.rs

The file needs the crates chrono, iasql, serde_json, sqlx and uuid.";

pub(crate) const RELEASE: &str = "\
Examples:
  iasql schema release queue

It writes the file `released`. From then on `iasql schema check`, and every program that reads the directory, refuses it
where a released file was edited, or a released procedure takes or answers something else.";

/// A new directory.
#[derive(clap::Args)]
pub(crate) struct New {
    /// The folder: one that is empty, or not there yet
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// The schema's name; the folder's where none is given
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// Its procedures as Rust.
#[derive(clap::Args)]
pub(crate) struct Procs {
    /// The schema directory
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// What the library is called in the file
    #[arg(long = "crate", value_name = "NAME", default_value = "iasql")]
    krate: String,
}

/// A promise.
#[derive(clap::Args)]
pub(crate) struct Release {
    /// The schema directory
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// Reads a directory; all that is wrong with it is the error.
pub(super) fn read(dir: &Path) -> Result<Schema, Error> {
    Schema::from_directory(dir).map_err(|faults| Error::Said(faults.to_string()))
}

fn failed(what: &str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let what = format!("{what} {}", path.display());
    move |source| Error::Io { what, source }
}

/// Writes a file, and the folders above it where they are missing.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(failed("making", folder))?;
    fs::write(path, text).map_err(failed("writing", path))
}

impl New {
    pub(crate) fn run(self, show: &Show) -> Result<u8, Error> {
        let folder = self.dir.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = self.name.or(folder).ok_or_else(|| Error::Said(format!("{} has no name; say --name", self.dir.display())))?;
        if fs::read_dir(&self.dir).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Error::Said(format!("{} is not empty: name a folder that is, or one that is not there yet", self.dir.display())));
        }
        let files = schema::skeleton(&name);
        let label = self.dir.display().to_string();
        Schema::from_files(&label, &name, files.clone()).map_err(|faults| Error::Said(format!("{faults}\n(another name: --name)")))?;
        for file in files.names() {
            write(&self.dir.join(file), files.get(file).unwrap_or_default())?;
            show.answer(&format!("{label}/{file}"));
        }
        show.document(&serde_json::json!({ "directory": label, "name": name, "files": files.names().collect::<Vec<_>>() }));
        show.say(&format!("next: look into {label}/schema, then iasql schema check {label}"));
        Ok(DONE)
    }
}

impl Procs {
    pub(crate) fn run(self, show: &Show) -> Result<u8, Error> {
        let text = schema::generate(&read(&self.dir)?, &self.krate);
        show.document(&serde_json::json!({ "rust": text }));
        show.answer(text.trim_end());
        Ok(DONE)
    }
}

impl Release {
    pub(crate) fn run(self, show: &Show) -> Result<u8, Error> {
        let schema = read(&self.dir)?;
        let (name, before, newest) = (schema.name(), schema.released, schema.newest());
        write(&self.dir.join("released"), &schema.release())?;
        show.document(&serde_json::json!({ "schema": name, "before": before, "released": newest }));
        if before == newest {
            show.answer(&format!("{name}: nothing new since version {before} was released"));
            return Ok(DONE);
        }
        let old: Vec<_> = schema.procedures(before).into_iter().map(|procedure| procedure.name.clone()).collect();
        for version in schema.versions.iter().filter(|version| version.number > before) {
            show.answer(&format!("{name}: version {} is released: {}", version.number, version.about));
        }
        for procedure in schema.procedures(newest).into_iter().filter(|procedure| !old.contains(&procedure.name)) {
            show.answer(&format!("{name}: promised for ever: {}", procedure.promise()));
        }
        show.say("the files of these versions are frozen: what comes next is a new version");
        Ok(DONE)
    }
}
