//! What sessions see when the gateway stops.

use std::{sync::atomic::Ordering, time::Duration};

use tokio::net::TcpStream;

use super::{
    Site,
    client::{Client, sqlstate},
    settings, until, within,
};

#[tokio::test]
async fn idle_sessions_are_told_and_those_in_a_transaction_finish_it_first() {
    let site = Site::open(settings()).await;
    let (mut idle, mut busy, mut asking) =
        (Client::inside(site.port).await, Client::inside(site.port).await, Client::inside(site.port).await);
    busy.ask("begin").await;
    asking.begin("select pg_sleep(0.5)").await;
    let mut past = super::server::past(super::server::server().await.socket().parent().unwrap()).await;
    let sleeps = "select count(*) from pg_stat_activity where query like 'select pg_sleep(0.5)' and state = 'active'";
    within(async { while sqlx::query_scalar::<_, i64>(sleeps).fetch_one(&mut past).await.unwrap() == 0 {} }).await;
    site.shutdown.cancel();
    assert_eq!(sqlstate(&idle.hear().await.unwrap().1), "57P01");
    assert!(idle.hear().await.is_none());
    let answer = asking.hear_until(b'Z').await;
    assert!(answer.iter().any(|(kind, _)| *kind == b'D'));
    assert_eq!(sqlstate(&asking.hear().await.unwrap().1), "57P01");
    assert_eq!(busy.ask("select 1").await.len(), 4);
    assert_eq!(busy.ask("commit").await.last().unwrap(), &(b'Z', b"I".to_vec()));
    assert_eq!(sqlstate(&busy.hear().await.unwrap().1), "57P01");
    within(site.task).await.unwrap();
    until(|| site.world.sessions.load(Ordering::SeqCst) == 0).await;
    assert!(TcpStream::connect(("127.0.0.1", site.port)).await.is_err());
}

#[tokio::test]
async fn a_transaction_that_does_not_end_in_its_grace_is_ended() {
    let mut settings = settings();
    settings.grace = Duration::from_millis(200);
    let site = Site::open(settings).await;
    let mut busy = Client::inside(site.port).await;
    busy.ask("begin").await;
    site.shutdown.cancel();
    assert_eq!(sqlstate(&busy.hear().await.unwrap().1), "57P01");
    within(site.task).await.unwrap();
}
