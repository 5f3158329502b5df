//! Many databases brought to a new version: wave by wave, with what goes wrong on the way.

mod needs;
mod previous;
mod process;
mod round_trip;
mod users;
mod waves;

use std::time::Duration;

use iasql::{
    control::{Control, Made, Report, Rollout, Setup},
    database::{modules::Library, upgrade::Manner},
    schema::Schema,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::{
    control::{Own, admin, own},
    support,
};

/// The newest version of the small module.
const NEWEST: i32 = 3;

/// The schemas that this binary carries, and the small module as it was at a version.
fn library(version: i32) -> Library {
    let small =
        Schema::from_directory(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rollout/small")).unwrap_or_else(|error| panic!("{error}"));
    let base = Library::carried().expect("what is carried").base().as_ref().clone();
    Library::of(base, [small.up_to(version)])
}

/// An operator with some users' databases, all with the small module at version 1.
struct Fleet {
    own: Own,
    names: Vec<String>,
    made: Vec<Made>,
}

impl Fleet {
    async fn of(count: usize) -> Self {
        let Own { control, url } = own().await;
        let control = control.with_library(library(1));
        let (mut names, mut all) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let name = support::database_name();
            let setup = Setup { modules: Some(vec!["small".into()]), ..Setup::default() };
            all.push(control.setup(&name, setup).await.unwrap_or_else(|error| panic!("{error:?}")));
            names.push(name);
        }
        Self { own: Own { control, url }, names, made: all }
    }

    /// The tenant of a database, logged in.
    async fn tenant(&self, name: &str) -> PgConnection {
        let made = self.made.iter().find(|made| made.database.name == name).expect("a database of the fleet");
        PgConnection::connect(made.url().expose()).await.expect("the tenant's login")
    }

    /// From now on the operator's program carries this version.
    fn carries(&self, version: i32) -> Control {
        self.own.control.clone().with_library(library(version))
    }

    async fn roll_out(&self, version: i32, rollout: &Rollout) -> Report {
        self.carries(version).roll_out(rollout, &|_| {}).await.unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// The versions that were applied in a database, in their order.
    async fn applied(&self, name: &str) -> Vec<i32> {
        sqlx::query_scalar("select version from small.applied order by version").fetch_all(&mut admin(name).await).await.unwrap()
    }
}

/// Tries once, and shortly.
fn impatient() -> Rollout {
    let manner = Manner { lock_timeout: Duration::from_millis(50), patience: Duration::from_millis(50) };
    Rollout { manner, ..Rollout::default() }
}

pub(crate) async fn sql(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

pub(crate) async fn ask(connection: &mut PgConnection, sql: &str) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(connection).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}
