//! Web services: from one call, by twenty rows, to containers behind a load balancer, and back.

use iasql::engine::Kind;

use super::World;

const SHOP: &str = "
    insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
    insert into ec2.subnet (name, vpc, cidr_block, availability_zone) values
      ('a', 'shop', '10.20.0.0/24', 'us-east-1a'), ('b', 'shop', '10.20.1.0/24', 'us-east-1b');
    select ecs.make_web_service('web', 'nginx:1.27', 80, 'shop', '{a,b}', desired_count => 2, environment => '{\"SHOP\": \"a\"}');";

async fn shop() -> World {
    let mut world = World::with(&["ec2", "iam", "logs", "ecr", "elbv2", "ecs"]).await;
    world.sql(SHOP).await;
    // the service waits for the listener, that for the load balancer, and that takes its time
    world.run(Kind::Check).await;
    let calls = world.check().await;
    assert_eq!(calls, ["CreateListener", "CreateService"]);
    world
}

async fn service(world: &World) -> aws_sdk_ecs::types::Service {
    let told = world.outside().await.ecs().describe_services().cluster("web").services("web").send().await.expect("services");
    told.services.and_then(|services| services.into_iter().next()).expect("a service")
}

/// The first of each of these calls comes before the first of the next.
fn in_order(calls: &[String], order: &[&str]) {
    let places: Vec<_> = order.iter().map(|call| calls.iter().position(|it| it == call)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{order:?} in {calls:?}");
}

#[tokio::test]
async fn one_call_makes_a_web_service_and_one_takes_it_back() {
    let mut world = shop().await;
    assert_eq!((service(&world).await.desired_count(), service(&world).await.load_balancers().len()), (2, 1));

    // it takes nearly everything along that there is
    world.sql("select iasql.set('max_deletes_percent', '100'); select ecs.drop_web_service('web')").await;
    let mut calls = world.check().await;
    assert_eq!(world.account.calls.refused(), Vec::<String>::new());
    calls.sort();
    let most = [
        "DeleteLoadBalancer",
        "DeleteLogGroup",
        "DeleteRole",
        "DeleteRolePolicy",
        "DeleteSecurityGroup",
        "DeleteSecurityGroup",
        "DeleteService",
    ];
    let all = [&["DeleteCluster"][..], &most, &["DeleteTargetGroup", "DeregisterTaskDefinition"]].concat();
    assert_eq!(calls, all, "what goes with something else takes no call");
}

#[tokio::test]
async fn another_image_is_another_revision_that_the_service_is_moved_over_to() {
    let mut world = shop().await;
    world.sql("update ecs.container_definition set image = 'nginx:1.28'").await;
    assert_eq!(world.check().await, ["RegisterTaskDefinition", "UpdateService", "DeregisterTaskDefinition"]);
    let runs = service(&world).await.task_definition.unwrap_or_default();
    assert!(runs.ends_with(":task-definition/web:2") || runs.ends_with("task-definition/web:2"), "{runs}");
}

#[tokio::test]
async fn a_replaced_target_group_takes_over_from_the_old_one_before_that_goes() {
    let mut world = shop().await;
    world.sql("update elbv2.target_group set port = 8080").await;
    let calls = world.check().await;
    in_order(&calls, &["CreateTargetGroup", "ModifyListener", "DeleteTargetGroup"]);
    in_order(&calls, &["CreateTargetGroup", "UpdateService", "DeleteTargetGroup"]);
    assert_eq!(calls.len(), 4, "{calls:?}");
}
