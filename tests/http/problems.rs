//! What goes wrong is told in one form, and tells nothing of our insides.

use reqwest::Method;

use super::{Server, open, problem};

#[tokio::test]
async fn an_address_that_leads_nowhere_is_a_problem_document() {
    let server = Server::start(open()).await;
    for path in ["/", "/nothing", "/setup", "/setup/a/b", "/runs/"] {
        problem(server.get(path).await, 404, "no-such-page").await;
    }
}

#[tokio::test]
async fn a_method_that_is_not_allowed_is_told_which_are() {
    let server = Server::start(open()).await;
    for (method, path, allowed) in
        [(Method::DELETE, "/setup/shop", "POST"), (Method::POST, "/databases", "GET"), (Method::PUT, "/healthz", "GET")]
    {
        let answer = server.ask(method, path).send().await.expect("an answer");
        let allow = answer.headers()["allow"].to_str().expect("text").to_owned();
        assert!(allow.contains(allowed), "{path}: {allow}");
        problem(answer, 405, "method").await;
    }
}

#[tokio::test]
async fn a_head_never_changes_anything() {
    let server = Server::start(open()).await;
    for path in ["/setup/never", "/check/never"] {
        let answer = server.ask(Method::HEAD, path).send().await.expect("an answer");
        assert_eq!(answer.status(), 405);
        assert_eq!(answer.headers()["allow"], "GET,POST");
    }
}

#[tokio::test]
async fn a_large_body_is_refused() {
    let server = Server::start(open()).await;
    let answer = server.ask(Method::POST, "/check/shop").body(vec![b' '; 65 * 1024]).send().await.expect("an answer");
    problem(answer, 413, "too-large").await;
}

#[tokio::test]
async fn a_query_with_an_unknown_word_is_refused_before_anything_is_done() {
    let server = Server::start(open()).await;
    for path in ["/setup/shop?module=ec2", "/check/shop?dryrun=true", "/check/shop?dry_run=perhaps", "/setup/%ff"] {
        problem(server.get(path).await, 400, "request").await;
    }
}

#[tokio::test]
async fn what_nobody_made_is_not_found() {
    let server = Server::start(open()).await;
    problem(server.get("/check/nobody_made_this").await, 404, "unknown-database").await;
    problem(server.get("/runs/not-an-id").await, 404, "unknown-run").await;
    problem(server.get("/runs/00000000-0000-0000-0000-000000000000").await, 404, "unknown-run").await;
}

#[tokio::test]
async fn a_database_error_never_reaches_a_client() {
    let server = Server::start(open()).await;
    server.control.close().await;
    let document = problem(server.get("/databases").await, 500, "internal").await;
    assert_eq!(document["detail"], "The server's log has the cause.");
    problem(server.get("/readyz").await, 503, "not-ready").await;
    assert_eq!(server.get("/healthz").await.status(), 200);
}
