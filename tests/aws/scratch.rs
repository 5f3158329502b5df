//! scratch
use iasql::{aws::register, resource::{Change, Owner, Registry}};
use serde_json::Value;
use crate::support::account;

async fn refresh(pool: &sqlx::PgPool, registry: &Registry) {
    let listings: Vec<(String, String)> = sqlx::query_as("select resource, region from iasql.listings()").fetch_all(pool).await.unwrap();
    for (resource, region) in listings {
        let Some(driver) = registry.driver(&resource) else { continue };
        let named: Vec<Value> = if driver.reads() == iasql::resource::Reads::Named { sqlx::query_scalar("select iasql.named($1)").bind(&resource).fetch_all(pool).await.unwrap() } else { vec![] };
        let at = if region.is_empty() { "us-east-1" } else { &region };
        let rows = driver.list(at, named).await.unwrap_or_else(|e| panic!("{resource}: {e}"));
        sqlx::query("select iasql.observe(0, $1, $2, $3, clock_timestamp())").bind(&resource).bind(&region).bind(Value::Array(rows)).execute(pool).await.unwrap_or_else(|e| panic!("{resource}: {e}"));
    }
}

async fn plan(pool: &sqlx::PgPool) -> Vec<Value> {
    sqlx::query_scalar("select to_jsonb(p) from iasql.step p where action <> 'unmanaged'").fetch_all(pool).await.unwrap()
}

#[tokio::test]
async fn scratch() {
    let account = account().await;
    let registry = register(Registry::default(), &account.aws);
    let pool = sqlx::PgPool::connect("postgres://postgres@127.0.0.1:55477/t").await.unwrap();
    let orders = ["create", "adopt", "update"];
    for round in 0..8 {
        refresh(&pool, &registry).await;
        let plan = plan(&pool).await;
        println!("round {round}: {}", plan.len());
        for step in &plan { println!("   {} {} {} {} {}", step["resource"], step["name"], step["action"], step["changed"], step["reason"]); }
        if plan.is_empty() { break; }
        for step in plan {
            let (resource, action) = (step["resource"].as_str().unwrap(), step["action"].as_str().unwrap());
            if !orders.contains(&action) { continue }
            let row_id: uuid::Uuid = step["row_id"].as_str().unwrap().parse().unwrap();
            let (region, desired, lacks): (Option<String>, Value, Vec<String>) = sqlx::query_as("select region, desired, lacks from iasql.desired($1,$2)").bind(resource).bind(row_id).fetch_one(&pool).await.unwrap();
            if !lacks.is_empty() { continue }
            let driver = registry.driver(resource).unwrap();
            let observed: Option<i64> = step["observed_id"].as_i64();
            let owner = Owner { tag: format!("t/{row_id}"), token: uuid::Uuid::new_v4().to_string() };
            let region = region.filter(|r| !r.is_empty()).unwrap_or("us-east-1".into());
            let change = match observed {
                None => Change::Create { desired },
                Some(id) => { let observed = sqlx::query_scalar("select iasql.seen($1,$2)").bind(resource).bind(id).fetch_one(&pool).await.unwrap(); Change::Update { desired, observed } }
            };
            let row = match driver.apply(&region, change, &owner).await { Ok(row) => row.unwrap(), Err(e) => { println!("FAILED {resource} {e}"); continue } };
            sqlx::query("select iasql.record(0, 0, $1, $2, $3, $4)").bind(resource).bind(row_id).bind(observed).bind(row).execute(&pool).await.unwrap_or_else(|e| panic!("{resource} {e}"));
        }
    }
    println!("END {:?}", account.calls.take_actions().len());
}
