//! A plan that somebody approved is carried out, or nothing is.

use iasql::{
    engine::{Kind, State},
    plan::Fingerprint,
};

use crate::{engine::World, support::faults::on};

const DISK: &str = "insert into ec2.volume (name, availability_zone, size) values ('data', 'us-east-1a', 10)";

async fn fingerprint(world: &mut World) -> Fingerprint {
    world.ask("select iasql.plan_fingerprint()").await[0].parse().expect("a fingerprint")
}

#[tokio::test]
async fn the_approved_plan_is_carried_out_and_another_one_is_refused_with_what_to_do() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    let plan = world.run(Kind::Plan).await.fingerprint.expect("a fingerprint");
    assert_eq!(plan, fingerprint(&mut world).await);
    // reading the cloud again changes nothing about it, and neither do things that are nobody's
    world.outside().await.ec2().create_vpc().cidr_block("10.7.0.0/16").send().await.expect("a network of somebody else's");
    assert_eq!(world.run(Kind::Plan).await.fingerprint, Some(plan));
    // a row that is wanted otherwise does, though the plan's lines are the same
    world.sql("update ec2.vpc set cidr_block = '10.1.0.0/16'").await;
    let now = fingerprint(&mut world).await;
    let outcome = world.run(Kind::Approved(plan)).await;
    assert_eq!((outcome.state, world.account.calls.take_changes()), (State::Refused, vec![]));
    assert_eq!(
        outcome.errors,
        [format!(
            "the plan changed since it was approved: {plan} was, and it is {now} now: nothing was changed; look at it (iasql plan, select iasql.diff()) and approve {now} if it is meant"
        )]
    );
    let outcome = world.run(Kind::Approved(now)).await;
    assert_eq!((outcome.state, world.account.calls.take_changes()), (State::Done, vec!["CreateVpc".to_owned()]));
    assert_eq!(world.ask("select plan from iasql.run where kind = 'approved' and plan is not null").await, [now.to_string()]);
    // what is nobody's is still there
    assert_eq!(world.diff().await.last().map(String::as_str), Some("Plan: 1 unmanaged and left alone."));
}

#[tokio::test]
async fn what_the_cloud_became_since_the_approval_is_read_first() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    world.check().await;
    world.sql("update ec2.vpc set tags = '{\"team\": \"a\"}'").await;
    let plan = fingerprint(&mut world).await;
    let id = world.ask("select vpc_id from ec2.vpc").await.remove(0);
    world.outside().await.ec2().delete_vpc().vpc_id(id).send().await.expect("it goes");
    let outcome = world.run(Kind::Approved(plan)).await;
    assert_eq!((outcome.state, world.account.calls.take_changes()), (State::Refused, vec![]));
}

#[tokio::test]
async fn approving_a_plan_that_shows_a_replacement_is_the_yes_to_it() {
    let mut world = World::with(&["ec2"]).await;
    world.sql(DISK).await;
    world.settled().await;
    world
        .sql(
            "update ec2.volume set availability_zone = 'us-east-1b'; insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')",
        )
        .await;
    let plan = fingerprint(&mut world).await;
    world.sql("select iasql.set('max_deletes', '0')").await;
    // a plan that is refused leaves no yes behind
    assert_eq!(world.run(Kind::Approved(plan)).await.state, State::Refused);
    assert_eq!(world.ask("select name from iasql.allowed_replacement").await, Vec::<String>::new());
    world.sql("select iasql.set('max_deletes', '1000')").await;
    let outcome = world.run(Kind::Approved(plan)).await;
    let mut calls = world.account.calls.take_changes();
    calls.sort();
    assert_eq!(
        (outcome.state, calls),
        (State::Done, vec!["CreateVolume".to_owned(), "CreateVpc".into(), "DeleteVolume".into()]),
        "{outcome:#?}"
    );
    assert_eq!(world.ask("select name from iasql.allowed_replacement").await, Vec::<String>::new());
}

#[tokio::test]
async fn each_write_of_a_secret_makes_another_plan_and_none_shows_it() {
    let mut world = World::with(&["secretsmanager"]).await;
    world.sql("insert into secretsmanager.secret (name, value) values ('shop', 'hunter2hunter2')").await;
    let plan = fingerprint(&mut world).await;
    assert_eq!(plan, fingerprint(&mut world).await);
    world.sql("update secretsmanager.secret set value = 'hunter3hunter3'").await;
    assert_ne!(plan, fingerprint(&mut world).await);
    let prints = world.ask("select print from iasql.plan_prints()").await;
    assert!(!prints.concat().contains("hunter"), "{prints:#?}");
    assert!(world.ask("select iasql.review()").await.last().is_some_and(|line| line.starts_with("This is the plan `")));
}

#[tokio::test]
async fn a_row_that_was_changed_after_it_was_planned_is_not_taken_as_it_is_now() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    let step = world.database.steps().await.unwrap().remove(0);
    let (row, content) = (step.row_id.unwrap(), step.content.expect("a hash"));
    assert!(matches!(world.database.desired_as_planned("ec2.vpc", row, &content).await, Ok(Some(Some(_)))));
    world.sql("update ec2.vpc set tags = '{\"team\": \"a\"}'").await;
    assert!(matches!(world.database.desired_as_planned("ec2.vpc", row, &content).await, Ok(Some(None))));
    assert!(world.refusal("select iasql.ask('approved', 'x')").await.contains("x is no fingerprint of a plan"));
}

#[tokio::test]
async fn a_row_that_is_changed_while_the_approved_plan_runs_is_left_for_the_next_one() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16'); insert into ec2.security_group (name, vpc) values ('web', 'core')").await;
    let plan = fingerprint(&mut world).await;
    let gate = world.account.calls.faults().hold(on("CreateVpc"));
    let change = async {
        gate.reached().await;
        let sql = sqlx::raw_sql(
            "update ec2.security_group set tags = '{\"team\": \"a\"}'; insert into ec2.vpc (name, cidr_block) values ('more', '10.1.0.0/16')",
        );
        sql.execute(&world.owner).await.expect("somebody changes the rows");
        gate.open();
    };
    let (outcome, ()) = tokio::join!(world.run(Kind::Approved(plan)), change);
    let calls = world.account.calls.take_changes();
    assert_eq!((outcome.state, calls), (State::Failed, vec!["CreateVpc".to_owned()]), "{outcome:#?}");
    let mut errors = outcome.errors;
    errors.sort();
    assert_eq!(
        errors,
        [
            "ec2.security_group web: its row was changed after the plan was looked at",
            "ec2.vpc more: it is not in the plan that was approved"
        ]
    );
    // what is left is the next plan
    let next = fingerprint(&mut world).await;
    assert_eq!(world.run(Kind::Approved(next)).await.state, State::Done);
    world.rests().await;
}
