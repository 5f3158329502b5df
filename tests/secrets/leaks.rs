//! Planted values, and everything that a full run leaves behind: they stand nowhere in it.

use std::{fs, path::PathBuf, time::Duration};

use reqwest::Method;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Postgres, migrate::MigrateDatabase};
use tokio::time::{interval, timeout};

use super::{parrot::parrot, process::Engine};
use crate::{
    control::{admin, url_of},
    history::webhooks::Receiver,
    rollout::{ask, sql},
    served::domains::pem,
    support::{self, Account, database_name},
};

/// What each planted value begins with, and the same in base64, wherever in a text it begins.
const PLANTED: [&str; 4] = ["hunter2plant", "aHVudGVyMnBsYW50", "bnRlcjJwbGFu", "dW50ZXIycGxh"];
const ROWS: &str = include_str!("planted.sql");
const SAID: &str = include_str!("said.sql");
const UNCOVERED: &str = include_str!("uncovered.sql");

/// What a program says, on both ways.
async fn said(program: &str, words: &[&str]) -> String {
    let output = tokio::process::Command::new(program).args(words).output().await.expect("it runs");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Everything that there is to look into, by what it is.
#[derive(Default)]
struct Pile(Vec<(String, String)>);

impl Pile {
    fn add(&mut self, what: impl Into<String>, text: String) {
        self.0.push((what.into(), text));
    }

    /// What stands on the server's disk. Not its write-ahead log, which nobody can read whole: it has what the tables have.
    async fn disk(&mut self, name: &str, metadata: &str) {
        self.add("the user's database", said("pg_dump", &[&url_of(name).await]).await);
        self.add("the metadata database", said("pg_dump", &[metadata]).await);
        let data = ask(&mut admin(name).await, "select current_setting('data_directory')").await.remove(0);
        let log = fs::read_to_string(PathBuf::from(data).join("start.log")).expect("the server's log");
        assert!(log.contains("database system is ready"), "the server's log is another one");
        self.add("the server's log", log);
    }

    /// A check, what is told of it afterwards, and what is told to whoever listens.
    async fn check_over_http(&mut self, engine: &Engine, name: &str, what: &str) {
        let checked = engine.asked(Method::POST, &format!("/check/{name}")).await;
        let run =
            serde_json::from_str::<Value>(&checked).expect("a document")["id"].as_str().unwrap_or_else(|| panic!("{checked}")).to_owned();
        self.add(what, checked);
        self.add(format!("{what}, looked up"), engine.asked(Method::GET, &format!("/runs/{run}")).await);
        let events = engine.asked_for("text/event-stream", Method::GET, &format!("/runs/{run}")).await;
        assert!(events.contains("event: "), "{events}");
        self.add(format!("{what}, as events"), events);
    }

    /// What commands say on both ways; answers with what the last one said.
    async fn commands(&mut self, metadata: &str, environment: &[(String, String)], commands: &[&[&str]]) -> String {
        let mut last = String::new();
        for words in commands {
            let mut command = tokio::process::Command::new(support::binary());
            command.args(*words).args(["--database-url", metadata]).env("IASQL_LOG", "debug").envs(environment.iter().cloned());
            let output = command.output().await.expect("it runs");
            last = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            self.add(format!("iasql {}", words.join(" ")), last.clone());
        }
        last
    }

    /// What a webhook was sent, when it has heard of drift and of the end of a run.
    async fn told(&mut self, receiver: &Receiver) {
        let (mut bodies, mut ticks) = (Vec::new(), interval(Duration::from_millis(50)));
        let event = |body: &String| serde_json::from_str::<Value>(body).expect("a document")["type"].clone();
        let is_all = |bodies: &[String]| ["drift", "run"].iter().all(|told| bodies.iter().any(|body| event(body) == *told));
        let waiting = async {
            while !is_all(&bodies) {
                ticks.tick().await;
                bodies.extend(receiver.heard().into_iter().map(|(_, body)| body));
            }
        };
        timeout(Duration::from_secs(40), waiting).await.unwrap_or_else(|_| panic!("drift and runs are told"));
        self.add("what a webhook was sent", bodies.join("\n"));
    }

    /// Where something planted stands, with what stands around it.
    fn found(&self) -> Vec<String> {
        let around = |text: &str, at: usize| {
            text[text[..at].char_indices().rev().nth(120).map_or(0, |(at, _)| at)..].chars().take(200).collect::<String>()
        };
        let in_one = |(what, text): &(String, String)| {
            PLANTED.iter().filter_map(|planted| Some(format!("{what}: {}", around(text, text.find(planted)?)))).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(in_one).collect()
    }
}

/// What was refused, with a planted value in the statement: by a rule, a key, a type, a typing error, a missing row.
const REFUSED: [&str; 7] = [
    "insert into secretsmanager.secret (name, value) values ('planted', 'hunter2plant-twice')",
    "insert into secretsmanager.secret (name, value, tags) values ('x', 'hunter2plant-tags', '[]')",
    "insert into secretsmanager.secret (name, value, value_version) values ('x', 'hunter2plant-version', gen_random_uuid())",
    "insert into ssm.parameter (name, type, secret_value) values ('/x', 'SecureString', repeat('hunter2plant', 1000))",
    "insert into rds.db_instance (name, engine, db_instance_class, allocated_storage, master_username, master_user_password) values ('x', 'postgres', 'db.t3.micro', 20, 'x', 'hunter2plant/')",
    "insert into secretsmanager.secret (name, value) values ('x', 'hunter2plant-typing'))",
    "update lambda.function set environment = '{\"PASSWORD\": \"hunter2plant-json\"'",
];

/// The rows, and a certificate: a genuine one gets as far as it can, with what a PEM may have between its blocks.
async fn plant(user: &mut PgConnection) {
    sql(user, ROWS).await;
    let pem = pem("planted.example.com", chrono::Utc::now()).replacen("-----BEGIN CERT", "hunter2plantcertificate\n-----BEGIN CERT", 1);
    sql(user, "insert into gateway.domain (name) values ('planted.example.com')").await;
    sql(user, &format!("insert into gateway.certificate (domain, pem) values ('planted.example.com', '{pem}')")).await;
}

/// Where all of it goes on.
struct Place {
    account: Account,
    name: String,
    metadata: String,
    receiver: Receiver,
}

impl Place {
    async fn new() -> Self {
        let (name, metadata) = (database_name(), url_of(&database_name()).await);
        Postgres::create_database(&metadata).await.expect("a metadata database");
        Self { account: support::account().await, name, metadata, receiver: Receiver::start().await }
    }

    /// A cloud that refuses everything and repeats what it was sent.
    async fn refuses(&self, pile: &mut Pile) -> (String, PgConnection) {
        let Self { account, name, metadata, receiver } = self;
        let engine = Engine::start(metadata, account, &[("AWS_ENDPOINT_URL", &parrot(account.calls.endpoint()).await)]).await;
        let made = engine.asked(Method::POST, &format!("/setup/{name}")).await;
        let url = serde_json::from_str::<Value>(&made).expect("a document")["url"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        let mut user = PgConnection::connect(&url).await.expect("the login gets in");
        plant(&mut user).await;
        let mut inside = admin(name).await;
        let mut uncovered = vec![];
        for query in ask(&mut inside, UNCOVERED).await {
            uncovered.extend(ask(&mut inside, &query).await);
        }
        assert_eq!(uncovered, [""; 0], "tests/secrets/planted.sql plants nothing there");
        for statement in REFUSED {
            let error = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut user).await.expect_err(statement);
            // whoever typed it is told where it is no JSON; nobody else is
            if !statement.contains("-json") {
                pile.add(format!("the refusal of {statement}").replace("hunter2plant", "…"), format!("{error:?}"));
            }
        }
        let checked = said("psql", &["-X", "-c", "call iasql.check()", &url]).await;
        assert!(checked.contains("you said"), "the cloud repeats: {checked}");
        pile.add("what psql showed of a check that failed", checked);
        pile.check_over_http(&engine, name, "a check over HTTP that failed").await;
        let webhook = pile.commands(metadata, &engine.environment, &[&["webhook", name, "--url", &receiver.url, "--private"]]).await;
        assert!(webhook.contains("whsec_"), "{webhook}");
        pile.commands(metadata, &engine.environment, &[&["plan", name], &["apply", name], &["check", name, "--json"]]).await;
        pile.add("the log of the engine, refused", engine.end().await);
        (url, user)
    }

    /// The local one, which does what it is asked as far as it can.
    async fn does(&self, pile: &mut Pile, url: &str, user: &mut PgConnection) {
        let Self { account, name, metadata, receiver } = self;
        let engine = Engine::start(metadata, account, &[]).await;
        pile.add("what psql showed of a check", said("psql", &["-X", "-c", "call iasql.check()", url]).await);
        let theirs = account.outside().await.secretsmanager().put_secret_value().secret_id("planted").secret_string("hunter2plant-theirs");
        theirs.send().await.expect("somebody else's value");
        pile.check_over_http(&engine, name, "a check over HTTP that finds drift").await;
        sql(user, "update secretsmanager.secret set value = 'hunter2plant-changed'; update ssm.parameter set description = 'x'").await;
        for (method, path) in [
            (Method::POST, format!("/check/{name}")),
            (Method::POST, format!("/setup/{name}")),
            (Method::GET, "/databases".to_owned()),
            (Method::GET, "/metrics".to_owned()),
            (Method::GET, "/check/nowhere?x=y".to_owned()),
        ] {
            let what = format!("{method} {path}");
            pile.add(what, engine.asked(method, &path).await);
        }
        pile.commands(metadata, &engine.environment, &[&["plan", name, "--markdown"], &["apply", name, "--json"], &["check", name]]).await;
        pile.told(receiver).await;
        pile.add("the log of the engine", engine.end().await);
    }
}

#[tokio::test]
async fn planted_values_are_found_in_the_cloud_and_nowhere_else() {
    let (place, mut pile) = (Place::new().await, Pile::default());
    let (url, mut user) = place.refuses(&mut pile).await;
    place.does(&mut pile, &url, &mut user).await;

    sql(&mut user, "begin; update secretsmanager.secret set value = 'hunter2plant-open', description = 'open'").await;
    pile.add("what a person has typed", ask(&mut user, "select iasql.sql_of_transaction()").await.join("\n"));
    sql(&mut user, "rollback").await;
    for looked_at in ask(&mut user, SAID).await {
        pile.add("what a person looks at", looked_at);
    }
    pile.disk(&place.name, &place.metadata).await;

    assert!(
        pile.0.iter().all(|(_, text)| !text.is_empty() && !text.contains("server version mismatch")),
        "{:?}",
        pile.0.iter().map(|(what, text)| (what, text.len())).collect::<Vec<_>>()
    );
    let told = place.account.calls.take();
    assert!(told.iter().any(|call| call.action == "CreateSecret" && call.body.contains("hunter2plant-secret")), "{told:?}");
    assert_eq!(pile.found(), [""; 0]);
}
