//! The second door under TLS: with what the gateway shows, for who comes by a name of its domains; others are hung up on, and harm nobody.

use std::{path::Path, time::Duration};

use reqwest::StatusCode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
};

use super::{
    client::{clear, rest},
    rows::signed,
    tarball::LOGIN,
    whole::{Gateway, shop},
    within,
};
use crate::crash::until;

const DOOR: [&str; 2] = ["--https", "127.0.0.1:0"];

/// What curl gets from a path of the door, by the name of a host and with the authority that it trusts; or its complaint.
async fn curl(gateway: &Gateway, host: &str, authority: &str, words: &[&str], path: &str) -> Result<Vec<u8>, String> {
    let port = gateway.https.expect("a second door under TLS");
    let mut curl = Command::new("curl");
    curl.args(["-sS", "--fail-with-body", "--max-time", "60", "--cacert", authority, "--resolve", &format!("{host}:{port}:127.0.0.1")]);
    curl.args(["-u", &format!("{}:{}", LOGIN.0, LOGIN.1)]).args(words).arg(format!("https://{host}:{port}/databases/{path}"));
    let output = within(curl.kill_on_drop(true).output()).await.expect("curl runs");
    let all = [output.stdout.clone(), output.stderr].concat();
    if output.status.success() { Ok(output.stdout) } else { Err(String::from_utf8_lossy(&all).into_owned()) }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("a text")
}

#[tokio::test]
async fn a_database_is_downloaded_and_uploaded_under_tls_by_any_name_of_the_domain() {
    let (mut site, folder) = shop().await;
    site.sql("insert into gateway.database (name, role, password, idle_seconds) values ('copy', 'shop', 'correct horse', 1)").await;
    site.check().await;
    let gateway = Gateway::with(&site, &folder.0, &DOOR).await;
    gateway.say("shop", "create table t as select generate_series(1, 1000) as n").await.expect("a table");
    let (ca, file) = (gateway.authority(), folder.0.join("shop.dump"));
    let file = file.to_str().expect("a text");
    curl(&gateway, "shop.db.localhost", ca, &["-o", file], "shop/download?format=dump").await.expect("a dump");
    let said = curl(&gateway, "any-name.db.localhost", ca, &["--data-binary", &format!("@{file}")], "copy/upload").await.map(text);
    assert!(said.as_ref().is_ok_and(|said| said.contains("\"kind\":\"archive\"")), "{said:?}");
    let there = || async { gateway.say("copy", "select count(*) from t").await.ok().filter(|said| said == "1000") };
    until("what was uploaded", there).await;
    // who offers no protocol speaks this one
    assert!(curl(&gateway, "shop.db.localhost", ca, &["--no-alpn"], "shop").await.is_ok());
    let refused = curl(&gateway, "shop.db.localhost", ca, &["-u", "shop:wrong"], "shop").await;
    assert!(refused.as_ref().is_err_and(|said| said.contains("the database, the user or the password is wrong")), "{refused:?}");
    // whoever looks at the certificate is not deceived
    let elsewhere = curl(&gateway, "shop.example.com", ca, &[], "shop").await;
    assert!(elsewhere.as_ref().is_err_and(|said| said.contains("no alternative certificate subject name matches")), "{elsewhere:?}");
    gateway.stop().await;
}

