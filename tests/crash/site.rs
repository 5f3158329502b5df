//! An operator with impatient leases, a user with a database and an account, and engines that are processes.

use std::{process::Output, time::Duration};

use iasql::control::Setup;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Row, postgres::PgRow};
use tokio::{
    process::{Child, Command},
    time::{interval, timeout},
};

use super::Engine;
use crate::{
    control::{Own, own, owner},
    support::{self, Account},
};

/// An operator, a user and an account.
pub(crate) struct Site {
    pub(crate) own: Own,
    pub(crate) account: Account,
    /// The user's database.
    pub(crate) name: String,
    /// Whoever owns what is ours in it.
    pub(crate) owner: PgPool,
    /// The user's connection.
    pub(crate) user: PgConnection,
    environment: Vec<(&'static str, String)>,
}

impl Site {
    /// A database with these modules.
    pub(crate) async fn with(modules: &[&str]) -> Self {
        let (own, account) = (own().await, support::account().await);
        own.run("update control.setting set value = '1' where name = 'lease_seconds'").await;
        let name = support::database_name();
        let modules = Some(modules.iter().map(ToString::to_string).collect());
        let made = own.control.setup(&name, Setup { modules, ..Setup::default() }).await.unwrap_or_else(|error| panic!("{error:?}"));
        let user = PgConnection::connect(made.url().expose()).await.expect("the user's login");
        let (owner, environment) = (owner(&name).await, account.environment().await);
        Self { own, account, name, owner, user, environment }
    }

    /// From now on the operator's shell has this in its environment, too.
    pub(crate) fn also(&mut self, name: &'static str, value: &str) {
        self.environment.push((name, value.to_owned()));
    }

    /// An engine of the operator's.
    pub(crate) async fn engine(&self) -> Engine {
        Engine::start(&self.own.url, &self.environment).await
    }

    /// What somebody types in the operator's shell.
    pub(crate) fn iasql(&self, words: &[&str]) -> Command {
        let mut command = Command::new(support::binary());
        command.args(words).args(["--database-url", &self.own.url]).env_clear().env("PATH", "/usr/bin:/bin");
        command.env("IASQL_KEY_FILE", support::key_file()).envs(self.environment.iter().cloned()).kill_on_drop(true);
        if let Some(level) = std::env::var_os("IASQL_LOG") {
            command.env("IASQL_LOG", level);
        }
        command
    }

    /// A check on the command line that is under way.
    pub(crate) fn checking(&self) -> Child {
        use std::process::Stdio;
        self.iasql(&["check", &self.name]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary runs")
    }

    /// A check on the command line from its start to its end, which is a good one.
    pub(crate) async fn check(&self) -> Output {
        let output = self.iasql(&["check", &self.name]).output().await.expect("the binary runs");
        assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        output
    }

    /// What the user types.
    pub(crate) async fn sql(&mut self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.user).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The first column of what the owner of all that is ours gets to see, as text.
    pub(crate) async fn ask(&self, sql: &str) -> Vec<String> {
        let rows =
            sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_all(&self.owner).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.iter().map(first).collect()
    }

    /// The first column of what the administrator sees in the metadata database, as text.
    pub(crate) async fn registry(&self, sql: &str) -> Vec<String> {
        let rows = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_all(self.own.control.pool()).await;
        rows.unwrap_or_else(|error| panic!("{sql}: {error}")).iter().map(first).collect()
    }

    /// That comes to be: where sessions were cut, the engine may look once more at what came of them.
    pub(crate) async fn comes_to_rest(&self) {
        let is_empty = async || {
            self.ask(LEFT).await.is_empty()
                && self.ask(include_str!("unsettled.sql")).await.is_empty()
                && self.registry(include_str!("unended.sql")).await.is_empty()
        };
        until("rest", || async { is_empty().await.then_some(()) }).await;
    }

    /// Nothing is left to do, no run goes on, nobody waits, and nothing is held.
    pub(crate) async fn rests(&self) {
        assert_eq!(self.ask(LEFT).await, Vec::<String>::new(), "of the plan");
        assert_eq!(self.ask(include_str!("unsettled.sql")).await, Vec::<String>::new(), "in the user's database");
        assert_eq!(self.registry(include_str!("unended.sql")).await, Vec::<String>::new(), "in the metadata database");
    }
}

/// What is left to do.
const LEFT: &str = "select action || ' ' || resource || ' ' || name from iasql.plan where action <> 'unmanaged'";

fn first(row: &PgRow) -> String {
    row.try_get::<Option<String>, _>(0).expect("text").unwrap_or_default()
}

/// Looks until something is so.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, look: impl Fn() -> F) -> T {
    let mut ticks = interval(Duration::from_millis(20));
    let found = async {
        loop {
            ticks.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    timeout(Duration::from_secs(120), found).await.unwrap_or_else(|_| panic!("{what} never came"))
}
