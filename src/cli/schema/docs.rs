//! `iasql schema docs`: the reference, from a fresh database.

use std::path::PathBuf;

use iasql::{
    config::Url,
    local::{LocalPostgres, Options},
    schema::{self, Schema},
};
use sqlx::{Connection, PgConnection, Postgres, migrate::MigrateDatabase};

use super::{carried::named_or_carried, check::chain, directory::write, progress::asking};
use crate::cli::{error::Error, exit::DONE, show::Show};

pub(crate) const EXAMPLES: &str = "\
Examples:
  iasql schema docs queue --out docs/reference
  iasql schema docs base queue --out docs/reference --server postgres://admin@127.0.0.1/postgres

The schemas are laid in a database that is made for it and dropped again: on the server that is named, or on one that is started here.";

/// Of what, and where to.
#[derive(clap::Args)]
pub(crate) struct Docs {
    /// The schema directories, those that others need among them; what this iasql carries where none is named
    #[arg(value_name = "DIR")]
    dirs: Vec<PathBuf>,
    /// The folder of the pages
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A server to make the database on, as an administrator reaches it
    #[arg(long, value_name = "URL", value_parser = Url::parse)]
    server: Option<Url>,
}

impl Docs {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        let schemas = named_or_carried(&self.dirs)?;
        let ordered = in_order(&schemas)?;
        let pages = match &self.server {
            Some(server) => made(server.expose(), &ordered).await?,
            None => here(&ordered, show).await?,
        };
        for (file, text) in &pages {
            let path = self.out.join(file);
            write(&path, text)?;
            show.answer(&path.display().to_string());
        }
        show.document(&pages.iter().map(|(file, _)| self.out.join(file)).collect::<Vec<_>>());
        Ok(DONE)
    }
}

/// Those that are needed first.
fn in_order(schemas: &[Schema]) -> Result<Vec<&Schema>, Error> {
    let mut ordered: Vec<&Schema> = Vec::new();
    for schema in schemas {
        let missing = || Error::Said(format!("{} needs {}: name their directories too", schema.name(), schema.head.needs.join(", ")));
        for next in chain(schema, schemas).ok_or_else(missing)? {
            if !ordered.iter().any(|known| known.name() == next.name()) {
                ordered.push(next);
            }
        }
    }
    Ok(ordered)
}

/// On a server that is started for it.
async fn here(chain: &[&Schema], show: &Show) -> Result<Vec<(String, String)>, Error> {
    show.say("starting a Postgres for it (or name one with --server)");
    let folder = std::env::temp_dir().join(format!("iasql-docs-{}", std::process::id()));
    let server = LocalPostgres::start(&folder, Options { port: None, lasting: false, binary: None }).await?;
    let pages = made(&server.admin_url(), chain).await;
    server.stop().await;
    // what does not last removes itself; a folder that is not there is fine
    drop(std::fs::remove_dir_all(&folder));
    pages
}

/// In a database that is made for it.
async fn made(server: &str, chain: &[&Schema]) -> Result<Vec<(String, String)>, Error> {
    let mut url = url::Url::parse(server).map_err(|error| Error::Said(format!("the server's address: {error}")))?;
    url.set_path(&format!("iasql_docs_{}", uuid::Uuid::new_v4().simple()));
    Postgres::create_database(url.as_str()).await.map_err(asking("making a database"))?;
    let pages = written(url.as_str(), chain).await;
    Postgres::force_drop_database(url.as_str()).await.map_err(asking("dropping the database"))?;
    pages
}

async fn written(url: &str, chain: &[&Schema]) -> Result<Vec<(String, String)>, Error> {
    let mut inside = PgConnection::connect(url).await.map_err(asking("connecting to the database"))?;
    let pages = schema::pages(&mut inside, chain).await?;
    inside.close().await.map_err(asking("leaving the database"))?;
    Ok(pages)
}
