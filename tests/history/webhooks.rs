//! Webhooks: a real receiver hears of drift and of runs, signed, at least once, and as soon as it can.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_lc_rs::hmac;
use aws_sdk_ec2::types::builders::TagBuilder;
use aws_smithy_types::base64;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::post,
};
use iasql::{
    control::{Control, Setup, WebhookWish},
    engine::{Kind, Outcome},
    worker::{self, Courier, Pace, Run},
};
use serde_json::Value;
use sqlx::{Connection, PgConnection};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    control::{Own, own},
    support,
};

/// What it is to do with the next deliveries: answer this, or never.
type Script = Arc<Mutex<Vec<Option<StatusCode>>>>;

/// A receiver on this machine, and what it was sent.
#[derive(Clone)]
pub(crate) struct Receiver {
    script: Script,
    heard: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    pub(crate) url: String,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let receiver = Self { script: Script::default(), heard: Arc::default(), url };
        let router = Router::new().route("/hook", post(hear)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    fn then(&self, script: &[Option<StatusCode>]) {
        *self.script.lock().unwrap() = script.iter().rev().copied().collect();
    }

    pub(crate) fn heard(&self) -> Vec<(HeaderMap, String)> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }
}

async fn hear(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    receiver.heard.lock().unwrap().push((headers, String::from_utf8_lossy(&body).into_owned()));
    let next = receiver.script.lock().unwrap().pop();
    match next {
        Some(Some(status)) => (status, [("location", "http://127.0.0.1:9/")]),
        Some(None) => std::future::pending().await,
        None => (StatusCode::OK, [("location", "")]),
    }
}

/// No pause between tries, so that nothing is waited for; the receiver has long enough, and for a timeout not.
fn courier() -> Courier {
    Courier::new(Pace { patience: Duration::from_millis(600), pause: Duration::ZERO }).unwrap()
}

fn wish(url: &str, events: &[&str]) -> WebhookWish {
    let events = Some(events.iter().map(ToString::to_string).collect());
    WebhookWish { url: Some(url.to_owned()), events, is_private: true, rotate: false }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).unwrap().to_str().unwrap()
}

/// As a receiver verifies it: with the secret that was told, over what came.
fn is_signed(secret: &str, (headers, body): &(HeaderMap, String)) -> bool {
    let key = base64::decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let signed = format!("{}.{}.{body}", header(headers, "webhook-id"), header(headers, "webhook-timestamp"));
    let signature = base64::decode(header(headers, "webhook-signature").strip_prefix("v1,").unwrap()).unwrap();
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed.as_bytes(), &signature).is_ok()
}

/// One run, as an engine does it.
async fn look(control: &Control, database: &str, kind: Kind) -> Outcome {
    let run = Run { database, kind, asked_by: "a test", watch: &|_| {}, busy: &|| {} };
    worker::here(control, run, &CancellationToken::new()).await.unwrap_or_else(|error| panic!("{error:?}"))
}

#[tokio::test]
async fn what_is_told_is_signed_and_told_again_until_the_receiver_takes_it() {
    let (own, receiver) = (own().await, Receiver::start().await);
    let (control, database) = (&own.control, own.bare().await);
    let secret = control.set_webhook(&database, wish(&receiver.url, &["drift"])).await.unwrap().expect("a secret, once");
    assert!(control.set_webhook(&database, wish(&receiver.url, &["drift"])).await.unwrap().is_none());
    let drift = serde_json::json!([{ "resource": "ec2.vpc", "name": "shop", "what": "gone" }]);
    control.tell_drift(&database, &drift).await.unwrap();
    // a fault, a redirect that is not followed, silence, and then all is well
    receiver.then(&[Some(StatusCode::INTERNAL_SERVER_ERROR), Some(StatusCode::FOUND), None, Some(StatusCode::NO_CONTENT)]);
    for said in ["the receiver answered 500 Internal Server Error", "the receiver answered 302 Found", "no answer in time"] {
        assert_eq!(courier().go(control).await.unwrap(), 1);
        let webhook = control.webhook(&database).await.unwrap().unwrap();
        assert_eq!((webhook.waiting, webhook.error.as_deref(), webhook.delivered_at), (1, Some(said), None));
    }
    assert_eq!(courier().go(control).await.unwrap(), 1);
    assert_eq!(courier().go(control).await.unwrap(), 0);
    let webhook = control.webhook(&database).await.unwrap().unwrap();
    assert_eq!((webhook.waiting, webhook.given_up, webhook.status, webhook.error), (0, 0, Some(204), None));
    let heard = receiver.heard();
    let ids: std::collections::BTreeSet<_> = heard.iter().map(|(headers, _)| header(headers, "webhook-id")).collect();
    assert_eq!((heard.len(), ids.len()), (4, 1), "the same each time");
    assert!(heard.iter().all(|heard| is_signed(secret.expose(), heard)));
    assert!(!is_signed(secret.expose(), &(heard[0].0.clone(), heard[0].1.replace("gone", "here"))));
    let body: Value = serde_json::from_str(&heard[0].1).unwrap();
    assert_eq!((&body["type"], &body["data"]["database"], &body["data"]["drift"]), (&"drift".into(), &database.clone().into(), &drift));
    // with a new secret the old one is worth nothing
    let rotated = control.set_webhook(&database, WebhookWish { rotate: true, ..wish(&receiver.url, &["drift"]) }).await.unwrap().unwrap();
    control.test_webhook(&database).await.unwrap();
    courier().go(control).await.unwrap();
    let heard = receiver.heard();
    assert!(is_signed(rotated.expose(), &heard[0]) && !is_signed(secret.expose(), &heard[0]));
}

