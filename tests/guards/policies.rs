//! Views in the schema `policy`: what complains keeps everything from being applied.

use iasql::engine::{Kind, State};

use crate::engine::World;

const OPEN_SSH: &str = include_str!("../../examples/policies/no_open_ssh.sql");
const PUBLIC_BUCKET: &str = include_str!("../../examples/policies/no_public_bucket.sql");
const TAGGED: &str = include_str!("../../examples/policies/everything_tagged.sql");

#[tokio::test]
async fn a_complaint_keeps_a_check_from_changing_anything_and_a_plan_shows_it() {
    let mut world = World::with(&["ec2"]).await;
    world.sql(OPEN_SSH).await;
    world.sql(OPEN_SSH).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16'); insert into ec2.security_group (name, vpc) values ('web', 'core')").await;
    let rule = "insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4) values ('web', 'ingress', 'tcp',";
    world
        .sql(&format!(
            "{rule} 443, 443, '0.0.0.0/0'), ('web', 'ingress', 'tcp', 22, 22, '10.0.0.0/8'), ('web', 'egress', 'tcp', 22, 22, '0.0.0.0/0')"
        ))
        .await;
    world.sql(&format!("begin; {rule} 20, 30, '0.0.0.0/0'); commit")).await;
    let said = "policy.no_open_ssh: web in us-east-1 lets everybody reach port 22: 0.0.0.0/0";
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, world.account.calls.take_changes()), (State::Refused, vec![]));
    assert_eq!(outcome.errors, ["a complaint of the views in the schema policy: nothing was changed", said]);
    let plan = world.run(Kind::Plan).await;
    assert_eq!((plan.state, &plan.complaints[..]), (State::Done, &[said.to_owned()][..]));
    assert_eq!(world.run(Kind::Refresh).await.state, State::Done);
    assert_eq!(world.ask("select iasql.complaints()").await, [said]);
    world.sql("delete from ec2.security_group_rule where from_port = 20").await;
    assert!(!world.check().await.is_empty());
}

#[tokio::test]
async fn a_bucket_that_lets_the_public_in_is_complained_of_and_another_is_not() {
    let mut world = World::with(&["s3"]).await;
    world.sql(PUBLIC_BUCKET).await;
    world.sql("insert into s3.bucket (name) values ('bucket-one'), ('bucket-two'), ('bucket-three'), ('bucket-four')").await;
    let policy = |bucket: &str, effect: &str, who: &str| {
        format!(
            "insert into s3.bucket_policy (bucket, policy) values ('{bucket}', '{{\"Version\": \"2012-10-17\", \"Statement\": [{{\"Effect\": \"{effect}\", \"Principal\": {who}, \"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::{bucket}/*\"}}]}}')"
        )
    };
    world.sql(&policy("bucket-one", "Deny", "\"*\"")).await;
    world.sql(&policy("bucket-two", "Allow", "{\"AWS\": \"arn:aws:iam::123456789012:root\"}")).await;
    world.sql(&policy("bucket-three", "Allow", "\"*\"")).await;
    world.sql("insert into s3.public_access_block (bucket) values ('bucket-three')").await;
    assert_eq!(world.ask("select iasql.complaints()").await, Vec::<String>::new());
    world.sql("update s3.public_access_block set restrict_public_buckets = false, block_public_acls = false").await;
    world.sql(&policy("bucket-four", "Allow", "{\"AWS\": \"*\"}")).await;
    let mut said = world.ask("select iasql.complaints()").await;
    said.sort();
    assert_eq!(
        said,
        [
            "policy.no_public_bucket: bucket-four has a policy that lets everybody in",
            "policy.no_public_bucket: bucket-three does not refuse the public: block_public_acls, restrict_public_buckets is off",
            "policy.no_public_bucket: bucket-three has a policy that lets everybody in",
        ]
    );
}

#[tokio::test]
async fn everything_that_can_carry_tags_says_whose_it_is_in_every_table_there_is() {
    let mut world = World::with(&["ec2", "secretsmanager"]).await;
    world.sql(TAGGED).await;
    world.sql(TAGGED).await;
    world.sql("insert into ec2.vpc (name, cidr_block, tags) values ('a', '10.0.0.0/16', '{\"owner\": \"me\"}'), ('b', '10.1.0.0/16', '{\"team\": \"us\"}')").await;
    world.sql("insert into secretsmanager.secret (name) values ('shop'); insert into ec2.vpc (name, reference_only, cidr_block) values ('theirs', true, '10.2.0.0/16')").await;
    assert_eq!(
        world.database.complaints().await.unwrap().unwrap(),
        ["policy.everything_tagged: ec2.vpc b has no tag owner", "policy.everything_tagged: secretsmanager.secret shop has no tag owner"]
    );
    world
        .sql("update ec2.vpc set tags = tags || '{\"owner\": \"me\"}'; update secretsmanager.secret set tags = '{\"owner\": \"me\"}'")
        .await;
    assert_eq!(world.database.complaints().await.unwrap(), Some(vec![]));
}

#[tokio::test]
async fn a_policy_that_fails_or_never_ends_blocks_and_is_named() {
    let mut world = World::with(&["ec2"]).await;
    assert_eq!(world.database.complaints().await.unwrap(), None);
    world.sql("select iasql.set('policy_seconds', '3')").await;
    world.sql("create view policy.a_broken as select 1 / 0 as x; create view policy.b_busy as select pg_sleep(100)::text as x").await;
    world.sql("create view policy.c_late as select 1 as x where false; create view policy.d as select 1 as x").await;
    let outcome = world.run(Kind::Check).await;
    assert_eq!(outcome.state, State::Refused);
    assert_eq!(
        outcome.complaints,
        [
            "policy.a_broken can't be asked: division by zero",
            "policy.b_busy can't be asked: it took too long",
            "policy.c_late can't be asked: the others took all the time there is (policy_seconds)",
            "policy.d can't be asked: the others took all the time there is (policy_seconds)",
        ]
    );
    world.sql("drop view policy.a_broken, policy.b_busy, policy.c_late, policy.d").await;
    world.check().await;
}

#[tokio::test]
async fn a_policy_that_an_upgrade_put_aside_is_not_forgotten() {
    let mut world = World::with(&[]).await;
    world.sql("create view policy.quiet as select 1 as x where false").await;
    let aside =
        "create table schema_versions.aside (position integer primary key, name text not null, statements text[] not null, said text);
        insert into schema_versions.aside values (1, 'policy.strict', '{}'), (2, 'public.other', '{}')";
    sqlx::raw_sql(aside).execute(&world.owner).await.unwrap();
    let said = "policy.strict can't be asked: an upgrade put it aside, see schema_versions.aside";
    assert_eq!(world.database.complaints().await.unwrap(), Some(vec![said.to_owned()]));
}
