//! A node that stood still for longer than its lease, and goes on when another one has the database.

use std::{sync::Arc, time::Duration};

use nix::sys::signal::Signal::{SIGCONT, SIGSTOP};
use sqlx::Executor;

use super::{
    book::{Book, kept, late, lost},
    field::Field,
    in_time, until,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_frozen_never_gets_a_commit_through_and_its_server_is_ended() {
    let field = Field::folder();
    let old = field.node("a", "sync", None);
    let mut session = old.awake().await;
    session.execute("create table public.kept (n int)").await.expect("a table");
    let book = Arc::new(Book::default());
    let of_the_old = book.clients("a", old.home.clone(), 2);
    let new = field.node("b", "sync", None);
    until("some commits", async || (book.count() >= 20).then_some(())).await;
    old.send(SIGSTOP, true, true);
    // one that is on its way while everything stands still
    let on_its_way = tokio::spawn(async move { session.execute("insert into public.kept values (-1)").await });
    let before = book.count();
    let of_the_new = book.clients("b", new.home.clone(), 2);
    until("the first commits elsewhere", async || (book.count() >= before + 5).then_some(())).await;
    old.send(SIGCONT, true, true);
    in_time("the old one's answer", on_its_way).await.expect("a task").expect_err("nothing is committed there");
    until("the old server is ended", async || old.servers().is_empty().then_some(())).await;
    let (now, told) = (book.count(), book.told());
    until("more commits", async || (book.count() >= now + 5).then_some(())).await;
    drop((of_the_old, of_the_new));
    let late = late(&book.told());
    let kept = kept(&mut new.awake().await).await.expect("the table");
    assert_eq!(lost(&told, &kept), [0; 0]);
    assert_eq!(lost(&late, &kept), [0; 0], "two wrote at once: {}", field.said());
    assert!(!kept.contains(&-1), "it was refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_runs_on_while_its_node_stands_still_commits_nothing() {
    let field = Field::folder();
    let old = field.node("a", "sync", None);
    let mut session = old.awake().await;
    session.execute("create table public.kept (n int)").await.expect("a table");
    old.send(SIGSTOP, true, false);
    let mut pending = Box::pin(session.execute("insert into public.kept values (-1)"));
    let new = field.node("b", "sync", None);
    let elsewhere = async { new.awake().await.execute("insert into public.kept values (1)").await };
    tokio::select! {
        told = &mut pending => panic!("nobody could have kept it: {told:?}"),
        done = elsewhere => drop(done.expect("a row")),
    }
    assert!(!old.servers().is_empty(), "nobody was there to end it");
    old.send(SIGCONT, true, false);
    in_time("the old one's answer", pending).await.expect_err("nothing is committed there");
    assert_eq!(kept(&mut new.awake().await).await.expect("the table"), [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_stand_still_for_a_while_go_on_where_they_were() {
    let field = Field::folder();
    let node = field.node("a", "sync", None);
    let mut session = node.awake().await;
    session.execute("create table public.kept (n int)").await.expect("a table");
    let before = node.servers();
    node.send(SIGSTOP, false, true);
    let wait = tokio::time::timeout(Duration::from_millis(1500), session.execute("insert into public.kept values (1)"));
    assert!(wait.await.is_err(), "it stands still");
    node.send(SIGCONT, false, true);
    let mut session = node.awake().await;
    until("the row", async || (kept(&mut session).await.ok()?.len() == 1).then_some(())).await;
    assert!(node.servers().iter().any(|pid| before.contains(pid)), "it is the same one");
}
