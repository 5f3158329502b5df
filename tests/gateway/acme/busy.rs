//! An authority that has had enough: it takes accounts, each nonce once, and no orders for two hours (Pebble has no limits).

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use aws_smithy_types::base64;
use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_rustls::TlsAcceptor;

use super::*;

/// What it has handed out, and what was asked of it.
#[derive(Default)]
struct Busy {
    port: u16,
    given: usize,
    nonces: HashSet<String>,
    accounts: Vec<Value>,
    orders: usize,
    stale: usize,
}

type Shared = Arc<Mutex<Busy>>;

fn decoded(part: &Value) -> Value {
    let text = part.as_str().expect("a text").replace('-', "+").replace('_', "/");
    let padded = format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4));
    serde_json::from_slice(&base64::decode(padded).expect("base64")).unwrap_or_default()
}

/// With a new nonce, as every answer.
fn with_nonce(busy: &Shared, answer: impl IntoResponse) -> Response {
    let mut busy = busy.lock().unwrap();
    busy.given += 1;
    let nonce = format!("nonce{}", busy.given);
    busy.nonces.insert(nonce.clone());
    ([("replay-nonce", nonce)], answer).into_response()
}

fn problem(status: StatusCode, kind: &str, detail: &str) -> impl IntoResponse + use<> {
    let body = json!({ "type": format!("urn:ietf:params:acme:error:{kind}"), "detail": detail }).to_string();
    (status, [(header::CONTENT_TYPE, "application/problem+json"), (header::RETRY_AFTER, "7200")], body)
}

/// What was signed, where its nonce is one that was handed out and not used; the first one never is.
fn signed(busy: &Shared, path: &str, body: &str) -> Result<(Value, Value), ()> {
    let jws: Value = serde_json::from_str(body).expect("JSON");
    let (head, payload) = (decoded(&jws["protected"]), decoded(&jws["payload"]));
    let mut now = busy.lock().unwrap();
    assert_eq!(head["url"], json!(format!("https://localhost:{}{path}", now.port)), "RFC 8555, 6.4");
    let is_fresh = now.nonces.remove(head["nonce"].as_str().expect("a nonce"));
    if is_fresh && now.stale > 0 {
        return Ok((head, payload));
    }
    now.stale += 1;
    Err(())
}

async fn account(State(busy): State<Shared>, body: String) -> Response {
    let Ok((head, payload)) = signed(&busy, "/account", &body) else {
        return with_nonce(&busy, problem(StatusCode::BAD_REQUEST, "badNonce", "stale"));
    };
    assert!(head["jwk"]["crv"] == "P-256" && head["alg"] == "ES256" && payload["termsOfServiceAgreed"] == true, "{head} {payload}");
    let has_contacts = payload["contact"].as_array().is_some_and(|contacts| !contacts.is_empty());
    let place = {
        let mut busy = busy.lock().unwrap();
        busy.accounts.push(payload);
        format!("https://localhost:{}/account/1", busy.port)
    };
    if has_contacts {
        return with_nonce(&busy, problem(StatusCode::BAD_REQUEST, "invalidContact", "we write to nobody"));
    }
    with_nonce(&busy, (StatusCode::CREATED, [(header::LOCATION, place)], Json(json!({ "status": "valid" }))))
}

async fn order(State(busy): State<Shared>, body: String) -> Response {
    let Ok((head, payload)) = signed(&busy, "/order", &body) else {
        return with_nonce(&busy, problem(StatusCode::BAD_REQUEST, "badNonce", "stale"));
    };
    assert!(head["kid"].as_str().is_some_and(|kid| kid.ends_with("/account/1")), "{head}");
    assert_eq!(payload, json!({ "identifiers": [{ "type": "dns", "value": "*.db.example.com" }] }));
    busy.lock().unwrap().orders += 1;
    with_nonce(&busy, problem(StatusCode::TOO_MANY_REQUESTS, "rateLimited", "too many new orders"))
}

async fn directory_of(State(busy): State<Shared>) -> Json<Value> {
    let at = |path: &str| format!("https://localhost:{}{path}", busy.lock().unwrap().port);
    Json(json!({ "newNonce": at("/nonce"), "newAccount": at("/account"), "newOrder": at("/order") }))
}

async fn serve(port: u16, pem: &str, busy: Shared) -> JoinHandle<()> {
    let chain = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>().expect("a chain");
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    let acceptor = TlsAcceptor::from(Arc::new(config.with_no_client_auth().with_single_cert(chain, key).expect("a certificate")));
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port");
    let nonce = async |State(busy): State<Shared>| with_nonce(&busy, StatusCode::OK);
    let app = Router::new()
        .route("/dir", get(directory_of))
        .route("/nonce", get(nonce))
        .route("/account", post(account))
        .route("/order", post(order));
    let app = app.with_state(busy);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, app) = (acceptor.clone(), TowerToHyperService::new(app.clone()));
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), app).await);
                }
            });
        }
    })
}

#[tokio::test]
async fn an_authority_that_has_had_enough_is_left_alone_for_as_long_as_it_asks_and_one_that_takes_no_contact_is_told_none() {
    let mut stage = Stage::new().await;
    let busy = Shared::default();
    busy.lock().unwrap().port = stage.port;
    let task = serve(stage.port, &stage.pem, Arc::clone(&busy)).await;
    let gateway = stage.gateway("a").await;
    let directory = directory(stage.port);
    let row = format!("insert into gateway.certificate (domain, issuer, contact) values ('{DOMAIN}', '{directory}', 'ops@example.com')");
    stage.site.sql(&row).await;
    stage.site.check().await;
    let said = stage.becomes("rateLimited").await;
    assert_eq!(said, "the authority refused the order: too many new orders (rateLimited)");
    let pause = "select (not_until - now() between interval '119 minutes' and interval '120 minutes')::text from control.served_order";
    assert_eq!(stage.site.registry(pause).await, ["true"]);
    {
        let busy = busy.lock().unwrap();
        let contacts: Vec<_> = busy.accounts.iter().map(|account| account["contact"][0].clone()).collect();
        // the nonce that was stale was tried again with another one, and none was used twice
        assert_eq!((busy.orders, contacts, busy.stale), (1, vec![json!("mailto:ops@example.com"), Value::Null], 1));
    }
    gateway.stop().await;
    task.abort();
}
