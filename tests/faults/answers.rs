//! Answers that are lost, late or cut: what a call did is found again, and what it did not do is done.

use std::time::{Duration, Instant};

use iasql::engine::{Kind, State};

use super::{census, done, ends_right, faults, hasty, on, wanted};
use crate::{engine::World, support::faults::Fault};

const NETWORK: &str = "insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')";

/// What became of each attempt, as the user can read it.
async fn told(world: &mut World) -> Vec<String> {
    world.ask("select concat_ws(': ', action || ' ' || state, error) from iasql.change order by id").await
}

/// A network whose creation went wrong in this way, after one check that ended with nothing left to do.
async fn found_again(fault: Fault) -> World {
    let mut world = hasty(&["ec2"]).await;
    world.sql(NETWORK).await;
    faults(&world).add(on("CreateVpc").nth(1), fault);
    done(&world).await;
    assert_eq!(world.account.calls.take_changes(), ["CreateVpc"]);
    assert_eq!(told(&mut world).await, ["create done: its answer was lost; it was found by its tag"]);
    ends_right(&mut world, 1).await;
    world
}

#[tokio::test]
async fn a_creation_whose_answer_was_lost_is_found_again_and_not_made_twice() {
    found_again(Fault::CutAfter).await;
}

#[tokio::test]
async fn a_creation_that_timed_out_after_its_effect_is_found_again_and_not_made_twice() {
    found_again(Fault::SilentAfter).await;
}

#[tokio::test]
async fn a_creation_whose_answer_was_cut_in_the_middle_is_found_again_and_not_made_twice() {
    found_again(Fault::CutMidway).await;
}

/// A network whose creation never came to the cloud: it is not there, and is made by the next check.
async fn made_again(fault: Fault) {
    let mut world = hasty(&["ec2"]).await;
    world.sql(NETWORK).await;
    faults(&world).add(on("CreateVpc").nth(1), fault);
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, outcome.applied, outcome.errors.len()), (State::Waiting, 0, 1), "{outcome:#?}");
    assert_eq!(done(&world).await.applied, 1);
    ends_right(&mut world, 1).await;
}

#[tokio::test]
async fn a_creation_that_timed_out_before_its_effect_is_made_by_the_next_check() {
    made_again(Fault::SilentBefore).await;
}

#[tokio::test]
async fn a_creation_whose_line_was_cut_before_its_effect_is_made_by_the_next_check() {
    made_again(Fault::CutBefore).await;
}

#[tokio::test]
async fn a_creation_that_nobody_knows_the_end_of_is_not_repeated_before_lists_have_had_time_to_show_it() {
    let mut world = hasty(&["ec2"]).await;
    world.sql(NETWORK).await;
    sqlx::raw_sql("update iasql.setting set value = '30' where name = 'list_delay_seconds'").execute(&world.owner).await.unwrap();
    faults(&world).add(on("CreateVpc").nth(1), Fault::CutBefore);
    for _ in 0..3 {
        assert_eq!(world.run(Kind::Check).await.state, State::Waiting);
    }
    assert_eq!(world.diff().await, ["… ec2.vpc core (us-east-1)  # an earlier attempt may still show up", "Plan: 1 to wait for."]);
    assert_eq!(census(&world).await, Vec::<String>::new());
    let later = "update iasql.change set started_at = started_at - interval '31 seconds'";
    sqlx::raw_sql(later).execute(&world.owner).await.unwrap();
    assert_eq!(done(&world).await.applied, 1);
    ends_right(&mut world, 1).await;
}

#[tokio::test]
async fn an_update_and_a_deletion_whose_answers_were_lost_are_seen_to_be_done() {
    let mut world = hasty(&["ec2", "sqs"]).await;
    world.sql(NETWORK).await;
    world.sql("insert into sqs.queue (name, delay_seconds) values ('jobs', 1), ('old', 1)").await;
    world.check().await;
    world
        .sql("update sqs.queue set delay_seconds = 2 where name = 'jobs'; delete from sqs.queue where name = 'old'; delete from ec2.vpc")
        .await;
    // the client's own attempts are cut as well
    faults(&world).add(on("SetQueueAttributes DeleteQueue DeleteVpc").first(9), Fault::CutAfter);
    done(&world).await;
    assert_eq!(census(&world).await, wanted(&mut world).await);
    ends_right(&mut world, 1).await;
}

#[tokio::test]
async fn slow_answers_make_a_check_slow_and_nothing_else() {
    let mut world = hasty(&["ec2"]).await;
    world.sql(NETWORK).await;
    let slow = Duration::from_millis(300);
    faults(&world).add(on("CreateVpc DescribeVpcs"), Fault::Slow(slow));
    let began = Instant::now();
    assert_eq!(done(&world).await.applied, 1);
    // one list before the creation, and the creation
    assert!(began.elapsed() >= 2 * slow, "{:?}", began.elapsed());
    let injected = faults(&world).injected();
    let was = |action: &str| injected.iter().any(|what| what.starts_with(action));
    assert!(was("CreateVpc@") && was("DescribeVpcs@"), "{injected:?}");
    ends_right(&mut world, 1).await;
}
