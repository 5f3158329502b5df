//! `iasql schema upgrade` and `downgrade`: a database goes from one version of a schema to another.

use std::{
    io::{BufRead, IsTerminal},
    path::PathBuf,
    time::Duration,
};

use iasql::{
    config::Url,
    schema::{self, Done, Golden, How, Schema, Scratch},
};
use serde_json::json;
use sqlx::{Connection, PgConnection};

use super::{
    check::chain,
    directory::read,
    progress::{asking, connect, tell},
    roll_out::RollOut,
};
use crate::cli::{error::Error, exit::DONE, show::Show};

pub(crate) const UPGRADE: &str = "\
Examples:
  iasql schema upgrade queue --database postgres://admin@db.example.com/work
  iasql schema upgrade queue --database postgres://admin@db.example.com/work --to 3
  iasql schema upgrade --all                  all users' databases, to what this iasql carries
  iasql schema upgrade --user shop            one of them

Each version is made in one transaction: whole, or not at all. Before it counts, the database is compared with a fresh one.
Two upgrades at once are safe: one waits for the other. What was interrupted is gone on with by the next.";

pub(crate) const DOWNGRADE: &str = "\
Examples:
  iasql schema downgrade queue --database postgres://admin@db.example.com/work --to 2

It loses what only the newer versions keep. It asks before it does; where nobody can answer it wants --yes.";

/// Which database, and how.
#[derive(clap::Args)]
struct Where {
    /// The schema directory
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
    /// The database, as an administrator reaches it
    #[arg(long, value_name = "URL", value_parser = Url::parse)]
    database: Option<Url>,
    /// The directory of a schema that this one needs, by which it can be compared with a fresh one; repeatable
    #[arg(long = "needs", value_name = "DIR")]
    needs: Vec<PathBuf>,
    /// How long one try waits for a lock, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    lock_timeout: Option<Duration>,
    /// How long a version is tried again where somebody is in the way, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    patience: Option<Duration>,
}

/// Up.
#[derive(clap::Args)]
pub(crate) struct Upgrade {
    #[command(flatten)]
    place: Where,
    /// The version to go to; the newest where none is named
    #[arg(long, value_name = "VERSION")]
    to: Option<i32>,
    #[command(flatten)]
    roll_out: RollOut,
}

/// Down.
#[derive(clap::Args)]
pub(crate) struct Downgrade {
    #[command(flatten)]
    place: Where,
    /// The version to go back to; 0 takes the schema away
    #[arg(long, value_name = "VERSION")]
    to: i32,
    /// Don't ask
    #[arg(long)]
    yes: bool,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().map_err(|_| "a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

impl Where {
    /// The schema, and the way to the database.
    fn named(&self) -> Result<(Schema, &Url), Error> {
        let (Some(dir), Some(database)) = (&self.directory, &self.database) else {
            let said = "which schema, and which database? name a directory and --database (upgrade only: or --all)";
            return Err(Error::Said(said.to_owned()));
        };
        Ok((read(dir)?, database))
    }

    /// What a fresh database looks like, where that can be known.
    async fn golden(&self, schema: &Schema, database: &Url, show: &Show) -> Result<Option<Golden>, Error> {
        let others = self.needs.iter().map(|dir| read(dir)).collect::<Result<Vec<_>, _>>()?;
        let Some(chain) = chain(schema, &others) else {
            let needs = schema.head.needs.join(", ");
            show.say(&format!(
                "{}: not compared with a fresh database, for that takes the directories of {needs} (--needs)",
                schema.name()
            ));
            return Ok(None);
        };
        Ok(Some(Golden::lay(database.expose(), &chain, &Scratch::default()).await?))
    }

    fn how<'a>(&self, golden: Option<&'a Golden>, tell: &'a (dyn Fn(schema::Progress) + Send + Sync)) -> How<'a> {
        let usual = How::default();
        let (lock_timeout, patience) = (self.lock_timeout.unwrap_or(usual.lock_timeout), self.patience.unwrap_or(usual.patience));
        How { golden, lock_timeout, patience, tell, ..usual }
    }
}

impl Upgrade {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        if self.roll_out.is_asked_for() {
            return self.roll_out.run(self.place.lock_timeout, self.place.patience, show).await;
        }
        let (schema, database) = self.place.named()?;
        let mut inside = connect(database).await?;
        let golden = self.place.golden(&schema, database, show).await?;
        let tell = |progress| tell(show, &progress);
        let how = self.place.how(golden.as_ref(), &tell);
        let done = schema::upgrade(&mut inside, &schema, self.to.unwrap_or_else(|| schema.newest()), &how).await?;
        ended(&schema, &done, show);
        leave(inside).await
    }
}

impl Downgrade {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        let (schema, database) = self.place.named()?;
        let mut inside = connect(database).await?;
        let from = schema::installed(&mut inside, schema.name()).await?;
        if from > self.to && !self.yes {
            agreed(&mut inside, &schema, from, self.to, show).await?;
        }
        let golden = self.place.golden(&schema, database, show).await?;
        let tell = |progress| tell(show, &progress);
        let how = self.place.how(golden.as_ref(), &tell);
        let done = schema::downgrade(&mut inside, &schema, self.to, &how).await?;
        ended(&schema, &done, show);
        leave(inside).await
    }
}

/// Asks whoever sits there.
async fn agreed(inside: &mut PgConnection, schema: &Schema, from: i32, to: i32, show: &Show) -> Result<(), Error> {
    let database = sqlx::query_scalar("select current_database()::text").fetch_one(inside).await;
    let database: String = database.map_err(asking("asking for the database's name"))?;
    let what =
        format!("{} in {database} goes from version {from} back to {to}, and what only the newer versions keep is lost", schema.name());
    if !std::io::stdin().is_terminal() {
        return Err(Error::Said(format!("{what}: say --yes if that is meant")));
    }
    show.say(&format!("{what}. Go on? [y/N]"));
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|source| Error::Io { what: "asking".into(), source })?;
    match line.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Error::Said("nothing was done".to_owned())),
    }
}

fn ended(schema: &Schema, done: &Done, show: &Show) {
    show.done();
    let (name, Done { from, to, versions, rows }) = (schema.name(), done);
    show.document(&json!({ "event": "done", "schema": name, "from": from, "to": to, "versions": versions, "rows": rows }));
    show.answer(&match from == to {
        true => format!("{name}: nothing to do at version {to}"),
        false => format!("{name}: from version {from} to {to}"),
    });
}

async fn leave(inside: PgConnection) -> Result<u8, Error> {
    inside.close().await.map_err(asking("leaving the database"))?;
    Ok(DONE)
}
