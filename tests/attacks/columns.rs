//! Attacks on what a tenant may write: columns that the cloud fills, values that are no good, other rows' identity.

use super::Tenant;

/// Operators and functions of theirs that lie, found before ours by whatever is looked for in their search_path.
const LIES: &str = include_str!("lies.sql");

async fn liar() -> Tenant {
    let mut tenant = Tenant::with(&["ec2", "secretsmanager"]).await;
    tenant.sql(LIES).await;
    tenant
}

#[tokio::test]
async fn a_column_of_the_clouds_stays_the_clouds_whatever_the_operators_say() {
    let mut tenant = liar().await;
    tenant.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    for attack in [
        "insert into ec2.vpc (name, cidr_block, vpc_id) values ('a', '10.0.0.0/16', 'vpc-1')",
        "update ec2.vpc set vpc_id = 'vpc-1'",
        "insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16') on conflict (region, name) do update set vpc_id = 'vpc-1'",
        "merge into ec2.vpc v using (select 1) x on v.name = 'core' when matched then update set vpc_id = 'vpc-1'",
        "with w as (update ec2.vpc set vpc_id = 'vpc-1' returning 1) select * from w",
    ] {
        let (code, said) = tenant.refusal(attack).await.unwrap_or_else(|| panic!("{attack}"));
        assert_eq!((&*code, &*said), ("42501", "column vpc_id of ec2.vpc is filled by the cloud"), "{attack}");
    }
    let (code, said) = tenant.refusal("update ec2.vpc set row_id = '00000000-0000-0000-0000-000000000001'").await.expect("a refusal");
    assert_eq!((&*code, &*said), ("42501", "row_id of ec2.vpc never changes"));
    assert_eq!(tenant.ask("select vpc_id from ec2.vpc").await, [""]);
}

#[tokio::test]
async fn a_secrets_version_can_not_be_chosen() {
    let mut tenant = liar().await;
    tenant.sql("insert into secretsmanager.secret (name, value) values ('s', 'one')").await;
    tenant.sql("update secretsmanager.secret set value = 'two'").await;
    assert_eq!(
        tenant.ask("select value_version::text from secretsmanager.secret where value_version::text like '00000000%'").await,
        [""; 0]
    );
    let history = "select became ->> 'value' from iasql.history order by id";
    assert_eq!(tenant.ask(history).await, ["***", "***"]);
}

#[tokio::test]
async fn a_check_is_made_with_our_operators_and_not_with_theirs() {
    let mut tenant = liar().await;
    for attack in [
        "insert into ec2.vpc (region, name, cidr_block) values ('nonsense', 'a', '10.0.0.0/16')",
        "insert into ec2.vpc (name, cidr_block, tags) values ('a', '10.0.0.0/16', '{\"iasql:owner\": \"another/row\"}')",
        "insert into ec2.vpc (name, cidr_block, tags) values ('a', '10.0.0.0/16', '{\"a\": 1}')",
        "insert into ec2.vpc (name, cidr_block) values ('a', '10.0.0.0/8')",
        "insert into ec2.vpc (name, cidr_block) values ('', '10.0.0.0/16')",
        "select iasql.set('regions', 'nonsense')",
        "select iasql.set('mode', 'nonsense')",
    ] {
        assert_eq!(tenant.refusal(attack).await.map(|(code, _)| code).as_deref(), Some("23514"), "{attack}");
    }
    assert_eq!(tenant.refusal("select iasql.set('tenant', 'postgres')").await.map(|(code, _)| code).as_deref(), Some("42501"));
}

#[tokio::test]
async fn no_table_of_theirs_is_tied_to_the_shape_of_ours() {
    let mut tenant = liar().await;
    tenant
        .denied(&[
            "create table public.a (v ec2.vpc)",
            "create table public.a (v observed.ec2_vpc[])",
            "create table public.a of iasql.differing",
            "create function public.f(iasql.run) returns int language sql as 'select 1'",
            "create domain public.d as ec2.vpc",
        ])
        .await;
    // what people do with a row still works
    tenant.sql("reset search_path").await;
    tenant.sql("do $$ declare one ec2.vpc; begin select * into one from ec2.vpc; end $$").await;
    tenant.sql("select to_jsonb(v) from ec2.vpc v; select iasql.diff(); select * from iasql.plan").await;
}

#[tokio::test]
async fn a_run_of_no_known_kind_is_not_asked_for_and_the_same_is_asked_for_once() {
    let mut tenant = liar().await;
    for attack in
        ["select iasql.ask('nonsense')", "select iasql.ask(repeat('x', 100000000))", "select iasql.ask(null)", "select iasql.ask('')"]
    {
        let (code, said) = tenant.refusal(attack).await.unwrap_or_else(|| panic!("{attack}"));
        assert!(code == "22023" && said.len() < 100, "{attack}: {said}");
    }
    tenant.sql("select iasql.ask('check') from generate_series(1, 1000)").await;
    tenant.sql("select iasql.ask('plan')").await;
    assert_eq!(tenant.ask("select kind from iasql.request order by id").await, ["check", "plan"]);
}
