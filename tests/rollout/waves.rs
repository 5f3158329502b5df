//! Waves: one database first, then more at a time, and nobody new after a failure.

use std::{future::Future, pin::pin, sync::Mutex, task::Poll};

use iasql::control::{Rollout, Told};

use super::{Fleet, NEWEST, admin, sql};

#[tokio::test]
async fn waves_grow_and_a_second_roll_out_finds_nothing_to_do() {
    let fleet = Fleet::of(7).await;
    let waves = Mutex::new(Vec::new());
    let tell = |told: Told<'_>| {
        if let Told::Wave { databases, .. } = told {
            waves.lock().unwrap().push(databases)
        }
    };
    let report = fleet.carries(2).roll_out(&Rollout::default(), &tell).await.unwrap();
    assert_eq!((report.upgraded.len(), report.failed.len(), &waves.lock().unwrap()[..]), (7, 0, &[1, 4, 2][..]), "{report:#?}");
    assert!(report.upgraded.values().all(|upgraded| upgraded.made == ["small 2"]));
    let again = fleet.roll_out(2, &Rollout::default()).await;
    assert_eq!((again.upgraded.len(), again.current), (0, 7));
}

#[tokio::test]
async fn after_a_failure_nobody_new_is_tried_and_the_one_that_failed_is_as_it_was() {
    let fleet = Fleet::of(6).await;
    // the least active one comes first: that is the one that was made first
    sql(&mut admin(&fleet.names[0]).await, "alter table small.applied add column drifted text").await;
    let report = fleet.roll_out(2, &Rollout::default()).await;
    assert_eq!((report.upgraded.len(), report.failed.len(), report.untried.len()), (0, 1, 5));
    let why = &report.failed[&fleet.names[0]];
    assert!(why.contains("version 2 of small was not made") && why.contains("small.applied.drifted"), "{why}");
    assert_eq!(fleet.applied(&fleet.names[0]).await, [1]);
    let going = Rollout { keep_going: true, ..Rollout::default() };
    let report = fleet.roll_out(2, &going).await;
    assert_eq!((report.upgraded.len(), report.failed.len(), report.untried.len()), (5, 1, 0));
}

#[tokio::test]
async fn a_roll_out_that_is_cut_off_half_way_is_gone_on_with_and_nothing_is_applied_twice() {
    let fleet = Fleet::of(9).await;
    let control = fleet.carries(NEWEST);
    let done = Mutex::new(0);
    let tell = |told: Told<'_>| {
        if let Told::Done { .. } = told {
            *done.lock().unwrap() += 1
        }
    };
    let rollout = Rollout { at_once: 3, ..Rollout::default() };
    {
        // dropped in the middle of whatever the others are at
        let mut going = pin!(control.roll_out(&rollout, &tell));
        std::future::poll_fn(|context| match going.as_mut().poll(context) {
            Poll::Ready(report) => panic!("it came to its end: {report:?}"),
            Poll::Pending if *done.lock().unwrap() >= 4 => Poll::Ready(()),
            Poll::Pending => Poll::Pending,
        })
        .await;
    }
    let report = fleet.roll_out(NEWEST, &rollout).await;
    assert!(report.failed.is_empty() && report.current >= 4, "{report:#?}");
    assert_eq!(report.current + report.upgraded.len(), 9);
    for name in &fleet.names {
        assert_eq!(fleet.applied(name).await, [1, 2, 3], "{name}");
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_is_named_before_anything_is_done() {
    let fleet = Fleet::of(1).await;
    let rollout = Rollout { databases: Some(vec![fleet.names[0].clone(), "nobody".into()]), ..Rollout::default() };
    let error = fleet.carries(2).roll_out(&rollout, &|_| {}).await.unwrap_err();
    assert!(error.to_string().contains("nobody"), "{error}");
    assert_eq!(fleet.applied(&fleet.names[0]).await, [1]);
}
