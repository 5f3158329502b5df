//! The HTTP door, asked as a client would.

mod blueprint;
mod check;
mod guard;
mod load;
mod openapi;
mod problems;
mod setup;

use std::{path::PathBuf, time::Duration};

use iasql::{
    config::Door,
    control::Control,
    http::{self, Doorway, Guard},
    resource::Secret,
    worker,
};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use sqlx::{Postgres, migrate::MigrateDatabase};
use tokio::{net::TcpListener, sync::OnceCell};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::support;

const TOKEN: &str = "a-token-for-tests-0123456789";

/// A server that ends with its test.
pub(crate) struct Server {
    pub(crate) url: String,
    client: Client,
    pub(crate) control: Control,
    _stop: DropGuard,
}

/// Everything a test may want to be different.
fn door() -> Door {
    Door {
        listen: ([127, 0, 0, 1], 0).into(),
        token_file: None,
        token: None,
        no_auth: false,
        patience: Duration::from_secs(60),
        max_connections: 512,
        client_timeout: Duration::from_secs(10),
    }
}

fn with_token() -> Door {
    Door { token: Some(Secret::new(TOKEN)), ..door() }
}

fn with_file(file: PathBuf) -> Door {
    Door { token_file: Some(file), ..door() }
}

pub(crate) fn open() -> Door {
    Door { no_auth: true, ..door() }
}

/// One metadata database for all tests of the door.
async fn metadata() -> &'static str {
    static METADATA: OnceCell<String> = OnceCell::const_new();
    METADATA.get_or_init(fresh_metadata).await
}

async fn fresh_metadata() -> String {
    let mut url = url::Url::parse(support::postgres().await).expect("a url");
    url.set_path(&support::database_name());
    Postgres::create_database(url.as_str()).await.expect("a metadata database");
    url.into()
}

impl Server {
    pub(crate) async fn start(door: Door) -> Self {
        let control = support::keyed(Control::connect(metadata().await).await.expect("the metadata database")).await;
        Self::of(control, door, CancellationToken::new()).await
    }

    /// One that works as well, with a metadata database and an account of its own.
    async fn working(account: &support::Account) -> Self {
        let control =
            Control::connect(&fresh_metadata().await).await.expect("the metadata database").with_cloud(Some(account.config.clone()));
        let control = support::keyed(control).await;
        let stop = CancellationToken::new();
        tokio::spawn(worker::run(control.clone(), stop.clone()));
        Self::of(control, open(), stop).await
    }

    async fn of(control: Control, door: Door, stop: CancellationToken) -> Self {
        let doorway = Doorway::new(control.clone(), Guard::new(&door).expect("a guard"), &door, stop.clone());
        let listener = TcpListener::bind(door.listen).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        tokio::spawn(http::serve(listener, doorway));
        Self { url, client: Client::builder().no_proxy().build().expect("a client"), control, _stop: stop.drop_guard() }
    }

    /// A request without anything that tells who asks.
    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.ask(Method::GET, path).send().await.expect("an answer")
    }

    async fn post(&self, path: &str) -> Response {
        self.ask(Method::POST, path).send().await.expect("an answer")
    }
}

/// Asserts that an answer is a problem document, and that it says what it should.
async fn problem(answer: Response, status: u16, name: &str) -> Value {
    assert_eq!(answer.status(), status);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let document: Value = answer.json().await.expect("a document");
    assert_eq!(document["type"], format!("urn:iasql:problem:{name}"), "{document}");
    assert_eq!(document["status"], status);
    assert!(document["title"].is_string() && document["detail"].is_string(), "{document}");
    document
}
