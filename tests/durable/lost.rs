//! A node is lost with its disk: with `sync` all that was acknowledged is elsewhere, with `interval` all but the last interval.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::Executor;

use super::{
    book::{Book, kept, lost},
    field::{Field, LEASE},
    until,
};

/// Several clients until there are so many commits; then the node is lost, and what another one has is compared.
async fn lost_with_its_disk(field: &Field, durability: &str, commits: usize) -> (Vec<i32>, Arc<Book>) {
    let first = field.node("a", durability, None);
    let mut session = first.awake().await;
    session.execute("create table public.kept (n int)").await.expect("a table");
    let book = Arc::new(Book::default());
    let clients = book.clients("a", first.home.clone(), 4);
    until("so many commits", async || (book.count() >= commits).then_some(())).await;
    first.destroy().await;
    drop(clients);
    let begun = Instant::now();
    let second = field.node("b", durability, None);
    let kept = kept(&mut second.awake().await).await.expect("the table");
    println!("{durability}: {} told, {} kept, awake elsewhere after {:?} (lease {LEASE:?})", book.count(), kept.len(), begun.elapsed());
    second.destroy().await;
    (kept, book)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_sync_a_lost_node_takes_no_acknowledged_commit_with_it() {
    let field = Field::folder();
    let (kept, book) = lost_with_its_disk(&field, "sync", 200).await;
    assert_eq!(lost(&book.told(), &kept), [0; 0], "{}", field.said());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_sync_over_the_cloud_s_bucket_neither() {
    let field = Field::cloud().await;
    let (kept, book) = lost_with_its_disk(&field, "sync", 200).await;
    assert_eq!(lost(&book.told(), &kept), [0; 0], "{}", field.said());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_an_interval_all_is_elsewhere_that_was_committed_before_the_last_one() {
    const EVERY: Duration = Duration::from_millis(300);
    let field = Field::folder();
    let (kept, book) = lost_with_its_disk(&field, &EVERY.as_millis().to_string(), 3000).await;
    let told = book.told();
    let end = told.iter().map(|told| told.at).max().expect("something was told");
    // and the time that an object takes, on a machine that has much else to do
    let old: Vec<_> = told.into_iter().filter(|told| told.at + 2 * EVERY + Duration::from_secs(1) < end).collect();
    assert_eq!(lost(&old, &kept), [0; 0], "{}", field.said());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_killed_with_its_disk_left_goes_on_there_with_all_and_then_elsewhere() {
    let field = Field::folder();
    let mut node = field.node("a", "sync", None);
    node.awake().await.execute("create table public.kept (n int); insert into public.kept values (1)").await.expect("a table");
    for round in 2..5 {
        node.kill().await;
        node = field.node("a", "sync", None);
        let mut session = node.awake().await;
        assert_eq!(kept(&mut session).await.expect("the table").len(), round - 1, "{}", field.said());
        session.execute("insert into public.kept values (1)").await.expect("a row");
    }
    node.put_away().await;
    node.destroy().await;
    let node = field.node("b", "sync", None);
    assert_eq!(kept(&mut node.awake().await).await.expect("the table").len(), 4);
}
