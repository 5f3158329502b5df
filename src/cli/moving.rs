//! `iasql move`: takes a user's database to another server.

use std::time::Duration;

use iasql::{config::Place, control::Stage, shutdown, worker};

use super::{error::Error, exit::DONE, running, show::Show};

pub(crate) const EXAMPLES: &str = "\
Examples:
  iasql move shop --to b
  iasql move shop --to home --grace 30

While it moves nobody is let in; the password stays, the address becomes that of the other server. All rows, the history and the
catalog are compared before the registry says that it is there. Where that fails, or this is killed, the database opens again where it
was, and the command can be repeated.";

/// Which database, and where to.
#[derive(clap::Args)]
pub(crate) struct Move {
    /// Its name
    database: String,
    /// The server that gets it (iasql shard list)
    #[arg(long, value_name = "SERVER")]
    to: String,
    /// How long whoever is in the middle of a transaction may take to end it, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    grace: u64,
    #[command(flatten)]
    place: Place,
}

impl Move {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        let shutdown = shutdown::on_signal().map_err(|source| Error::Io { what: "listening for signals".into(), source })?;
        let control = running::find(&self.place)?.control().await?;
        let tell = |stage| show.say(said(stage));
        let (database, to, grace) = (&*self.database, &*self.to, Duration::from_secs(self.grace));
        worker::relocate(&control, &worker::Relocation { database, to, grace, tell: &tell }, &shutdown).await?;
        let moved = control.database(database).await?;
        show.document(&serde_json::json!({ "moved": moved, "to": to }));
        show.answer(&format!("{database} is on {to}: {}", moved.url));
        Ok(DONE)
    }
}

fn said(stage: Stage) -> &'static str {
    match stage {
        Stage::Closing => "closing it: nobody is let in any more",
        Stage::Copying => "copying",
        Stage::Comparing => "comparing every row and every object",
        Stage::Arrived => "it is there",
        Stage::Clearing => "opening it there, and removing it where it was",
    }
}
