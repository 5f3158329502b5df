//! Lists that lag behind, change while they are read, or break off.

use iasql::engine::{Kind, State};

use super::{census, done, ends_right, faults, hasty, on};
use crate::{engine::World, support::faults::Fault};

async fn with_log_groups() -> World {
    let mut world = hasty(&["logs"]).await;
    world.sql("insert into logs.log_group (name) select 'group-' || n from generate_series(1, 4) n").await;
    world.check().await;
    faults(&world).add(on("DescribeLogGroups").first(1), Fault::Pages("limit", 2));
    world
}

#[tokio::test]
async fn a_thing_just_made_that_lists_do_not_show_yet_is_waited_for_and_not_made_twice() {
    let mut world = hasty(&["ec2"]).await;
    world.run(Kind::Check).await;
    sqlx::raw_sql("update iasql.setting set value = '30' where name = 'list_delay_seconds'").execute(&world.owner).await.unwrap();
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    assert_eq!(done(&world).await.applied, 1);
    faults(&world).add(on("DescribeVpcs").first(6), Fault::Stale);
    let mut waited = 0;
    while world.run(Kind::Check).await.state == State::Waiting {
        assert_eq!(world.diff().await[0], "… ec2.vpc core (us-east-1)  # not in the list yet");
        waited += 1;
    }
    assert!(waited > 0 && faults(&world).injected().len() == 6, "{waited} {:#?}", faults(&world).injected());
    assert_eq!(world.account.calls.take_changes(), Vec::<String>::new());
    ends_right(&mut world, 1).await;
}

#[tokio::test]
async fn a_thing_just_deleted_that_lists_still_show_is_asked_to_go_once_more_and_is_gone() {
    let mut world = hasty(&["ec2", "sqs"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16'); insert into sqs.queue (name) values ('jobs')").await;
    world.check().await;
    world.sql("delete from ec2.vpc; delete from sqs.queue").await;
    assert_eq!(done(&world).await.applied, 2);
    faults(&world).add(on("DescribeVpcs").first(2), Fault::Stale);
    faults(&world).add(on("ListQueues").first(1), Fault::Stale);
    done(&world).await;
    assert!(!faults(&world).injected().is_empty());
    ends_right(&mut world, 2).await;
}

#[tokio::test]
async fn a_thing_deleted_between_two_pages_is_gone_and_the_others_stay() {
    let mut world = with_log_groups().await;
    let gate = faults(&world).hold(on("DescribeLogGroups").asking("nextToken"));
    let (outcome, ()) = tokio::join!(world.run(Kind::Refresh), async {
        gate.reached().await;
        world.outside().await.logs().delete_log_group().log_group_name("group-1").send().await.unwrap();
        gate.open();
    });
    assert_eq!(outcome.state, State::Done, "{outcome:#?}");
    done(&world).await;
    assert_eq!(world.account.calls.take_changes(), ["CreateLogGroup"], "what somebody deleted is made again");
    ends_right(&mut world, 1).await;
}

#[tokio::test]
async fn a_thing_made_between_two_pages_is_seen_now_or_by_the_next_check_and_nothing_of_ours_is_lost() {
    let mut world = with_log_groups().await;
    let gate = faults(&world).hold(on("DescribeLogGroups").asking("nextToken"));
    let (outcome, ()) = tokio::join!(world.run(Kind::Check), async {
        gate.reached().await;
        world.outside().await.logs().create_log_group().log_group_name("group-0").send().await.unwrap();
        gate.open();
    });
    assert_eq!((outcome.state, outcome.applied), (State::Done, 0), "{outcome:#?}");
    world.run(Kind::Refresh).await;
    assert_eq!(world.ask("select action || ' ' || name from iasql.plan").await, ["unmanaged group-0"]);
    world.outside().await.logs().delete_log_group().log_group_name("group-0").send().await.unwrap();
    ends_right(&mut world, 1).await;
}

#[tokio::test]
async fn a_list_that_breaks_off_at_its_second_page_is_not_taken_for_the_whole() {
    let mut world = with_log_groups().await;
    world.sql("insert into logs.log_group (name) values ('group-5')").await;
    for fault in [Fault::Broken(500), Fault::CutMidway, Fault::Throttled, Fault::Refused(400, "InvalidParameterException", "no such token")]
    {
        faults(&world).calm();
        faults(&world).add(on("DescribeLogGroups").asking("nextToken"), fault.clone());
        faults(&world).add(on("DescribeLogGroups"), Fault::Pages("limit", 2));
        let outcome = world.run(Kind::Check).await;
        assert_eq!((outcome.state, outcome.applied, outcome.blind.len()), (State::Failed, 0, 1), "{fault}: {outcome:#?}");
    }
    faults(&world).calm();
    assert_eq!(done(&world).await.applied, 1, "only what was asked for meanwhile");
    ends_right(&mut world, 1).await;
}

#[tokio::test]
async fn a_thing_that_one_list_lacks_is_looked_for_in_a_second_one_before_it_is_taken_for_gone() {
    let mut world = hasty(&["ec2"]).await;
    world.run(Kind::Check).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    world.check().await;
    // as it was before there was one
    faults(&world).add(on("DescribeVpcs").nth(1), Fault::Stale);
    assert_eq!(done(&world).await.applied, 0);
    assert_eq!(faults(&world).injected().len(), 1);
    ends_right(&mut world, 1).await;
}

#[tokio::test]
async fn a_thing_of_ours_that_was_lost_from_sight_and_made_again_is_not_there_twice() {
    let mut world = hasty(&["ec2"]).await;
    world.run(Kind::Check).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    world.check().await;
    faults(&world).add(on("DescribeVpcs").first(12), Fault::Stale);
    while world.run(Kind::Check).await.state == State::Waiting {}
    assert!(census(&world).await.len() > 1, "it was to be made again: {:#?}", faults(&world).injected());
    ends_right(&mut world, 2).await;
}
