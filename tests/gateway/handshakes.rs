//! Handshakes of all kinds: what the protocol allows is answered, what it does not is refused, and nobody else notices.

use std::{cell::Cell, time::Duration};

use iasql::gateway::startup::{CancelKey, Hello, Startup, encode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    Site,
    client::{Client, Way, clear, key, rest, sqlstate, startup},
    settings, until, within,
};

#[tokio::test]
async fn direct_tls_is_served_to_who_offers_the_protocol_and_refused_to_others() {
    let site = Site::open(settings()).await;
    let mut client = Client::secured(site.port, Way::Direct { alpn: true }).await.unwrap();
    client.enter(&startup(0, &[])).await;
    assert!(client.ask("select 42").await.iter().any(|(kind, body)| *kind == b'D' && body.ends_with(b"42")));
    let mut other = Client::secured(site.port, Way::Direct { alpn: false }).await.unwrap();
    let (kind, told) = other.hear().await.unwrap();
    assert_eq!((kind, &*sqlstate(&told)), (b'E', "08P01"));
    drop(client);
    site.close().await;
}

#[tokio::test]
async fn a_newer_protocol_is_negotiated_down_and_keys_are_long_where_they_may_be() {
    let site = Site::open(settings()).await;
    let mut client = Client::secured(site.port, Way::Asked).await.unwrap();
    let heard = client.enter(&startup(9999, &[("_pq_.test_protocol_negotiation", "")])).await;
    let expected = [&[0, 3, 0, 2, 0, 0, 0, 1][..], b"_pq_.test_protocol_negotiation\0"].concat();
    assert_eq!(heard[0], (b'v', expected));
    assert_eq!(key(&heard).secret.len(), 32);
    let mut newest = Client::secured(site.port, Way::Asked).await.unwrap();
    let heard_by_newest = newest.enter(&startup(2, &[])).await;
    assert_eq!((heard_by_newest[0].0, key(&heard_by_newest).secret.len()), (b'R', 32));
    drop(newest);
    let mut old = Client::secured(site.port, Way::Asked).await.unwrap();
    let heard_by_old = old.enter(&startup(0, &[])).await;
    assert_eq!((heard_by_old[0].0, key(&heard_by_old).secret.len()), (b'R', 4));
    for (client, heard) in [(&mut client, heard), (&mut old, heard_by_old)] {
        client.begin("select pg_sleep(3600)").await;
        // a cancel that comes before the statement does nothing, so it is sent until it did
        let cancel = encode(&Hello::Cancel(key(&heard)));
        let done = Cell::new(false);
        let cancelling = async {
            while !done.get() {
                let mut line = clear(site.port).await;
                line.write_all(&cancel).await.unwrap();
                assert_eq!(rest(&mut line).await, b"");
            }
        };
        let (told, ()) = tokio::join!(async { (client.hear_until(b'Z').await, done.set(true)).0 }, cancelling);
        let refused = told.iter().find(|(kind, _)| *kind == b'E').expect("an error");
        assert_eq!(sqlstate(&refused.1), "57014");
        assert_eq!(client.ask("select 1").await.len(), 4);
    }
    drop((client, old));
    site.close().await;
}

#[tokio::test]
async fn encryption_by_gssapi_is_refused_politely_and_tls_comes_after_it() {
    let site = Site::open(settings()).await;
    let mut line = clear(site.port).await;
    line.write_all(&encode(&Hello::GssEnc)).await.unwrap();
    assert_eq!(within(line.read_u8()).await.unwrap(), b'N');
    let mut client = Client::over(line, Way::Asked).await.unwrap();
    client.enter(&startup(0, &[])).await;
    drop(client);
    site.close().await;
}

#[tokio::test]
async fn what_does_not_belong_before_tls_is_refused_and_others_go_on() {
    let site = Site::open(settings()).await;
    let mut client = Client::inside(site.port).await;
    let oversized = [&10_001_u32.to_be_bytes()[..], &[0, 3, 0, 0]].concat();
    let early = [encode(&Hello::Tls), startup(0, &[])].concat();
    let cases = [
        (startup(0, &[]), "28000"),
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), "08P01"),
        (oversized, "08P01"),
        (vec![0, 0, 0, 7, 0, 0, 0], "08P01"),
        ([&9_u32.to_be_bytes()[..], &[0, 2, 0, 0, 0]].concat(), "0A000"),
        ([&9_u32.to_be_bytes()[..], &[0, 3, 0, 0, 0]].concat(), "28000"),
        (early, "08P01"),
    ];
    for (bytes, code) in cases {
        let mut line = clear(site.port).await;
        line.write_all(&bytes).await.unwrap();
        let told = rest(&mut line).await;
        assert_eq!((told.first(), &*sqlstate(&told[5..]), has_hint(&told[5..])), (Some(&b'E'), code, true), "{bytes:?}");
    }
    let mut line = clear(site.port).await;
    // as a handshake begins, and then no more of one
    line.write_all(&[&[0x16, 3, 1, 0xff, 0xff][..], &[7; 70_000]].concat()).await.unwrap_or_default();
    rest(&mut line).await;
    assert_eq!(client.ask("select 1").await.len(), 4);
    assert_eq!(site.world.woken(), ["12345"]);
    drop(client);
    site.close().await;
}

