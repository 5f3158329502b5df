//! A database moves to another server: nothing is lost, however it goes.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use iasql::{
    control::{Made, Stage},
    worker::{self, Limits, Relocation},
};
use sqlx::{Connection, PgConnection};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{connect, made, second, server_of, sql, two, until, work};
use crate::control::Own;

const STAGES: [Stage; 5] = [Stage::Closing, Stage::Copying, Stage::Comparing, Stage::Arrived, Stage::Clearing];

/// The same, until it comes to a stage; there it is as if it had been killed, and a little later its lease has run out.
async fn killed_at(own: &Own, name: &str, to: &str, stage: Stage) {
    let at = Notify::new();
    let tell = |told| {
        if told == stage {
            at.notify_one();
        }
    };
    tokio::select! {
        moved = relocate(own, name, to, &tell) => panic!("{stage:?}: {moved:?}"),
        () = at.notified() => {}
    }
    own.run("update control.lease set expires_at = clock_timestamp()").await;
}

/// The server that has it not.
fn other(server: &str) -> &'static str {
    if server == "b" { "home" } else { "b" }
}

async fn relocate(own: &Own, name: &str, to: &str, tell: &(dyn Fn(Stage) + Send + Sync)) -> Result<(), worker::Error> {
    let relocation = Relocation { database: name, to, grace: Duration::from_millis(200), tell };
    worker::relocate(&own.control, &relocation, &CancellationToken::new()).await
}

/// A database on `home`, with things of its tenant's in it.
async fn furnished(own: &Own) -> Made {
    // the first one goes to b: the emptiest, by name
    made(&own.control, &[]).await;
    let made = made(&own.control, &["logs"]).await;
    assert_eq!(server_of(own, &made.database.name).await, "home");
    sql(&mut login(own, &made).await, include_str!("furniture.sql")).await;
    made
}

/// The tenant, wherever the registry says that their database is.
async fn login(own: &Own, made: &Made) -> PgConnection {
    connect(&url(own, made).await).await
}

async fn url(own: &Own, made: &Made) -> String {
    let (name, password) = (&made.database.name, made.password.as_ref().expect("a password").expose());
    let now = own.control.database(name).await.unwrap();
    format!("postgres://{name}:{password}@{}:{}/{name}", now.host, now.port)
}

/// What the tenant sees of their own, and of ours.
async fn seen(own: &Own, made: &Made) -> Vec<String> {
    sqlx::query_scalar(include_str!("seen.sql")).fetch_all(&mut login(own, made).await).await.unwrap()
}

#[tokio::test]
async fn a_database_moves_with_its_roles_its_settings_and_all_that_is_in_it() {
    let own = two().await;
    let made = furnished(&own).await;
    let (name, before) = (&made.database.name, seen(&own, &made).await);
    let told = Mutex::new(Vec::new());
    relocate(&own, name, "b", &|stage| told.lock().unwrap().push(stage)).await.unwrap();
    assert_eq!((server_of(&own, name).await, told.into_inner().unwrap()), ("b".to_owned(), STAGES.to_vec()));
    assert_eq!(seen(&own, &made).await, before);
    let mut tenant = login(&own, &made).await;
    sql(&mut tenant, "insert into logs.log_group (name) values ('after'); table iasql.plan").await;
    // what was written here by another server's transactions is none of this one's
    let statements: Vec<String> = sqlx::query_scalar("select * from iasql.sql_of_transaction()").fetch_all(&mut tenant).await.unwrap();
    assert_eq!(statements, Vec::<String>::new());
    let left: i64 = sqlx::query_scalar("select count(*) from pg_database where datname = $1")
        .bind(name)
        .fetch_one(&mut crate::control::admin("postgres").await)
        .await
        .unwrap();
    assert_eq!(left, 0, "it is in one place only");
    // nothing is to be upgraded or repaired there
    let report = own
        .control
        .roll_out(&iasql::control::Rollout { databases: Some(vec![name.clone()]), ..Default::default() }, &|_| {})
        .await
        .unwrap();
    assert_eq!((report.current, report.failed.len()), (1, 0), "{report:?}");
    // and back
    relocate(&own, name, "home", &|_| {}).await.unwrap();
    assert_eq!(server_of(&own, name).await, "home");
    sql(&mut login(&own, &made).await, "delete from logs.log_group where name = 'after'").await;
}

