//! A gateway whose registry is gone: what it knows it goes on serving.

use rustls::pki_types::ServerName;

use super::{
    client::{Client, Message, Way as Tls, clear, sqlstate, startup},
    whole::{Gateway, shop},
};
use crate::{
    crash::{Site, until},
    durable::way::{Passage, Way},
};

/// A gateway that reaches its registry by way of this.
async fn by_way(site: &mut Site, folder: &std::path::Path) -> (Gateway, Way) {
    let mut url = url::Url::parse(&site.own.url).expect("a URL");
    let way = Way::to(&format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"))).await;
    let address = way.endpoint();
    let (_, port) = address.rsplit_once(':').expect("a port");
    url.set_port(port.parse().ok()).expect("another port");
    let real = std::mem::replace(&mut site.own.url, url.to_string());
    std::fs::create_dir_all(folder.join("bucket")).expect("a folder");
    let bucket = format!("file://{}", folder.join("bucket").display());
    let gateway = Gateway::with(site, &folder.join("home"), &["--bucket", &bucket]).await;
    site.own.url = real;
    (gateway, way)
}

/// What a client hears first that comes to a database of this name.
async fn heard(gateway: &Gateway, name: &str) -> Message {
    let host = ServerName::try_from(format!("{name}.db.localhost")).expect("a name");
    let line = clear(u16::try_from(gateway.port).expect("a port")).await;
    let mut client = Client::trusting(gateway.authority().as_ref(), host, true, line, Tls::Asked).await.expect("TLS");
    client.say(&startup(0, &[])).await;
    client.hear().await.expect("an answer")
}

async fn goes_on_without(passage: Passage) {
    let (mut site, folder) = shop().await;
    site.sql("insert into gateway.database (name, role, password, idle_seconds) values ('till', 'shop', 'correct horse', 1)").await;
    site.check().await;
    let (gateway, way) = by_way(&mut site, &folder.0).await;
    let said = async |name: &str, sql: &str| gateway.psql(name, "shop", "correct horse", sql).await;
    let at_rest = async || until("sleep", || async { (gateway.servers() == 0).then_some(()) }).await;
    assert_eq!(said("shop", "create table t as select 42 as n; select n from t").await.as_deref(), Ok("42"));
    at_rest().await;
    way.is(passage);
    for round in 43..46 {
        assert_eq!(said("shop", "update t set n = n + 1 returning n").await, Ok(round.to_string()));
        at_rest().await;
    }
    let wrong = gateway.psql("shop", "shop", "wrong horse", "select 1").await.expect_err("no way in");
    assert!(wrong.contains("password authentication failed"), "{wrong}");
    // one that nobody has called while it was there
    let (kind, told) = heard(&gateway, "till").await;
    assert_eq!((kind, &*sqlstate(&told)), (b'E', "57P03"), "{}", String::from_utf8_lossy(&told));
    // while the wrong password was looked at, the database began to wake
    at_rest().await;
    way.is(Passage::Open);
    until("the registry again", || async { said("till", "select 1").await.ok() }).await;
    gateway.stop().await;
}

#[tokio::test]
async fn a_registry_that_refuses_keeps_nobody_out_of_a_database_that_is_known() {
    goes_on_without(Passage::Refused).await;
}

#[tokio::test]
async fn a_registry_that_is_silent_keeps_nobody_out_of_a_database_that_is_known() {
    goes_on_without(Passage::Silent).await;
}
