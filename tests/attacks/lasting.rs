//! What a tenant does to their own: it stops neither the engine nor the end of their database.

use iasql::{control::Error, worker};
use tokio_util::sync::CancellationToken;

use super::{Tenant, ask};
use crate::{
    control::{admin, own},
    support,
};

#[tokio::test]
async fn a_tenant_who_wrecks_their_own_things_and_settings_still_gets_runs() {
    let account = support::account().await;
    let mut registry = own().await;
    registry.control = registry.control.with_cloud(Some(account.config.clone()));
    let mut tenant = Tenant::of(registry, &["ec2"]).await;
    let settings = [
        "default_transaction_read_only = on",
        "default_transaction_isolation = serializable",
        "statement_timeout = 1",
        "lock_timeout = 1",
        "search_path = public",
        "row_security = off",
        "transform_null_equals = on",
        "standard_conforming_strings = off",
        "timezone = 'Pacific/Apia'",
        "datestyle = 'German'",
        "intervalstyle = 'sql_standard'",
        "client_encoding = 'SQL_ASCII'",
        "enable_hashjoin = off",
        "default_tablespace = 'pg_default'",
        "plpgsql.extra_errors = 'all'",
        "check_function_bodies = off",
        "quote_all_identifiers = on",
        "array_nulls = off",
    ];
    tenant.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    for setting in settings {
        tenant.sql(&format!("alter role current_user set {setting}")).await;
    }
    tenant.sql("alter role current_user password null").await;
    tenant.sql("drop schema public cascade").await;

    let control = tenant.own.control.clone();
    let shutdown = CancellationToken::new();
    let task = tokio::spawn(worker::run(control.clone(), shutdown.clone()));
    tenant.sql("call iasql.check()").await;
    assert_eq!(tenant.ask("select left(vpc_id, 4) from ec2.vpc").await, ["vpc-"]);
    tenant.sql("drop owned by current_user").await;
    super::run(&mut tenant.superuser().await, "call iasql.check()").await;
    shutdown.cancel();
    task.await.unwrap().unwrap();
}

#[tokio::test]
async fn nothing_that_a_tenant_leaves_behind_keeps_their_database_from_being_removed() {
    let mut tenant = Tenant::with(&["ec2"]).await;
    let name = tenant.name().to_owned();
    tenant.sql("alter default privileges grant all on tables to public; alter default privileges in schema public grant all on functions to public").await;
    tenant.sql("create table public.mine (x int); grant all on public.mine to public; listen anything").await;
    tenant.sql("alter role current_user set work_mem = '1MB'").await;
    let mut holding = tenant.connect().await.unwrap();
    super::run(
        &mut holding,
        "begin; lock table ec2.vpc; select pg_advisory_lock(1); create temp table t (x int); insert into public.mine values (1)",
    )
    .await;
    tenant.own.control.drop_database(&name).await.unwrap_or_else(|error| panic!("{error:?}"));
    assert!(matches!(tenant.own.control.database(&name).await, Err(Error::Unknown { .. })));
    let left = format!(
        "select rolname::text from pg_roles where rolname in ('{name}', '{name}_owner') union all select datname from pg_database where datname = '{name}'"
    );
    assert_eq!(ask(&mut admin("postgres").await, &left).await, [""; 0]);
}
