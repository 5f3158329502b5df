//! A PGlite among a node's databases: its files are run by nothing else, and it sleeps as the others do.

use std::{env, fs, path::Path, time::Duration};

use iasql::node::{Engine, Error, Idle, Options, Terms, Tier};

use super::{NEVER, Site, first, in_time, kept, options, processes, said, until};

fn terms(engine: Engine) -> Terms {
    Terms { engine, ..Terms::from(NEVER) }
}

/// A node that has what runs a PGlite; its templates are not among those that others count.
fn installed(name: &str) -> Options {
    let pglite = Path::new(env!("CARGO_MANIFEST_DIR")).join(".iasql/pglite");
    let templates = env::temp_dir().join("iasql-node-templates-of-engines");
    Options { pglite: Some(pglite), templates: Some(templates), ..options(name) }
}

#[tokio::test]
async fn files_of_one_engine_are_not_run_by_the_other() {
    let site = Site::of(installed("engines")).await;
    drop(in_time(site.node.create("lite", first(), terms(Engine::Pglite))).await.expect("a PGlite"));
    drop(site.create("native", NEVER).await);
    for (id, wanted) in [("lite", Engine::Postgres), ("native", Engine::Pglite)] {
        site.node.lay_down(id).await.expect("sleep");
        let refused = in_time(site.node.wake(id, terms(wanted))).await.expect_err("it is the other's");
        assert!(matches!(refused.own(), Error::OtherEngine { .. }), "{refused}");
        assert_eq!(processes(&site.data(id)), []);
    }
    let session = in_time(site.node.wake("lite", terms(Engine::Pglite))).await.expect("it is as it was");
    assert_eq!(processes(&site.data("lite")).len(), 1, "an engine is one process");
    let size = site.node.size("lite").await.expect("it is measured").expect("it is here");
    assert!((5 << 20..16 << 20).contains(&size), "{size} bytes, without the log");
    drop(session);
    // whoever is superuser in it may write any file of it, and it is not run by the other for that
    site.node.lay_down("lite").await.expect("sleep");
    let control = site.data("lite").join("global/pg_control");
    let mut bytes = fs::read(&control).expect("a control file");
    (bytes[16], bytes[248]) = (6, 1);
    fs::write(&control, bytes).expect("another");
    let refused = in_time(site.node.wake("lite", terms(Engine::Pglite))).await.expect_err("its files lie");
    assert!(matches!(refused.own(), Error::OtherEngine { .. }), "{refused}");
    // here it is to recover before its files are copied
    let refused = in_time(site.node.copy("lite")).await.expect_err("the engine does not open that");
    assert!(matches!(refused.own(), Error::Start { .. }), "{refused}");
    let log = fs::read_to_string(site.home.join("d/lite/log")).expect("a log");
    assert!(!log.contains("starting PostgreSQL 1"), "{log}");
    site.end().await;
}

#[tokio::test]
async fn an_engine_that_is_frozen_goes_on_where_it_was() {
    let site = Site::of(installed("frozen-engine")).await;
    let soon = Terms { idle: Idle { freeze: Some(Duration::ZERO), ..NEVER }, ..terms(Engine::Pglite) };
    let session = in_time(site.node.create("lite", first(), soon)).await.expect("a PGlite");
    said(&session, "create table public.kept (k int)").await;
    drop(session);
    until("it is frozen", || site.tier("lite") == Some(Tier::Frozen)).await;
    let frozen = processes(&site.data("lite"));
    assert_eq!(frozen.iter().map(|(_, state)| *state).collect::<Vec<_>>(), ['T']);
    let session = in_time(site.node.wake("lite", soon)).await.expect("it goes on");
    // a driver of its own prepares what it asks
    assert_eq!(kept(&session).await, 0);
    assert_eq!(processes(&site.data("lite"))[0].0, frozen[0].0, "it is the same process");
    drop(session);
    site.end().await;
}

#[tokio::test]
async fn what_is_missing_is_named_and_nothing_is_left_of_the_attempt() {
    let site = Site::of(options("engineless")).await;
    let refused = in_time(site.node.create("lite", first(), terms(Engine::Pglite))).await.expect_err("nothing runs it");
    assert!(matches!(refused.own(), Error::NoEngine(_)), "{refused}");
    assert_eq!((site.tier("lite"), site.data("lite").exists()), (None, false));
    drop(site.create("native", NEVER).await);
    until("the ordinary one is there", || site.tier("native") == Some(Tier::Awake)).await;
    site.end().await;
}
