//! How many may come, and who they are behind a balancer.

use std::sync::atomic::Ordering;

use iasql::gateway::{
    Limits,
    startup::{Hello, encode},
};
use tokio::io::AsyncWriteExt;

use super::{
    Site,
    client::{Client, Way, clear, key, rest, sqlstate, startup},
    settings, until,
};

/// How somebody past a limit is told so.
async fn told(mut client: Client) -> String {
    client.say(&startup(0, &[])).await;
    sqlstate(&client.hear().await.expect("a refusal").1)
}

#[tokio::test]
async fn who_is_one_too_many_of_an_address_or_in_all_is_told_so_and_may_still_cancel() {
    for limits in [Limits { per_address: 2, ..Limits::default() }, Limits { in_all: 2, ..Limits::default() }] {
        let mut settings = settings();
        settings.limits = limits;
        let site = Site::open(settings).await;
        let one = Client::inside(site.port).await;
        let mut two = Client::secured(site.port, Way::Asked).await.unwrap();
        let heard = two.enter(&startup(0, &[])).await;
        assert_eq!(told(Client::secured(site.port, Way::Asked).await.unwrap()).await, "53300");
        let mut line = clear(site.port).await;
        line.write_all(&encode(&Hello::Cancel(key(&heard)))).await.unwrap();
        assert_eq!(rest(&mut line).await, b"");
        drop(one);
        until(|| site.world.sessions.load(Ordering::SeqCst) == 1).await;
        let mut again = Client::inside(site.port).await;
        assert_eq!(again.ask("select 1").await.len(), 4);
        drop((two, again));
        site.close().await;
    }
}

#[tokio::test]
async fn who_is_one_too_many_in_a_database_is_told_so_and_others_are_not() {
    let mut settings = settings();
    settings.limits.per_database = 1;
    let site = Site::open(settings).await;
    let mut one = Client::inside(site.port).await;
    let told = site.psql("12345.db.localhost", "", "select 1").await.unwrap_err();
    assert!(told.contains("FATAL:  too many connections in this database\nHINT:"), "{told}");
    assert_eq!(site.psql("678.db.localhost", "", "select 1").await.as_deref(), Ok("1"));
    assert_eq!(one.ask("select 1").await.len(), 4);
    drop(one);
    site.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_who_come_at_once_are_all_served() {
    let site = Site::open(settings()).await;
    let port = site.port;
    let come = async |number: usize| {
        let mut client = Client::inside(port).await;
        let heard = client.ask(&format!("select {number}")).await;
        heard.iter().any(|(kind, body)| *kind == b'D' && body.ends_with(number.to_string().as_bytes()))
    };
    let served = futures::future::join_all((0..100).map(come)).await;
    assert!(served.into_iter().all(|served| served));
    until(|| site.world.sessions.load(Ordering::SeqCst) == 0).await;
    assert_eq!(site.world.woken().len(), 100);
    site.close().await;
}

#[tokio::test]
async fn behind_a_balancer_that_is_trusted_each_client_has_its_own_address() {
    let mut settings = settings();
    settings.limits.per_address = 1;
    settings.trusted = vec!["127.0.0.0/8".parse().unwrap()];
    let site = Site::open(settings).await;
    let second = [b"\r\n\r\n\0\r\nQUIT\n", &[0x21, 0x11, 0, 14][..], &[192, 0, 2, 9, 127, 0, 0, 1, 1, 1, 2, 2, 7, 7]].concat();
    let enter = async |header: &[u8]| {
        let mut line = clear(site.port).await;
        line.write_all(header).await.unwrap();
        Client::over(line, Way::Asked).await
    };
    let mut clients = vec![];
    for header in [&b"PROXY TCP4 192.0.2.7 127.0.0.1 1 5432\r\n"[..], b"PROXY TCP6 2001:db8::1 ::1 1 5432\r\n", &second] {
        let mut client = enter(header).await.unwrap();
        client.enter(&startup(0, &[])).await;
        clients.push(client);
    }
    assert_eq!(told(enter(b"PROXY TCP4 192.0.2.9 127.0.0.1 1 5432\r\n").await.unwrap()).await, "53300");
    assert!(Client::secured(site.port, Way::Asked).await.is_err());
    drop(clients);
    site.close().await;
}

#[tokio::test]
async fn a_header_of_somebody_who_is_not_trusted_is_not_believed() {
    let site = Site::open(settings()).await;
    let mut line = clear(site.port).await;
    line.write_all(b"PROXY TCP4 192.0.2.7 127.0.0.1 1 5432\r\n").await.unwrap();
    assert_eq!(sqlstate(&rest(&mut line).await[5..]), "08P01");
    site.close().await;
}
