//! `iasql key`: makes a key for the engine, and has secrets sealed to another one.

use clap::{Args, Subcommand};
use iasql::{
    config::Place,
    control::{Control, Resealed},
    seal,
};

use super::{
    error::Error,
    exit::{DONE, FAILED},
    running,
    show::Show,
};

pub(crate) const EXAMPLES: &str = "\
Examples:
  (umask 077; iasql key new > key.asc)     a key for iasql serve --key-file key.asc
  iasql key new >> key.asc                 another one: new secrets are sealed to it, the old one still opens
  iasql key reseal shop --key-file key.asc what is sealed to older keys is sealed to the newest; --all: in all databases

Without its key an engine opens no secret: keep it where you keep what you can't lose. docs/secrets.md says more.";

/// What to do with keys.
#[derive(Args)]
pub(crate) struct Key {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Print a new key: an OpenPGP private key, locked by no password
    New,
    /// Seal to the engine's newest key what a database has sealed to others
    Reseal(Reseal),
}

/// Which databases.
#[derive(Args)]
struct Reseal {
    /// The database
    #[arg(required_unless_present = "all")]
    database: Option<String>,
    /// All databases
    #[arg(long, conflicts_with = "database")]
    all: bool,
    /// Go over to the engine's key also where the one in use is lost: what only that one opens has to be written again
    #[arg(long)]
    instead: bool,
    #[command(flatten)]
    place: Place,
}

impl Key {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        match self.what {
            What::New => {
                let key = seal::new_key(chrono::Utc::now()).map_err(|error| Error::Said(error.to_string()))?;
                show.answer(key.expose().trim_end());
                Ok(DONE)
            }
            What::Reseal(reseal) => reseal.run(show).await,
        }
    }
}

impl Reseal {
    async fn run(self, show: &Show) -> Result<u8, Error> {
        let control = running::find(&self.place)?.control().await?;
        let names = match self.database {
            Some(name) => vec![name],
            None => control.databases().await?.into_iter().filter(|found| found.ready).map(|found| found.name).collect(),
        };
        let mut code = DONE;
        for name in names {
            if !one(&control, &name, self.instead, show).await? {
                code = FAILED;
            }
        }
        Ok(code)
    }
}

/// Whether all is sealed to the newest key then.
async fn one(control: &Control, name: &str, instead: bool, show: &Show) -> Result<bool, Error> {
    let Resealed { key, sealed, closed } = control.reseal(name, instead).await?;
    show.answer(&format!("{name}: {sealed} sealed anew to {key}"));
    for (what, why) in &closed {
        show.answer(&format!("{name}: {what} stays as it is: {why}"));
    }
    show.document(&serde_json::json!({ "database": name, "key": key, "sealed": sealed, "closed": closed.iter().map(|(what, why)| serde_json::json!({ "what": what, "why": why.to_string() })).collect::<Vec<_>>() }));
    Ok(closed.is_empty())
}
