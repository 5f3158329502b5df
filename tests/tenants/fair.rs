//! One noisy and one broken tenant do not slow the others.

use std::time::Duration;

use iasql::{
    control::{self, RunInfo, State},
    database::services::{VISITORS, Way, login},
    engine::Kind,
    worker::Limits,
};
use sqlx::{Connection, PgConnection};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::{connect, made, two, until, until_within, work};
use crate::control::{Own, admin, own, url_of};

/// Room for one run and for one that takes long.
const NARROW: Limits = Limits { running: 1, parked: 1, quick: Duration::from_millis(40), silence: Duration::from_secs(8) };

async fn ended(own: &Own, run: Uuid) -> RunInfo {
    // others' policies take their time on the same server
    let limit = Duration::from_secs(120);
    until_within(limit, "the end of the run", || async { own.control.run(run).await.unwrap().filter(RunInfo::ended) }).await
}

#[tokio::test]
async fn whoever_asks_for_a_hundred_checks_is_served_once_before_everybody_else_is() {
    let own = own().await;
    let (noisy, quiet) = (made(&own.control, &[]).await.database.name, made(&own.control, &[]).await.database.name);
    for k in 0..100 {
        own.control.request(&noisy, Kind::Plan, &format!("impatient {k}")).await.unwrap();
    }
    let run = own.control.request(&quiet, Kind::Plan, "ada").await.unwrap();
    let working = work(&own.control, NARROW);
    assert_eq!(ended(&own, run).await.state, State::Done);
    let before = "select count(*) from control.run n join control.run q on q.asked_by = 'ada' and n.started_at < q.started_at where n.asked_by <> 'ada'";
    assert!(own.ask::<i64>(before).await <= 2);
    working.stop().await;
}

#[tokio::test]
async fn a_cloud_that_hangs_holds_up_its_own_tenant_only_and_that_one_is_told() {
    let Own { control, url } = own().await;
    // it takes calls and never answers
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let hanging = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    let own = Own { control: control.with_cloud(Some(control::emulated(&endpoint).await)), url };
    let (broken, fine) = (made(&own.control, &["logs"]).await.database.name, made(&own.control, &[]).await.database.name);
    let hung = own.control.request(&broken, Kind::Check, "eve").await.unwrap();
    let working = work(&own.control, NARROW);
    until("the run that hangs", || async { own.control.run(hung).await.unwrap().filter(|run| run.state == State::Running) }).await;
    let run = own.control.request(&fine, Kind::Check, "ada").await.unwrap();
    let done = ended(&own, run).await;
    let told = ended(&own, hung).await;
    assert_eq!((done.state, told.state), (State::Done, State::Failed));
    assert!(done.ended_at < told.ended_at, "it went on while the other one hung");
    let said = told.outcome.unwrap()["errors"][0].as_str().unwrap().to_owned();
    assert!(said.starts_with("nothing was heard for 8 seconds"), "{said}");
    working.stop().await;
    hanging.abort();
}

#[tokio::test]
async fn a_lock_that_is_held_for_ever_holds_up_its_own_tenant_only() {
    let own = own().await;
    let (broken, fine) = (made(&own.control, &[]).await.database.name, made(&own.control, &[]).await.database.name);
    let mut holder = connect(&url_of(&broken).await).await;
    super::sql(&mut holder, "begin; lock table iasql.setting in access exclusive mode").await;
    let stuck = own.control.request(&broken, Kind::Check, "eve").await.unwrap();
    let working = work(&own.control, Limits { silence: Duration::from_secs(60), ..NARROW });
    until("the run that is stuck", || async { own.control.run(stuck).await.unwrap().filter(|run| run.state == State::Running) }).await;
    let run = own.control.request(&fine, Kind::Check, "ada").await.unwrap();
    assert_eq!(ended(&own, run).await.state, State::Done);
    let now = own.control.run(stuck).await.unwrap().unwrap();
    assert!(!now.ended(), "{now:?}");
    super::sql(&mut holder, "rollback").await;
    ended(&own, stuck).await;
    working.stop().await;
}

