//! A database is made over HTTP.

use serde_json::Value;
use sqlx::{Connection, PgConnection};

use super::{Server, open, problem};
use crate::support;

async fn body(answer: reqwest::Response) -> Value {
    assert_eq!(answer.status(), 200);
    answer.json().await.expect("a document")
}

fn url(body: &Value) -> &str {
    body["url"].as_str().expect("a url")
}

#[tokio::test]
async fn the_password_is_told_once_and_a_second_setup_builds_nothing() {
    let (server, name) = (Server::start(open()).await, support::database_name());
    let made = body(server.post(&format!("/setup/{name}?modules=ec2&region=eu-central-1")).await).await;
    assert_eq!(made["created"], true);
    assert_eq!(made["database"]["region"], "eu-central-1");
    let mut inside = PgConnection::connect(url(&made)).await.expect("the password is good");
    sqlx::query("create table public.mine ()").execute(&mut inside).await.expect("public is theirs");

    let again = body(server.get(&format!("/setup/{name}")).await).await;
    assert_eq!(again["created"], false);
    assert!(!url(&again).contains(url::Url::parse(url(&made)).expect("a url").password().expect("a password")));
    assert_eq!(again["database"]["name"], made["database"]["name"]);
    sqlx::query("select from public.mine").execute(&mut inside).await.expect("still there");
}

#[tokio::test]
async fn a_rotation_ends_the_old_password() {
    let (server, name) = (Server::start(open()).await, support::database_name());
    let made = body(server.post(&format!("/setup/{name}?modules=ec2")).await).await;
    let rotated = body(server.post(&format!("/setup/{name}?rotate=true")).await).await;
    assert_ne!(url(&made), url(&rotated));
    PgConnection::connect(url(&rotated)).await.expect("the new password is good");
    PgConnection::connect(url(&made)).await.expect_err("the old password is not");
}

#[tokio::test]
async fn a_new_database_is_listed_without_its_password() {
    let (server, name) = (Server::start(open()).await, support::database_name());
    let made = body(server.post(&format!("/setup/{name}?modules=ec2")).await).await;
    let listed = server.get("/databases").await.text().await.expect("a list");
    assert!(listed.contains(&name));
    assert!(!listed.contains(url::Url::parse(url(&made)).expect("a url").password().expect("a password")));
    let metrics = server.get("/metrics").await.text().await.expect("metrics");
    assert!(metrics.contains("iasql_http_requests_total{route=\"/setup/{db}\",method=\"POST\",status=\"200\"} 1"), "{metrics}");
    assert!(!metrics.contains(&name), "a name of a user's is no label");
}

#[tokio::test]
async fn a_name_that_is_no_identifier_makes_nothing() {
    let server = Server::start(open()).await;
    for name in ["Shop", "1shop", "a-b", "pg_shop", "x%22;drop", &"a".repeat(41)] {
        problem(server.post(&format!("/setup/{name}")).await, 400, "bad-name").await;
    }
}

#[tokio::test]
async fn an_unknown_module_is_answered_with_the_nearest_name_and_makes_nothing() {
    let (server, name) = (Server::start(open()).await, support::database_name());
    let document = problem(server.post(&format!("/setup/{name}?modules=ec3")).await, 400, "unknown-module").await;
    assert!(document["detail"].as_str().is_some_and(|detail| detail.contains("did you mean ec2?")), "{document}");
    problem(server.get(&format!("/check/{name}")).await, 404, "unknown-database").await;
}

#[tokio::test]
async fn a_schedule_is_set_and_a_wrong_one_makes_nothing() {
    let (server, name) = (Server::start(open()).await, support::database_name());
    let document = problem(server.post(&format!("/setup/{name}?modules=ec2&schedule=61%20*%20*%20*%20*")).await, 400, "bad-schedule").await;
    assert!(document["detail"].as_str().is_some_and(|detail| detail.contains("minute")), "{document}");
    problem(server.get(&format!("/check/{name}")).await, 404, "unknown-database").await;
    let made = body(server.post(&format!("/setup/{name}?modules=ec2&schedule=*/15%20*%20*%20*%20*")).await).await;
    assert_eq!(made["database"]["schedule"], "*/15 * * * *");
    let ended = body(server.post(&format!("/setup/{name}?schedule=off")).await).await;
    assert_eq!(ended["database"]["schedule"], Value::Null);
}