#[tokio::test]
async fn who_names_no_database_and_who_names_one_that_is_not_in_there_are_told_so_by_code_with_a_hint() {
    let site = Site::open(settings()).await;
    let mut nameless = Client::nameless(site.port).await.unwrap();
    nameless.say(&startup(0, &[])).await;
    let (kind, told) = nameless.hear().await.unwrap();
    assert_eq!((kind, &*sqlstate(&told), has_hint(&told)), (b'E', "3D000", true));
    let mut client = Client::secured(site.port, Way::Asked).await.unwrap();
    let parameters = [("user", "ann"), ("database", "nowhere")].map(|(name, value)| (name.into(), value.into()));
    client.say(&encode(&Hello::Startup(Startup { minor: 0, parameters: parameters.into() }))).await;
    client.hear_until(b'R').await;
    client.prove_with(super::PASSWORD).await;
    let told = client.hear_until(b'E').await.pop().unwrap().1;
    assert_eq!((&*sqlstate(&told), has_hint(&told)), ("3D000", true), "{}", String::from_utf8_lossy(&told));
    site.close().await;
}

fn has_hint(told: &[u8]) -> bool {
    told.split(|byte| *byte == 0).any(|field| field.first() == Some(&b'H') && field.len() > 10)
}

#[tokio::test]
async fn what_does_not_belong_into_the_exchange_of_proofs_is_refused() {
    let site = Site::open(settings()).await;
    let long = [b"SCRAM-SHA-256\0", &2000_u32.to_be_bytes()[..], &[b'x'; 2000]].concat();
    let downgrade = [b"SCRAM-SHA-256\0", &11_u32.to_be_bytes()[..], b"y,,n=,r=abc"].concat();
    let cases = [
        (b"sesame\0".to_vec(), "08P01"),
        (long, "08P01"),
        ([b"SCRAM-SHA-256\0", &[0xff; 4][..]].concat(), "08P01"),
        ([b"OTHER\0", &1_u32.to_be_bytes()[..], b"n"].concat(), "08P01"),
        (downgrade, "28000"),
    ];
    for (body, code) in cases {
        let mut client = Client::secured(site.port, Way::Asked).await.unwrap();
        client.say(&startup(0, &[])).await;
        let (kind, offered) = client.hear().await.unwrap();
        assert_eq!((kind, &offered[4..]), (b'R', &b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"[..]));
        client.password(&body).await;
        let (kind, told) = client.hear().await.unwrap();
        assert_eq!((kind, &*sqlstate(&told)), (b'E', code), "{}", String::from_utf8_lossy(&told));
    }
    site.close().await;
}

#[tokio::test]
async fn who_stops_in_the_middle_is_cut_off_in_time_and_leaves_nothing_behind() {
    let mut settings = settings();
    settings.deadlines.startup = Duration::from_millis(300);
    settings.deadlines.authentication = Duration::from_millis(300);
    let site = Site::open(settings).await;
    let request = encode(&Hello::Tls);
    for half in [&b""[..], &request[..3], &request, &[0x16, 3, 1, 2, 0, 1]] {
        let mut line = clear(site.port).await;
        line.write_all(half).await.unwrap();
        rest(&mut line).await;
    }
    // who is under TLS is told
    let mut silent = Client::secured(site.port, Way::Asked).await.unwrap();
    assert_eq!(sqlstate(&silent.hear().await.unwrap().1), "57014");
    assert!(silent.hear().await.is_none());
    let mut halfway = Client::secured(site.port, Way::Asked).await.unwrap();
    halfway.say(&startup(0, &[])).await;
    assert_eq!(halfway.hear().await.unwrap().0, b'R');
    assert_eq!(sqlstate(&halfway.hear().await.unwrap().1), "57014");
    // it was woken while the proof was waited for, and is let go again
    assert_eq!(site.world.woken(), ["12345"]);
    until(|| site.world.sessions.load(std::sync::atomic::Ordering::SeqCst) == 0).await;
    site.close().await;
}

#[tokio::test]
async fn a_flood_of_cancels_that_fit_nobody_is_closed_without_a_word_and_harms_nobody() {
    let site = Site::open(settings()).await;
    let mut client = Client::inside(site.port).await;
    client.begin("select pg_sleep(0.5)").await;
    for process in 0..500 {
        let mut line = clear(site.port).await;
        let secret = if process % 2 == 0 { vec![7; 4] } else { vec![7; 256] };
        line.write_all(&encode(&Hello::Cancel(CancelKey { process, secret }))).await.unwrap();
        assert_eq!(rest(&mut line).await, b"");
    }
    assert!(client.hear_until(b'Z').await.iter().all(|(kind, _)| *kind != b'E'));
    assert_eq!(site.world.woken(), ["12345"]);
    drop(client);
    site.close().await;
}
