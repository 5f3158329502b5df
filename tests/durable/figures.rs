//! What it costs, measured and printed: a commit that waits for an object, and the time until a lost node's database is awake elsewhere.

use std::time::{Duration, Instant};

use sqlx::Executor;

use super::field::Field;

const COMMITS: usize = 100;

async fn measured(field: Field, of: &str) {
    for durability in ["pause", "sync"] {
        let node = field.node(durability, durability, None);
        let mut session = node.awake().await;
        session.execute("drop table if exists public.kept; create table public.kept (n int)").await.expect("a table");
        let mut took = vec![];
        for number in 0..COMMITS {
            let begun = Instant::now();
            sqlx::query("insert into public.kept values ($1)")
                .bind(i32::try_from(number).expect("a number"))
                .execute(&mut session)
                .await
                .expect("a row");
            took.push(begun.elapsed());
        }
        took.sort();
        println!(
            "{of}, {durability}: a commit takes {:?} at the median, {:?} at the 90th of 100",
            took[COMMITS / 2],
            took[COMMITS * 9 / 10]
        );
        node.destroy().await;
    }
    let begun = Instant::now();
    let node = field.node("elsewhere", "sync", None);
    drop(node.awake().await);
    println!("{of}: a node that is started now has it awake after {:?}, the lease of a second included", begun.elapsed());
    assert!(begun.elapsed() > Duration::from_millis(500), "the lease was not over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_waits_for_an_object_in_a_folder() {
    measured(Field::folder(), "folder").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_waits_for_an_object_in_the_cloud() {
    measured(Field::cloud().await, "local S3").await;
}