#[tokio::test]
async fn several_engines_tell_each_thing_once_and_what_one_took_and_left_is_told_by_another() {
    let (own, receiver) = (own().await, Receiver::start().await);
    let (control, database) = (&own.control, own.bare().await);
    control.set_webhook(&database, wish(&receiver.url, &["run"])).await.unwrap();
    for _ in 0..20 {
        control.test_webhook(&database).await.unwrap();
    }
    let (one, other) = (courier(), courier());
    let (first, second) = tokio::join!(one.go(control), other.go(control));
    assert_eq!(first.unwrap() + second.unwrap(), 20);
    let ids: std::collections::BTreeSet<_> = receiver.heard().iter().map(|(headers, _)| header(headers, "webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 20);
    // an engine that dies with what it took
    control.test_webhook(&database).await.unwrap();
    assert_eq!(control.take_deliveries(10, 0.0).await.unwrap().len(), 1);
    assert_eq!((one.go(control).await.unwrap(), receiver.heard().len()), (1, 1));
}

#[tokio::test]
async fn a_run_that_has_ended_is_told_by_the_same_transaction_that_ends_it() {
    let (own, receiver) = (own().await, Receiver::start().await);
    let (control, database) = (&own.control, own.bare().await);
    control.set_webhook(&database, wish(&receiver.url, &["run"])).await.unwrap();
    let outcome = look(control, &database, Kind::Check).await;
    courier().go(control).await.unwrap();
    let heard = receiver.heard();
    let body: Value = serde_json::from_str(&heard[0].1).unwrap();
    assert_eq!(
        (heard.len(), &body["type"], &body["data"]["state"], &body["data"]["kind"]),
        (1, &"run".into(), &"done".into(), &"check".into())
    );
    assert_eq!(body["data"]["run"], outcome.run.to_string());
    control.remove_webhook(&database).await.unwrap();
    assert!(control.test_webhook(&database).await.unwrap_err().to_string().contains("has no webhook"));
}

#[tokio::test]
async fn a_webhook_leads_to_public_addresses_only_unless_an_operator_allows_others() {
    let (own, receiver) = (own().await, Receiver::start().await);
    let Own { control, .. } = &own;
    let database = own.bare().await;
    let public = |url: &str| WebhookWish { is_private: false, ..wish(url, &["drift"]) };
    let port = receiver.url.rsplit(':').next().unwrap().to_owned();
    assert!(control.set_webhook(&database, public(&receiver.url)).await.unwrap_err().to_string().contains("HTTPS"));
    for (url, said) in [
        (format!("https://127.0.0.1:{port}"), "the address is not public"),
        (format!("https://localhost:{port}"), "it leads to no public address"),
    ] {
        control.set_webhook(&database, public(&url)).await.unwrap();
        let id = control.test_webhook(&database).await.unwrap();
        courier().go(control).await.unwrap();
        let state = control.delivery(id).await.unwrap().unwrap();
        assert!(!state.delivered && state.error.as_deref().is_some_and(|error| error.contains(said)), "{state:?}");
    }
    assert!(receiver.heard().is_empty());
}

#[tokio::test]
async fn what_somebody_changes_outside_is_told_once_by_the_run_that_finds_it() {
    let (account, Own { control, .. }, receiver) = (support::account().await, own().await, Receiver::start().await);
    let (control, database) = (control.with_cloud(Some(account.config.clone())), support::database_name());
    let setup = Setup { modules: Some(vec!["ec2".into()]), ..Setup::default() };
    let made = control.setup(&database, setup).await.unwrap_or_else(|error| panic!("{error:?}"));
    let mut user = PgConnection::connect(made.url().expose()).await.unwrap();
    let shop = "insert into ec2.vpc (name, cidr_block, tags) values ('shop', '10.0.0.0/16', '{\"team\": \"shop\"}')";
    sqlx::query(shop).execute(&mut user).await.unwrap();
    let secret = control.set_webhook(&database, wish(&receiver.url, &["drift"])).await.unwrap().unwrap();
    assert_eq!(look(&control, &database, Kind::Check).await.errors, [""; 0]);
    assert_eq!((courier().go(&control).await.unwrap(), receiver.heard().len()), (0, 0), "what the engine does is no drift");

    let id: String = sqlx::query_scalar("select vpc_id from ec2.vpc where name = 'shop'").fetch_one(&mut user).await.unwrap();
    let theirs = TagBuilder::default().key("team").value("theirs").build();
    account.outside().await.ec2().create_tags().resources(id).tags(theirs).send().await.unwrap();
    look(&control, &database, Kind::Refresh).await;
    assert_eq!(courier().go(&control).await.unwrap(), 1);
    let heard = receiver.heard();
    assert!(heard.len() == 1 && is_signed(secret.expose(), &heard[0]), "{heard:?}");
    let body: Value = serde_json::from_str(&heard[0].1).unwrap();
    let drift = body["data"]["drift"].as_array().unwrap();
    let said = |key: &str| drift[0][key].as_str().unwrap();
    assert_eq!((drift.len(), said("resource"), said("name"), said("what")), (1, "ec2.vpc", "shop", "changed"), "{body}");
    assert_eq!(drift[0]["changed"], serde_json::json!({ "tags": [{ "team": "theirs" }, { "team": "shop" }] }));
    // it is still so, and is told already
    look(&control, &database, Kind::Refresh).await;
    assert_eq!((courier().go(&control).await.unwrap(), receiver.heard().len()), (0, 0));
}

#[tokio::test]
async fn what_nobody_takes_for_a_day_is_tried_once_more_and_given_up() {
    let (own, receiver) = (own().await, Receiver::start().await);
    let (control, database) = (&own.control, own.bare().await);
    control.set_webhook(&database, wish(&receiver.url, &["drift"])).await.unwrap();
    let (old, new) = (control.test_webhook(&database).await.unwrap(), control.test_webhook(&database).await.unwrap());
    let ages = "update control.delivery set made_at = made_at - interval '24 hours 1 second' where id = $1";
    sqlx::query(ages).bind(old).execute(control.pool()).await.unwrap();
    receiver.then(&[Some(StatusCode::SERVICE_UNAVAILABLE), Some(StatusCode::SERVICE_UNAVAILABLE)]);
    assert_eq!(courier().go(control).await.unwrap(), 2);
    let webhook = control.webhook(&database).await.unwrap().unwrap();
    assert_eq!((webhook.waiting, webhook.given_up), (1, 1), "a day old and not so old");
    // the one is not tried again, the other one is taken
    assert_eq!(courier().go(control).await.unwrap(), 1);
    let is_taken = async |id| control.delivery(id).await.unwrap().unwrap().delivered;
    assert_eq!((is_taken(old).await, is_taken(new).await), (false, true));
    let webhook = control.webhook(&database).await.unwrap().unwrap();
    assert_eq!((webhook.waiting, webhook.given_up, receiver.heard().len()), (0, 1, 3));
}

/// `iasql webhook` with these words: its exit code, and the document it answers with.
async fn typed(own: &Own, words: &[&str]) -> (Option<i32>, Value) {
    let mut command = tokio::process::Command::new(support::binary());
    command.arg("webhook").args(words).args(["--json", "--database-url", &own.url]).env_clear().env("PATH", "/usr/bin:/bin");
    let output = command.env("IASQL_KEY_FILE", support::key_file()).output().await.expect("the binary runs");
    let text = String::from_utf8_lossy(&output.stdout);
    (output.status.code(), serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text} {output:?}")))
}

#[tokio::test]
async fn the_command_says_where_what_is_told_and_tries_it() {
    let (own, receiver) = (own().await, Receiver::start().await);
    let database = &*own.bare().await;
    assert_eq!(typed(&own, &[database]).await, (Some(0), serde_json::json!({ "webhook": null, "secret": null })));
    let (code, refused) = typed(&own, &[database, "--url", &receiver.url]).await;
    assert!(code == Some(1) && refused["error"].as_str().is_some_and(|said| said.contains("HTTPS")), "{refused}");

    let (code, set) = typed(&own, &[database, "--url", &receiver.url, "--events", "drift", "--private"]).await;
    assert_eq!(
        (code, &set["webhook"]["url"], &set["webhook"]["events"]),
        (Some(0), &receiver.url.clone().into(), &serde_json::json!(["drift"]))
    );
    let secret = set["secret"].as_str().expect("a secret, once").to_owned();
    let (code, sent) = typed(&own, &[database, "--test"]).await;
    assert_eq!((code, &sent["delivered"], &sent["status"]), (Some(0), &true.into(), &200.into()), "{sent}");
    let heard = receiver.heard();
    assert!(heard.len() == 1 && is_signed(&secret, &heard[0]), "{heard:?}");
    receiver.then(&[Some(StatusCode::GONE)]);
    let (code, sent) = typed(&own, &[database, "--test"]).await;
    assert!(code == Some(1) && sent["delivered"] == false && sent["error"] == "the receiver answered 410 Gone", "{sent}");

    assert_eq!(typed(&own, &[database, "--off"]).await, (Some(0), serde_json::json!({ "removed": true })));
    assert_eq!(typed(&own, &[database, "--off"]).await, (Some(0), serde_json::json!({ "removed": false })));
}
