//! Credentials that change, or end, in the middle of a run.

use aws_sdk_sts::config::ProvideCredentials;
use iasql::{
    control::{Control, Credentials, Setup},
    engine::{Kind, Outcome, State},
    worker,
};
use tokio_util::sync::CancellationToken;

use super::{admin, own};
use crate::{
    rollout::sql,
    support::{
        self, Account, database_name,
        faults::{Fault, on},
    },
};

/// Somebody with a database about an account, and an engine that has keys of its own there.
struct Seat {
    account: Account,
    control: Control,
    name: String,
}

impl Seat {
    async fn with(account: Account, credentials: Credentials) -> Self {
        let control = own().await.control.with_cloud(Some(account.config.clone()));
        let name = database_name();
        let setup = Setup { modules: Some(vec!["ec2".into()]), credentials: Some(credentials), ..Setup::default() };
        control.setup(&name, setup).await.unwrap_or_else(|error| panic!("{error:?}"));
        sql(&mut admin(&name).await, "insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
        control.registry(&name).await.unwrap_or_else(|error| panic!("{error}"));
        account.calls.take();
        Self { account, control, name }
    }

    async fn check(&self) -> Outcome {
        let (shutdown, asked_by) = (CancellationToken::new(), "a test");
        let run = worker::Run { database: &self.name, kind: Kind::Check, asked_by, watch: &|_| {}, busy: &|| {} };
        worker::here(&self.control, run, &shutdown).await.unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// The keys that the calls of a name were signed with.
    fn signed(&self, action: &str) -> Vec<String> {
        self.account.calls.take().into_iter().filter(|call| call.action == action).map(|call| call.key).collect()
    }
}

/// A fresh session in the account: its access key, and what a secret holds of it.
async fn session(account: &Account) -> (String, String) {
    let role = format!("arn:aws:iam::{}:role/theirs", account.id);
    let sts = aws_sdk_sts::Client::new(&account.config);
    let keys = sts.assume_role().role_arn(role).role_session_name("theirs").send().await.unwrap().credentials.unwrap();
    let held = serde_json::json!({ "access_key_id": keys.access_key_id, "secret_access_key": keys.secret_access_key, "session_token": keys.session_token });
    (keys.access_key_id, held.to_string())
}

/// A secret with a session, and somebody whose credentials are there.
async fn kept_in_a_secret() -> (Seat, String) {
    let account = support::account().await;
    let (key, held) = session(&account).await;
    account.outside().await.secretsmanager().create_secret().name("theirs").secret_string(held).send().await.unwrap();
    (Seat::with(account, Credentials::Secret { name: "theirs".into(), region: None }).await, key)
}

/// Somebody rotates the secret.
async fn rotated(account: &Account) -> String {
    let (key, held) = session(account).await;
    account.outside().await.secretsmanager().put_secret_value().secret_id("theirs").secret_string(held).send().await.unwrap();
    key
}

#[tokio::test]
async fn a_secret_that_was_rotated_is_read_anew_when_its_session_ends_while_the_lists_are_read() {
    let (seat, old) = kept_in_a_secret().await;
    let new = rotated(&seat.account).await;
    seat.account.calls.faults().add(on("DescribeVpcs").first(1), Fault::Expired);
    let outcome = seat.check().await;
    assert_eq!((outcome.state, &outcome.errors[..]), (State::Done, &[][..]));
    let calls = seat.account.calls.take();
    assert!(calls.iter().any(|call| call.key == old) && calls.iter().any(|call| call.key == new));
    let made: Vec<_> = calls.iter().filter(|call| call.action == "CreateVpc").map(|call| &call.key).collect();
    assert_eq!(made, [&new]);
}

#[tokio::test]
async fn a_session_that_ends_before_a_change_costs_another_round_of_the_same_run() {
    let (seat, old) = kept_in_a_secret().await;
    let new = rotated(&seat.account).await;
    seat.account.calls.faults().add(on("CreateVpc").first(1), Fault::Expired);
    let outcome = seat.check().await;
    assert_eq!((outcome.state, &outcome.errors[..]), (State::Done, &[][..]));
    assert_eq!(seat.signed("CreateVpc"), [old, new]);
}

#[tokio::test]
async fn keys_that_were_deleted_are_looked_for_again_too() {
    let (seat, old) = kept_in_a_secret().await;
    let new = rotated(&seat.account).await;
    seat.account.calls.faults().add(on("CreateVpc").first(1), Fault::Refused(403, "InvalidClientTokenId", "The security token is invalid"));
    assert_eq!(seat.check().await.state, State::Done);
    assert_eq!(seat.signed("CreateVpc"), [old, new]);
}

#[tokio::test]
async fn where_nothing_else_is_found_the_run_fails_and_names_the_place_and_no_key() {
    let (seat, key) = kept_in_a_secret().await;
    seat.account.calls.faults().add(on("CreateVpc").first(1), Fault::Expired);
    let outcome = seat.check().await;
    let said = outcome.errors.join("\n");
    assert!(outcome.state == State::Failed && said.contains("they are those of the secret theirs") && !said.contains(&key), "{outcome:#?}");
}

#[tokio::test]
async fn a_role_whose_session_is_over_is_assumed_again_with_its_external_id() {
    let account = support::account().await;
    let role = Credentials::Role { arn: format!("arn:aws:iam::{}:role/iasql", account.id), external_id: Some("hers".into()) };
    let seat = Seat::with(account, role).await;
    seat.account.calls.faults().add(on("CreateVpc").first(1), Fault::Expired);
    assert_eq!(seat.check().await.state, State::Done);
    let calls = seat.account.calls.take();
    let assumed: Vec<_> = calls.iter().filter(|call| call.action == "AssumeRole").collect();
    assert!(assumed.len() >= 2 && assumed.iter().all(|call| call.body.contains("ExternalId=hers")), "{calls:?}");
    let keys: Vec<_> = calls.iter().filter(|call| call.action == "CreateVpc").map(|call| &call.key).collect();
    assert!(keys.len() == 2 && keys[0] != keys[1], "{keys:?}");
}

#[tokio::test]
async fn the_default_chain_that_has_no_others_fails_the_run_and_is_named() {
    let seat = Seat::with(support::account().await, Credentials::Default).await;
    seat.account.calls.faults().add(on("DescribeVpcs").first(1), Fault::Expired);
    let outcome = seat.check().await;
    assert!(outcome.errors.join("\n").contains("they are those of AWS' default chain"), "{outcome:#?}");
    let key = seat.account.config.credentials_provider().unwrap().provide_credentials().await.unwrap().access_key_id().to_owned();
    assert!(!format!("{outcome:?}").contains(&key));
}
