//! `iasql template`: what an image brings along, so that the databases in it begin as a copy.

use std::path::PathBuf;

use clap::Args;
use iasql::{causes::in_one_line, node};

use super::{error::Error, exit::DONE, show::Show};

pub(crate) const EXAMPLES: &str = "\
Examples:
  RUN iasql template /usr/share/iasql/template                  in a Dockerfile
  iasql instance --template /usr/share/iasql/template …         what it is for

It is an empty cluster of the newest PostgreSQL that is installed, as initdb makes it. Nothing secret is in it, and everybody may read it.";

/// Where it goes.
#[derive(Args)]
pub(crate) struct Template {
    /// The folder: one for each version of PostgreSQL is made in it, and stays as it is where it is there
    #[arg(value_name = "DIR")]
    into: PathBuf,
    /// The folder in which PGlite is installed, as scripts/install.sh does it: its template is made, too
    #[arg(long, value_name = "DIR")]
    pglite: Option<PathBuf>,
}

impl Template {
    pub(crate) async fn run(&self, show: &Show) -> Result<u8, Error> {
        let made = node::bring_along(&self.into, self.pglite.as_deref()).await.map_err(|error| Error::Said(in_one_line(&error)))?;
        made.iter().for_each(|template| show.answer(&template.display().to_string()));
        show.document(&serde_json::json!({ "templates": made }));
        Ok(DONE)
    }
}
