//! What a campaign is played on: an operator with two engines, three users with a database each, and one account for all of them.

use iasql::{aws::Aws, control::Setup};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Row, postgres::PgRow};

use super::{cloud, decided::Victim};
use crate::{
    control::{Own, own, owner},
    crash::Engine,
    support::{self, Account},
};

/// A database's name in the moves, its modules, its mode, and its rows as the cloud should have them.
pub(super) const KINDS: [(&str, &[&str], &str, &str); 3] = [
    ("net", &["ec2"], "on_commit", include_str!("wanted/net.sql")),
    ("app", &["s3", "iam", "secretsmanager"], "manual", include_str!("wanted/app.sql")),
    ("jobs", &["sqs", "sns"], "on_commit", include_str!("wanted/jobs.sql")),
];

/// One user.
pub(super) struct User {
    /// The database.
    pub(super) name: String,
    /// The connection string of the login.
    pub(super) url: String,
    /// The login.
    pub(super) login: PgConnection,
    /// Whoever owns what is ours in it.
    pub(super) owner: PgPool,
    pub(super) is_manual: bool,
    wanted: &'static str,
}

/// What a campaign is played on.
pub(super) struct Field {
    pub(super) account: Account,
    /// The way to it past every fault.
    pub(super) outside: Aws,
    pub(super) users: Vec<User>,
    pub(super) engines: [Option<Engine>; 2],
    own: Own,
    environment: Vec<(&'static str, String)>,
    /// What was in the account before.
    pub(super) strangers: Vec<String>,
}

impl Field {
    /// A new one, with both engines running.
    pub(super) async fn laid() -> Self {
        let (own, account) = (own().await, support::account().await);
        own.run(include_str!("settings.sql")).await;
        let mut users = Vec::new();
        for (_, modules, mode, wanted) in KINDS {
            users.push(User::made(&own, modules, mode, wanted).await);
        }
        let outside = account.outside().await;
        let strangers = cloud::inventory(&outside).await;
        let environment = account.environment().await;
        let mut field = Self { account, outside, users, engines: [None, None], own, environment, strangers };
        field.start_missing().await;
        field
    }

    /// Starts the engines that do not run.
    pub(super) async fn start_missing(&mut self) {
        for engine in self.engines.iter_mut().filter(|engine| engine.is_none()) {
            *engine = Some(Engine::start(&self.own.url, &self.environment).await);
        }
    }

    /// The place of whom something happens to: of the engine at work where one is.
    pub(super) async fn place(&self, victim: Victim) -> usize {
        let number = match victim {
            Victim::Number(number) => return number,
            Victim::Worker => {
                self.registry("select substring(holder from 'process ([0-9]+)$') from control.lease where expires_at > clock_timestamp()")
            }
        };
        let holders = number.await;
        let is_at_work = |engine: &Option<Engine>| engine.as_ref().is_some_and(|engine| holders.contains(&engine.pid().to_string()));
        self.engines.iter().position(is_at_work).unwrap_or_default()
    }

    /// The first column of what the administrator sees in the metadata database, as text.
    pub(super) async fn registry(&self, sql: &str) -> Vec<String> {
        let rows = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_all(self.own.control.pool()).await;
        rows.unwrap_or_else(|error| panic!("{sql}: {error}")).iter().map(first).collect()
    }

    /// Asks for a check, as a person would who sees that something was not done.
    pub(super) async fn ask_for_check(&self, user: usize) {
        let name = &self.users[user].name;
        self.own.control.request(name, iasql::engine::Kind::Check, "campaign").await.unwrap_or_else(|error| panic!("{error:?}"));
    }

    /// All that the tables of all users ask for, in order.
    pub(super) async fn wanted(&self) -> Vec<String> {
        let mut wanted = self.strangers.clone();
        for user in &self.users {
            wanted.extend(user.ask(user.wanted).await);
        }
        wanted.sort();
        wanted
    }

    /// Plans and runs, for a person who looks for what went wrong.
    pub(super) async fn shown(&self) -> String {
        let mut shown = self.registry(include_str!("shown_registry.sql")).await;
        for user in &self.users {
            shown.push(format!("-- {}", user.name));
            shown.extend(user.ask(include_str!("shown.sql")).await);
        }
        shown.join("\n")
    }
}

impl User {
    async fn made(own: &Own, modules: &[&str], mode: &str, wanted: &'static str) -> Self {
        let name = support::database_name();
        let setup = Setup { modules: Some(modules.iter().map(ToString::to_string).collect()), ..Setup::default() };
        let made = own.control.setup(&name, setup).await.unwrap_or_else(|error| panic!("{error:?}"));
        let url = made.url().expose().to_owned();
        let mut login = PgConnection::connect(&url).await.expect("the user's login");
        let set = format!("select iasql.set('mode', '{mode}'); select iasql.set('max_deletes_percent', '100')");
        sqlx::raw_sql(AssertSqlSafe(set)).execute(&mut login).await.expect("a setting");
        Self { owner: owner(&name).await, name, url, login, is_manual: mode == "manual", wanted }
    }

    /// The first column of what the owner of all that is ours gets to see, as text.
    pub(super) async fn ask(&self, sql: &str) -> Vec<String> {
        let rows =
            sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_all(&self.owner).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.iter().map(first).collect()
    }
}

fn first(row: &PgRow) -> String {
    row.try_get::<Option<String>, _>(0).expect("text").unwrap_or_default()
}
