//! `iasql cluster`: the members of a highly available Postgres, and who looks after them.

use std::{path::PathBuf, sync::Arc};

use clap::Subcommand;
use iasql::{
    causes::in_one_line,
    cluster::{self, Controller, Nothing, Sheet},
    failover, shutdown,
};

use super::{
    error::Error,
    exit::{DONE, FAILED},
    show::Show,
};

pub(crate) const EXAMPLES: &str = "\
Examples:
  iasql cluster member --file cluster.json --number 0 --home /var/lib/iasql/m0
  iasql cluster run --file cluster.json
  iasql cluster show --file cluster.json
  iasql cluster prefer --file cluster.json --number 1

docs/cluster.md says what stands in the file.";

/// What to do.
#[derive(clap::Args)]
pub(crate) struct Cluster {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Run a member: a Postgres and its agent
    Member {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        which: Which,
        /// The folder of its data; as root it becomes an unprivileged user's
        #[arg(long, value_name = "DIR")]
        home: PathBuf,
    },
    /// Look after the members: begin, replace a lost primary, bring back who was away
    Run(Of),
    /// Show what is written down of the cluster, and what is seen of each member
    Show(Of),
    /// Have another member lead, without losing a commit
    Prefer {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        which: Which,
    },
}

#[derive(clap::Args)]
struct Of {
    /// The file of the cluster
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
}

#[derive(clap::Args)]
struct Which {
    /// The member's number in that file
    #[arg(long, value_name = "NUMBER")]
    number: u16,
}

impl Cluster {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        let shutdown = shutdown::on_signal().map_err(|source| Error::Io { what: "listening for signals".into(), source })?;
        match self.what {
            What::Member { of, which, home } => {
                cluster::member(of.sheet()?, failover::Member(which.number), &home, shutdown).await.map_err(said)?;
            }
            What::Run(of) => of.controller().await?.run(shutdown).await,
            What::Show(of) => return of.show(show).await,
            What::Prefer { of, which } => {
                if !of.controller().await?.prefer(failover::Member(which.number)).await.map_err(said)? {
                    show.say("not now: something is being done to the cluster, or it has no such member");
                    return Ok(FAILED);
                }
            }
        }
        Ok(DONE)
    }
}

impl Of {
    fn sheet(&self) -> Result<Sheet, Error> {
        Sheet::read(&self.file).map_err(said)
    }

    async fn controller(&self) -> Result<Controller, Error> {
        Controller::open(self.sheet()?, Arc::new(Nothing)).await.map_err(said)
    }

    async fn show(&self, show: &Show) -> Result<u8, Error> {
        let Some(shown) = self.controller().await?.show().await.map_err(said)? else {
            show.say("nothing is written down yet: `iasql cluster run` begins");
            return Ok(FAILED);
        };
        let document = serde_json::json!({ "record": shown.state.record, "lease": shown.state.lease, "members": shown.members });
        show.answer(&serde_json::to_string_pretty(&document).map_err(|error| Error::Said(error.to_string()))?);
        show.document(&document);
        Ok(DONE)
    }
}

fn said(error: cluster::Error) -> Error {
    Error::Said(in_one_line(&error))
}
