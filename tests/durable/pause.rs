//! A node with durability `pause` is lost: elsewhere the newest stored version goes on, and what it still has when it comes back is kept aside.

use std::fs;

use sqlx::Executor;

use super::{book::kept, field::Field, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn elsewhere_the_newest_version_goes_on_and_what_the_lost_one_had_is_kept_aside() {
    let field = Field::folder();
    let mut old = field.node("a", "pause", None);
    let mut session = old.awake().await;
    session.execute("create table public.kept (n int); insert into public.kept values (1)").await.expect("a table");
    drop(session);
    old.put_away().await;
    old.awake().await.execute("insert into public.kept values (2)").await.expect("a row");
    old.kill().await;
    let new = field.node("b", "pause", None);
    assert_eq!(kept(&mut new.awake().await).await.expect("the table"), [1], "what pause says\n{}", field.said());
    new.awake().await.execute("insert into public.kept values (3)").await.expect("a row");
    let old = field.node("a", "pause", None);
    new.put_away().await;
    // both want it now, and whoever has it lets the other one have it in its turn
    until("it is back", async || {
        new.put_away().await;
        let mut session = old.connect().await?;
        (kept(&mut session).await.ok()? == [1, 3]).then_some(())
    })
    .await;
    let aside: Vec<_> = fs::read_dir(old.home.join("node/aside")).expect("a folder").flatten().map(|entry| entry.path()).collect();
    assert_eq!(aside.len(), 1, "{aside:?}");
    assert!(aside[0].join("data/PG_VERSION").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_never_stored_is_made_anew() {
    let field = Field::folder();
    let old = field.node("a", "pause", None);
    old.awake().await.execute("create table public.kept (n int)").await.expect("a table");
    old.destroy().await;
    let new = field.node("b", "pause", None);
    new.awake().await.execute("create table public.kept (n int)").await.expect("there is no such table yet");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_is_read_whatever_the_durability_is_by_then() {
    let field = Field::folder();
    let old = field.node("a", "sync", None);
    old.awake().await.execute("create table public.kept (n int); insert into public.kept values (1)").await.expect("a table");
    old.destroy().await;
    let new = field.node("b", "pause", None);
    let mut session = new.awake().await;
    assert_eq!(kept(&mut session).await.expect("the table"), [1], "{}", field.said());
    session.execute("insert into public.kept values (2)").await.expect("a row");
    drop(session);
    new.put_away().await;
    new.destroy().await;
    let third = field.node("c", "sync", None);
    assert_eq!(kept(&mut third.awake().await).await.expect("the table"), [1, 2]);
}
