//! Rows as statements: what one database says, another one hears, and has the same rows.

use super::World;

/// Every sort of value: quotes, backslashes and new lines, objects, networks, arrays, nulls, secrets, lists, and somebody else's.
const ROWS: &str = include_str!("written/rows.sql");
/// Renamed, changed, deleted, deleted and inserted again.
const CHANGES: &str = include_str!("written/changes.sql");
const ALL: &str = include_str!("written/all.sql");

const MODULES: [&str; 4] = ["ec2", "s3", "secretsmanager", "rds"];

#[tokio::test]
async fn statements_make_the_same_rows_in_another_database() {
    let (mut one, mut other) = (World::with(&MODULES).await, World::with(&MODULES).await);
    one.sql(ROWS).await;
    for said in one.ask("select iasql.sql_since('-infinity')").await {
        other.sql(&said).await;
    }
    let rows = one.ask(ALL).await;
    assert!(rows.len() > 12, "{rows:#?}");
    assert_eq!(other.ask(ALL).await, rows);
    let since = one.ask("select clock_timestamp()::text").await.remove(0);
    one.sql(CHANGES).await;
    let said = one.ask(&format!("select iasql.sql_since('{since}')")).await;
    for said in &said {
        other.sql(said).await;
    }
    assert_eq!(other.ask(ALL).await, one.ask(ALL).await, "{said:#?}");
    let secret: Vec<_> =
        said.iter().filter(|said| said.contains("hunter3") || said.contains("'<secret of secretsmanager.secret s, value>'")).collect();
    assert!(secret.len() == 1 && !secret[0].contains("hunter3"), "{said:#?}");
    assert_eq!(one.ask("select iasql.sql_since(clock_timestamp())").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_run_says_what_it_carried_out_and_a_plan_can_be_reviewed() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('shop', '10.0.0.0/16')").await;
    world.check().await;
    let last = "select s from iasql.run r, iasql.sql_for_run(r.id) s where r.applied > 0 order by r.started_at desc limit 1";
    assert_eq!(world.ask(last).await, ["insert into ec2.vpc (region, name, cidr_block) values ('us-east-1', 'shop', '10.0.0.0/16');"]);
    world
        .sql("update ec2.vpc set tags = '{\"team\": \"a|b\"}'; insert into ec2.vpc (name, cidr_block) values ('new', '10.1.0.0/16')")
        .await;
    let review = world.ask("select iasql.review()").await;
    let expected = [
        "**Plan: 1 to create, 1 to update.**",
        "",
        "| | what | changes | why |",
        "|---|---|---|---|",
        "| `+` | `ec2.vpc new` in us-east-1 |  |  |",
        r#"| `~` | `ec2.vpc shop` in us-east-1 | tags: `{}` → `{"team": "a\|b"}` |  |"#,
    ];
    assert_eq!(review[..expected.len()], expected);
    let print = &world.ask("select iasql.plan_fingerprint()").await[0];
    let approval = format!("This is the plan `{print}`: `iasql apply --plan {print}` carries out this one and no other.");
    assert_eq!(review[expected.len()..], [String::new(), approval]);
    world.sql("update ec2.vpc set cidr_block = '10.2.0.0/16' where name = 'shop'").await;
    let review = world.ask("select iasql.review()").await;
    assert!(review.contains(&"- **is replaced, and what is in it is lost:** `ec2.vpc shop`".to_owned()), "{review:#?}");
}
