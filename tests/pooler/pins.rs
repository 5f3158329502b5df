//! What is left behind in a session is there the next time, and is nobody else's.

use super::{Site, Ways, client, simple, ways};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_behind_stays_with_its_client_and_goes_with_it() {
    let site = Site::shared_in(Ways { pool_size: 2, ..ways() }).await;
    let (mut one, mut other) = (site.raw().await, site.raw().await);
    for left in [
        "create temp table mine (a int)",
        "insert into mine values (7)",
        "set work_mem = '7MB'",
        "prepare kept as select 7",
        "select pg_advisory_lock(4711)",
        "begin; declare held cursor with hold for select 7; commit",
        "set application_name = 'one of them'",
    ] {
        simple(&mut one, left).await.unwrap_or_else(|code| panic!("{left}: {code}"));
        assert_eq!(simple(&mut other, "select noted('between')").await.map(|id| id.is_some()), Ok(true));
    }
    for (asked, answer) in [("select a from mine", "7"), ("show work_mem", "7MB"), ("execute kept", "7"), ("fetch held", "7")] {
        assert_eq!(simple(&mut one, asked).await, Ok(Some(answer.to_owned())), "{asked}");
        assert_ne!(simple(&mut other, asked).await, Ok(Some(answer.to_owned())), "{asked}");
    }
    assert_eq!(simple(&mut other, "select pg_try_advisory_xact_lock(4711)").await, Ok(Some("f".to_owned())));
    assert_eq!(site.member("a", "idle").await, 1);
    simple(&mut one, "discard all").await.unwrap();
    assert_eq!(site.member("a", "idle").await, 2);
    assert_eq!(simple(&mut other, "select pg_try_advisory_xact_lock(4711)").await, Ok(Some("t".to_owned())));
    simple(&mut one, "set work_mem = '8MB'").await.unwrap();
    drop(one);
    // the session with it
    site.until(|status| status["members"][0]["sessions"] == 1).await;
    assert_ne!(simple(&mut other, "show work_mem").await, Ok(Some("8MB".to_owned())));
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_listens_hears_while_saying_nothing() {
    let site = Site::shared().await;
    let (mut hearing, mut saying) = (site.raw().await, site.raw().await);
    let channel = format!("channel_{}", site.port);
    simple(&mut hearing, &format!("listen {channel}")).await.unwrap();
    let long = "x".repeat(7000);
    for payload in ["first", &long] {
        simple(&mut saying, &format!("select pg_notify('{channel}', '{payload}')")).await.unwrap();
        let (kind, body) = hearing.hear().await.expect("a word");
        assert_eq!(kind, b'A');
        assert!(String::from_utf8_lossy(&body).contains(payload));
    }
    assert_eq!(simple(&mut hearing, "select 1").await, Ok(Some("1".to_owned())));
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_a_session_has_one_at_the_primary() {
    let site = Site::shared().await;
    let mut client = site.raw_with(&[("options", "pooling=session -c work_mem=9MB")]).await;
    assert_eq!(simple(&mut client, "select standby from place").await, Ok(Some("f".to_owned())));
    assert_eq!(simple(&mut client, "show work_mem").await, Ok(Some("9MB".to_owned())));
    simple(&mut client, "discard all").await.unwrap();
    assert_eq!(simple(&mut client, "select standby from place").await, Ok(Some("f".to_owned())));
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_reaches_whichever_session_is_busy_for_the_client() {
    let site = Site::shared().await;
    let mut client = client::Client::secured(site.port, super::Way::Asked).await.unwrap();
    let key = client::key(&client.enter(&super::packet(&[])).await);
    for statement in ["select pg_sleep(60)", "select count(*) from generate_series(1, 100000000000) n"] {
        client.begin(statement).await;
        // it is not known when it has begun: until it is heard
        let asking = async {
            loop {
                let mut line = client::clear(site.port).await;
                let request = iasql::gateway::startup::encode(&iasql::gateway::startup::Hello::Cancel(key.clone()));
                tokio::io::AsyncWriteExt::write_all(&mut line, &request).await.unwrap();
                client::rest(&mut line).await;
            }
        };
        let heard = tokio::select! {
            heard = client.hear_until(b'Z') => heard,
            () = asking => unreachable!("it never ends"),
        };
        let complaint = heard.iter().find(|(kind, _)| *kind == b'E').expect("a complaint");
        assert_eq!(client::sqlstate(&complaint.1), "57014", "{statement}");
    }
    // one that is late may hit what comes next, as it may without a pooler
    while simple(&mut client, "select 1").await != Ok(Some("1".to_owned())) {}
    site.close().await;
}
