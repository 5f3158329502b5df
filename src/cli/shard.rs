//! `iasql shard`: the Postgres servers that users' databases are on.

use clap::Subcommand;
use iasql::{config::Place, control::Control};

use super::{error::Error, exit::DONE, running, show::Show};

pub(crate) const EXAMPLES: &str = "\
Examples:
  iasql shard list
  iasql shard add b --url postgres://postgres@b.internal/postgres --public-host b.example.com
  iasql shard remove b

The registry keeps no passwords: the one of a server stands in libpq's password file (~/.pgpass, or what PGPASSFILE names), as a line
b.internal:5432:*:postgres:password, wherever an engine or a command runs. docs/tenants.md has the rest.";

/// What is to be done with which server.
#[derive(clap::Args)]
pub(crate) struct Shard {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// List the servers: how many databases each holds, and how users reach it
    List(Place),
    /// Add a server; new databases go to the one with the fewest
    Add(Add),
    /// Forget a server that holds no databases; nothing on it is touched
    Remove {
        /// Its name
        name: String,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(clap::Args)]
struct Add {
    /// What to call it: small letters, digits, _ and -
    name: String,
    /// How an administrator reaches it, without the password
    #[arg(long, value_name = "URL")]
    url: String,
    /// The host that users are told, where it is not the one in the URL
    #[arg(long, value_name = "HOST")]
    public_host: Option<String>,
    /// The port that users are told, where it is not the one in the URL
    #[arg(long, value_name = "PORT")]
    public_port: Option<u16>,
    #[command(flatten)]
    place: Place,
}

impl Shard {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        match self.what {
            What::List(place) => {
                let shards = control(&place).await?.shards().await?;
                show.document(&shards);
                for shard in &shards {
                    let held = format!("{} of {}", shard.databases, shard.at_most);
                    show.answer(&format!("{:<16} {held:<12} {}:{}", shard.name, shard.host, shard.port));
                }
            }
            What::Add(add) => {
                let control = control(&add.place).await?;
                control.add_shard(&add.name, &add.url, add.public_host.as_deref(), add.public_port).await?;
                show.document(&serde_json::json!({ "added": add.name }));
                show.answer(&format!("{} is there: new databases go to the server with the fewest", add.name));
            }
            What::Remove { name, place } => {
                control(&place).await?.remove_shard(&name).await?;
                show.document(&serde_json::json!({ "removed": name }));
                show.answer(&format!("{name} is forgotten; what is on it stays"));
            }
        }
        Ok(DONE)
    }
}

async fn control(place: &Place) -> Result<Control, Error> {
    running::find(place)?.control().await
}