#[tokio::test]
async fn who_speaks_something_else_or_slowly_is_hung_up_on_and_others_are_served_meanwhile() {
    let (site, folder) = shop().await;
    let gateway = Gateway::with(&site, &folder.0, &DOOR).await;
    let port = u16::try_from(gateway.https.expect("a door")).expect("a port");
    for garbage in [
        &b"GET /databases/shop HTTP/1.1\r\nHost: x\r\n\r\n"[..],
        b"\0\0\0\x08\x04\xd2\x16\x2f",
        &[0x16, 3, 1, 0xff, 0xff, 1],
        &[7; 100_000],
    ] {
        let mut line = clear(port).await;
        line.write_all(garbage).await.unwrap_or_default();
        let told = rest(&mut line).await;
        assert!(!told.windows(4).any(|word| word == b"HTTP"), "{told:?}");
    }
    // 64 of one address, and no more: of those who come at once it is not said which
    let (mut slow, mut is_full) = (Vec::new(), false);
    while !is_full {
        for _ in 0..64 {
            let mut line = clear(port).await;
            line.write_all(&[0x16, 3, 1]).await.unwrap_or_default();
            slow.push(line);
        }
        assert!(slow.len() < 2000, "somebody is let in again and again");
        is_full = curl(&gateway, "shop.db.localhost", gateway.authority(), &[], "shop").await.is_err();
    }
    // those who say nothing more lose theirs in time
    let begin = std::time::Instant::now();
    for mut line in slow {
        assert_eq!(within(line.read(&mut [0])).await.unwrap_or_default(), 0);
    }
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
    let served = || async { curl(&gateway, "shop.db.localhost", gateway.authority(), &[], "shop").await.ok() };
    assert!(text(until("a seat", served).await).contains("\"tier\":"));
    assert_eq!(gateway.servers(), 0);
    gateway.stop().await;
}

#[tokio::test]
async fn a_balancer_that_is_trusted_says_who_comes_and_whoever_comes_from_there_without_saying_so_is_hung_up_on() {
    let (site, folder) = shop().await;
    let gateway = Gateway::with(&site, &folder.0, &[&DOOR[..], &["--proxies", "127.0.0.0/8"]].concat()).await;
    let answers = async |words: &[&str]| curl(&gateway, "shop.db.localhost", gateway.authority(), words, "shop").await;
    assert!(answers(&["--haproxy-protocol"]).await.is_ok());
    assert!(answers(&[]).await.is_err());
    gateway.stop().await;
}

#[tokio::test]
async fn below_the_domain_of_a_row_its_certificate_is_shown_and_another_takes_its_place_while_a_client_stays() {
    let (mut site, folder) = shop().await;
    let (first, pem) = signed(&folder.0.join("first"), "db.example.com");
    site.sql("insert into gateway.domain (name) values ('db.example.com')").await;
    site.sql(&format!("insert into gateway.certificate (domain, pem) values ('db.example.com', '{pem}')")).await;
    site.sql("insert into gateway.database (name, domain, role, password) values ('till', 'db.example.com', 'shop', 'correct horse')")
        .await;
    site.check().await;
    let gateway = Gateway::with(&site, &folder.0.join("home"), &DOOR).await;
    let host = "till.db.example.com";
    let answers = async |authority: &str| curl(&gateway, host, authority, &[], "till").await.ok().map(text);
    assert!(answers(&first).await.is_some_and(|said| said.contains("\"tier\":\"new\"")));
    // what is below one domain is not below another one
    let other = curl(&gateway, host, &first, &[], "shop").await;
    assert!(other.is_err_and(|said| said.contains("is wrong")));
    let port = u16::try_from(gateway.https.expect("a door")).expect("a port");
    let root = reqwest::Certificate::from_pem(&std::fs::read(Path::new(&first)).expect("a file")).expect("a certificate");
    let stays = reqwest::Client::builder().tls_certs_only([root]).resolve(host, ([127, 0, 0, 1], port).into()).build().expect("a client");
    let ask = async || {
        let request = stays.get(format!("https://{host}:{port}/databases/till")).basic_auth(LOGIN.0, Some(LOGIN.1)).send();
        let answer = within(request).await.expect("an answer");
        (answer.status(), answer.bytes().await.map(drop).is_ok())
    };
    assert_eq!(ask().await, (StatusCode::OK, true));
    let (second, pem) = signed(&folder.0.join("second"), "db.example.com");
    site.sql(&format!("update gateway.certificate set pem = '{pem}'")).await;
    site.check().await;
    // it asks all the time, for a line on which nothing is asked for long is closed
    until("the other certificate", async || (answers(&second).await, assert_eq!(ask().await.0, StatusCode::OK)).0).await;
    assert_eq!(answers(&first).await, None, "the old one is shown no longer");
    assert_eq!(ask().await, (StatusCode::OK, true), "on the line that it had");
    gateway.stop().await;
}
