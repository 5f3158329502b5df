//! An engine that is killed at any instant: the next start converges, with nothing made twice and nothing left behind.

use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};
use tokio::task::JoinHandle;

use super::{Site, site::until};
use crate::{control::url_of, support::Moment};

/// What is made, and the call that makes it.
const MADE: [(&str, &str); 8] = [
    ("CreateVpc", "insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')"),
    ("CreateSubnet", "insert into ec2.subnet (name, vpc, cidr_block) values ('a', 'core', '10.0.1.0/24')"),
    ("CreateSecurityGroup", "insert into ec2.security_group (name, description, vpc) values ('web', 'web', 'core')"),
    ("CreateBucket", "insert into s3.bucket (name) values ('killed-' || replace(current_database(), '_', '-'))"),
    ("CreateQueue", "insert into sqs.queue (name) values (current_database() || '-jobs')"),
    ("CreateSecret", "insert into secretsmanager.secret (name, value) values ('db', 'hunter2')"),
    ("CreateTopic", "insert into sns.topic (name) values ('news')"),
    (
        "CreateRole",
        r#"insert into iam.role (name, assume_role_policy_document) values ('app', '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}')"#,
    ),
];

const MODULES: [&str; 6] = ["ec2", "s3", "sqs", "sns", "secretsmanager", "iam"];

/// Within which work is taken over whose engine had a lease of one second, on a machine that has other things to do as well.
const SECONDS: Duration = Duration::from_secs(20);

/// What is in the account and in no row, but for what the cloud made by itself.
const STRANGERS: &str = "select resource || ' ' || name from iasql.plan where action = 'unmanaged' order by 1";

#[tokio::test]
async fn an_engine_killed_between_a_call_and_its_record_finds_what_it_made_whatever_that_is() {
    let mut site = Site::with(&MODULES).await;
    site.check().await;
    let strangers = site.ask(STRANGERS).await;
    for (action, row) in MADE {
        site.sql(row).await;
        let mut gate = site.account.calls.gate(action, Moment::After);
        let mut engine = site.checking();
        gate.reached().await;
        engine.kill().await.expect("it runs");
        site.account.calls.take();
        site.check().await;
        let again = site.account.calls.take_actions().into_iter().filter(|called| called == action).count();
        // a queue and a topic are made again under the same name, which is found to be the same
        assert!(again == 0 || ["CreateQueue", "CreateTopic"].contains(&action), "{action} was called again");
        site.rests().await;
        assert_eq!(site.ask(STRANGERS).await, strangers, "{action}");
    }
    let vpcs = site.account.outside().await.ec2().describe_vpcs().send().await.expect("a list");
    assert_eq!(vpcs.vpcs().len(), 2, "the account's own and one");
}

#[tokio::test]
async fn an_engine_killed_before_a_call_makes_the_thing_at_its_next_start() {
    let mut site = Site::with(&["ec2"]).await;
    site.sql(MADE[0].1).await;
    let mut gate = site.account.calls.gate("CreateVpc", Moment::Before);
    let mut engine = site.checking();
    gate.reached().await;
    engine.kill().await.expect("it runs");
    assert_eq!(site.ask("select state from iasql.change").await, ["intent"]);
    assert_eq!(site.account.outside().await.ec2().describe_vpcs().send().await.expect("a list").vpcs().len(), 1);
    site.check().await;
    site.rests().await;
    assert_eq!(site.account.outside().await.ec2().describe_vpcs().send().await.expect("a list").vpcs().len(), 2);
}

/// Where AWS takes a token, the same one twice is one thing.
#[tokio::test]
async fn a_creation_that_is_made_again_after_a_kill_has_the_same_client_token() {
    let mut site = Site::with(&["ec2"]).await;
    site.ask("update iasql.setting set value = '0' where name = 'list_delay_seconds'").await;
    site.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    site.sql("insert into ec2.route_table (name, vpc) values ('way', 'core')").await;
    let mut gate = site.account.calls.gate("CreateRouteTable", Moment::Before);
    let mut engine = site.checking();
    gate.reached().await;
    engine.kill().await.expect("it runs");
    site.check().await;
    let calls = site.account.calls.take();
    let made = calls.iter().filter(|call| call.action == "CreateRouteTable");
    let tokens: Vec<_> = made.filter_map(|call| call.body.split('&').find(|part| part.starts_with("ClientToken="))).collect();
    assert_eq!(tokens.len(), 2, "{calls:?}");
    assert_eq!(tokens[0], tokens[1]);
    site.rests().await;
}

#[tokio::test]
async fn an_engine_killed_after_a_deletion_finds_that_it_is_done() {
    let mut site = Site::with(&["ec2"]).await;
    site.sql(MADE[0].1).await;
    site.check().await;
    site.sql("delete from ec2.vpc").await;
    let mut gate = site.account.calls.gate("DeleteVpc", Moment::After);
    let mut engine = site.checking();
    gate.reached().await;
    engine.kill().await.expect("it runs");
    site.check().await;
    site.rests().await;
}

