//! Attacks by holding on: locks that are never let go of, transactions that never end.

use std::{error::Error as _, time::Duration};

use iasql::{
    database::Database,
    engine::{self, Ask, Kind, Outcome, State},
};
use uuid::Uuid;

use super::{Tenant, ask, run};
use crate::{control::own, support};

/// How long the engine waits for a lock here, where nobody wants to wait for long.
const PATIENCE: Duration = Duration::from_millis(200);

/// A tenant with an account of their own, and a network that they want.
async fn with_a_network() -> (Tenant, support::Account) {
    let account = support::account().await;
    let mut registry = own().await;
    registry.control = registry.control.with_cloud(Some(account.config.clone()));
    let mut tenant = Tenant::of(registry, &["ec2"]).await;
    tenant.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    (tenant, account)
}

impl Tenant {
    /// A check by an engine that soon loses its patience.
    async fn check(&self) -> Result<Outcome, engine::Error> {
        let database = Database::open_with(&self.own.url, self.name(), PATIENCE).await.expect("the database");
        let registry = self.own.control.registry(self.name()).await.expect("drivers");
        let ask = Ask { run: Uuid::new_v4(), kind: Kind::Check, asked_by: "a test".into() };
        engine::run(&database, &registry, 1, &ask, &|_| {}).await
    }

    async fn checks(&self) -> usize {
        let outcome = self.check().await.unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!((outcome.state, &outcome.errors[..]), (State::Done, &[][..]), "{:#?}", outcome.plan);
        outcome.applied
    }
}

/// What an error says, with what is behind it.
fn told(error: &engine::Error) -> String {
    let behind = std::iter::successors(error.source(), |&error| error.source()).map(ToString::to_string);
    [error.to_string()].into_iter().chain(behind).collect::<Vec<_>>().join(": ")
}

#[tokio::test]
async fn a_lock_held_against_a_run_ends_that_run_and_nothing_else() {
    let (tenant, account) = with_a_network().await;
    let (neighbour, _) = with_a_network().await;
    let mut holding = tenant.connect().await.unwrap();
    for mode in ["access exclusive", "exclusive", "share row exclusive"] {
        run(&mut holding, &format!("begin; lock table ec2.vpc in {mode} mode")).await;
        let error = tenant.check().await.expect_err(mode);
        assert!(told(&error).contains("canceling statement due to lock timeout"), "{mode}: {}", told(&error));
        run(&mut holding, "rollback").await;
    }
    run(&mut holding, "begin; lock table ec2.vpc").await;
    assert_eq!(neighbour.checks().await, 1);
    run(&mut holding, "rollback").await;
    // whatever the ended runs had made by then is not made again
    tenant.checks().await;
    assert_eq!(tenant.checks().await, 0);
    let made = account.outside().await.ec2().describe_vpcs().send().await.unwrap();
    assert_eq!(made.vpcs().iter().filter(|vpc| vpc.cidr_block() == Some("10.0.0.0/16")).count(), 1);
    let runs = "select string_agg(distinct state, ' ') from iasql.run";
    assert!(!ask(&mut holding, runs).await[0].contains("running"));
}

#[tokio::test]
async fn a_transaction_that_has_read_everything_and_never_ends_stops_no_run() {
    let (tenant, _) = with_a_network().await;
    let mut holding = tenant.connect().await.unwrap();
    run(
        &mut holding,
        "begin isolation level serializable; select iasql.diff(); select * from iasql.history, iasql.request, iasql.run, iasql.fence",
    )
    .await;
    run(
        &mut holding,
        "select iasql.set('mode', 'manual'), iasql.set('max_deletes', '10'); update ec2.vpc set tags = tags; select iasql.ask('plan')",
    )
    .await;
    assert_eq!(tenant.checks().await, 1);
    run(&mut holding, "rollback").await;
    assert_eq!(tenant.checks().await, 0);
}

#[tokio::test]
async fn advisory_locks_stop_no_run_and_no_setup() {
    let (tenant, _) = with_a_network().await;
    let mut holding = tenant.connect().await.unwrap();
    run(&mut holding, "select pg_advisory_lock(g), pg_advisory_lock(g, g) from generate_series(-100, 100) g").await;
    run(&mut holding, "select pg_advisory_lock(hashtext(t)), pg_advisory_lock(hashtextextended(t, 0)) from unnest(array['iasql', 'ec2', current_database(), 'reconciler', 'migrate']) t").await;
    assert_eq!(tenant.checks().await, 1);
    let more = iasql::control::Setup { modules: Some(vec!["ec2".into(), "s3".into()]), ..Default::default() };
    tenant.own.control.setup(tenant.name(), more).await.unwrap_or_else(|error| panic!("{error:?}"));
    // not these, nor any other: nothing of ours asks for one
    let askers = "select count(*)::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname !~ '^(pg_|information)' and p.prosrc ~ 'advisory'";
    assert_eq!(ask(&mut holding, askers).await, ["0"]);
}