#[tokio::test]
async fn every_row_that_was_acknowledged_is_there_after_a_move_under_fire() {
    let own = two().await;
    let made = furnished(&own).await;
    let working = work(&own.control, Limits::default());
    let (enough, moved) = (AtomicBool::new(false), Notify::new());
    let writer = async {
        let (mut acknowledged, mut k) = (Vec::new(), 0);
        while !enough.load(Ordering::Relaxed) || k < 20 {
            // refused while it moves, and then somewhere else
            let Ok(mut tenant) = PgConnection::connect(&url(&own, &made).await).await else { continue };
            loop {
                k += 1;
                let written = sqlx::query("insert into public.note (id) values ($1)").bind(k).execute(&mut tenant).await;
                if written.is_err() || enough.load(Ordering::Relaxed) && acknowledged.len() > 400 {
                    break;
                }
                acknowledged.push(k);
                if acknowledged.len() == 100 {
                    moved.notify_one();
                }
            }
        }
        acknowledged
    };
    let mover = async {
        moved.notified().await;
        relocate(&own, &made.database.name, "b", &|_| {}).await.unwrap();
        enough.store(true, Ordering::Relaxed);
    };
    let (acknowledged, ()) = tokio::join!(writer, mover);
    let there: Vec<i32> =
        sqlx::query_scalar("select id from public.note order by id").fetch_all(&mut login(&own, &made).await).await.unwrap();
    let lost: Vec<_> = acknowledged.iter().filter(|id| !there.contains(id)).collect();
    assert!(lost.is_empty(), "{} acknowledged, lost: {lost:?}", acknowledged.len());
    // the engine hears what is asked for at the new place
    sql(&mut login(&own, &made).await, "select iasql.set('unknown_resources', 'show'); select iasql.ask('plan')").await;
    until("a run", || async { own.control.runs(&made.database.name, 9).await.unwrap().into_iter().find(|run| run.kind == "plan") }).await;
    working.stop().await;
}

#[tokio::test]
async fn a_move_that_is_killed_at_any_step_leaves_a_database_that_is_where_the_registry_says_and_can_be_repeated() {
    let own = two().await;
    let made = furnished(&own).await;
    let (name, before) = (&made.database.name, seen(&own, &made).await);
    for killed in STAGES {
        let from = server_of(&own, name).await;
        let to = other(&from);
        killed_at(&own, name, to, killed).await;
        // an engine finds what it has left
        assert!(own.control.open(name).await.is_err(), "{killed:?}: nobody works there now");
        let engine = work(&own.control, Limits::default());
        until("an engine that opens it again", || async { own.control.moves_left().await.unwrap().is_empty().then_some(()) }).await;
        until("the end of that", || async { own.control.open(name).await.ok() }).await;
        engine.stop().await;
        let arrived = [Stage::Arrived, Stage::Clearing].contains(&killed);
        assert_eq!(server_of(&own, name).await, if arrived { to } else { from.as_str() }, "{killed:?}");
        assert_eq!(seen(&own, &made).await, before, "{killed:?}");
    }
    // and with what a killed one has left, the command does it without any engine's help
    let to = other(&server_of(&own, name).await);
    killed_at(&own, name, to, Stage::Comparing).await;
    relocate(&own, name, to, &|_| {}).await.unwrap();
    assert_eq!(server_of(&own, name).await, to);
    assert_eq!(seen(&own, &made).await, before);
}

#[tokio::test]
async fn nothing_of_a_tenants_is_run_by_anybody_else_on_the_way() {
    let own = two().await;
    let made = furnished(&own).await;
    // each of them refuses to be run by an administrator, and with it the move would fail
    sql(&mut login(&own, &made).await, include_str!("traps.sql")).await;
    relocate(&own, &made.database.name, "b", &|_| {}).await.unwrap();
    let caught: i64 = sqlx::query_scalar("select count(*) from public.caught").fetch_one(&mut login(&own, &made).await).await.unwrap();
    assert_eq!(caught, 0);
}

#[tokio::test]
async fn a_name_that_is_taken_on_the_other_server_is_left_alone() {
    let own = two().await;
    let made = furnished(&own).await;
    let name = &made.database.name;
    sql(&mut connect(&second().await.admin_url).await, &format!("create role {name} nologin")).await;
    let refused = relocate(&own, name, "b", &|_| {}).await.unwrap_err().to_string();
    assert_eq!(refused, format!("moving database {name}: on b something has that name which iasql did not make"));
    login(&own, &made).await;
    assert!(relocate(&own, name, "c", &|_| {}).await.unwrap_err().to_string().starts_with("there is no server c"));
}