#[tokio::test]
async fn an_engine_killed_in_the_middle_of_a_merge_leaves_all_of_it_or_nothing_and_no_lock() {
    let mut site = Site::with(&["ec2"]).await;
    site.sql("insert into ec2.vpc (name, cidr_block) select 'v' || i, format('10.%s.0.0/16', i)::cidr from generate_series(1, 5) i").await;
    site.check().await;
    let before = site.ask("select vpc_id from observed.ec2_vpc order by 1").await;
    site.account.outside().await.ec2().create_vpc().cidr_block("10.9.0.0/16").send().await.expect("a network");

    // the merge stands in the middle: its rows are written, and that they were waits for the test
    let mut holder = site.owner.begin().await.expect("a transaction");
    let held = sqlx::raw_sql("select from iasql.listing where resource = 'ec2.vpc' for update").execute(&mut *holder).await;
    assert_eq!(held.expect("a lock").rows_affected(), 1);
    let mut engine = site.checking();
    let merging = format!(
        "select pid::text from pg_stat_activity where datname = '{}' and wait_event_type = 'Lock' and query ~ 'observe'",
        site.name
    );
    until("a merge that waits", || async { (!site.registry(&merging).await.is_empty()).then_some(()) }).await;
    engine.kill().await.expect("it runs");
    // its backend learns of its death though it waits for a lock
    until("the end of its session", || async { site.registry(&merging).await.is_empty().then_some(()) }).await;
    holder.rollback().await.expect("an end");
    assert_eq!(site.ask("select vpc_id from observed.ec2_vpc order by 1").await, before);
    site.check().await;
    site.rests().await;
    assert_eq!(site.ask("select count(*)::text from observed.ec2_vpc").await, [(before.len() + 1).to_string()]);
}

/// A user who says go, and waits.
async fn calls_for_a_check(site: &Site) -> JoinHandle<Result<(), sqlx::Error>> {
    let mut user = PgConnection::connect(&url_of(&site.name).await).await.expect("a login");
    tokio::spawn(async move { sqlx::raw_sql("call iasql.check()").execute(&mut user).await.map(drop) })
}

#[tokio::test]
async fn the_work_of_a_killed_engine_is_taken_over_by_another_and_whoever_waits_is_answered() {
    let mut site = Site::with(&["ec2"]).await;
    let first = site.engine().await;
    site.sql(MADE[0].1).await;
    let mut gate = site.account.calls.gate("CreateVpc", Moment::After);
    let waiting = calls_for_a_check(&site).await;
    gate.reached().await;
    let _second = site.engine().await;
    first.kill().await;
    let killed = Instant::now();
    waiting.await.expect("no panic").expect("an answer");
    until("rest", || async { site.registry(include_str!("unended.sql")).await.is_empty().then_some(()) }).await;
    assert!(killed.elapsed() < SECONDS, "{:?}", killed.elapsed());
    site.rests().await;
    assert_eq!(site.registry("select state from control.run").await, ["done"], "one run, begun by one engine and ended by the other");
    assert_eq!(site.account.outside().await.ec2().describe_vpcs().send().await.expect("a list").vpcs().len(), 2);
}

#[tokio::test]
async fn the_run_of_a_command_that_was_killed_is_ended_by_any_server() {
    let mut site = Site::with(&["ec2"]).await;
    site.sql(MADE[0].1).await;
    let mut gate = site.account.calls.gate("CreateVpc", Moment::Before);
    let mut command = site.checking();
    gate.reached().await;
    command.kill().await.expect("it runs");
    assert_eq!(site.registry("select state from control.run").await, ["running"]);
    let _engine = site.engine().await;
    until("the end of the run", || async { (site.registry("select state from control.run").await == ["lost"]).then_some(()) }).await;
    until("its end in the database", || async { (site.ask("select state from iasql.run").await == ["lost"]).then_some(()) }).await;
    assert_eq!(site.ask("select state from iasql.change").await, ["unanswered"]);
    until("no lease", || async { site.registry(include_str!("unended.sql")).await.is_empty().then_some(()) }).await;
}

#[tokio::test]
async fn a_run_whose_sessions_are_ended_in_the_middle_is_begun_again_and_whoever_waits_is_answered() {
    let mut site = Site::with(&["ec2"]).await;
    let _engine = site.engine().await;
    site.sql(MADE[0].1).await;
    let mut gate = site.account.calls.gate("CreateVpc", Moment::After);
    let waiting = calls_for_a_check(&site).await;
    gate.reached().await;
    site.registry(include_str!("../chaos/cut.sql")).await;
    drop(gate);
    waiting.await.expect("no panic").expect("an answer");
    site.comes_to_rest().await;
    assert_eq!(site.account.outside().await.ec2().describe_vpcs().send().await.expect("a list").vpcs().len(), 2);
}
