//! An engine that is frozen while another takes over, and wakes up later.

use super::{Site, site::until};
use crate::support::Moment;

const VPC: &str = "insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')";

async fn networks(site: &Site) -> usize {
    site.account.outside().await.ec2().describe_vpcs().send().await.expect("a list").vpcs().len()
}

async fn asks_for_a_check(site: &Site) -> String {
    let run = site.own.control.request(&site.name, iasql::engine::Kind::Check, "ada").await.expect("a run");
    run.to_string()
}

/// The first engine stands still with a call of its run at this moment; the second has ended the run in its place.
#[tokio::test]
async fn an_engine_frozen_with_a_call_on_its_way_doubles_nothing_when_it_wakes_up_after_another_has_taken_over() {
    let mut site = Site::with(&["ec2"]).await;
    let first = site.engine().await;
    site.sql(VPC).await;
    site.sql("insert into ec2.vpc (name, cidr_block) values ('other', '10.1.0.0/16')").await;
    let mut gate = site.account.calls.gate("CreateVpc", Moment::After);
    let run = asks_for_a_check(&site).await;
    gate.reached().await;
    first.freeze();
    let second = site.engine().await;
    let ended = format!("select state from control.run where id = '{run}' and ended_at is not null");
    until("the end of the run", || async { site.registry(&ended).await.pop() }).await;
    assert_eq!(networks(&site).await, 3, "the account's own and two");
    site.account.calls.take();
    drop(gate);
    first.thaw();
    // it learns that its lease is over, and looks at the run again: that has ended
    until("rest", || async { site.registry(include_str!("unended.sql")).await.is_empty().then_some(()) }).await;
    until("the end of all jobs", || async {
        (site.registry("select count(*)::text from graphile_worker._private_jobs").await == ["0"]).then_some(())
    })
    .await;
    assert_eq!(site.account.calls.take_changes(), Vec::<String>::new());
    assert_eq!(networks(&site).await, 3);
    site.rests().await;
    // and both go on working
    second.kill().await;
    let again = asks_for_a_check(&site).await;
    let ended = format!("select state from control.run where id = '{again}' and ended_at is not null");
    assert_eq!(until("the end of the next run", || async { site.registry(&ended).await.pop() }).await, "done");
    site.rests().await;
}

#[tokio::test]
async fn a_commit_of_an_engine_that_was_frozen_is_refused_and_so_is_every_call_after_it() {
    let mut site = Site::with(&["ec2"]).await;
    let first = site.engine().await;
    site.sql(VPC).await;
    site.sql("insert into ec2.subnet (name, vpc, cidr_block) values ('a', 'core', '10.0.1.0/24')").await;
    let mut gate = site.account.calls.gate("CreateVpc", Moment::After);
    let run = asks_for_a_check(&site).await;
    gate.reached().await;
    first.freeze();
    // somebody else has taken the database, and does nothing with it
    let lease = until("the lease", || async { site.own.control.acquire(&site.name, "somebody").await.expect("an answer") }).await;
    let taken = format!("update iasql.fence set counter = {}", lease.counter);
    site.ask(&taken).await;
    site.account.calls.take();
    drop(gate);
    first.thaw();
    // its job ends, for another try later: it had the answer of its call, and could not write it down
    until("a job that is put off", || async {
        let put_off = "select count(*)::text from graphile_worker._private_jobs where locked_by is null and run_at > now()";
        (site.registry(put_off).await == ["1"]).then_some(())
    })
    .await;
    assert_eq!(site.account.calls.take_changes(), Vec::<String>::new(), "no subnet");
    assert_eq!(site.ask("select state from iasql.change").await, ["intent"]);
    site.own.control.release(&lease).await.expect("an answer");
    let ended = format!("select state from control.run where id = '{run}' and ended_at is not null");
    assert_eq!(until("the end of the run", || async { site.registry(&ended).await.pop() }).await, "done");
    site.rests().await;
    assert_eq!(networks(&site).await, 2);
}

/// What the queue's own library would leave: the job is gone, its queue is locked for whoever had the job.
#[tokio::test]
async fn a_job_that_its_frozen_engine_ends_after_another_took_it_does_not_lock_the_queue_for_ever() {
    let site = Site::with(&[]).await;
    site.own.control.request(&site.name, iasql::engine::Kind::Plan, "ada").await.expect("a run");
    site.registry("update graphile_worker._private_job_queues set locked_by = 'second', locked_at = now()").await;
    site.registry("update graphile_worker._private_jobs set locked_by = 'second', locked_at = now()").await;
    site.registry("delete from graphile_worker._private_jobs").await;
    assert_eq!(site.registry(include_str!("unended.sql")).await, ["run plan is queued"]);
}

#[tokio::test]
async fn a_run_whose_job_was_ended_by_somebody_else_gets_another_one() {
    let site = Site::with(&[]).await;
    site.own.control.request(&site.name, iasql::engine::Kind::Plan, "ada").await.expect("a run");
    site.registry("update control.run set look_at = now() - interval '1 minute'").await;
    site.registry("delete from graphile_worker._private_jobs").await;
    let _engine = site.engine().await;
    until("the end of the run", || async { (site.registry("select state from control.run").await == ["done"]).then_some(()) }).await;
}
