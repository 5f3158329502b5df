//! `iasql schema check`: what is wrong with directories, and how a database differs from them.

use std::path::PathBuf;

use iasql::{
    config::Url,
    schema::{self, Drift, Faults, Golden, How, Schema},
};
use serde_json::json;
use sqlx::{Connection, PgConnection};

use super::{
    carried::named_or_carried,
    progress::{asking, connect},
};
use crate::cli::{
    error::Error,
    exit::{DONE, FAILED},
    show::Show,
};

pub(crate) const EXAMPLES: &str = "\
Examples:
  iasql schema check
  iasql schema check queue
  iasql schema check base queue --database postgres://admin@db.example.com/work

Exit codes: 0 nothing is wrong, 1 something is.
With --database each schema is laid once more beside it, in a scratch database on the same server, and the two are compared.";

/// Which directories.
#[derive(clap::Args)]
pub(crate) struct Check {
    /// The schema directories, those that others need among them; what this iasql carries where none is named
    #[arg(value_name = "DIR")]
    dirs: Vec<PathBuf>,
    /// A database to compare with them, as an administrator reaches it
    #[arg(long, value_name = "URL", value_parser = Url::parse, requires = "dirs")]
    database: Option<Url>,
}

impl Check {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        let read: Vec<_> = match self.dirs.is_empty() {
            true => named_or_carried(&[])?.into_iter().map(Ok).collect(),
            false => self.dirs.iter().map(Schema::from_directory).collect(),
        };
        let mut wrong = false;
        for found in &read {
            match found {
                Ok(schema) => fine(schema, show),
                Err(faults) => told(faults, show),
            }
            wrong |= found.is_err();
        }
        let schemas: Vec<_> = read.into_iter().filter_map(Result::ok).collect();
        if let Some(database) = &self.database {
            let mut inside = connect(database).await?;
            for schema in &schemas {
                wrong |= compare(&mut inside, database, schema, &schemas, show).await?;
            }
            inside.close().await.map_err(asking("leaving the database"))?;
        }
        Ok(if wrong { FAILED } else { DONE })
    }
}

fn fine(schema: &Schema, show: &Show) {
    let (name, newest, released) = (schema.name(), schema.newest(), schema.released);
    let procedures = schema.procedures(newest).len();
    show.document(&json!({ "schema": name, "version": newest, "released": released, "procedures": procedures, "faults": [] }));
    show.answer(&format!("{name}: version {newest}, of which {released} released; procedures: {procedures}; nothing is wrong"));
}

fn told(faults: &Faults, show: &Show) {
    let fault = |fault: &schema::Fault| json!({ "file": fault.file, "line": fault.line, "said": fault.said });
    show.document(&json!({ "directory": faults.directory, "faults": faults.faults.iter().map(fault).collect::<Vec<_>>() }));
    for fault in &faults.faults {
        let between = if fault.file.is_empty() { "" } else { "/" };
        show.answer(&format!("{}{between}{fault}", faults.directory));
    }
}

/// Whether the database differs from what its version of the schema should be.
async fn compare(inside: &mut PgConnection, url: &Url, schema: &Schema, all: &[Schema], show: &Show) -> Result<bool, Error> {
    let (name, version) = (schema.name(), schema::installed(inside, schema.name()).await?);
    if version == 0 {
        show.document(&json!({ "schema": name, "installed": 0 }));
        show.answer(&format!("{name}: it is not in the database; iasql schema upgrade puts it there"));
        return Ok(true);
    }
    let Some(chain) = chain(schema, all) else {
        return Err(Error::Said(format!("{name} needs {}: name their directories too", schema.head.needs.join(", "))));
    };
    let golden = Golden::lay(url.expose(), &chain, &schema::Scratch::default()).await?;
    let drifts = schema::drift(inside, schema, &How { golden: Some(&golden), ..How::default() }).await?;
    show.document(&json!({ "schema": name, "installed": version, "differences": drifts.iter().map(document).collect::<Vec<_>>() }));
    drifts.iter().for_each(|drift| show.answer(&format!("{name}: {drift}")));
    if drifts.is_empty() {
        show.answer(&format!("{name}: the database is at version {version}, and as that should be"));
    }
    Ok(!drifts.is_empty())
}

fn document(drift: &Drift) -> serde_json::Value {
    json!({ "object": drift.object, "expected": drift.expected, "found": drift.found })
}

/// A schema with all that it needs, those first; nothing where one is not among `all`.
pub(super) fn chain<'a>(schema: &'a Schema, all: &'a [Schema]) -> Option<Vec<&'a Schema>> {
    let mut chain: Vec<&Schema> = Vec::new();
    for name in &schema.head.needs {
        let needed = all.iter().find(|other| other.name() == name && other.name() != schema.name())?;
        let before = self::chain(needed, all)?;
        chain.extend(before.into_iter().filter(|new| !chain.iter().any(|known| known.name() == new.name())).collect::<Vec<_>>());
    }
    chain.push(schema);
    Some(chain)
}
