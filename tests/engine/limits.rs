//! What is refused, held up or left for later: and that nothing is half done.

use iasql::engine::{Kind, State};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::World;
use crate::control::url_of;

const NETWORK: &str = "
    insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16');
    insert into ec2.subnet (name, vpc, cidr_block) values ('a', 'core', '10.0.0.0/24'), ('b', 'core', '10.0.1.0/24');";

#[tokio::test]
async fn a_step_under_which_somebody_elses_machine_stands_is_blocked_and_the_others_go_on() {
    let mut world = World::with(&["ec2"]).await;
    world.sql(NETWORK).await;
    world.check().await;
    let (aws, subnet) = (world.outside().await, world.ask("select subnet_id from ec2.subnet where name = 'a'").await.remove(0));
    let image = aws.ec2().describe_images().send().await.unwrap().images()[0].image_id().unwrap().to_owned();
    let run = aws.ec2().run_instances().image_id(image).min_count(1).max_count(1).subnet_id(subnet).send().await.unwrap();
    let machine = run.instances()[0].instance_id().unwrap().to_owned();
    world.sql("delete from ec2.subnet; update ec2.vpc set tags = '{\"a\": \"b\"}'").await;
    world.run(Kind::Refresh).await;
    let diff = world.diff().await;
    assert!(
        diff.contains(&format!("- ec2.subnet a (us-east-1)  BLOCKED: ec2.instance {machine} stands on it and is not ours")),
        "{diff:#?}"
    );
    let outcome = world.run(Kind::Check).await;
    let mut calls = world.account.calls.take_changes();
    calls.sort();
    assert_eq!(calls, ["CreateTags", "DeleteSubnet"]);
    assert_eq!(outcome.state, State::Failed);
    assert_eq!(outcome.errors, [format!("ec2.subnet a: ec2.instance {machine} stands on it and is not ours")]);
    // what stands above it waits, too
    world.sql("delete from ec2.vpc").await;
    assert_eq!(world.run(Kind::Check).await.state, State::Failed);
    assert_eq!(world.account.calls.take_changes(), Vec::<String>::new());
    // once the machine is gone, so is the hindrance
    aws.ec2().terminate_instances().instance_ids(machine).send().await.unwrap();
    assert_eq!(world.check().await, ["DeleteSubnet", "DeleteVpc"]);
}

#[tokio::test]
async fn a_plan_with_more_deletions_than_allowed_is_refused_whole() {
    let mut world = World::with(&["ec2"]).await;
    world.sql(NETWORK).await;
    world.check().await;
    world.sql("select iasql.set('max_deletes', '1')").await;
    world.sql("delete from ec2.subnet; update ec2.vpc set tags = '{\"a\": \"b\"}'").await;
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, world.account.calls.take_changes()), (State::Refused, vec![]));
    assert!(outcome.errors[0].starts_with("the plan deletes 2 things and max_deletes is 1: nothing was changed"), "{outcome:#?}");
    world.sql("select iasql.set('max_deletes', '2')").await;
    assert_eq!(world.check().await.len(), 3);
}

#[tokio::test]
async fn the_plan_sees_what_its_own_transaction_has_not_yet_committed() {
    let mut world = World::with(&["ec2"]).await;
    world.sql(NETWORK).await;
    world.check().await;
    world.sql("begin; insert into ec2.security_group (name, vpc) values ('web', 'core'); delete from ec2.subnet where name = 'b'").await;
    assert_eq!(
        world.diff().await,
        ["+ ec2.security_group web (us-east-1)", "- ec2.subnet b (us-east-1)", "Plan: 1 to create, 1 to delete."]
    );
    // nobody else sees it, and the engine does nothing about it
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, outcome.plan.len(), world.account.calls.take_changes()), (State::Done, 0, vec![]));
    world.sql("rollback").await;
    world.rests().await;
}

#[tokio::test]
async fn a_row_that_somebody_holds_gets_its_id_at_the_next_run() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    let name = world.database.name().to_owned();
    let mut other = PgConnection::connect(&url_of(&name).await).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe("begin; select from ec2.vpc for update".to_owned())).execute(&mut other).await.unwrap();
    assert_eq!(world.run(Kind::Check).await.state, State::Done);
    assert_eq!(world.account.calls.take_changes(), ["CreateVpc"]);
    assert_eq!(world.ask("select vpc_id from ec2.vpc").await, [""]);
    sqlx::raw_sql("rollback").execute(&mut other).await.unwrap();
    world.rests().await;
    assert_eq!(world.ask("select left(vpc_id, 4) from ec2.vpc").await, ["vpc-"]);
}

