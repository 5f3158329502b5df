//! `iasql setup`: makes a user's database, or tells how to reach one.

use std::{fs, io, path::PathBuf};

use iasql::{
    config::Place,
    control::{self, Credentials, FlyWish, Made},
    resource::Secret,
};

use super::{error::Error, exit::DONE, import::import, pgpass, running, show::Show};

pub(crate) const EXAMPLES: &str = "\
Examples:
  iasql setup shop                            with every module
  iasql setup shop --modules ec2,s3 --region eu-central-1
  iasql setup shop --import                   with a row for everything that is in the account already
  iasql setup shop --rotate                   a new password, if the old one is lost
  iasql setup shop --schedule '*/15 * * * *'  check it every quarter of an hour (off ends that)
  iasql setup shop --role-arn arn:aws:iam::123456789012:role/iasql
  iasql setup shop --modules fly --fly-token-file token --fly-org acme

A second setup of the same name rebuilds nothing. The password is told once.
Exit codes: 0 done, 1 failed, or something could not be imported (it is named, with the reason).";

/// Which database, and how it is to be.
#[derive(clap::Args)]
pub(crate) struct Setup {
    /// Its name: lower-case letters, digits and underscores, a letter first, at most 40
    database: String,
    /// The services whose tables it gets, with commas in between
    #[arg(long, value_delimiter = ',', value_name = "MODULES")]
    modules: Option<Vec<String>>,
    /// The region of rows that name none
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Make a new password
    #[arg(long)]
    rotate: bool,
    /// Make rows of what is in the account already; nothing in the account is changed
    #[arg(long)]
    import: bool,
    /// When to check it by the clock: five Unix fields in UTC, @hourly, @daily, …; `off` ends it
    #[arg(long, value_name = "CRON")]
    schedule: Option<String>,
    /// A blueprint that expands into rows, once the database is there: `iasql_engine`
    #[arg(long, value_name = "NAME")]
    blueprint: Option<String>,
    /// What the blueprint reads, as in domain=iasql.example.com; as often as there is something to say
    #[arg(long = "with", value_name = "KEY=VALUE", requires = "blueprint", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    #[command(flatten)]
    credentials: Whose,
    #[command(flatten)]
    fly: WhoseFly,
    #[command(flatten)]
    place: Place,
}

/// Where the credentials of the account are that the rows are about.
#[derive(clap::Args)]
#[group(multiple = true)]
struct Whose {
    /// A profile of the engine's own AWS configuration
    #[arg(long, value_name = "NAME", conflicts_with_all = ["role_arn", "secret"])]
    profile: Option<String>,
    /// A role to assume with the engine's own credentials
    #[arg(long, value_name = "ARN", conflicts_with = "secret")]
    role_arn: Option<String>,
    /// What the role's owner wants to hear from us
    #[arg(long, value_name = "ID", requires = "role_arn")]
    external_id: Option<String>,
    /// A Secrets Manager secret: {"access_key_id": …, "secret_access_key": …}, or {"fly_api_token": …}, or both
    #[arg(long, value_name = "NAME")]
    secret: Option<String>,
}

/// Whose Fly organization the rows are about, where it is not that of the engine's environment.
#[derive(clap::Args)]
#[group(multiple = true)]
struct WhoseFly {
    /// A file with a token for Fly, which is kept sealed for this database alone; - is the standard input
    #[arg(long, value_name = "FILE", conflicts_with = "no_fly_token")]
    fly_token_file: Option<PathBuf>,
    /// The organization that the token is for: personal where none is named
    #[arg(long, value_name = "SLUG", requires = "fly_token_file")]
    fly_org: Option<String>,
    /// Forget the token that is kept for this database
    #[arg(long)]
    no_fly_token: bool,
}

impl WhoseFly {
    fn wish(self) -> Result<Option<FlyWish>, Error> {
        let Some(file) = self.fly_token_file else { return Ok(self.no_fly_token.then_some(FlyWish::Forget)) };
        let text = if file.as_os_str() == "-" { io::read_to_string(io::stdin()) } else { fs::read_to_string(&file) };
        let unread = |source| Error::Io { what: format!("reading the token for Fly from {}", file.display()), source };
        let token = Secret::new(text.map_err(unread)?.trim());
        Ok(Some(FlyWish::Have { token, organization: self.fly_org }))
    }
}

impl Whose {
    fn credentials(self) -> Option<Credentials> {
        match self {
            Self { profile: Some(name), .. } => Some(Credentials::Profile { name }),
            Self { role_arn: Some(arn), external_id, .. } => Some(Credentials::Role { arn, external_id }),
            Self { secret: Some(name), .. } => Some(Credentials::Secret { name, region: None }),
            _ => None,
        }
    }
}

impl Setup {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        let found = running::find(&self.place)?;
        show.say(&format!("setting up {}", self.database));
        let control = found.control().await?;
        let (credentials, fly, schedule) = (self.credentials.credentials(), self.fly.wish()?, self.schedule);
        // a blueprint is a module, and needs those that its rows are of
        let modules = match (self.modules, &self.blueprint) {
            (modules, None) => modules,
            (modules, Some(blueprint)) => Some(modules.into_iter().flatten().chain([blueprint.clone()]).collect()),
        };
        let asked = control::Setup { modules, region: self.region, rotate: self.rotate, credentials, fly, schedule };
        let made = control.setup(&self.database, asked).await?;
        if let (Some(dir), Some(password)) = (&found.dir, &made.password) {
            pgpass::keep(dir, &made.database, password)?;
        }
        let sql = match &self.blueprint {
            Some(blueprint) => {
                let parameters = self.parameters.into_iter().map(|(key, value)| (key, value.into())).collect();
                Some(control.expand(&self.database, blueprint, serde_json::Value::Object(parameters)).await?)
            }
            None => None,
        };
        tell(show, &made, sql.as_deref());
        if let Some(dir) = &found.dir {
            show.answer(&pgpass::psql(dir, &made.database));
        }
        if self.import { import(&control, &self.database, show).await } else { Ok(DONE) }
    }
}

/// `domain=iasql.example.com`
fn parameter(text: &str) -> Result<(String, String), String> {
    let (key, value) =
        text.split_once('=').ok_or_else(|| "a key, an equals sign and a value, as in domain=iasql.example.com".to_owned())?;
    Ok((key.to_owned(), value.to_owned()))
}

fn tell(show: &Show, made: &Made, sql: Option<&[String]>) {
    show.document(&serde_json::json!({ "created": made.created, "url": made.url(), "database": made.database, "sql": sql }));
    sql.unwrap_or_default().iter().for_each(|statement| show.answer(statement));
    show.say(match (made.created, &made.password) {
        (true, _) => "made",
        (false, Some(_)) => "there already; it has a new password",
        (false, None) => "there already; its password was told when it was made (a new one: --rotate)",
    });
    if made.password.is_some() {
        show.say("this holds the password and is not told again:");
    }
    show.answer(made.url().expose());
}
