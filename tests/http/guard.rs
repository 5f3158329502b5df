//! Who is let in.

use std::path::PathBuf;

use iasql::http::{Guard, GuardError};
use reqwest::Method;

use super::{Server, TOKEN, door, open, problem, with_file, with_token};

/// Asks for the databases, which changes nothing, with some headers.
async fn asked(server: &Server, headers: &[(&str, &str)]) -> reqwest::Response {
    let request = headers.iter().fold(server.ask(Method::GET, "/databases"), |request, (name, value)| request.header(*name, *value));
    request.send().await.expect("an answer")
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("tokens-{name}-{}", std::process::id()));
    std::fs::write(&path, text).expect("a token file");
    path
}

#[tokio::test]
async fn whoever_has_the_token_is_let_in_and_nobody_else() {
    let server = Server::start(with_token()).await;
    let good = format!("Bearer {TOKEN}");
    assert_eq!(asked(&server, &[("authorization", &good)]).await.status(), 200);
    assert_eq!(asked(&server, &[("authorization", &good.replace("Bearer", "bearer"))]).await.status(), 200);
    let long = format!("{good}x");
    for (header, name) in [
        ("", "no-token"),
        ("Basic YTpi", "no-token"),
        (TOKEN, "no-token"),
        ("Bearer x", "unknown-token"),
        (&long, "unknown-token"),
        ("Bearer ", "no-token"),
    ] {
        let answer = asked(&server, &[("authorization", header)]).await;
        assert_eq!(answer.headers()["www-authenticate"], "Bearer realm=\"iasql\"");
        let document = problem(answer, 401, name).await;
        assert!(!document.to_string().contains(TOKEN));
    }
}

#[tokio::test]
async fn everything_but_the_servers_health_and_its_description_wants_a_token() {
    let server = Server::start(with_token()).await;
    for path in ["/setup/shop", "/check/shop", "/runs/x", "/databases", "/metrics"] {
        problem(server.get(path).await, 401, "no-token").await;
    }
    for path in ["/setup/shop", "/check/shop"] {
        problem(server.post(path).await, 401, "no-token").await;
    }
    for path in ["/healthz", "/readyz", "/openapi.json"] {
        assert_eq!(server.get(path).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn an_expired_token_is_told_that_it_expired_and_when() {
    let tokens = file("expiry", "an-old-token-0123456789 2020-01-31T00:00:00Z\na-new-token-0123456789 2999-01-31T00:00:00Z\n");
    let server = Server::start(with_file(tokens)).await;
    assert_eq!(asked(&server, &[("authorization", "Bearer a-new-token-0123456789")]).await.status(), 200);
    let document = problem(asked(&server, &[("authorization", "Bearer an-old-token-0123456789")]).await, 401, "expired-token").await;
    assert!(document["detail"].as_str().is_some_and(|detail| detail.contains("expired at 2020-01-31")), "{document}");
}

#[tokio::test]
async fn a_token_file_that_changes_holds_at_once_and_one_that_breaks_changes_nothing() {
    let tokens = file("change", "the-first-token-0123\n");
    let server = Server::start(with_file(tokens.clone())).await;
    let let_in = async |token: &str| asked(&server, &[("authorization", &format!("Bearer {token}"))]).await.status() == 200;
    assert!(let_in("the-first-token-0123").await);
    std::fs::write(&tokens, "the-second-token-012\n").expect("another token");
    assert!(let_in("the-second-token-012").await && !let_in("the-first-token-0123").await);
    std::fs::write(&tokens, "nonsense\n").expect("nonsense");
    assert!(let_in("the-second-token-012").await);
}

#[tokio::test]
async fn without_a_token_only_this_machine_and_no_web_page_is_let_in() {
    let server = Server::start(open()).await;
    let host = server.url.trim_start_matches("http://");
    let origin = &*server.url;
    let good: [&[(&str, &str)]; 6] = [
        &[],
        &[("host", "localhost:1")],
        &[("host", "[::1]:1")],
        &[("origin", origin)],
        &[("sec-fetch-site", "same-origin"), ("origin", origin)],
        &[("sec-fetch-site", "none")],
    ];
    for headers in good {
        assert_eq!(asked(&server, headers).await.status(), 200, "{headers:?}");
    }
    let bad: [&[(&str, &str)]; 9] = [
        &[("host", "evil.example")],
        &[("host", "localhost.evil.example")],
        &[("host", "127.0.0.1.nip.io")],
        &[("host", "192.168.1.1")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("host", host), ("origin", "http://localhost:1")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
    ];
    for headers in bad {
        problem(asked(&server, headers).await, 403, "foreign").await;
    }
}

#[test]
fn a_door_that_would_stand_open_is_not_opened() {
    assert!(matches!(Guard::new(&door()), Err(GuardError::Open)));
    let reachable = iasql::config::Door { listen: ([0, 0, 0, 0], 0).into(), ..open() };
    assert!(matches!(Guard::new(&reachable), Err(GuardError::Reachable(_))));
    assert!(matches!(Guard::new(&with_file("/nowhere".into())), Err(GuardError::File(_))));
}
