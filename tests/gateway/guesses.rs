//! Whoever guesses passwords is soon not looked at any more: at both doors, from that address and at that database only.

use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::{StatusCode, header::RETRY_AFTER};
use tokio::net::TcpSocket;

use super::{
    PASSWORD, Site,
    client::{Client, Way, sqlstate, startup},
    settings, until,
    whole::{Gateway, shop},
    within,
};

const HOST: &str = "12345.db.localhost";
const HERE: &str = "127.0.0.1:0";
const THERE: &str = "127.0.0.2:0";

/// A client at this address of this machine, before it proves anything; or with what it is refused.
async fn challenged(site: &Site, host: &str, from: &str) -> Result<Client, String> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(from.parse().unwrap()).unwrap();
    let stream = within(socket.connect(([127, 0, 0, 1], site.port).into())).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut client = Client::calling(host, stream, Way::Asked).await.unwrap();
    client.say(&startup(0, &[])).await;
    match client.hear().await.expect("a challenge") {
        (b'E', body) => Err(sqlstate(&body)),
        _ => Ok(client),
    }
}

/// With what that password is answered.
async fn tried(site: &Site, host: &str, from: &str, password: &str) -> Result<(), String> {
    let mut client = challenged(site, host, from).await?;
    client.prove_with(password).await;
    match client.hear().await.expect("an answer") {
        (b'E', body) => Err(sqlstate(&body)),
        _ => Ok(()),
    }
}

/// How many wrong passwords may have been looked at since then.
fn allowed(begin: Instant) -> usize {
    21 + usize::try_from(begin.elapsed().as_secs() / 3).unwrap()
}

#[tokio::test]
async fn who_tries_too_many_wrong_passwords_is_not_looked_at_for_a_while_and_others_are() {
    let site = Site::open(settings()).await;
    // whether there is such a database is no matter
    for host in [HOST, "99.db.localhost"] {
        let (begin, mut wrong) = (Instant::now(), 0);
        let told = loop {
            match tried(&site, host, HERE, "wrong").await {
                Err(code) if code == "28P01" => wrong += 1,
                told => break told,
            }
        };
        println!("{host}: {wrong} were looked at in {} ms", begin.elapsed().as_millis());
        assert_eq!(told, Err("57P03".to_owned()));
        assert!((20..=allowed(begin)).contains(&wrong), "{wrong} were looked at");
    }
    let told = site.psql(HOST, "", "select 1").await;
    assert!(
        told.as_ref().is_err_and(|told| told.contains("too many wrong passwords for this database came from this address")),
        "{told:?}"
    );
    // who knows it, elsewhere, and who is here for another database
    assert_eq!(tried(&site, HOST, THERE, PASSWORD).await, Ok(()));
    assert_eq!(tried(&site, "678.db.localhost", HERE, PASSWORD).await, Ok(()));
    // and from here after a pause
    let begin = Instant::now();
    while tried(&site, HOST, HERE, PASSWORD).await.is_err() {
        assert!(begin.elapsed() < Duration::from_secs(60), "it is never looked at again");
    }
    site.close().await;
}

#[tokio::test]
async fn who_has_many_questions_open_at_once_gets_no_more_answers() {
    let site = Site::open(settings()).await;
    let begin = Instant::now();
    let mut clients = Vec::new();
    for _ in 0..60 {
        clients.push(challenged(&site, HOST, HERE).await.expect("a challenge"));
    }
    let answers = join_all(clients.iter_mut().map(async |client| {
        client.prove_with("wrong").await;
        sqlstate(&client.hear().await.expect("an answer").1)
    }));
    let answers = answers.await;
    let count = |code: &str| answers.iter().filter(|answer| *answer == code).count();
    assert!((20..=allowed(begin)).contains(&count("28P01")) && count("28P01") + count("57P03") == 60, "{answers:?}");
    drop(clients);
    until(|| site.world.sessions.load(std::sync::atomic::Ordering::SeqCst) == 0).await;
    site.close().await;
}

#[tokio::test]
async fn guesses_over_http_are_in_the_same_book_and_what_stands_before_the_door_says_where_they_come_from() {
    let (_site, folder) = shop().await;
    let gateway = Gateway::with(&_site, &folder.0, &["--http", "127.0.0.1:0"]).await;
    let door = format!("http://127.0.0.1:{}/databases", gateway.http.expect("a second door"));
    let ask = async |name: &str, from: &str, password: &str| {
        let request = reqwest::Client::new().get(format!("{door}/{name}")).basic_auth("shop", Some(password));
        within(request.header("X-Forwarded-For", format!("203.0.113.9, {from}")).send()).await.expect("an answer")
    };
    for (name, from) in [("shop", "192.0.2.1"), ("nope", "192.0.2.1"), ("shop", "127.0.0.1")] {
        let (begin, mut wrong) = (Instant::now(), 0);
        let told = loop {
            let answer = ask(name, from, "wrong").await;
            match answer.status() {
                StatusCode::UNAUTHORIZED => wrong += 1,
                _ => break answer,
            }
        };
        println!("{name} from {from}: {wrong} were looked at in {} ms", begin.elapsed().as_millis());
        assert_eq!(told.status(), StatusCode::TOO_MANY_REQUESTS);
        let after: u64 = told.headers()[RETRY_AFTER].to_str().expect("a text").parse().expect("a number");
        assert!((1..=3).contains(&after) && (20..=allowed(begin)).contains(&wrong), "{wrong} were looked at, and then after {after} s");
    }
    assert_eq!(ask("shop", "192.0.2.2", "correct horse").await.status(), StatusCode::OK);
    // from where psql is, too many came over HTTP
    let told = gateway.psql("shop", "shop", "correct horse", "select 1").await;
    assert!(told.as_ref().is_err_and(|told| told.contains("too many wrong passwords")), "{told:?}");
    assert_eq!(gateway.servers(), 0, "nothing was woken");
    gateway.stop().await;
}

#[tokio::test]
async fn who_asks_over_http_for_ever_other_names_is_soon_not_looked_at_and_others_are() {
    let (_site, folder) = shop().await;
    let gateway = Gateway::with(&_site, &folder.0, &["--http", "127.0.0.1:0"]).await;
    let door = format!("http://127.0.0.1:{}/databases", gateway.http.expect("a second door"));
    let client = reqwest::Client::new();
    let ask = async |name: String, from: &str, password: &str| {
        let request = client.get(format!("{door}/{name}")).basic_auth("shop", Some(password)).header("X-Forwarded-For", from);
        within(request.send()).await.expect("an answer").status()
    };
    let (begin, mut wrong) = (Instant::now(), 0);
    let told = loop {
        let answers = join_all((0..20).map(|number| ask(format!("n{}", wrong + number), "192.0.2.1", "wrong"))).await;
        wrong += answers.iter().filter(|status| **status == StatusCode::UNAUTHORIZED).count();
        if let Some(told) = answers.into_iter().find(|status| *status != StatusCode::UNAUTHORIZED) {
            break told;
        }
    };
    let allowed = 300 + 20 + usize::try_from(begin.elapsed().as_millis() / 100).unwrap();
    println!("{wrong} were looked at in {} ms", begin.elapsed().as_millis());
    assert!(told == StatusCode::TOO_MANY_REQUESTS && (300..=allowed).contains(&wrong), "{wrong} were looked at, and then {told}");
    assert_eq!(ask("shop".to_owned(), "192.0.2.2", "correct horse").await, StatusCode::OK);
    gateway.stop().await;
}
