//! How much one run may delete.

use iasql::engine::{Kind, State};

use crate::engine::World;

#[tokio::test]
async fn a_plan_that_deletes_most_of_what_is_managed_is_refused_whole_until_somebody_says_so() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    world.sql("insert into ec2.security_group (name, vpc) select 'group-' || n, 'core' from generate_series(1, 12) n").await;
    world.check().await;
    world.sql("delete from ec2.security_group where name <> 'group-1'; update ec2.vpc set tags = '{\"a\": \"b\"}'").await;
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, world.account.calls.take_changes()), (State::Refused, vec![]));
    assert_eq!(
        outcome.errors,
        [
            "the plan deletes 11 of the 13 things that are managed here, and max_deletes_percent is 50: nothing was changed; look at iasql.plan, and if it is meant, say select iasql.set('max_deletes_percent', '85')"
        ]
    );
    // what is protected does not count: it is not deleted
    world.sql("select iasql.protect('ec2.security_group', 'group-2'); select iasql.protect('ec2.security_group', 'group-3')").await;
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, world.account.calls.take_changes().len()), (State::Failed, 9 + 1));
    world.sql("select iasql.unprotect('ec2.security_group', 'group-2'); select iasql.unprotect('ec2.security_group', 'group-3')").await;
    assert_eq!(world.check().await, ["DeleteSecurityGroup", "DeleteSecurityGroup"]);
}

#[tokio::test]
async fn a_limit_that_is_none_is_refused() {
    let mut world = World::with(&[]).await;
    for (setting, value) in
        [("max_deletes_percent", "101"), ("max_deletes_percent", "-1"), ("policy_seconds", "0"), ("policy_seconds", "21")]
    {
        assert!(world.refusal(&format!("select iasql.set('{setting}', '{value}')")).await.contains(setting), "{setting} {value}");
    }
    world.sql("select iasql.set('max_deletes_percent', '100'); select iasql.set('policy_seconds', '20')").await;
}
