//! An engine that is frozen while another takes over, and wakes up later.

use aws_sdk_sqs::types::QueueAttributeName;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::{Engine, Site, site::until};
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
    // it learns that its lease is over, and looks at the run again, which has ended; and has somebody see what its call did
    looked(&site).await;
    quiet(&site).await;
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
    looked(&site).await;
    quiet(&site).await;
    site.rests().await;
    assert_eq!(networks(&site).await, 2);
}

/// An engine was frozen with this call on its way, before the cloud knew of it. Another has done the work meanwhile; then the call landed, and the
/// engine is still frozen.
async fn late(
    site: &mut Site,
    call: &'static str,
    meanwhile: &str,
    done: impl AsyncFn(&Site) -> bool,
    landed: impl AsyncFn(&Site) -> bool,
) -> (Engine, Engine) {
    site.ask("update iasql.setting set value = '0' where name = 'list_delay_seconds'").await;
    let first = site.engine().await;
    let mut gate = site.account.calls.gate(call, Moment::Before);
    let run = asks_for_a_check(site).await;
    gate.reached().await;
    first.freeze();
    site.sql(meanwhile).await;
    let second = site.engine().await;
    let ended = format!("select state from control.run where id = '{run}' and ended_at is not null");
    until("the end of the run", || async { site.registry(&ended).await.pop() }).await;
    until("what was to be done", || async { done(site).await.then_some(()) }).await;
    assert!(!landed(site).await, "not yet");
    drop(gate);
    until("the call that is late", || async { landed(site).await.then_some(()) }).await;
    (first, second)
}

/// Until nothing goes on in the metadata database.
async fn quiet(site: &Site) {
    until("quiet", || async { site.registry(include_str!("unended.sql")).await.is_empty().then_some(()) }).await;
    let jobs = "select count(*)::text from graphile_worker._private_jobs";
    until("the end of all jobs", || async { (site.registry(jobs).await == ["0"]).then_some(()) }).await;
}

/// Until somebody has looked at what a call of the engine that was frozen has done.
async fn looked(site: &Site) {
    let plan = "select state from control.run where kind = 'plan' and asked_by = 'takeover' and ended_at is not null";
    assert_eq!(until("a look at the cloud", || async { site.registry(plan).await.pop() }).await, "done");
}

async fn has_one(site: &Site) -> bool {
    networks(site).await == 2
}

async fn has_two(site: &Site) -> bool {
    networks(site).await == 3
}

#[tokio::test]
async fn what_a_late_call_of_a_frozen_engine_made_a_second_time_goes_when_it_wakes_up() {
    let mut site = Site::with(&["ec2"]).await;
    site.sql(VPC).await;
    let (first, _second) = late(&mut site, "CreateVpc", "select iasql.set('mode', 'on_commit')", has_one, has_two).await;
    first.thaw();
    until("one network", || async { (networks(&site).await == 2).then_some(()) }).await;
    quiet(&site).await;
    site.rests().await;
}

#[tokio::test]
async fn where_no_commit_starts_a_check_a_plan_shows_what_a_late_call_made_and_nothing_is_done_unasked() {
    let mut site = Site::with(&["ec2"]).await;
    site.sql(VPC).await;
    let (first, _second) = late(&mut site, "CreateVpc", "", has_one, has_two).await;
    site.account.calls.take();
    first.thaw();
    looked(&site).await;
    quiet(&site).await;
    assert_eq!(site.ask("select action || ' ' || resource from iasql.plan where action <> 'unmanaged'").await, ["delete ec2.vpc"]);
    assert_eq!(site.account.calls.take_changes(), Vec::<String>::new());
    site.check().await;
    assert_eq!(networks(&site).await, 2);
    site.rests().await;
}

/// For how long a queue hides what somebody has taken from it.
async fn hidden(site: &Site) -> Option<String> {
    let aws = site.account.outside().await;
    let sqs = aws.sqs();
    let queues = sqs.list_queues().send().await.expect("a list");
    let read = sqs.get_queue_attributes().queue_url(queues.queue_urls().first()?);
    let read = read.attribute_names(QueueAttributeName::VisibilityTimeout).send().await.expect("attributes");
    read.attributes()?.get(&QueueAttributeName::VisibilityTimeout).cloned()
}

#[tokio::test]
async fn an_older_value_that_a_late_call_of_a_frozen_engine_put_back_does_not_stay() {
    let mut site = Site::with(&["sqs"]).await;
    site.sql("insert into sqs.queue (name, visibility_timeout) values (current_database() || '-jobs', 30)").await;
    site.check().await;
    site.sql("select iasql.set('mode', 'on_commit')").await;
    site.sql("update sqs.queue set visibility_timeout = 40").await;
    let is_old = async |site: &Site| hidden(site).await.as_deref() == Some("40");
    let is_new = async |site: &Site| hidden(site).await.as_deref() == Some("50");
    let (first, _second) = late(&mut site, "SetQueueAttributes", "update sqs.queue set visibility_timeout = 50", is_new, is_old).await;
    first.thaw();
    until("the newer value", || async { is_new(&site).await.then_some(()) }).await;
    quiet(&site).await;
    site.rests().await;
}

/// When it goes on it looks only at what the cloud was busy with.
#[tokio::test]
async fn a_check_that_was_frozen_for_longer_than_its_lease_goes_on_and_fills_in_what_it_had_made_before() {
    let mut site = Site::with(&["ec2"]).await;
    site.sql(VPC).await;
    site.sql("insert into ec2.subnet (name, vpc, cidr_block) values ('a', 'core', '10.0.1.0/24')").await;
    let mut gate = site.account.calls.gate("CreateSubnet", Moment::After);
    let mut check = site.checking();
    gate.reached().await;
    let pid = Pid::from_raw(i32::try_from(check.id().expect("it runs")).expect("a pid"));
    kill(pid, Signal::SIGSTOP).expect("it runs");
    let over = "select 'over' from control.lease where expires_at < clock_timestamp()";
    until("the end of its lease", || async { site.registry(over).await.pop() }).await;
    drop(gate);
    kill(pid, Signal::SIGCONT).expect("it runs");
    assert!(check.wait().await.expect("an end").success());
    assert_eq!(site.ask("select state from iasql.run").await, ["done"], "one run, begun twice");
    assert_eq!(site.ask("select (vpc_id is not null)::text from ec2.vpc").await, ["true"]);
    assert_eq!(site.ask("select (subnet_id is not null)::text from ec2.subnet").await, ["true"]);
    site.rests().await;
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
