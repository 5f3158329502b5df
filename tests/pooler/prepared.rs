//! Prepared statements of the protocol, on whichever session serves their client.

use super::{Client, Site, Ways, simple, ways};

fn framed(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[kind][..], &length.to_be_bytes(), body].concat()
}

fn parse(name: &str, text: &str) -> Vec<u8> {
    framed(b'P', &[name.as_bytes(), b"\0", text.as_bytes(), b"\0\0\0"].concat())
}

fn run(name: &str) -> Vec<u8> {
    [framed(b'B', &[b"\0", name.as_bytes(), b"\0\0\0\0\0\0\0"].concat()), framed(b'E', b"\0\0\0\0\0")].concat()
}

fn sync() -> Vec<u8> {
    framed(b'S', b"")
}

/// The kinds of what is heard, and the first field of the rows.
async fn heard(client: &mut Client) -> (String, Vec<String>) {
    let all = client.hear_until(b'Z').await;
    let row = |body: &[u8]| String::from_utf8_lossy(&body[6..]).into_owned();
    let rows = all.iter().filter(|(kind, _)| *kind == b'D').map(|(_, body)| row(body)).collect();
    (all.iter().map(|(kind, _)| char::from(*kind)).collect(), rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_name_means_to_each_client_what_it_has_said() {
    let site = Site::shared_in(Ways { pool_size: 1, ..ways() }).await;
    let (mut one, mut two) = (site.raw().await, site.raw().await);
    for (client, text) in [(&mut one, "select what from thing where id = 1"), (&mut two, "select what from thing where id = 2")] {
        client.say(&[parse("s", text), sync()].concat()).await;
        assert_eq!(heard(client).await.0, "1Z");
    }
    for _ in 0..5 {
        for (client, expected) in [(&mut one, "thing 1"), (&mut two, "thing 2")] {
            client.say(&[run("s"), sync()].concat()).await;
            assert_eq!(heard(client).await, ("2DCZ".to_owned(), vec![expected.to_owned()]));
            // at the primary it is prepared as well
            simple(client, "begin").await.unwrap();
            client.say(&[framed(b'D', b"Ss\0"), run("s"), sync()].concat()).await;
            assert_eq!(heard(client).await.0, "tT2DCZ");
            simple(client, "commit").await.unwrap();
        }
    }
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_prepared_already_is_prepared_again_for_who_asks() {
    let site = Site::shared().await;
    let (mut one, mut two) = (site.raw().await, site.raw().await);
    for client in [&mut one, &mut two] {
        client.say(&[parse("a", "select what from thing where id = 3"), run("a"), framed(b'C', b"Sa\0"), sync()].concat()).await;
        assert_eq!(heard(client).await, ("12DC3Z".to_owned(), vec!["thing 3".to_owned()]));
        client.say(&[run("a"), sync()].concat()).await;
        assert_eq!(heard(client).await.0, "EZ");
    }
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_is_answered_in_its_order_wherever_its_parts_go() {
    let site = Site::shared().await;
    let mut client = site.raw().await;
    let note = |n: usize| parse("", &format!("insert into note (what) values ('pipeline {} {n}')", site.port));
    let count = parse("", &format!("select count(*)::text from note where what like 'pipeline {} %'", site.port));
    let mut all = vec![];
    for n in 0..20 {
        all.extend([note(n), run(""), sync(), count.clone(), run(""), sync()].concat());
    }
    client.say(&all).await;
    for n in 0..20 {
        assert_eq!(heard(&mut client).await.0, "12CZ");
        assert_eq!(heard(&mut client).await, ("12DCZ".to_owned(), vec![(n + 1).to_string()]));
    }
    // without a Sync between them, and with a Flush
    client.say(&[count.clone(), run(""), framed(b'H', b"")].concat()).await;
    assert_eq!(client.hear_until(b'C').await.len(), 4);
    client.say(&[note(20), run(""), sync()].concat()).await;
    assert_eq!(heard(&mut client).await.0, "12CZ");
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_without_a_name_outlives_its_session() {
    let site = Site::shared().await;
    let (mut one, mut two) = (site.raw().await, site.raw().await);
    one.say(&[parse("", "select what from thing where id = 4"), sync()].concat()).await;
    assert_eq!(heard(&mut one).await.0, "1Z");
    two.say(&[parse("", "select what from thing where id = 5"), run(""), sync()].concat()).await;
    assert_eq!(heard(&mut two).await.0, "12DCZ");
    one.say(&[run(""), sync()].concat()).await;
    assert_eq!(heard(&mut one).await, ("2DCZ".to_owned(), vec!["thing 4".to_owned()]));
    one.say(&[parse("x", "nonsense"), run("x"), sync()].concat()).await;
    assert_eq!(heard(&mut one).await.0, "EZ");
    simple(&mut one, "discard all").await.unwrap();
    one.say(&[run("x"), sync()].concat()).await;
    assert_eq!(heard(&mut one).await.0, "EZ");
    site.close().await;
}
