//! Reads go to a streaming replica and writes to the primary, each service with a login of its own.

use iasql::schema::{Database, Error, Service, Setup};
use serde_json::json;

use super::{
    laid::{attempt, connect, queue, run},
    queue::{Api, Worker},
    standby::Pair,
};

async fn open<S: Service>(pair: &Pair, service: S) -> Result<Database<S>, Error> {
    let login = format!("queue_{}", S::NAME);
    let (write_url, read_url) = (pair.primary(&login, "queue"), pair.standby(&login, "queue"));
    Database::setup(Setup { schema: &queue(), write_url: &write_url, read_url: &read_url, service }).await
}

fn right<T>(result: Result<T, Error>) -> T {
    result.unwrap_or_else(|error| panic!("{error}: {:?}", std::error::Error::source(&error)))
}

#[tokio::test]
async fn reading_procedures_run_on_the_replica_and_writing_ones_on_the_primary() {
    let pair = Pair::start().await;
    let mut server = connect(&pair.primary("postgres", "postgres")).await;
    run(&mut server, "create database queue").await;
    run(&mut server, "revoke all on database queue from public").await;
    right(queue().upgrade(&pair.primary("postgres", "queue"), None).await);
    pair.caught_up().await;

    let (api, worker) = (right(open(&pair, Api).await), right(open(&pair, Worker).await));
    let task = right(api.procs.put_task("mail", &json!({"to": "ann"})).await);
    pair.caught_up().await;
    let health = right(api.procs.health().await).remove(0);
    assert_eq!((health.waiting, health.from_replica), (1, true), "it reads there");
    let taken = right(worker.procs.take_tasks("w", 60, 1).await);
    assert_eq!(taken.iter().map(|task| task.id).collect::<Vec<_>>(), [task]);
    assert!(right(worker.procs.finish_task(task, "w", Some(&json!("sent"))).await));
    pair.caught_up().await;
    let state = right(api.procs.task_state(task).await).remove(0);
    assert_eq!((&*state.state, state.result), ("done", Some(json!("sent"))));

    // what a transaction reads it reads where it writes
    let both = right(api.begin().await);
    right(both.procs.put_task("mail", &json!(2)).await);
    let health = right(both.procs.health().await).remove(0);
    assert_eq!((health.waiting, health.from_replica), (1, false));
    drop(both);

    // a login by itself, not as somebody's role: it holds nothing but its procedures, here and there
    for url in [pair.primary("queue_worker", "queue"), pair.standby("queue_worker", "queue")] {
        let mut login = connect(&url).await;
        for sql in ["select * from queue.task", "select * from queue.payload", "select queue.sweep_tasks()", "set role queue_worker_rights"]
        {
            attempt(&mut login, sql).await.expect_err(sql);
        }
    }
    // and a service that calls on the wrong one of the two is refused, not misled
    let swapped = Setup {
        schema: &queue(),
        write_url: &pair.standby("queue_api", "queue"),
        read_url: &pair.primary("queue_api", "queue"),
        service: Api,
    };
    let error = right(Database::setup(swapped).await).procs.put_task("mail", &json!(3)).await.expect_err("a replica takes no writes");
    assert_eq!(error.code().as_deref(), Some("25006"));
}
