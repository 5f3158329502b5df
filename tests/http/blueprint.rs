//! A blueprint expands over HTTP, and its image's script is told.

use super::{Server, open, problem};
use crate::support;

#[tokio::test]
async fn a_blueprint_expands_whole_and_answers_with_its_statements_and_the_second_time_with_none() {
    let (server, name) = (Server::start(open()).await, support::database_name());
    let path = format!("/setup/{name}?blueprint=iasql_engine");
    let made: serde_json::Value = server.post(&path).await.json().await.expect("a document");
    let statements: Vec<_> = made["sql"].as_array().expect("statements").iter().filter_map(|it| it.as_str()).collect();
    for table in ["ec2.vpc", "elbv2.load_balancer", "ecs.service", "rds.db_instance", "ecr.repository"] {
        assert!(statements.iter().any(|it| it.contains(&format!("insert into {table}"))), "{table}: {statements:#?}");
    }
    // the engine's key is its own matter: that one is empty
    let mut secrets = statements.iter().filter(|it| it.contains("insert into secretsmanager.secret") && !it.contains("'iasql/key'"));
    assert!(secrets.all(|it| it.contains("<secret of ")), "a secret is a placeholder: {statements:#?}");
    let again: serde_json::Value = server.post(&path).await.json().await.expect("a document");
    assert_eq!((again["created"].as_bool(), again["sql"].as_array().map(Vec::len)), (Some(false), Some(0)));
    let early = problem(server.post(&format!("/genBuildAndPush?db={name}")).await, 400, "blueprint").await;
    assert!(early["detail"].as_str().is_some_and(|detail| detail.contains("is not there yet")), "{early}");
}

#[tokio::test]
async fn what_a_blueprint_can_not_do_is_said_and_leaves_no_rows() {
    let (server, name) = (Server::start(open()).await, support::database_name());
    let stray =
        problem(server.post(&format!("/setup/{name}?blueprint=iasql_engine&parameters={{\"domian\":\"x\"}}")).await, 400, "blueprint")
            .await;
    assert!(stray["detail"].as_str().is_some_and(|detail| detail.contains("reads no domian")), "{stray}");
    problem(server.post(&format!("/setup/{name}?blueprint=iasql_engine&parameters=[]")).await, 400, "request").await;
    problem(server.post(&format!("/setup/{name}?parameters={{}}")).await, 400, "request").await;
    problem(server.post(&format!("/setup/{name}?blueprint=iasql_engin")).await, 400, "unknown-module").await;
    let no_blueprint = problem(server.post(&format!("/setup/{name}?blueprint=ec2")).await, 400, "blueprint").await;
    assert!(no_blueprint["detail"].as_str().is_some_and(|detail| detail.contains("ec2 is no blueprint")), "{no_blueprint}");
    problem(server.post("/genBuildAndPush?db=nobodys").await, 404, "unknown-database").await;
    problem(server.post("/genBuildAndPush").await, 400, "request").await;
    let made: serde_json::Value = server.post(&format!("/setup/{name}?blueprint=iasql_engine")).await.json().await.expect("a document");
    assert!(made["sql"].as_array().is_some_and(|sql| !sql.is_empty()), "nothing was left half done");
}