#[tokio::test]
async fn a_server_that_is_down_keeps_nobody_from_being_looked_into() {
    let own = own().await;
    // nobody is listened to: all are looked into
    own.run("update control.setting set value = '0' where name = 'listeners'; update control.setting set value = '1' where name = 'poll_seconds'").await;
    own.run(include_str!("dead.sql")).await;
    let fine = made(&own.control, &[]).await.database.name;
    let working = work(&own.control, Limits::default());
    until("a first look", || async { (own.control.open_now().0 > 0).then_some(()) }).await;
    super::sql(&mut connect(&url_of(&fine).await).await, "insert into iasql.request (kind, asked_by) values ('plan', 'eve')").await;
    let run =
        until("eve's run", || async { own.control.runs(&fine, 9).await.unwrap().into_iter().find(|run| run.asked_by == "eve") }).await;
    ended(&own, run.id).await;
    working.stop().await;
}

/// A database with this policy.
async fn with_policy(own: &Own, policy: &str) -> String {
    let made = made(&own.control, &[]).await;
    super::sql(&mut connect(made.url().expose()).await, policy).await;
    made.database.name
}

#[tokio::test]
async fn policies_that_take_all_the_time_there_is_hold_up_their_own_tenants_only() {
    let own = own().await;
    let mut slow = Vec::new();
    for _ in 0..4 {
        slow.push(
            with_policy(&own, "create view policy.slow as select pg_sleep(100)::text as said; select iasql.set('policy_seconds', '12')")
                .await,
        );
    }
    let fine = with_policy(&own, "create view policy.fine as select 'odd' as said where false").await;
    let mut runs = Vec::new();
    for name in &slow {
        runs.push(own.control.request(name, Kind::Check, "eve").await.unwrap());
    }
    let working = work(&own.control, Limits::default());
    let visited = "select count(*) from pg_stat_activity where usename like 'iasql\\_visitor%' and datname = any ($1)";
    until("the visits of the slow ones", || async {
        let mut admin = admin("postgres").await;
        let count: i64 = sqlx::query_scalar(visited).bind(&slow).fetch_one(&mut admin).await.unwrap();
        (count >= 2).then_some(())
    })
    .await;
    let run = own.control.request(&fine, Kind::Check, "ada").await.unwrap();
    let done = ended(&own, run).await;
    assert_eq!(done.state, State::Done, "{done:?}");
    for run in runs {
        let told = ended(&own, run).await;
        assert!(done.ended_at < told.ended_at, "it went on while the others slept: {done:?} {told:?}");
        let errors = told.outcome.as_ref().unwrap()["errors"].as_array().unwrap()[1..].to_vec();
        assert!(told.state == State::Refused && errors == ["policy.slow can't be asked: it took too long"], "{told:?}");
    }
    working.stop().await;
}

#[tokio::test]
async fn where_no_visitor_is_to_be_had_a_run_waits_and_is_not_refused() {
    let own = two().await;
    let fine = loop {
        let name = with_policy(&own, "create view policy.fine as select 'odd' as said where false").await;
        if super::server_of(&own, &name).await == "b" {
            break name;
        }
    };
    // as visits of another engine
    let admin_url = &super::second().await.admin_url;
    let mut visits = Vec::new();
    for visitor in VISITORS {
        let way = Way::of(admin_url, "postgres", visitor).unwrap();
        super::sql(&mut connect(admin_url).await, &format!("grant connect on database postgres to {}", login(visitor))).await;
        visits.push(PgConnection::connect_with(&way.options).await.unwrap());
    }
    let run = own.control.request(&fine, Kind::Check, "ada").await.unwrap();
    let working = work(&own.control, Limits::default());
    let waiting = || async { own.control.run(run).await.unwrap().filter(|run| run.state == State::Waiting || run.ended()) };
    let waits = until("a run that waits", waiting).await;
    assert_eq!(waits.state, State::Waiting, "{waits:?}");
    let said = waits.outcome.unwrap()["errors"][0].as_str().unwrap().to_owned();
    assert_eq!(said, "the policies could not be asked so far: all who can ask were busy with others");
    for visit in visits {
        visit.close().await.unwrap();
    }
    let done = ended(&own, run).await;
    assert_eq!(done.state, State::Done, "{done:?}");
    working.stop().await;
}
