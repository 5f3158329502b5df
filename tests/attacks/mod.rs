//! Attacks from a tenant's own login, against a database as a setup makes it. `docs/security.md` says what can't be refused.

mod account;
mod columns;
mod held;
mod lasting;
mod neighbours;
mod ours;
mod room;
mod secrets;
mod server;
mod shadows;
mod told;

use iasql::control::{Made, Setup};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use crate::{
    control::{Own, admin, own},
    support::database_name,
};

/// What Postgres says to somebody who lacks a right.
const DENIED: &str = "42501";

/// Somebody with a database of their own, who means no good.
struct Tenant {
    made: Made,
    own: Own,
    /// What they type into.
    login: PgConnection,
}

impl Tenant {
    /// A tenant whose database has these modules.
    async fn with(modules: &[&str]) -> Self {
        Self::of(own().await, modules).await
    }

    /// The same, in a registry that others are in too.
    async fn of(own: Own, modules: &[&str]) -> Self {
        let modules = modules.iter().map(ToString::to_string).collect();
        let setup = Setup { modules: Some(modules), ..Setup::default() };
        let made = own.control.setup(&database_name(), setup).await.unwrap_or_else(|error| panic!("{error:?}"));
        let login = PgConnection::connect(made.url().expose()).await.expect("the login gets in");
        Self { made, own, login }
    }

    fn name(&self) -> &str {
        &self.made.database.name
    }

    /// One more connection of theirs.
    async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        PgConnection::connect(self.made.url().expose()).await
    }

    /// The superuser's connection to their database, to look at what came of it.
    async fn superuser(&self) -> PgConnection {
        admin(self.name()).await
    }

    /// What they type, and may.
    async fn sql(&mut self, sql: &str) {
        run(&mut self.login, sql).await;
    }

    /// The first column of what a query answers, as text.
    async fn ask(&mut self, sql: &str) -> Vec<String> {
        ask(&mut self.login, sql).await
    }

    /// The code and the words with which something is refused; nothing where it is not.
    async fn refusal(&mut self, sql: &str) -> Option<(String, String)> {
        let error = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.login).await.err()?;
        let error = error.as_database_error()?;
        Some((error.code().unwrap_or_default().into_owned(), error.message().to_owned()))
    }

    /// Tries each, and names those that were not refused for lack of a right.
    async fn denied(&mut self, attacks: &[&str]) {
        let mut passed = vec![];
        for attack in attacks {
            let refusal = self.refusal(attack).await;
            // whatever it was, it may have left a transaction open
            self.sql("rollback").await;
            passed.extend(refusal.as_ref().is_none_or(|(code, _)| code != DENIED).then(|| format!("{attack}: {refusal:?}")));
        }
        assert!(passed.is_empty(), "\n{}", passed.join("\n"));
    }
}

/// Runs SQL that has to work.
async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The first column of what a query answers, as text.
async fn ask(connection: &mut PgConnection, sql: &str) -> Vec<String> {
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.iter().map(|row| row.try_get::<Option<String>, _>(0).expect("text").unwrap_or_default()).collect()
}
