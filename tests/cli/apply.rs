//! `iasql apply`: a plan that somebody approved, and no other one.

use std::process::Output;

use iasql::control::Setup;
use serde_json::Value;
use sqlx::{Connection, PgConnection};

use super::{code, err, out};
use crate::{
    control::{Own, own},
    support::{self, Account},
};

/// A command in the account of the test, and its answer.
async fn typed(own: &Own, account: &Account, words: &[&str]) -> Output {
    let mut command = tokio::process::Command::new(support::binary());
    command.args(words).args(["--database-url", &own.url]).env_clear().env("PATH", "/usr/bin:/bin");
    command.env("IASQL_KEY_FILE", support::key_file()).envs(account.environment().await).output().await.expect("the binary runs")
}

#[tokio::test]
async fn an_approved_plan_is_carried_out_and_after_a_change_nothing_is() {
    let (account, own, name) = (support::account().await, own().await, support::database_name());
    let setup = Setup { modules: Some(vec!["ec2".into()]), ..Setup::default() };
    let made = own.control.setup(&name, setup).await.unwrap_or_else(|error| panic!("{error:?}"));
    let mut user = PgConnection::connect(made.url().expose()).await.unwrap();
    sqlx::query("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").execute(&mut user).await.unwrap();
    let plan = async || {
        let planned = typed(&own, &account, &["plan", &name, "--json"]).await;
        assert_eq!(code(&planned), Some(2), "{}", err(&planned));
        let document: Value = serde_json::from_str(&out(&planned)).expect("a document");
        document["fingerprint"].as_str().expect("a fingerprint").to_owned()
    };
    let before = plan().await;
    sqlx::query("update ec2.vpc set cidr_block = '10.1.0.0/16'").execute(&mut user).await.unwrap();

    let refused = typed(&own, &account, &["apply", &name, "--plan", &before]).await;
    assert_eq!(code(&refused), Some(1));
    assert!(err(&refused).contains(&format!("the plan changed since it was approved: {before} was")), "{}", err(&refused));
    assert!(out(&refused).ends_with("refused: nothing was changed\n"), "{}", out(&refused));
    let odd = typed(&own, &account, &["apply", &name, "--plan", "the-last-one"]).await;
    assert!(code(&odd) == Some(1) && err(&odd).contains("--plan"), "{}", err(&odd));
    assert_eq!(account.calls.take_changes(), [""; 0]);

    let applied = typed(&own, &account, &["apply", &name, "--plan", &plan().await]).await;
    assert_eq!(code(&applied), Some(0), "{}", err(&applied));
    assert_eq!(account.calls.take_changes(), ["CreateVpc"]);
}
