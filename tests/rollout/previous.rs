//! The previous release beside this one: its binary on databases of this one, this one on databases of its making.

use std::{path::PathBuf, process::Output};

use iasql::{
    control::{Control, Rollout},
    database::modules::BASE,
    engine::{Kind, State},
    schema, worker,
};
use tokio::{process::Command, sync::OnceCell};
use tokio_util::sync::CancellationToken;

use super::{admin, ask, sql};
use crate::{
    control::url_of,
    support::{self, Account},
};

/// The binary of the previous release, built when the first test asks for it.
async fn previous() -> &'static PathBuf {
    static BUILT: OnceCell<PathBuf> = OnceCell::const_new();
    let build = async || {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/previous.sh");
        let built = Command::new(script).output().await.expect("scripts/previous.sh");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        PathBuf::from(String::from_utf8_lossy(&built.stdout).trim())
    };
    BUILT.get_or_init(build).await
}

/// An operator who still has the previous release, with a metadata database and a cloud.
struct Operator {
    account: Account,
    url: String,
}

impl Operator {
    async fn new() -> Self {
        let name = format!("meta_{}", support::database_name());
        sql(&mut admin("postgres").await, &format!("create database {name}")).await;
        Self { account: support::account().await, url: url_of(&name).await }
    }

    /// Runs the previous release.
    async fn old(&self, words: &[&str]) -> Output {
        let mut command = Command::new(previous().await);
        command.args(words).args(["--database-url", &self.url]).env_clear().envs(self.account.environment().await).kill_on_drop(true);
        command.output().await.expect("the previous release")
    }

    async fn old_one_does(&self, words: &[&str]) {
        let done = self.old(words).await;
        let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        // types that have come since are named, and left alone
        let names_what_it_does_not_know = said.contains("this engine does not know") && !said.contains("FAILED");
        assert!(done.status.success() || names_what_it_does_not_know, "{words:?}: {said}");
    }

    /// This release, with the same metadata database.
    async fn new_one(&self) -> Control {
        let control = Control::connect(&self.url).await.unwrap_or_else(|error| panic!("{error:?}"));
        support::keyed(control.with_cloud(Some(self.account.config.clone()))).await
    }
}

async fn check(control: &Control, database: &str) {
    let (shutdown, asked_by) = (CancellationToken::new(), "a test");
    let run = worker::Run { database, kind: Kind::Check, asked_by, watch: &|_| {}, busy: &|| {} };
    let outcome = worker::here(control, run, &shutdown).await.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!((outcome.state, &outcome.errors[..]), (State::Done, &[][..]), "{outcome:#?}");
}

async fn vpc(database: &str, name: &str) {
    let insert = format!("set session authorization {database}; insert into ec2.vpc (name, cidr_block) values ('{name}', '10.0.0.0/16')");
    sql(&mut admin(database).await, &insert).await;
}

async fn made(database: &str) -> Vec<String> {
    ask(&mut admin(database).await, "select name from ec2.vpc where vpc_id is not null order by name").await
}

#[tokio::test]
async fn each_release_works_with_the_databases_of_the_other_before_during_and_after_a_roll_out() {
    let (operator, one, two) = (Operator::new().await, support::database_name(), support::database_name());
    operator.old_one_does(&["setup", &one, "--modules", "ec2"]).await;
    vpc(&one, "a").await;
    operator.old_one_does(&["check", &one]).await;

    // this release, and a database that nobody has upgraded
    let control = operator.new_one().await;
    vpc(&one, "b").await;
    check(&control, &one).await;
    assert_eq!(made(&one).await, ["a", "b"]);
    assert_eq!(schema::installed(&mut admin(&one).await, BASE).await.unwrap(), 0);
    // the previous one, and the metadata database that this one has upgraded
    operator.old_one_does(&["setup", &two, "--modules", "ec2"]).await;
    vpc(&two, "a").await;
    operator.old_one_does(&["check", &two]).await;
    assert_eq!(made(&two).await, ["a"]);

    let report = control.roll_out(&Rollout::default(), &|_| {}).await.unwrap();
    assert!(report.failed.is_empty() && report.upgraded.len() == 2, "{report:#?}");

    // the previous release, and databases that have been upgraded
    vpc(&one, "c").await;
    operator.old_one_does(&["check", &one]).await;
    assert_eq!(made(&one).await, ["a", "b", "c"]);
    // and this one, as its own services
    vpc(&one, "d").await;
    check(&control, &one).await;
    assert_eq!(made(&one).await, ["a", "b", "c", "d"]);
    // a module that the previous release adds to an upgraded database is one of the first version
    operator.old_one_does(&["setup", &one, "--modules", "s3"]).await;
    let report = control.roll_out(&Rollout::default(), &|_| {}).await.unwrap();
    assert!(report.failed.is_empty(), "{report:#?}");
    check(&control, &one).await;
}

#[tokio::test]
async fn the_previous_release_is_refused_what_is_sealed_and_goes_on_with_the_rest() {
    let (operator, name) = (Operator::new().await, support::database_name());
    operator.old_one_does(&["setup", &name, "--modules", "ec2,secretsmanager"]).await;
    let mut inside = admin(&name).await;
    sql(&mut inside, "insert into secretsmanager.secret (name, value) values ('before', 'hunter2-planted')").await;
    let control = operator.new_one().await;
    let report = control.roll_out(&Rollout::default(), &|_| {}).await.unwrap();
    assert!(report.failed.is_empty(), "{report:#?}");

    vpc(&name, "a").await;
    sql(&mut inside, "insert into secretsmanager.secret (name, value) values ('after', 'hunter2-planted')").await;
    let old = operator.old(&["check", &name]).await;
    let said = format!("{}{}", String::from_utf8_lossy(&old.stdout), String::from_utf8_lossy(&old.stderr));
    assert!(!old.status.success() && !said.contains("hunter2"), "{said}");
    let calls = operator.account.calls.take();
    assert!(calls.iter().all(|call| call.action != "CreateSecret"), "{calls:?}");
    // and this one does both as they were meant
    check(&control, &name).await;
    for secret in ["before", "after"] {
        let aws = operator.account.outside().await;
        let told = aws.secretsmanager().get_secret_value().secret_id(secret).version_stage("AWSCURRENT").send().await.unwrap();
        assert_eq!(told.secret_string(), Some("hunter2-planted"));
    }
    assert_eq!(made(&name).await, ["a"]);
}
