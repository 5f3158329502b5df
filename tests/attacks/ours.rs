//! Attacks on what is ours: its definition, its contents, what hangs on it.

use super::{Tenant, ask};

#[tokio::test]
async fn nothing_of_ours_can_be_altered_dropped_or_emptied() {
    let mut tenant = Tenant::with(&["ec2"]).await;
    let attacks = [
        "alter table ec2.vpc disable trigger all",
        "alter table ec2.vpc drop constraint a_vpc_has_16_to_65536_ipv4_addresses",
        "alter table ec2.vpc disable row level security",
        "alter table ec2.vpc owner to current_user",
        "alter table ec2.vpc set schema public",
        "alter table ec2.vpc rename to mine",
        "alter table observed.ec2_vpc add column x int",
        "alter view iasql.plan alter column name set default 'x'",
        "alter function iasql.ask(text) reset search_path",
        "alter function iasql.keep_history() security invoker",
        "alter sequence iasql.observed_id restart",
        "alter type iasql.differing add attribute x int",
        "alter schema iasql rename to theirs",
        "create or replace view iasql.plan as select 1",
        "create or replace function iasql.is_region(region text) returns boolean language sql as 'select true'",
        "drop table observed.ec2_vpc",
        "drop view iasql.plan cascade",
        "drop function iasql.keep_history() cascade",
        "drop trigger history_of_inserts on ec2.vpc",
        "drop schema iasql cascade",
        "drop schema ec2 cascade",
        "truncate iasql.history",
        "truncate observed.ec2_vpc",
        "reindex table ec2.vpc",
        "cluster ec2.vpc using vpc_pkey",
        "comment on table ec2.vpc is 'mine'",
        "grant all on ec2.vpc to public",
        "revoke all on ec2.vpc from current_user",
    ];
    // a grant without the right to grant is only warned of where some right is there
    let (grants, attacks): (Vec<_>, Vec<_>) = attacks.into_iter().partition(|sql| sql.starts_with("grant") || sql.starts_with("revoke"));
    tenant.denied(&attacks).await;
    for sql in grants {
        tenant.sql(sql).await;
    }
    let public = "select count(*)::text from pg_class c, aclexplode(c.relacl) a where c.oid = 'ec2.vpc'::regclass and a.grantee = 0";
    assert_eq!(tenant.ask(public).await, ["0"]);
    tenant.sql("insert into ec2.vpc (name, cidr_block) values ('still', '10.0.0.0/16')").await;
}

#[tokio::test]
async fn nothing_of_theirs_can_be_hung_on_what_is_ours() {
    let mut tenant = Tenant::with(&["ec2"]).await;
    tenant
        .sql("create function public.f() returns trigger language plpgsql as 'begin return new; end'; create table public.mine (x int)")
        .await;
    tenant
        .denied(&[
            "create trigger t after insert on ec2.vpc execute function public.f()",
            "create trigger t instead of insert on iasql.plan for each row execute function public.f()",
            "create rule r as on insert to ec2.vpc do also insert into public.mine values (1)",
            "create rule r as on select to iasql.plan do instead select 1",
            "create policy p on ec2.vpc using (false)",
            "create index on ec2.vpc (name)",
            "create statistics public.s on name, region from ec2.vpc",
            "create table public.child () inherits (ec2.vpc)",
            "alter table public.mine inherit ec2.vpc",
            "alter table ec2.vpc inherit public.mine",
            "create table public.keyed (region text, vpc text, foreign key (region, vpc) references ec2.vpc (region, name))",
            "create table public.keyed (id bigint references observed.ec2_vpc (id))",
            "create event trigger e on ddl_command_end execute function public.f()",
            "create publication p for table ec2.vpc",
            "create cast (text as cidr) with inout as implicit",
            "create operator class public.c default for type text using btree as operator 1 <",
            "create operator ec2.= (leftarg = text, rightarg = text, function = texteq)",
            "alter default privileges for role postgres grant all on tables to public",
        ])
        .await;
}

#[tokio::test]
async fn whatever_a_write_has_run_finds_its_names_in_pg_catalog() {
    let tenant = Tenant::with(&["ec2", "rds", "s3", "secretsmanager"]).await;
    // a foreign key that cascades runs it as the tables' owner, under the search_path of whoever writes
    assert_eq!(ask(&mut tenant.superuser().await, include_str!("unpinned.sql")).await, [""; 0]);
}

#[tokio::test]
async fn no_trigger_function_of_ours_works_for_a_table_of_theirs() {
    let mut tenant = Tenant::with(&["ec2"]).await;
    tenant.sql("create table public.mine (row_id uuid, name text)").await;
    tenant
        .denied(&[
            "create trigger t after insert on public.mine referencing new table as became for each statement execute function iasql.keep_history('', '{}')",
            "create trigger t after insert on public.mine referencing new table as became for each statement execute function iasql.keep_list_history()",
            "create trigger t before insert on public.mine for each row execute function iasql.refuse_cloud_columns('name')",
            "create trigger t after delete on public.mine for each row execute function iasql.let_go()",
        ])
        .await;
}

#[tokio::test]
async fn what_the_engine_writes_down_can_neither_be_written_nor_held() {
    let mut tenant = Tenant::with(&["ec2"]).await;
    let tables = "select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables where schemaname in ('iasql', 'observed')";
    let tables = ask(&mut tenant.superuser().await, tables).await;
    assert!(tables.len() > 15, "{tables:?}");
    for table in tables {
        let attacks = [
            format!("insert into {table} default values"),
            format!("delete from {table}"),
            format!("copy {table} from stdin"),
            format!("select from {table} for key share"),
            format!("begin; lock table {table} in row share mode; lock table {table} in row exclusive mode"),
            format!("begin; lock table {table} in access exclusive mode"),
        ];
        tenant.denied(&attacks.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
    // the lock would go down to the tables that a view is made of
    tenant
        .denied(&[
            "begin; lock table iasql.plan in access exclusive mode",
            "begin; lock table iasql.found in share mode",
            "select from iasql.plan for update",
        ])
        .await;
}

#[tokio::test]
async fn what_only_the_engine_may_call_can_not_be_called() {
    let mut tenant = Tenant::with(&["ec2"]).await;
    let may = "select distinct p.proname::text from pg_proc p where p.pronamespace = 'iasql'::regnamespace and p.prosecdef and has_function_privilege(p.oid, 'execute') order by 1";
    assert_eq!(tenant.ask(may).await, ["allow_replace", "ask", "because", "forbid_replace", "protect", "set", "unprotect"]);
    tenant
        .denied(&[
            "select iasql.admit('postgres')",
            "select iasql.register('public.mine')",
            "select iasql.hold(0)",
            "select iasql.begin_run(0, gen_random_uuid(), 'check', 'me')",
            "select iasql.record_gone(0, null, 'ec2.vpc', 1, null)",
            "select iasql.fill(0, 'ec2.vpc')",
            "select iasql.make_views('ec2.vpc')",
            "select iasql.make_grants('ec2.vpc')",
            "select nextval('iasql.observed_id')",
            "select setval('iasql.observed_id', 1)",
        ])
        .await;
}
