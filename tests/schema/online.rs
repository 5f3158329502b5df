//! The online migration of version 3: batch by batch, killed, taken up again.

use iasql::schema::{How, Progress, downgrade, installed, upgrade};
use tokio::sync::Notify;

use super::laid::{Told, connect, count, golden, laid, queue, quick, run, up};

const TASKS: i64 = 2500;
const FILL: &str = "insert into queue.task (kind, payload) select 'mail', jsonb_build_object('to', n) from generate_series(1, 2500) as n";
const MOVED: &str = "select count(*) from queue.payload";
const RIGHT: &str =
    "select count(*) from queue.payload as p join queue.task as t on t.id = p.task where (p.payload ->> 'to')::bigint = t.id";
const NOTED: &str = "select o.rows from schema_versions.online as o where o.name = 'queue'";

#[tokio::test]
async fn what_was_killed_in_the_middle_goes_on_where_it_was_and_does_nothing_twice() {
    let (url, mut connection) = laid(2).await;
    run(&mut connection, FILL).await;
    let (first, golden) = (Notify::new(), golden().await);
    let killed = async {
        let mut connection = connect(&url).await;
        let tell = |progress: Progress| {
            if matches!(progress, Progress::Online { .. }) {
                first.notify_one();
            }
        };
        upgrade(&mut connection, &queue(), 3, &How { golden: Some(golden), tell: &tell, ..quick() }).await
    };
    tokio::select! {
        biased;
        () = first.notified() => {}
        done = killed => panic!("it should have been killed before {done:?}"),
    }
    assert_eq!(installed(&mut connection, "queue").await.expect("a version"), 3);
    let so_far = count(&mut connection, MOVED).await;
    assert!((1000..TASKS).contains(&so_far), "{so_far}");

    // the next version finishes it first
    let told = Told::default();
    let how = How { golden: Some(golden), tell: &|progress| told.hear(progress), ..quick() };
    let done = upgrade(&mut connection, &queue(), 4, &how).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(done.versions, [4]);
    assert_eq!(count(&mut connection, NOTED).await, TASKS, "all rows, and none of them twice");
    assert_eq!((count(&mut connection, MOVED).await, count(&mut connection, RIGHT).await), (TASKS, TASKS));
    let rows: Vec<_> =
        told.all().into_iter().filter_map(|told| if let Progress::Online { rows, .. } = told { Some(rows) } else { None }).collect();
    assert!(rows.is_sorted() && rows.last() == Some(&TASKS), "{rows:?}");
}

#[tokio::test]
async fn two_that_do_it_at_once_share_the_batches() {
    let (url, mut connection) = laid(2).await;
    run(&mut connection, FILL).await;
    let golden = golden().await;
    let one = async || {
        let mut connection = connect(&url).await;
        let how = How { golden: Some(golden), ..quick() };
        upgrade(&mut connection, &queue(), 4, &how).await.unwrap_or_else(|error| panic!("{error}")).rows
    };
    let (a, b) = tokio::join!(one(), one());
    assert_eq!(a + b, TASKS);
    assert_eq!((count(&mut connection, NOTED).await, count(&mut connection, RIGHT).await), (TASKS, TASKS));
}

#[tokio::test]
async fn services_work_while_it_runs_and_what_it_moved_goes_back_with_the_version() {
    let (_, mut connection) = laid(2).await;
    run(&mut connection, FILL).await;
    up(&mut connection, &queue(), 3).await;
    run(&mut connection, "select queue.put_task('mail', '{\"to\": 2501}')").await;
    let how = How { golden: Some(golden().await), ..quick() };
    downgrade(&mut connection, &queue(), 2, &how).await.unwrap_or_else(|error| panic!("{error}"));
    let right = "select count(*) from queue.task as t where (t.payload ->> 'to')::bigint = t.id";
    assert_eq!(count(&mut connection, right).await, TASKS + 1);
    assert_eq!(count(&mut connection, "select count(*) from schema_versions.online").await, 0);
}

#[tokio::test]
async fn a_batch_counts_only_with_the_note_of_it() {
    let (url, mut connection) = laid(2).await;
    run(&mut connection, FILL).await;
    // the second batch fails; what the first did stays, and is not done again
    run(&mut connection, "alter table queue.task add constraint x check (payload is not null or id <= 1500)").await;
    let error = upgrade(&mut connection, &queue(), 3, &quick()).await.expect_err("the second batch fails");
    assert!(error.to_string().starts_with("version 3 of queue was not finished: online/fill_payload.sql failed"), "{error}");
    assert_eq!((count(&mut connection, MOVED).await, count(&mut connection, NOTED).await), (1000, 1000));
    run(&mut connection, "alter table queue.task drop constraint x").await;
    up(&mut connect(&url).await, &queue(), 3).await;
    assert_eq!((count(&mut connection, NOTED).await, count(&mut connection, RIGHT).await), (TASKS, TASKS));
}
