//! Attacks on what is masked: nothing that a tenant slips into a query sees more than the query shows.

use super::{Tenant, ask, run};

const PLANTED: &str = "hunter2-planted";
/// A function so cheap that it is asked before anything else, and tells what it was shown.
const PEEK: &str = include_str!("peek.sql");

#[tokio::test]
async fn a_cheap_function_in_a_filter_sees_no_secret_in_the_plan_or_the_history() {
    let mut tenant = Tenant::with(&["secretsmanager"]).await;
    tenant.sql(PEEK).await;
    tenant.sql(&format!("insert into secretsmanager.secret (name, value) values ('s', '{PLANTED}')")).await;
    tenant.sql(&format!("update secretsmanager.secret set value = '{PLANTED}-2'; delete from secretsmanager.secret")).await;
    tenant.sql(&format!("insert into secretsmanager.secret (name, value) values ('t', '{PLANTED}')")).await;
    for view in
        ["iasql.plan", "iasql.step", "iasql.history", "iasql.found", "iasql.change", "iasql.request", "observed.secretsmanager_secret"]
    {
        tenant.sql(&format!("select * from {view} v where public.peek(v::text) and false")).await;
        tenant.sql(&format!("select * from {view} v where public.peek(to_jsonb(v)::text)")).await;
    }
    assert!(tenant.ask("select count(*)::text from public.seen").await[0].parse::<u32>().unwrap() > 4);
    assert_eq!(tenant.ask(&format!("select text from public.seen where text like '%{PLANTED}%'")).await, [""; 0]);
}

#[tokio::test]
async fn no_statistics_and_no_error_tell_a_secret() {
    let mut tenant = Tenant::with(&["secretsmanager"]).await;
    tenant
        .sql(&format!("insert into secretsmanager.secret (name, value) select 's' || g, '{PLANTED}' from generate_series(1, 100) g"))
        .await;
    let mut superuser = tenant.superuser().await;
    run(&mut superuser, "analyze").await;
    let known = "select count(*)::text from pg_stats where schemaname = 'secretsmanager' and attname = 'value' and most_common_vals::text like '%planted%'";
    // of a hundred that are the same no two look alike
    assert_eq!(ask(&mut superuser, known).await, ["0"]);
    let sealed = "select count(distinct value)::text from secretsmanager.secret where value like 'iasql:sealed:%'";
    assert_eq!(ask(&mut superuser, sealed).await, ["100"]);
    assert_eq!(tenant.ask(known).await, ["0"]);
    assert_eq!(tenant.ask("select count(*)::text from pg_stats where schemaname = 'secretsmanager' and tablename = 'secret'").await, ["0"]);
    tenant
        .denied(&[
            "select * from pg_statistic",
            "select * from pg_statistic_ext_data",
            "select * from pg_stats_ext where false; set row_security = off; table secretsmanager.secret",
        ])
        .await;
    // what an operator of theirs would be told by the planner, it is told of no table under row level security
    tenant.sql(PEEK).await;
    tenant.sql("explain select from secretsmanager.secret where public.peek(value)").await;
    assert_eq!(tenant.ask("select count(*)::text from public.seen").await, ["0"]);
}

#[tokio::test]
async fn a_tenant_can_seal_by_writing_and_neither_call_what_seals_nor_touch_the_key() {
    let mut tenant = Tenant::with(&["secretsmanager"]).await;
    tenant.sql(&format!("insert into secretsmanager.secret (name, value) values ('s', '{PLANTED}')")).await;
    tenant
        .denied(&[
            "select iasql_pgcrypto.pgp_pub_encrypt('x', key) from iasql.sealing_key",
            "select iasql_pgcrypto.gen_salt('bf', 31)",
            "insert into iasql.sealing_key (id, key) values ('mine', 'x')",
            "update iasql.sealing_key set key = 'x'",
            "delete from iasql.sealing_key",
            "delete from iasql.secret_rule",
            "select iasql.lay_key('mine', 'x', '{}')",
            "select iasql.sealed('secretsmanager.secret.value', 'x')",
            "select iasql.seal_anew('secretsmanager.secret', 'value', gen_random_uuid(), 'x', 'y')",
            "select iasql.seal_all('secretsmanager.secret', 'value')",
            "select * from iasql.sealed_otherwise('x')",
            "select * from iasql.desired_as_sealed('secretsmanager.secret', gen_random_uuid())",
            "alter table secretsmanager.secret disable trigger z_seal_secrets",
            "set session_replication_role = replica",
            "drop extension pgcrypto",
            "create extension dblink",
            "create schema iasql_mine",
        ])
        .await;
    // what they read is what a dump of theirs would hold
    assert_eq!(tenant.ask(&format!("select value from secretsmanager.secret where value like '%{PLANTED}%'")).await, [""; 0]);
    assert!(tenant.ask("select value from secretsmanager.secret").await[0].starts_with("iasql:sealed:"));
}
