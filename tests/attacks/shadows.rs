//! Attacks by a name: what a tenant makes under the names that we use never runs in anybody's name but theirs.

use iasql::{control::Setup, engine::Kind, worker};
use tokio_util::sync::CancellationToken;

use super::{Tenant, ask};
use crate::{control::own, support};

/// All of pg_catalog once more, in their own schema.
const SHADOWS: &str = include_str!("shadows.sql");
/// Every view, table and index of theirs that runs something when somebody looks at it.
const TRAPS: &str = include_str!("traps.sql");

impl Tenant {
    /// What of theirs ran in somebody else's name.
    async fn caught(&self) -> Vec<String> {
        let strangers = format!("select distinct who || ': ' || what from public.caught where who <> '{}' order by 1", self.name());
        ask(&mut self.superuser().await, &strangers).await
    }
}

#[tokio::test]
async fn nothing_of_ours_that_a_tenant_calls_runs_anything_of_theirs_as_its_owner() {
    let mut tenant = Tenant::with(&["ec2", "secretsmanager"]).await;
    tenant.sql(SHADOWS).await;
    let made = ask(&mut tenant.superuser().await, "select count(*)::text from pg_proc where pronamespace = 'public'::regnamespace").await;
    assert!(made[0].parse::<u32>().unwrap() > 2000, "{made:?}");
    for sql in [
        "insert into ec2.vpc (name, cidr_block, tags) values ('core', '10.0.0.0/16', '{\"a\": \"b\"}')",
        "insert into ec2.subnet (name, vpc, cidr_block) values ('a', 'core', '10.0.1.0/24')",
        "insert into secretsmanager.secret (name, value) values ('s', 'one')",
        "update ec2.vpc set name = 'kern'",
        "update secretsmanager.secret set value = 'two'",
        "delete from ec2.subnet",
        "select iasql.ask('check')",
        "select iasql.set('mode', 'on_commit')",
        "select iasql.set('regions', 'eu-west-1')",
        "select iasql.help(), iasql.help('ec2.vpc')",
        "select iasql.diff()",
        "select * from iasql.plan",
        "select * from iasql.history",
    ] {
        tenant.sql(sql).await;
    }
    assert_eq!(tenant.caught().await, [""; 0]);
    assert_ne!(ask(&mut tenant.superuser().await, "select count(*)::text from public.caught").await, ["0"]);
    let kept = "select pg_catalog.count(*)::pg_catalog.text from iasql.history";
    assert_eq!(ask(&mut tenant.superuser().await, kept).await, ["7"], "with the row that a foreign key changed");
}

#[tokio::test]
async fn neither_a_run_nor_a_setup_runs_anything_of_a_tenants() {
    let account = support::account().await;
    let mut registry = own().await;
    registry.control = registry.control.with_cloud(Some(account.config.clone()));
    let mut tenant = Tenant::of(registry, &["ec2"]).await;
    tenant.sql(SHADOWS).await;
    tenant.sql(TRAPS).await;
    tenant.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    tenant.sql("delete from public.caught").await;

    let (name, control) = (tenant.name().to_owned(), tenant.own.control.clone());
    let shutdown = CancellationToken::new();
    let task = tokio::spawn(worker::run(control.clone(), shutdown.clone()));
    // in their own session their names are theirs
    tenant.sql("reset search_path").await;
    tenant.sql("call iasql.check()").await;
    let more = Setup { modules: Some(vec!["ec2".into(), "s3".into(), "rds".into()]), rotate: true, ..Setup::default() };
    control.setup(&name, more).await.unwrap_or_else(|error| panic!("{error:?}"));
    control.request(&name, Kind::Check, "ada").await.unwrap();
    tenant.sql("call iasql.check()").await;
    assert_eq!(tenant.ask("select left(vpc_id, 4) from ec2.vpc").await, ["vpc-"]);
    shutdown.cancel();
    task.await.unwrap().unwrap();

    assert_eq!(tenant.caught().await, [""; 0]);
    control.drop_database(&name).await.unwrap_or_else(|error| panic!("{error:?}"));
}
