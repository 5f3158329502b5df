//! The queue, used wholly through its procedures.

use iasql::schema::{Database, Error, Service, Setup};
use serde_json::json;

use super::{
    laid::{as_role, connect, database, laid, queue, run},
    queue as now, queue_at_1 as before,
};

async fn open<S: Service>(url: &str, service: S) -> Result<Database<S>, Error> {
    let url = as_role(url, &format!("queue_{}", S::NAME));
    Database::setup(Setup { schema: &queue(), write_url: &url, read_url: &url, service }).await
}

fn right<T>(result: Result<T, Error>) -> T {
    result.unwrap_or_else(|error| panic!("{error}: {:?}", std::error::Error::source(&error)))
}

#[tokio::test]
async fn a_program_of_version_1_works_with_every_version_after_it() {
    for version in 1..=queue().newest() {
        let (url, _) = laid(version).await;
        let (api, worker) = (right(open(&url, before::Api).await), right(open(&url, before::Worker).await));
        let task = right(api.procs.put_task("mail", &json!({"to": "ann"})).await);
        let taken = right(worker.procs.take_task("w1", 60).await);
        assert_eq!((taken.len(), taken[0].id, &taken[0].payload), (1, task, &json!({"to": "ann"})), "version {version}");
        assert!(!right(worker.procs.finish_task(task, "w2", None).await), "it is somebody else's");
        assert!(right(worker.procs.finish_task(task, "w1", Some(&json!("sent"))).await));
        let state = right(api.procs.task_state(task).await);
        let expected = before::TaskState { state: "done".into(), worker: Some("w1".into()), attempts: 1, result: Some(json!("sent")) };
        assert_eq!(state, [expected]);
        assert_eq!(right(api.procs.health().await)[0].waiting, 0);
    }
}

#[tokio::test]
async fn a_task_of_before_the_split_is_handed_out_with_what_it_carries() {
    let (url, mut connection) = laid(1).await;
    let api = right(open(&url, before::Api).await);
    for to in ["ann", "bob"] {
        right(api.procs.put_task("mail", &json!(to)).await);
    }
    // a program that was started at version 1 goes on while the database is upgraded under it
    let worker = right(open(&url, before::Worker).await);
    assert_eq!(right(worker.procs.take_task("w", 60).await)[0].payload, json!("ann"));
    super::laid::up(&mut connection, &queue(), 4).await;
    assert_eq!(right(worker.procs.take_task("w", 60).await)[0].payload, json!("bob"));
    right(api.procs.put_task("mail", &json!("cid")).await);
    assert_eq!(right(worker.procs.take_task("w", 60).await)[0].payload, json!("cid"));
}

#[tokio::test]
#[expect(deprecated, reason = "what is deprecated still works, and stands apart")]
async fn what_is_deprecated_stands_apart_and_works() {
    let (url, mut connection) = laid(4).await;
    let (api, worker) = (right(open(&url, now::Api).await), right(open(&url, now::Worker).await));
    let janitor = right(open(&url, now::Janitor).await);
    let low = right(api.procs.put_task("mail", &json!(1)).await);
    let high = right(api.procs.put_urgent_task("mail", &json!(2), 5).await);
    assert_eq!(right(worker.procs.deprecated.take_task("w", 60).await)[0].id, high);
    assert_eq!(right(worker.procs.take_tasks("w", 60, 10).await).iter().map(|task| task.id).collect::<Vec<_>>(), [low]);
    assert_eq!(right(janitor.procs.sweep_tasks().await), [0_i64; 0]);
    run(&mut connection, "update queue.task set taken_until = now() - interval '1 second'").await;
    let mut swept = right(janitor.procs.sweep_tasks().await);
    swept.sort_unstable();
    assert_eq!(swept, [low, high]);
}

#[tokio::test]
async fn a_program_that_is_newer_than_the_database_gets_one_clear_error() {
    let (url, _) = laid(2).await;
    let error = open(&url, now::Worker).await.expect_err("too old");
    assert_eq!(error.to_string(), "the database is at version 2 of queue and this program needs 4: upgrade it first");
    let empty = database().await;
    let error = open(&empty, now::Worker).await.expect_err("nothing there");
    assert_eq!(error.to_string(), "the database has no schema queue: upgrade it first");
    let earlier = queue().up_to(3);
    let error =
        Database::setup(Setup { schema: &earlier, write_url: &url, read_url: &url, service: now::Worker }).await.expect_err("another");
    assert_eq!(error.to_string(), "this program was built for queue at version 4, and the schema directory is queue at version 3");
}

#[tokio::test]
async fn calls_of_a_transaction_count_together_or_not_at_all() {
    let (url, _) = laid(4).await;
    let api = right(open(&url, now::Api).await);
    let lost = right(api.begin().await);
    let task = right(lost.procs.put_task("mail", &json!(1)).await);
    assert_eq!(right(lost.procs.task_state(task).await).len(), 1, "it sees what it has written, though reading is for another connection");
    assert_eq!(right(api.procs.task_state(task).await), []);
    let kept_on = lost.procs.clone();
    drop(lost);
    let over = kept_on.put_task("mail", &json!(1)).await.expect_err("it is over");
    assert_eq!(over.to_string(), "the procedure queue.put_task was called in a transaction that is over");
    assert_eq!(right(api.procs.task_state(task).await), []);
    let kept = right(api.begin().await);
    let task = right(kept.procs.put_task("mail", &json!(2)).await);
    right(kept.commit().await);
    assert_eq!(right(api.procs.task_state(task).await).len(), 1);
}

#[tokio::test]
async fn an_error_names_the_procedure_and_no_value() {
    let (url, mut connection) = laid(4).await;
    run(&mut connection, "alter table queue.task add constraint x check (kind <> 'secret-4711') not valid").await;
    let api = right(open(&url, now::Api).await);
    let error = api.procs.put_task("secret-4711", &json!(1)).await.expect_err("refused");
    assert_eq!(error.to_string(), "the procedure queue.put_task failed");
    assert_eq!(error.code().as_deref(), Some("23514"));
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn what_reads_can_not_write_even_on_the_primary() {
    let (url, mut connection) = laid(4).await;
    let sly = "create or replace function queue.health() returns table (waiting bigint, oldest timestamptz, from_replica boolean) \
               language sql as $$ delete from queue.task; select 1::bigint, now(), false $$";
    run(&mut connection, sly).await;
    let error = right(open(&url, now::Api).await).procs.health().await.expect_err("it writes");
    assert_eq!(error.code().as_deref(), Some("25006"));
    drop(connect(&url).await);
}
