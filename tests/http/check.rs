//! A check is asked for over HTTP, and followed.

use reqwest::Method;
use serde_json::Value;
use sqlx::{Connection, PgConnection};

use super::Server;
use crate::support;

/// A database with one network to make.
async fn database(server: &Server) -> (String, PgConnection) {
    let name = support::database_name();
    let made: Value = server.post(&format!("/setup/{name}?modules=ec2")).await.json().await.expect("a database");
    let mut inside = PgConnection::connect(made["url"].as_str().expect("a url")).await.expect("a login");
    sqlx::query("insert into ec2.vpc (name, cidr_block) values ('main', '10.0.0.0/16')").execute(&mut inside).await.expect("a row");
    (name, inside)
}

async fn ended(answer: reqwest::Response) -> Value {
    assert_eq!(answer.status(), 200);
    let run: Value = answer.json().await.expect("a run");
    assert_eq!(run["state"], "done", "{run}");
    run
}

#[tokio::test]
async fn a_dry_run_shows_what_a_check_then_does_and_the_next_finds_nothing() {
    let account = support::account().await;
    let server = Server::working(&account).await;
    let (name, _inside) = database(&server).await;
    let plan = ended(server.get(&format!("/check/{name}?dry_run=true")).await).await;
    assert_eq!(plan["outcome"]["plan"][0]["action"], "create", "{plan}");
    assert!(account.calls.take_changes().is_empty(), "a dry run changes nothing");

    let run = ended(server.post(&format!("/check/{name}")).await).await;
    assert_eq!(run["outcome"]["applied"], 1, "{run}");
    assert_eq!(account.calls.take_changes(), ["CreateVpc"]);

    let again = ended(server.get(&format!("/check/{name}")).await).await;
    assert_eq!(again["outcome"]["applied"], 0, "{again}");
    assert!(account.calls.take_changes().is_empty());
}

#[tokio::test]
async fn a_plan_is_approved_by_the_fingerprint_that_a_dry_run_answers() {
    let account = support::account().await;
    let server = Server::working(&account).await;
    let (name, mut inside) = database(&server).await;
    let dry = ended(server.get(&format!("/check/{name}?dry_run=true")).await).await;
    let plan = dry["outcome"]["fingerprint"].as_str().expect("a fingerprint").to_owned();
    sqlx::query("update ec2.vpc set cidr_block = '10.1.0.0/16'").execute(&mut inside).await.expect("another plan");
    let refused: Value = server.post(&format!("/check/{name}?plan={plan}")).await.json().await.expect("a run");
    assert_eq!((&refused["state"], &refused["kind"]), (&"refused".into(), &"approved".into()), "{refused}");
    let said = refused["outcome"]["errors"][0].as_str().expect("a sentence");
    assert!(said.starts_with("the plan changed since it was approved") && account.calls.take_changes().is_empty(), "{said}");
    sqlx::query("update ec2.vpc set cidr_block = '10.0.0.0/16'").execute(&mut inside).await.expect("the plan as it was");
    let run = ended(server.post(&format!("/check/{name}?plan={plan}")).await).await;
    assert_eq!((&run["outcome"]["applied"], account.calls.take_changes()), (&1.into(), vec!["CreateVpc".to_owned()]));
    for (words, said) in [("plan=x", "16 hexadecimal digits"), ("dry_run=true&plan=0123456789abcdef", "a dry run carries out no plan")] {
        let answer = server.post(&format!("/check/{name}?{words}")).await;
        assert_eq!(answer.status(), 400);
        assert!(answer.text().await.expect("a problem").contains(said), "{words}");
    }
}

#[tokio::test]
async fn whoever_does_not_wait_gets_the_runs_address_and_can_follow_it_there() {
    let server = Server::working(&support::account().await).await;
    let (name, _inside) = database(&server).await;
    let begun = server.post(&format!("/check/{name}?wait=false")).await;
    assert_eq!(begun.status(), 202);
    let address = begun.headers()["location"].to_str().expect("an address").to_owned();

    let events = server.ask(Method::GET, &address).header("accept", "text/event-stream").send().await.expect("events");
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    let events = events.text().await.expect("all of them");
    let last = events.trim_end().rsplit("\n\n").next().expect("an event");
    assert!(last.contains("event: ended") && last.contains("\"state\":\"done\""), "{events}");

    let run: Value = server.get(&address).await.json().await.expect("a run");
    assert_eq!(run["database"], *name);
    assert_eq!(run["state"], "done");
}
