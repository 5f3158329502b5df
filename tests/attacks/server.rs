//! Attacks on the server: its files, its programs, its disk, what can be loaded into it.

use super::{DENIED, Tenant, ask};

#[tokio::test]
async fn no_program_runs_and_no_file_of_the_server_is_read_or_written() {
    let mut tenant = Tenant::with(&[]).await;
    tenant.sql("create table public.mine (x text)").await;
    tenant
        .denied(&[
            "copy public.mine from program 'id'",
            "copy public.mine to program 'cat'",
            "copy (select 1) to program 'cat > /tmp/x'",
            "copy public.mine from '/etc/passwd'",
            "copy public.mine to '/tmp/x'",
            "select pg_read_file('PG_VERSION')",
            "select pg_read_file('/etc/passwd', 0, 10)",
            "select pg_read_binary_file('PG_VERSION')",
            "select pg_ls_dir('.')",
            "select pg_stat_file('PG_VERSION')",
            "select * from pg_ls_logdir()",
            "select * from pg_ls_waldir()",
            "select * from pg_ls_tmpdir()",
            "select * from pg_hba_file_rules",
            "select * from pg_file_settings",
            "select * from pg_config",
            "select current_setting('data_directory')",
            "select current_setting('hba_file')",
            "select pg_current_logfile()",
            "select pg_rotate_logfile()",
            "select pg_reload_conf()",
            "select pg_switch_wal()",
            "select pg_backup_start('x')",
            "select pg_promote()",
            "checkpoint",
            "alter system set work_mem = '1GB'",
            "create tablespace t location '/tmp'",
        ])
        .await;
}

#[tokio::test]
async fn there_are_no_large_objects() {
    let mut tenant = Tenant::with(&[]).await;
    let functions = "select p.oid::regprocedure::text from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace
        and (p.proname like 'lo\\_%' or p.proname in ('loread', 'lowrite')) and has_function_privilege(p.oid, 'execute')";
    assert_eq!(tenant.ask(functions).await, [""; 0]);
    tenant
        .denied(&[
            "select lo_create(0)",
            "select lo_creat(-1)",
            "select lo_from_bytea(0, 'x')",
            "select lo_import('/etc/passwd')",
            "select lo_export(1, '/tmp/x')",
            "select lo_put(1, 0, 'x')",
            "insert into pg_largeobject values (1, 0, 'x')",
        ])
        .await;
    // and what was there before the door was shut would not be theirs either
    let mut superuser = tenant.superuser().await;
    let oid = ask(&mut superuser, "select lo_from_bytea(0, 'ours')::text").await.remove(0);
    tenant
        .denied(&[&*format!("alter large object {oid} owner to current_user"), &*format!("grant all on large object {oid} to public")])
        .await;
}

#[tokio::test]
async fn no_language_but_sql_and_plpgsql_can_be_used() {
    let mut tenant = Tenant::with(&[]).await;
    let may = "select lanname::text from pg_language where lanpltrusted order by 1";
    assert_eq!(tenant.ask(may).await, ["plpgsql", "sql"]);
    tenant
        .denied(&[
            "create function public.f() returns int language c as 'libc', 'getpid'",
            "create function public.f() returns int language internal as 'pg_backend_pid'",
            "create language theirs handler plpgsql_call_handler",
            "load 'auto_explain'",
            "load '/tmp/x.so'",
        ])
        .await;
    for language in ["plperl", "plperlu", "plpython3u", "pltcl"] {
        assert!(tenant.refusal(&format!("create language {language}")).await.is_some(), "{language}");
        assert!(tenant.refusal(&format!("do language {language} 'x'")).await.is_some(), "{language}");
    }
}

#[tokio::test]
async fn no_extension_can_be_created_trusted_or_not() {
    let mut tenant = Tenant::with(&[]).await;
    let extensions = tenant.ask("select name::text from pg_available_extensions where installed_version is null").await;
    for extension in extensions {
        let refusal = tenant.refusal(&format!("create extension \"{extension}\" schema public cascade")).await;
        assert!(refusal.is_some(), "{extension}");
        let refusal = tenant.refusal(&format!("create extension \"{extension}\"")).await;
        // one that needs another is refused for that, before its own rights are looked at
        assert!(
            refusal.as_ref().is_some_and(|(code, said)| code == DENIED || said.starts_with("required extension")),
            "{extension}: {refusal:?}"
        );
    }
    tenant.denied(&["alter extension plpgsql update", "drop extension plpgsql", "comment on extension plpgsql is 'x'"]).await;
    // what seals secrets is here, and is nobody's to call or to change
    tenant
        .denied(&["alter extension pgcrypto update", "drop extension pgcrypto cascade", "select iasql_pgcrypto.gen_random_bytes(1)"])
        .await;
}

#[tokio::test]
async fn no_way_leads_to_another_server() {
    let mut tenant = Tenant::with(&[]).await;
    tenant
        .denied(&[
            "create foreign data wrapper w",
            "create subscription s connection 'host=127.0.0.1' publication p",
            "create publication p",
            "create publication p for all tables",
            "select pg_create_logical_replication_slot('s', 'test_decoding')",
            "select pg_create_physical_replication_slot('s')",
            "select pg_replication_origin_create('o')",
        ])
        .await;
    for sql in
        ["create server s foreign data wrapper postgres_fdw", "create user mapping for current_user server s", "select dblink('', '')"]
    {
        assert!(tenant.refusal(sql).await.is_some(), "{sql}");
    }
    // not even where an administrator has installed one
    let mut superuser = tenant.superuser().await;
    super::run(&mut superuser, "create foreign data wrapper w; create server s foreign data wrapper w").await;
    tenant
        .denied(&[
            "create server theirs foreign data wrapper w",
            "create user mapping for current_user server s",
            "create foreign table public.t () server s",
        ])
        .await;
    super::run(&mut superuser, "drop foreign data wrapper w cascade").await;
}
