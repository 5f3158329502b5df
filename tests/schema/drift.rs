//! Every way in which somebody may have changed a catalog by hand: all of them are seen.

use std::time::{Duration, Instant};

use iasql::schema::{How, drift};

use super::laid::{golden, laid, queue, quick, run};

/// A statement to a paragraph; the comment above it says what it is.
const DRIFTS: &str = include_str!("drifts.sql");

fn planted() -> impl Iterator<Item = &'static str> {
    // the first paragraph says what the file is
    DRIFTS.split("\n\n").skip(1)
}

#[tokio::test]
async fn every_planted_drift_is_found() {
    let (_, mut connection) = laid(4).await;
    let (queue, golden) = (queue(), golden().await);
    let how = How { golden: Some(golden), ..quick() };
    assert_eq!(drift(&mut connection, &queue, &how).await.unwrap_or_else(|error| panic!("{error}")), []);
    let mut missed = vec![];
    for planted in planted() {
        run(&mut connection, &format!("begin; {planted}")).await;
        let found = drift(&mut connection, &queue, &how).await.unwrap_or_else(|error| panic!("{planted}: {error}"));
        missed.extend(found.is_empty().then_some(planted));
        run(&mut connection, "rollback").await;
    }
    assert_eq!(missed, [""; 0]);
    assert!(planted().count() >= 60, "{}", planted().count());
    assert_eq!(drift(&mut connection, &queue, &how).await.unwrap_or_else(|error| panic!("{error}")), []);
}

#[tokio::test]
async fn data_and_what_others_have_elsewhere_are_no_drift() {
    let (_, mut connection) = laid(4).await;
    let how = How { golden: Some(golden().await), ..quick() };
    let innocent = "select queue.put_task('mail', '{}'); analyze queue.task; create table public.mine (id bigint); \
                    create view public.seen as select id from queue.task; create extension pgcrypto; \
                    create role somebody_else_entirely; grant select on public.mine to somebody_else_entirely; \
                    create function public.f() returns integer language sql as 'select 1'; \
                    create table public.refers (task bigint references queue.task); set local timezone = 'Asia/Tokyo'";
    run(&mut connection, &format!("begin; {innocent}")).await;
    assert_eq!(drift(&mut connection, &queue(), &how).await.unwrap_or_else(|error| panic!("{error}")), []);
    run(&mut connection, "rollback").await;
}

#[tokio::test]
async fn a_fingerprint_is_quickly_taken() {
    const TIMES: u32 = 10;
    let (_, mut connection) = laid(4).await;
    let queue = queue();
    iasql::schema::fingerprint(&mut connection, &queue, &[]).await.expect("a warm one");
    let started = Instant::now();
    for _ in 0..TIMES {
        iasql::schema::fingerprint(&mut connection, &queue, &[]).await.expect("a fingerprint");
    }
    let each = started.elapsed() / TIMES;
    println!("a fingerprint takes {each:?}");
    // ten times what it takes alone: other tests run beside this one
    assert!(each < Duration::from_millis(150), "{each:?}");
}
