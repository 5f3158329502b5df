//! `iasql databases`: the users' databases.

use iasql::config::Place;

use super::{error::Error, exit::DONE, running, show::Show};

pub(crate) const EXAMPLES: &str = "\
Examples:
  iasql databases
  iasql databases --json";

/// Lists them by name.
pub(crate) async fn run(place: &Place, show: &Show) -> Result<u8, Error> {
    let databases = running::find(place)?.control().await?.databases().await?;
    show.document(&databases);
    if databases.is_empty() {
        show.say("no databases yet: make one with `iasql setup <name>`");
    }
    for database in &databases {
        show.answer(&format!("{:<24} {:<16} {}", database.name, database.region, database.modules.join(", ")));
    }
    Ok(DONE)
}
