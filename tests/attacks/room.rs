//! Attacks on what all share: connections, disk, the log.

use super::{Tenant, ask, run};
use crate::control::{Own, admin};
use iasql::engine::Kind;

async fn codes(attempts: Vec<Result<sqlx::PgConnection, sqlx::Error>>) -> Vec<String> {
    let code = |error: sqlx::Error| error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
    attempts.into_iter().filter_map(Result::err).map(code).collect()
}

#[tokio::test]
async fn a_tenant_with_all_their_connections_takes_nobody_elses() {
    let tenant = Tenant::with(&[]).await;
    // with the one that they have these are 20
    let mut held = vec![];
    for _ in 0..19 {
        held.push(tenant.connect().await.expect("one of the twenty"));
    }
    let more = vec![tenant.connect().await, tenant.connect().await];
    assert_eq!(codes(more).await, ["53300", "53300"]);

    let Tenant { made, own: Own { control, url }, .. } = tenant;
    let mut neighbour = Tenant::of(Own { control: control.clone(), url }, &[]).await;
    neighbour.sql("select 1").await;
    control.request(&made.database.name, Kind::Plan, "ada").await.unwrap();
    let database = control.open(&made.database.name).await.unwrap();
    assert_eq!(database.setting("mode").await.unwrap().as_deref(), Some("manual"));
    drop(held);
}

#[tokio::test]
async fn what_a_sort_writes_to_disk_is_limited_and_the_limit_is_not_theirs() {
    let mut tenant = Tenant::with(&[]).await;
    assert_eq!(tenant.ask("show temp_file_limit").await, ["1GB"]);
    run(&mut admin("postgres").await, &format!("alter role {} set temp_file_limit = '1MB'", tenant.name())).await;
    tenant.login = tenant.connect().await.unwrap();
    tenant.sql("set work_mem = '64kB'").await;
    let sort = "select count(*) from (select md5(g::text) from generate_series(1, 100000) g order by 1 offset 0) x";
    let (code, said) = tenant.refusal(sort).await.expect("a refusal");
    assert_eq!((&*code, &*said), ("53400", "temporary file size exceeds temp_file_limit (1024kB)"));
    let name = tenant.name().to_owned();
    tenant
        .denied(&[
            "set temp_file_limit = -1",
            "select set_config('temp_file_limit', '-1', false)",
            "alter role current_user set temp_file_limit = -1",
            "alter role current_user reset temp_file_limit",
            &format!("alter database {name} set temp_file_limit = -1"),
            "create function public.f() returns void language sql set temp_file_limit = -1 as ''",
        ])
        .await;
    // takes back what they have set themselves, and that alone
    tenant.sql("alter role current_user set work_mem = '128kB'; alter role current_user reset all").await;
    let left = format!("select unnest(setconfig) from pg_db_role_setting where setrole = '{name}'::regrole order by 1");
    assert_eq!(tenant.ask(&left).await, ["log_min_messages=fatal", "temp_file_limit=1MB"]);
}

#[tokio::test]
async fn nothing_that_a_tenant_says_stands_in_the_servers_log() {
    let mut tenant = Tenant::with(&[]).await;
    assert_eq!(tenant.ask("show log_min_messages").await, ["fatal"]);
    tenant
        .denied(&[
            "set log_min_messages = debug5",
            "set log_statement = 'all'",
            "set log_min_error_statement = error",
            "set log_error_verbosity = verbose",
            "set log_min_duration_statement = 0",
            "set log_duration = on",
            "set log_parser_stats = on",
            "set log_replication_commands = on",
        ])
        .await;
    // these would write there too, at a level that is cut off
    tenant.sql("do $$ begin raise log 'forged'; raise warning 'forged'; end $$").await;
    tenant.sql("set debug_print_parse = on; select 1; reset debug_print_parse").await;
}

#[tokio::test]
async fn a_tenant_can_not_lay_hands_on_what_guards_the_server() {
    let mut tenant = Tenant::with(&[]).await;
    tenant
        .denied(&[
            "set max_stack_depth = '1MB'",
            "set deadlock_timeout = '1h'",
            "set session_preload_libraries = 'x'",
            "set dynamic_library_path = '/tmp'",
            "set lo_compat_privileges = on",
            "set zero_damaged_pages = on",
            "set allow_system_table_mods = on",
            "set ignore_checksum_failure = on",
            "set commit_delay = 100000",
            "set track_activities = off",
            "set wal_compression = off",
            "set session_replication_role = replica",
            "update pg_class set relowner = 10",
            "delete from pg_attribute",
            "create table pg_catalog.mine (x int)",
            "alter table pg_class add column x int",
        ])
        .await;
    // a transaction that outlives its session could hold its locks for ever
    let (code, _) = tenant.refusal("begin; prepare transaction 'x'").await.expect("a refusal");
    assert_eq!(code, "55000");
    assert_eq!(ask(&mut tenant.superuser().await, "show max_prepared_transactions").await, ["0"]);
}
