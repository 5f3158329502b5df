//! What a running engine finds by itself: its key in a secret, and keys that a profile has by now.

use std::fs;

use aws_sdk_sts::types::Credentials as Session;
use iasql::{
    control::{Control, Credentials, Setup},
    seal::Keyring,
};
use reqwest::Method;
use serde_json::Value;
use sqlx::{Postgres, migrate::MigrateDatabase};

use super::process::Engine;
use crate::{
    control::{admin, url_of},
    rollout::{ask, sql},
    support::{
        self, Account, database_name,
        faults::{Fault, on},
    },
};

async fn metadata() -> String {
    let url = url_of(&database_name()).await;
    Postgres::create_database(&url).await.expect("a metadata database");
    url
}

async fn session(account: &Account) -> Session {
    let role = format!("arn:aws:iam::{}:role/theirs", account.id);
    let assumed = aws_sdk_sts::Client::new(&account.config).assume_role().role_arn(role).role_session_name("theirs").send().await;
    assumed.unwrap().credentials.unwrap()
}

#[tokio::test]
async fn an_empty_secret_is_given_a_key_by_the_engine_that_starts_first() {
    let (account, url, name) = (support::account().await, metadata().await, database_name());
    let aws = account.outside().await;
    aws.secretsmanager().create_secret().name("iasql/key").send().await.unwrap();
    let engine = Engine::start(&url, &account, &[("IASQL_KEY_SECRET", "iasql/key")]).await;
    let told = aws.secretsmanager().get_secret_value().secret_id("iasql/key").version_stage("AWSCURRENT").send().await.unwrap();
    let keys = Keyring::parse(told.secret_string().unwrap()).unwrap();
    // the second finds it
    let second = Engine::start(&url, &account, &[("IASQL_KEY_SECRET", "iasql/key")]).await;
    engine.asked(Method::POST, &format!("/setup/{name}?modules=secretsmanager")).await;
    sql(&mut admin(&name).await, "insert into secretsmanager.secret (name, value) values ('a', 'one')").await;
    let to = ask(&mut admin(&name).await, "select split_part(value, ':', 3) from secretsmanager.secret").await;
    assert_eq!(to, [keys.newest().unwrap().id.clone()]);
    for engine in [engine, second] {
        let log = engine.end().await;
        assert!(!log.contains("PRIVATE KEY") && !log.contains("that is not here"), "{log}");
    }
}

#[tokio::test]
async fn a_profile_that_has_other_keys_by_now_is_read_again_and_comes_before_the_environment() {
    let (account, url, name) = (support::account().await, metadata().await, database_name());
    let file = std::env::temp_dir().join(database_name()).with_extension("profile");
    let write = |keys: &Session| {
        let (id, secret, token) = (keys.access_key_id(), keys.secret_access_key(), keys.session_token());
        fs::write(&file, format!("[theirs]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = {token}\n"))
            .unwrap();
    };
    let old = session(&account).await;
    write(&old);
    let control = Control::connect(&url).await.unwrap();
    let credentials = Some(Credentials::Profile { name: "theirs".into() });
    control.setup(&name, Setup { modules: Some(vec!["ec2".into()]), credentials, ..Setup::default() }).await.unwrap();
    sql(&mut admin(&name).await, "insert into ec2.vpc (name, cidr_block) values ('a', '10.0.0.0/16')").await;
    let engine = Engine::start(&url, &account, &[("AWS_SHARED_CREDENTIALS_FILE", file.to_str().unwrap())]).await;
    let check = async || serde_json::from_str::<Value>(&engine.asked(Method::POST, &format!("/check/{name}")).await).unwrap();
    let signed =
        |action: &str| account.calls.take().into_iter().filter(|call| call.action == action).map(|call| call.key).collect::<Vec<_>>();
    let done = check().await;
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(signed("CreateVpc"), [old.access_key_id()]);

    let new = session(&account).await;
    write(&new);
    account.calls.faults().add(on("CreateVpc").first(1), Fault::Expired);
    sql(&mut admin(&name).await, "insert into ec2.vpc (name, cidr_block) values ('b', '10.1.0.0/16')").await;
    let done = check().await;
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(signed("CreateVpc"), [old.access_key_id(), new.access_key_id()]);
    engine.end().await;
}
