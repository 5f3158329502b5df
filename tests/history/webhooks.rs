//! Webhooks: a real receiver hears of drift and of runs, signed, at least once, and as soon as it can.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_lc_rs::hmac;
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
    control::WebhookWish,
    worker::{Courier, Pace},
};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::control::{Own, own};

/// What it is to do with the next deliveries: answer this, or never.
type Script = Arc<Mutex<Vec<Option<StatusCode>>>>;

/// A receiver on this machine, and what it was sent.
#[derive(Clone)]
struct Receiver {
    script: Script,
    heard: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    url: String,
}

impl Receiver {
    async fn start() -> Self {
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

    fn heard(&self) -> Vec<(HeaderMap, String)> {
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
    let run =
        iasql::worker::Run { database: &database, kind: iasql::engine::Kind::Check, asked_by: "a test", watch: &|_| {}, busy: &|| {} };
    let outcome = iasql::worker::here(control, run, &tokio_util::sync::CancellationToken::new()).await.unwrap();
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