#[tokio::test]
async fn a_reference_to_nothing_is_refused_before_any_call() {
    let mut world = World::with(&["ec2"]).await;
    let said = world.refusal("insert into ec2.subnet (name, vpc, cidr_block) values ('a', 'nowhere', '10.0.0.0/24')").await;
    assert!(said.contains("violates foreign key constraint \"subnet_region_vpc_fkey\""), "{said}");
    world.sql(NETWORK).await;
    let said = world.refusal("delete from ec2.vpc").await;
    assert!(said.contains("violates foreign key constraint"), "{said}");
    // a network of another region is another one
    let said =
        world.refusal("insert into ec2.subnet (region, name, vpc, cidr_block) values ('eu-west-1', 'a', 'core', '10.0.0.0/24')").await;
    assert!(said.contains("violates foreign key constraint"), "{said}");
}

#[tokio::test]
async fn what_aws_would_refuse_is_refused_by_a_constraint_that_says_why() {
    let mut world = World::with(&["ec2"]).await;
    world.sql(NETWORK).await;
    world.sql("insert into ec2.security_group (name, vpc) values ('web', 'core'); insert into ec2.route_table (name, vpc) values ('t', 'core')").await;
    let rule = "insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4, cidr_ipv6) values ('web',";
    let refused = [
        ("insert into ec2.vpc (name, cidr_block) values ('x', '10.0.0.0/8')".to_owned(), "a_vpc_has_16_to_65536_ipv4_addresses"),
        ("insert into ec2.vpc (name, cidr_block, tags) values ('x', '10.0.0.0/16', '{\"aws:a\": \"b\"}')".into(), "tags_are_texts_by_key"),
        ("insert into ec2.vpc (name, cidr_block, tags) values ('x', '10.0.0.0/16', '{\"a\": 1}')".into(), "tags_are_texts_by_key"),
        (
            "insert into ec2.subnet (name, vpc, cidr_block) values ('x', 'core', '10.0.0.0/30')".into(),
            "a_subnet_has_16_to_65536_ipv4_addresses",
        ),
        (
            "insert into ec2.subnet (name, vpc, cidr_block, availability_zone) values ('x', 'core', '10.0.0.0/24', 'eu-west-1a')".into(),
            "an_availability_zone_is_one_of_its_region",
        ),
        (
            "insert into ec2.security_group (name, vpc, description) values ('x', 'core', 'Füße')".into(),
            "a_group_description_has_1_to_255_plain_characters",
        ),
        (
            "insert into ec2.security_group (name, vpc, group_name) values ('x', 'core', 'sg-x')".into(),
            "a_group_name_has_1_to_255_plain_characters_and_no_sg_in_front",
        ),
        (format!("{rule} 'in', 'tcp', 80, 80, '0.0.0.0/0', null)"), "direction_is_ingress_or_egress"),
        (format!("{rule} 'ingress', '6', 80, 80, '0.0.0.0/0', null)"), "ip_protocol_is_tcp_udp_icmp_icmpv6_a_number_or_minus_1_for_all"),
        (format!("{rule} 'ingress', '-1', 80, 80, '0.0.0.0/0', null)"), "tcp_udp_and_icmp_have_ports_and_others_have_none"),
        (format!("{rule} 'ingress', 'tcp', 90, 80, '0.0.0.0/0', null)"), "ports_go_from_0_to_65535_and_upwards"),
        (format!("{rule} 'ingress', 'tcp', 80, 80, '0.0.0.0/0', '::/0')"), "a_rule_has_exactly_one_other_side"),
        (format!("{rule} 'ingress', 'tcp', 80, 80, '::/0', null)"), "cidr_ipv4_is_ipv4"),
        ("insert into ec2.route (route_table, destination) values ('t', '0.0.0.0/0')".into(), "a_route_has_exactly_one_target"),
        (
            "insert into ec2.instance (name, image_id, instance_type) values ('x', 'debian', 't3.micro')".into(),
            "an_image_id_starts_with_ami",
        ),
        (
            "insert into ec2.instance (name, image_id, instance_type) values ('x', 'ami-1', 'big')".into(),
            "an_instance_type_has_a_family_and_a_size",
        ),
    ];
    for (sql, constraint) in refused {
        let said = world.refusal(&sql).await;
        assert!(said.contains(&format!("\"{constraint}\"")), "{sql}: {said}");
    }
}

#[tokio::test]
async fn a_write_to_what_the_cloud_fills_is_refused_by_its_name() {
    let mut world = World::with(&["ec2"]).await;
    world.sql(NETWORK).await;
    world.check().await;
    for sql in
        ["insert into ec2.vpc (name, cidr_block, vpc_id) values ('x', '10.9.0.0/16', 'vpc-1')", "update ec2.vpc set vpc_id = 'vpc-1'"]
    {
        let said = world.refusal(sql).await;
        assert!(said.contains("column vpc_id of ec2.vpc is filled by the cloud"), "{said}");
    }
    let said = world.refusal("update ec2.vpc set row_id = gen_random_uuid()").await;
    assert!(said.contains("row_id of ec2.vpc never changes"), "{said}");
    world.rests().await;
}
