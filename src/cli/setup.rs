//! `iasql setup`: makes a user's database, or tells how to reach one.

use iasql::{
    config::Place,
    control::{self, Made},
};

use super::{error::Error, exit::DONE, pgpass, running, show::Show};

pub(crate) const EXAMPLES: &str = "\
Examples:
  iasql setup shop                            with every module
  iasql setup shop --modules ec2,s3 --region eu-central-1
  iasql setup shop --rotate                   a new password, if the old one is lost

A second setup of the same name rebuilds nothing. The password is told once.";

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
    #[command(flatten)]
    place: Place,
}

impl Setup {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        let found = running::find(&self.place)?;
        show.say(&format!("setting up {}", self.database));
        let asked = control::Setup { modules: self.modules, region: self.region, rotate: self.rotate, ..control::Setup::default() };
        let made = found.control().await?.setup(&self.database, asked).await?;
        if let (Some(dir), Some(password)) = (&found.dir, &made.password) {
            pgpass::keep(dir, &made.database, password)?;
        }
        tell(show, &made);
        if let Some(dir) = &found.dir {
            show.answer(&pgpass::psql(dir, &made.database));
        }
        Ok(DONE)
    }
}

fn tell(show: &Show, made: &Made) {
    show.document(&serde_json::json!({ "created": made.created, "url": made.url(), "database": made.database }));
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
