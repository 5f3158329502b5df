//! Asking for runs, and what is kept of them.

use iasql::{
    control::{Error, State},
    engine::Kind,
};
use serde_json::json;

use super::own;

#[tokio::test]
async fn asking_twice_before_the_start_is_asking_once() {
    let own = own().await;
    let (control, name) = (&own.control, &own.bare().await);
    let first = control.request(name, Kind::Check, "ada").await.unwrap();
    assert_eq!(control.request(name, Kind::Check, "ada").await.unwrap(), first);
    assert_ne!(control.request(name, Kind::Plan, "ada").await.unwrap(), first);
    assert_ne!(control.request(name, Kind::Check, "bob").await.unwrap(), first);
    let lease = control.acquire(name, "e").await.unwrap().unwrap();
    control.start(first, &lease).await.unwrap();
    assert_ne!(control.request(name, Kind::Check, "ada").await.unwrap(), first, "what runs may have read already");
    assert_eq!(own.ask::<i64>("select count(*) from graphile_worker.jobs").await, 4);
    assert_eq!(own.ask::<i64>("select count(distinct queue_name) from graphile_worker.jobs").await, 1);
}

#[tokio::test]
async fn a_request_of_a_database_makes_one_run_however_often_it_is_seen() {
    let own = own().await;
    let (control, name) = (&own.control, &*own.bare().await);
    let all =
        futures::future::join_all((0..8).map(|_| async move { control.request_for(name, Kind::Check, "ada", 7).await.unwrap() })).await;
    assert!(all.iter().all(|run| *run == all[0]));
    let lease = control.acquire(name, "e").await.unwrap().unwrap();
    control.start(all[0], &lease).await.unwrap();
    control.record(all[0], &lease, State::Done, None).await.unwrap();
    assert_eq!(control.request_for(name, Kind::Check, "ada", 7).await.unwrap(), all[0]);
}

#[tokio::test]
async fn a_run_is_remembered_with_its_outcome() {
    let own = own().await;
    let (control, name) = (&own.control, &own.bare().await);
    let run = control.request(name, Kind::Plan, "ada").await.unwrap();
    let lease = control.acquire(name, "e").await.unwrap().unwrap();
    assert_eq!(control.run(run).await.unwrap().unwrap().state, State::Queued);
    let info = control.start(run, &lease).await.unwrap().unwrap();
    assert_eq!((info.state, info.kind.as_str(), info.asked_by.as_str(), info.ended()), (State::Running, "plan", "ada", false));
    control.record(run, &lease, State::Failed, Some(json!({ "errors": ["no"] }))).await.unwrap();
    let info = control.run(run).await.unwrap().unwrap();
    assert_eq!((info.state, info.ended()), (State::Failed, true));
    assert_eq!(info.outcome, Some(json!({ "errors": ["no"] })));
    assert!(control.start(run, &lease).await.unwrap().is_none(), "what has ended does not start");
    assert_eq!(control.runs(name, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_dead_engine_left_running_is_lost_and_its_late_word_is_not_heard() {
    let own = own().await;
    let (control, name) = (&own.control, &own.bare().await);
    let (left, next) = (control.request(name, Kind::Check, "ada").await.unwrap(), control.request(name, Kind::Check, "bob").await.unwrap());
    let dead = control.acquire(name, "dead").await.unwrap().unwrap();
    control.start(left, &dead).await.unwrap();
    own.run("update control.lease set expires_at = clock_timestamp()").await;
    let alive = control.acquire(name, "alive").await.unwrap().unwrap();
    control.start(next, &alive).await.unwrap();
    assert_eq!(control.lose_others(next, &alive).await.unwrap(), [left]);
    let lost = control.run(left).await.unwrap().unwrap();
    assert_eq!((lost.state, lost.ended()), (State::Lost, true));
    control.record(left, &dead, State::Done, None).await.unwrap();
    control.record(next, &dead, State::Done, None).await.unwrap();
    assert_eq!(control.run(left).await.unwrap().unwrap().state, State::Lost);
    assert_eq!(control.run(next).await.unwrap().unwrap().state, State::Running);
}

#[tokio::test]
async fn a_run_that_a_dead_engine_left_goes_on_where_its_own_job_comes_back() {
    let own = own().await;
    let (control, name) = (&own.control, &own.bare().await);
    let run = control.request(name, Kind::Check, "ada").await.unwrap();
    let dead = control.acquire(name, "dead").await.unwrap().unwrap();
    control.start(run, &dead).await.unwrap();
    own.run("update control.lease set expires_at = clock_timestamp()").await;
    let alive = control.acquire(name, "alive").await.unwrap().unwrap();
    assert_eq!(control.start(run, &alive).await.unwrap().map(|run| run.state), Some(State::Running));
}

#[tokio::test]
async fn nothing_can_be_asked_of_a_database_that_is_not_there() {
    let own = own().await;
    assert!(matches!(own.control.request("nowhere", Kind::Check, "ada").await, Err(Error::Unknown { .. })));
    assert!(matches!(own.control.request("No where", Kind::Check, "ada").await, Err(Error::Name(_))));
}
