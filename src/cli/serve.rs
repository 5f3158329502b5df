//! `iasql serve`: the engine against a Postgres of somebody's own.

use iasql::{
    aws::{self, Aws},
    config::{self, Door, Keys, Url},
    control::{self, Control},
    resource::Secret,
    shutdown,
};

use super::{door::Closed, error::Error, exit::DONE, running, show::Show};

pub(crate) const EXAMPLES: &str = "\
Examples:
  iasql serve --database-url postgres://iasql@db.internal/iasql --token-file /etc/iasql/tokens --key-file /etc/iasql/key.asc
  iasql serve --database-url postgres://postgres@localhost/iasql --no-auth
  iasql serve --rds-instance iasql --rds-secret iasql/database --listen 0.0.0.0:8088 --token-file tokens

Any number of servers can run on one metadata database.";

/// Where the engine works, and to whom it answers.
#[derive(clap::Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    metadata: Metadata,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    door: Door,
    /// A Secrets Manager secret that holds the one bearer token
    #[arg(long, env = "IASQL_TOKEN_SECRET", value_name = "NAME", conflicts_with_all = ["token", "token_file", "no_auth"])]
    token_secret: Option<String>,
}

async fn token(name: &str) -> Result<Secret, Error> {
    let token = aws::secret_text(&Aws::new(control::default_chain().await), name).await;
    let token = token.map_err(|error| Error::Said(format!("reading the token: {error}")))?;
    config::token(token.expose()).map_err(|said| Error::Said(format!("the secret {name}: {said}")))
}

/// The metadata database; its tables are made where they are missing.
#[derive(clap::Args)]
#[group(required = true, multiple = true)]
struct Metadata {
    /// The metadata database; its tables are made where they are missing
    #[arg(long, env = "IASQL_DATABASE_URL", hide_env_values = true, value_name = "URL", value_parser = Url::parse)]
    database_url: Option<Url>,
    /// The RDS instance that holds it, in the region and with the credentials of AWS' default chain
    #[arg(long, env = "IASQL_RDS_INSTANCE", value_name = "NAME", requires = "rds_secret", conflicts_with = "database_url")]
    rds_instance: Option<String>,
    /// The Secrets Manager secret that holds the instance's master password
    #[arg(long, env = "IASQL_RDS_SECRET", value_name = "NAME", requires = "rds_instance")]
    rds_secret: Option<String>,
}

impl Metadata {
    async fn url(self) -> Result<Url, Error> {
        match self {
            Self { database_url: Some(url), .. } => Ok(url),
            Self { rds_instance: Some(instance), rds_secret: Some(secret), .. } => {
                let url = aws::database_url(&Aws::new(control::default_chain().await), &instance, &secret).await;
                let url = url.map_err(|error| Error::Said(format!("finding the database of {instance}: {error}")))?;
                Url::parse(url.expose()).map_err(Error::Said)
            }
            _ => Err(Error::Said("name the metadata database: --database-url, or --rds-instance and --rds-secret".into())),
        }
    }
}

impl Serve {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        let door = match &self.token_secret {
            Some(name) => Door { token: Some(token(name).await?), ..self.door },
            None => self.door,
        };
        let door = Closed::at(door).await?;
        let shutdown = shutdown::on_signal().map_err(|source| Error::Io { what: "listening for signals".into(), source })?;
        show.say("connecting to the metadata database");
        let control = Control::connect(self.metadata.url().await?.expose()).await?;
        let control = running::reaching(control.with_keys(running::source(&self.keys)).await?);
        if control.keys().await.is_empty() {
            show.say("it has no key, so it can't open secrets (--key-file, --key-secret)");
        }
        let url = door.url();
        show.answer(&format!("ready: {url}"));
        show.document(&serde_json::json!({ "event": "ready", "http": url }));
        door.open(control, shutdown).await.map(|()| DONE)
    }
}
