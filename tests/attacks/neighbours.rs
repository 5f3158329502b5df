//! Attacks on others: another tenant's database, another session, another role.

use super::{Tenant, ask, run};
use crate::control::{admin, url_of};
use sqlx::{Connection, PgConnection};

#[tokio::test]
async fn the_door_of_every_other_database_is_shut() {
    let tenant = Tenant::with(&[]).await;
    let neighbour = tenant.own.bare().await;
    let metadata = tenant.own.url.rsplit_once('/').expect("a URL with a database").1;
    let templates = ask(&mut admin("postgres").await, "select datname::text from pg_database where datname like 'iasql_template%'").await;
    assert!(!templates.is_empty());
    let url = tenant.made.url();
    let (server, own) = url.expose().rsplit_once('/').expect("a URL with a database");
    assert_eq!(own, tenant.name());
    for other in [&*neighbour, metadata, "postgres", "template0", "template1"].into_iter().chain(templates.iter().map(String::as_str)) {
        let refused = PgConnection::connect(&format!("{server}/{other}")).await.err().and_then(|error| {
            let code = error.as_database_error()?.code()?;
            Some(code.into_owned())
        });
        // pg_hba.conf says no, and where it does not, the database does
        assert!(matches!(refused.as_deref(), Some("28000" | "42501" | "55000")), "{other}: {refused:?}");
    }
}

#[tokio::test]
async fn nobody_elses_query_can_be_read() {
    let mut tenant = Tenant::with(&[]).await;
    let neighbour = tenant.own.bare().await;
    let mut others = PgConnection::connect(&url_of(&neighbour).await).await.unwrap();
    run(&mut others, "begin; select 'planted-query'; set application_name = 'iasql'").await;
    let mut engine = tenant.superuser().await;
    run(&mut engine, "begin; select 'planted-query'").await;
    let foreign = "from pg_stat_activity where usename is distinct from session_user";
    let texts = tenant.ask(&format!("select distinct query {foreign}")).await;
    assert_eq!(texts, ["<insufficient privilege>"]);
    assert_eq!(tenant.ask(&format!("select count(client_addr)::text {foreign}")).await, ["0"]);
    let texts = "select pg_stat_get_backend_activity(b) from pg_stat_get_backend_idset() b";
    assert!(!tenant.ask(texts).await.iter().any(|text| text.contains("planted-query") && !text.contains("pg_stat")), "{texts}");
    tenant
        .denied(&[
            "select pg_database_size((select oid from pg_database where datname = 'template1'))",
            "select * from pg_authid",
            "select * from pg_shadow",
            "select * from pg_statistic",
            "select * from pg_shmem_allocations",
            "select pg_stat_reset()",
            "select * from pg_user_mapping",
        ])
        .await;
}

#[tokio::test]
async fn nobody_elses_session_can_be_ended_and_no_other_role_be_taken() {
    let mut tenant = Tenant::with(&[]).await;
    let neighbour = tenant.own.bare().await;
    let mut engine = tenant.superuser().await;
    let pid = ask(&mut engine, "select pg_backend_pid()::text").await.remove(0);
    let owner = format!("{}_owner", tenant.name());
    let mut attacks: Vec<String> = ["pg_cancel_backend", "pg_terminate_backend", "pg_log_backend_memory_contexts"]
        .map(|function| format!("select {function}({pid})"))
        .into();
    let predefined = ask(&mut engine, "select rolname::text from pg_roles where rolname like 'pg\\_%'").await;
    let roles = ask(&mut engine, "select rolname::text from pg_roles where rolname like 'iasql%'").await;
    let roles = [vec!["postgres".to_owned(), owner, neighbour], roles].concat();
    for role in roles.iter().chain(&predefined) {
        attacks.push(format!("set role {role}"));
        attacks.push(format!("set session authorization {role}"));
        attacks.push(format!("grant {role} to current_user"));
    }
    for role in roles {
        attacks.push(format!("alter role {role} set search_path = public"));
        attacks.push(format!("alter role {role} password 'x'"));
        attacks.push(format!("drop role {role}"));
        attacks.push(format!("reassign owned by {role} to current_user"));
        attacks.push(format!("alter default privileges for role {role} grant all on tables to public"));
    }
    attacks.push("alter role all set search_path = public".to_owned());
    attacks.push("create role mine".to_owned());
    attacks.push("alter role current_user superuser".to_owned());
    attacks.push("alter role current_user bypassrls".to_owned());
    attacks.push("alter role current_user connection limit -1".to_owned());
    attacks.push("alter role current_user valid until 'infinity'".to_owned());
    tenant.denied(&attacks.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!(ask(&mut engine, "select 'alive'").await, ["alive"]);
}

#[tokio::test]
async fn what_a_name_tells_is_all_that_can_be_known_of_a_neighbour() {
    let mut tenant = Tenant::with(&[]).await;
    let neighbour = tenant.own.bare().await;
    // this can't be refused: docs/security.md says so
    assert_eq!(tenant.ask(&format!("select datname::text from pg_database where datname = '{neighbour}'")).await, [&*neighbour]);
    assert_eq!(tenant.ask(&format!("select rolpassword from pg_roles where rolname = '{neighbour}'")).await, ["********"]);
    let settings = format!(
        "select s.setconfig::text from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase where d.datname = '{neighbour}'"
    );
    for setting in tenant.ask(&settings).await {
        assert!(setting.starts_with("{log_min_error_statement="), "{setting}");
    }
}
