//! Functions and what they stand on, made and removed together.

use super::World;

/// A function, the role it has, and somebody who may call it.
const SHOP: &str = include_str!("functions/shop.sql");

#[tokio::test]
async fn a_function_comes_after_its_role_and_both_go_in_one_change() {
    let mut world = World::with(&["lambda"]).await;
    world.sql(SHOP).await;
    assert_eq!(world.check().await, ["CreateRole", "CreateFunction", "AddPermission"]);
    // the permission goes with the function, without a call of its own
    world.sql("begin; delete from lambda.permission; delete from lambda.function; delete from iam.role; commit").await;
    assert_eq!(world.check().await, ["DeleteFunction", "DeleteRole"]);
}

#[tokio::test]
async fn nobody_reads_what_stands_in_a_functions_environment() {
    let mut world = World::with(&["lambda"]).await;
    world.sql(SHOP).await;
    world.check().await;
    world.sql(r#"update lambda.function set environment = '{"PASSWORD": "hunter3"}'"#).await;
    let shown = [
        world.diff().await,
        world.ask("select to_jsonb(p.*)::text from iasql.plan p").await,
        world.ask("select to_jsonb(h.*)::text from iasql.history h").await,
        world.ask("select to_jsonb(o.*)::text from observed.lambda_function o").await,
    ];
    let shown = shown.concat().join("\n");
    assert!(shown.contains("environment") && !shown.contains("hunter"), "{shown}");
    assert_eq!(world.check().await, ["TagResource", "UpdateFunctionConfiguration"]);
    let there = world.outside().await.lambda().get_function_configuration().function_name("shop").send().await.expect("a function");
    let there = there.environment.and_then(|environment| environment.variables).expect("variables");
    assert_eq!(there.get("PASSWORD").map(String::as_str), Some("hunter3"));
}
