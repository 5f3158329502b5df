//! `iasql schema`: versioned schemas, ours and anybody's.

mod carried;
mod check;
mod directory;
mod docs;
mod lay;
mod progress;
mod roll_out;

use clap::Subcommand;

use super::{error::Error, show::Show};

pub(crate) const EXAMPLES: &str = "\
Examples:
  iasql schema new queue                                     a directory to start from
  iasql schema check queue                                   all that is wrong with it
  iasql schema upgrade queue --database postgres://…/work    put it into a database
  iasql schema upgrade --all                                 bring all users' databases up to date
  iasql schema procs queue > src/procs.rs                    its procedures as Rust
  iasql schema release queue                                 promise what it has

docs/schema.md describes the form of a schema directory.";

/// What is to be done with which schemas.
#[derive(clap::Args)]
pub(crate) struct Schema {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Find all that is wrong with schema directories, and how a database differs from them
    #[command(after_help = check::EXAMPLES)]
    Check(check::Check),
    /// Bring a database to a newer version of a schema
    #[command(after_help = lay::UPGRADE)]
    Upgrade(lay::Upgrade),
    /// Take a database back to an older version of a schema; this loses data
    #[command(after_help = lay::DOWNGRADE)]
    Downgrade(lay::Downgrade),
    /// Make a schema directory to start from
    #[command(after_help = directory::NEW)]
    New(directory::New),
    /// Print a schema's procedures as Rust
    #[command(after_help = directory::PROCS)]
    Procs(directory::Procs),
    /// Freeze the versions that there are, and promise their procedures
    #[command(after_help = directory::RELEASE)]
    Release(directory::Release),
    /// Write the reference of all tables, columns and procedures
    #[command(after_help = docs::EXAMPLES)]
    Docs(docs::Docs),
}

impl Schema {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        match self.what {
            What::Check(check) => check.run(show).await,
            What::Upgrade(upgrade) => upgrade.run(show).await,
            What::Downgrade(downgrade) => downgrade.run(show).await,
            What::New(new) => new.run(show),
            What::Procs(procs) => procs.run(show),
            What::Release(release) => release.run(show),
            What::Docs(docs) => docs.run(show).await,
        }
    }
}
