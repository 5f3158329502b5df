//! A user's transaction is respected: a check loses nothing of it, takes no half of it, and holds nobody up.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use iasql::engine::{Kind, State};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::World;
use crate::{control::url_of, support::Moment};

/// The first column of what a query answers there, as text.
async fn told(connection: &mut PgConnection, sql: &str) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(connection).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// Another session of the user's.
async fn session(world: &World) -> PgConnection {
    let name = world.database.name();
    let mut user = PgConnection::connect(&url_of(name).await).await.expect("a connection");
    sqlx::raw_sql(AssertSqlSafe(format!("set session authorization {name}"))).execute(&mut user).await.expect("the user's role");
    user
}

#[tokio::test]
async fn rows_committed_while_a_check_is_at_its_calls_are_carried_out_whole_by_it_or_by_the_next_one() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('first', '10.0.0.0/16')").await;
    let mut user = session(&world).await;
    let mut gate = world.account.calls.gate("CreateVpc", Moment::After);
    let commits = async {
        gate.reached().await;
        sqlx::raw_sql(include_str!("transactions/both.sql")).execute(&mut user).await.expect("a commit");
        drop(gate);
    };
    let (outcome, ()) = tokio::join!(world.run(Kind::Check), commits);
    assert_eq!((outcome.state, outcome.errors), (State::Done, vec![]));
    world.run(Kind::Check).await;
    world.rests().await;
    assert_eq!(world.ask("select count(*)::text from observed.ec2_vpc where managed").await, ["2"]);
    assert_eq!(world.ask("select count(*)::text from observed.ec2_subnet where managed").await, ["1"]);
}

#[tokio::test]
async fn a_long_transaction_that_is_open_during_a_check_is_no_part_of_it_and_is_planned_once_it_is_committed() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    let mut user = session(&world).await;
    sqlx::raw_sql("begin; insert into ec2.vpc (name, cidr_block) values ('late', '10.1.0.0/16')").execute(&mut user).await.expect("rows");
    assert_eq!(world.check().await, ["CreateVpc"]);
    sqlx::raw_sql("commit").execute(&mut user).await.expect("a commit");
    assert_eq!(world.diff().await, ["+ ec2.vpc late (us-east-1)", "Plan: 1 to create."]);
    assert_eq!(world.check().await, ["CreateVpc"]);
}

#[tokio::test]
async fn an_open_transaction_that_holds_rows_holds_no_check_up_and_what_it_changed_comes_with_the_next() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('a', '10.0.0.0/16'), ('b', '10.1.0.0/16')").await;
    world.check().await;
    let mut user = session(&world).await;
    sqlx::raw_sql(include_str!("transactions/holds.sql")).execute(&mut user).await.expect("rows");
    world.sql("insert into ec2.vpc (name, cidr_block) values ('d', '10.3.0.0/16')").await;
    let outcome = tokio::time::timeout(Duration::from_secs(10), world.run(Kind::Check)).await.expect("a check that waits for nobody");
    assert_eq!((outcome.state, outcome.applied), (State::Done, 1), "{outcome:?}");
    assert_eq!(world.account.calls.take_changes(), ["CreateVpc"]);
    sqlx::raw_sql("commit").execute(&mut user).await.expect("a commit");
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, outcome.applied), (State::Done, 3), "{outcome:?}");
    world.rests().await;
    assert_eq!(told(&mut user, "select name from ec2.vpc where vpc_id is null").await, Vec::<String>::new());
}

#[tokio::test]
async fn no_writer_waits_for_more_than_a_moment_while_a_check_takes_in_and_changes_many_rows() {
    let mut world = World::with(&["ec2", "sqs"]).await;
    world.sql(include_str!("transactions/many.sql")).await;
    let (done, written) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut user = session(&world).await;
    sqlx::raw_sql("set lock_timeout = '200ms'").execute(&mut user).await.expect("a setting");
    let writer = async {
        for i in 0_u32.. {
            let writes = include_str!("transactions/writes.sql").replace("{i}", &i.to_string());
            sqlx::raw_sql(AssertSqlSafe(writes)).execute(&mut user).await.unwrap_or_else(|error| panic!("write {i} was held up: {error}"));
            written.fetch_add(1, Ordering::Relaxed);
            if done.load(Ordering::Relaxed) {
                return;
            }
        }
    };
    let check = async {
        let outcome = world.run(Kind::Check).await;
        done.store(true, Ordering::Relaxed);
        outcome
    };
    let (outcome, ()) = tokio::join!(check, writer);
    assert!(outcome.applied >= 130, "{outcome:?}");
    assert!(written.load(Ordering::Relaxed) > 5, "{written:?} rounds of writes during the check");
    world.run(Kind::Check).await;
    world.rests().await;
}
