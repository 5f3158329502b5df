//! `iasql serve`: the engine against a Postgres of somebody's own.

use iasql::{
    config::{Door, Url},
    control::Control,
    shutdown,
};

use super::{door::Closed, error::Error, exit::DONE, show::Show};

pub(crate) const EXAMPLES: &str = "\
Examples:
  iasql serve --database-url postgres://iasql@db.internal/iasql --token-file /etc/iasql/tokens
  iasql serve --database-url postgres://postgres@localhost/iasql --no-auth

Any number of servers can run on one metadata database.";

/// Where the engine works, and to whom it answers.
#[derive(clap::Args)]
pub(crate) struct Serve {
    /// The metadata database; its tables are made where they are missing
    #[arg(long, env = "IASQL_DATABASE_URL", hide_env_values = true, value_name = "URL", value_parser = Url::parse)]
    database_url: Url,
    #[command(flatten)]
    door: Door,
}

impl Serve {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        let door = Closed::at(self.door).await?;
        let shutdown = shutdown::on_signal().map_err(|source| Error::Io { what: "listening for signals".into(), source })?;
        show.say("connecting to the metadata database");
        let control = Control::connect(self.database_url.expose()).await?;
        let url = door.url();
        show.answer(&format!("ready: {url}"));
        show.document(&serde_json::json!({ "event": "ready", "http": url }));
        door.open(control, shutdown).await.map(|()| DONE)
    }
}
