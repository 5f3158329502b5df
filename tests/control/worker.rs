//! The worker: from what is asked to what is written down.

use std::time::Duration;

use iasql::{
    control::{self, Control, Credentials, RunInfo, Setup, State},
    engine::Kind,
    worker,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::time::{interval, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Own, own, owner, url_of};
use crate::support;

/// A worker that ends with the test.
struct Working {
    shutdown: CancellationToken,
    task: tokio::task::JoinHandle<Result<(), worker::Error>>,
}

fn work(control: &Control) -> Working {
    let shutdown = CancellationToken::new();
    Working { task: tokio::spawn(worker::run(control.clone(), shutdown.clone())), shutdown }
}

impl Working {
    async fn stop(self) {
        self.shutdown.cancel();
        timeout(Duration::from_secs(20), self.task).await.expect("the worker stops in time").unwrap().unwrap();
    }
}

/// Looks until something is so.
async fn until<T, F: Future<Output = Option<T>>>(what: &str, look: impl Fn() -> F) -> T {
    let mut ticks = interval(Duration::from_millis(30));
    let found = async {
        loop {
            ticks.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    timeout(Duration::from_secs(40), found).await.unwrap_or_else(|_| panic!("{what} never came"))
}

async fn ended(own: &Own, run: Uuid) -> RunInfo {
    until("the end of the run", || async { own.control.run(run).await.unwrap().filter(RunInfo::ended) }).await
}

async fn asked_by(own: &Own, name: &str, who: &str) -> RunInfo {
    until(&format!("a run for {who}"), || async { own.control.runs(name, 50).await.unwrap().into_iter().find(|run| run.asked_by == who) })
        .await
}

async fn inside(name: &str, sql: &str) {
    let mut owner = PgConnection::connect(&url_of(name).await).await.expect("the database");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut owner).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

#[tokio::test]
async fn a_run_that_is_asked_for_ends_with_its_outcome_and_the_lease_is_given_back() {
    let own = own().await;
    let name = own.bare().await;
    let working = work(&own.control);
    let run = own.control.request(&name, Kind::Plan, "ada").await.unwrap();
    let info = ended(&own, run).await;
    assert!(info.outcome.is_some(), "{info:?}");
    until("the lease", || async { own.control.acquire(&name, "me").await.unwrap() }).await;
    working.stop().await;
}

#[tokio::test]
async fn what_was_asked_while_no_engine_ran_is_done_when_one_comes() {
    let own = own().await;
    let name = own.bare().await;
    let run = own.control.request(&name, Kind::Plan, "ada").await.unwrap();
    inside(&name, "insert into iasql.request (kind, asked_by) values ('check', 'bob')").await;
    let working = work(&own.control);
    ended(&own, run).await;
    let bobs = asked_by(&own, &name, "bob").await;
    ended(&own, bobs.id).await;
    working.stop().await;
}

#[tokio::test]
async fn a_request_from_inside_a_database_becomes_a_run() {
    let own = own().await;
    let name = own.bare().await;
    let working = work(&own.control);
    inside(&name, "insert into iasql.request (kind, asked_by) values ('plan', 'eve'); notify iasql_request").await;
    let run = asked_by(&own, &name, "eve").await;
    ended(&own, run.id).await;
    let taken = format!("select run from iasql.request where run = '{}'", run.id);
    inside(&name, &taken).await;
    working.stop().await;
}

#[tokio::test]
async fn a_commit_starts_a_check_only_where_the_mode_says_so() {
    let own = own().await;
    let (manual, automatic) = (own.bare().await, own.bare().await);
    inside(&automatic, "update iasql.setting set value = 'on_commit' where name = 'mode'").await;
    let working = work(&own.control);
    // the first look at a database in this mode asks for a check by itself
    let first = asked_by(&own, &automatic, "commit").await;
    ended(&own, first.id).await;
    inside(&manual, "notify iasql_changed").await;
    inside(&automatic, "notify iasql_changed").await;
    until("a second check", || async { (own.control.runs(&automatic, 10).await.unwrap().len() > 1).then_some(()) }).await;
    assert!(own.control.runs(&manual, 10).await.unwrap().is_empty());
    assert_eq!(own.control.database(&automatic).await.unwrap().mode, "on_commit");
    working.stop().await;
}

#[tokio::test]
async fn a_database_that_nobody_listens_to_is_looked_into() {
    let own = own().await;
    own.run("update control.setting set value = '0'").await;
    let name = own.bare().await;
    inside(&name, "insert into iasql.request (kind, asked_by) values ('plan', 'eve')").await;
    let working = work(&own.control);
    asked_by(&own, &name, "eve").await;
    working.stop().await;
}

#[tokio::test]
async fn an_engine_that_is_cut_off_while_it_looks_into_the_queue_looks_again() {
    let own = own().await;
    let name = own.bare().await;
    let working = work(&own.control);
    let first = own.control.request(&name, Kind::Plan, "ada").await.unwrap();
    ended(&own, first).await;
    let mut outside = PgConnection::connect(&own.url).await.expect("the metadata database");
    // whoever looks waits, and is cut off
    let closed = "begin; lock table graphile_worker._private_jobs in access exclusive mode";
    sqlx::raw_sql(closed).execute(&mut outside).await.expect("a lock");
    let cut = "select count(pg_terminate_backend(pid)) from pg_locks join pg_stat_activity using (pid)
      where relation = 'graphile_worker._private_jobs'::regclass and not granted and query ilike '%for update%skip locked%'";
    let mut ticks = interval(Duration::from_millis(30));
    let looked = async {
        while sqlx::query_scalar::<_, i64>(cut).fetch_one(&mut outside).await.expect("an answer") == 0 {
            ticks.tick().await;
        }
    };
    timeout(Duration::from_secs(40), looked).await.expect("somebody who looks");
    sqlx::raw_sql("rollback").execute(&mut outside).await.expect("an end");
    // the first of them may be done by whoever was told of work before the cut
    for _ in 0..3 {
        let later = own.control.request(&name, Kind::Plan, "ada").await.unwrap();
        ended(&own, later).await;
    }
    working.stop().await;
}

#[tokio::test]
async fn a_job_waits_for_a_lease_that_somebody_else_holds() {
    let own = own().await;
    let name = own.bare().await;
    let lease = own.control.acquire(&name, "somebody").await.unwrap().unwrap();
    let run = own.control.request(&name, Kind::Plan, "ada").await.unwrap();
    let working = work(&own.control);
    until("the job to be put off", || async {
        own.ask::<bool>("select bool_and(run_at > now()) from graphile_worker.jobs").await.then_some(())
    })
    .await;
    assert!(!own.control.run(run).await.unwrap().unwrap().ended());
    own.control.release(&lease).await.unwrap();
    ended(&own, run).await;
    working.stop().await;
}

#[tokio::test]
async fn a_schedule_that_is_due_becomes_a_run() {
    let own = own().await;
    let name = own.bare().await;
    own.control.schedule(&name, Some("@yearly")).await.unwrap();
    own.run("update control.schedule set next_at = clock_timestamp()").await;
    let working = work(&own.control);
    let run = asked_by(&own, &name, "schedule").await;
    ended(&own, run.id).await;
    working.stop().await;
}

#[tokio::test]
async fn the_job_of_an_engine_that_died_comes_back_and_its_run_goes_on() {
    let own = own().await;
    let name = own.bare().await;
    let run = own.control.request(&name, Kind::Plan, "ada").await.unwrap();
    let dead = own.control.acquire(&name, "dead").await.unwrap().unwrap();
    own.control.start(run, &dead).await.unwrap();
    // as it is a minute after the engine was killed in the middle
    own.run(include_str!("died.sql")).await;
    let working = work(&own.control);
    let info = ended(&own, run).await;
    assert_eq!(info.state, State::Done, "{info:?}");
    working.stop().await;
}

#[tokio::test]
async fn two_engines_do_every_run_once() {
    let own = own().await;
    let names = [own.bare().await, own.bare().await];
    let second = Control::connect(&own.url).await.unwrap().with_cloud(Some(control::emulated("http://127.0.0.1:9").await));
    let (one, other) = (work(&own.control), work(&second));
    for i in 0..6 {
        let asks = format!("insert into iasql.request (kind, asked_by) values ('plan', 'person {i}'); notify iasql_request");
        inside(&names[i % 2], &asks).await;
    }
    for i in 0..6 {
        let run = asked_by(&own, &names[i % 2], &format!("person {i}")).await;
        assert_eq!(ended(&own, run.id).await.state, State::Done);
    }
    assert_eq!(own.ask::<i64>("select count(*) from control.run").await, 6);
    one.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn whoever_waits_in_a_database_is_told_that_there_are_no_credentials() {
    let own = own().await;
    let name = own.bare().await;
    own.control.set_credentials(&name, &Credentials::Profile { name: "nobody_has_this".into() }).await.unwrap();
    let working = work(&own.control);
    inside(&name, "insert into iasql.request (kind, asked_by) values ('check', 'eve'); notify iasql_request").await;
    let run = asked_by(&own, &name, "eve").await;
    assert_eq!(ended(&own, run.id).await.state, State::Failed);
    let said: String = sqlx::query_scalar("select said from iasql.request").fetch_one(&owner(&name).await).await.unwrap();
    assert!(said.starts_with(&format!("there are no AWS credentials for database {name}: the profile nobody_has_this has none")), "{said}");
    working.stop().await;
}

#[tokio::test]
async fn a_committed_row_becomes_a_real_thing_and_then_nothing_is_left_to_do() {
    let account = support::account().await;
    let Own { control, url } = own().await;
    let own = Own { control: control.with_cloud(Some(account.config.clone())), url };
    let name = support::database_name();
    let made = own.control.setup(&name, Setup { modules: Some(vec!["ec2".into()]), ..Setup::default() }).await.unwrap();
    let mut login = PgConnection::connect(made.url().expose()).await.unwrap();
    sqlx::raw_sql("select iasql.set('mode', 'on_commit')").execute(&mut login).await.unwrap();
    let working = work(&own.control);
    let first = asked_by(&own, &name, "commit").await;
    assert_eq!(ended(&own, first.id).await.state, State::Done);
    sqlx::raw_sql("insert into ec2.vpc (name, cidr_block) values ('main', '10.0.0.0/16')").execute(&mut login).await.unwrap();
    let id = until("the vpc's id", || async {
        let id: Option<String> = sqlx::query_scalar("select vpc_id from ec2.vpc").fetch_one(&owner(&name).await).await.unwrap();
        id
    })
    .await;
    let there = account.outside().await.ec2().describe_vpcs().vpc_ids(&id).send().await.unwrap();
    assert_eq!(there.vpcs().len(), 1);
    let run = own.control.request(&name, Kind::Check, "ada").await.unwrap();
    let outcome = ended(&own, run).await.outcome.unwrap();
    assert_eq!(outcome["applied"], 0, "{outcome}");
    working.stop().await;
}
