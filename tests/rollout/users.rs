//! What a user made survives an upgrade, and what a user holds does not stop one.

use iasql::control::Rollout;
use sqlx::Connection;

use super::{Fleet, NEWEST, admin, ask, impatient, sql};

const MADE: &str = include_str!("users/made.sql");
const SEEN: &str = include_str!("users/seen.sql");

#[tokio::test]
async fn a_users_own_tables_views_and_functions_survive_with_their_grants_and_comments() {
    let fleet = Fleet::of(1).await;
    let name = &fleet.names[0];
    let mut user = fleet.tenant(name).await;
    sql(&mut user, MADE).await;
    let before = ask(&mut user, SEEN).await;
    assert!(before.len() >= 8, "{before:#?}");
    user.close().await.unwrap();
    let report = fleet.roll_out(NEWEST, &Rollout::default()).await;
    assert!(report.failed.is_empty(), "{:#?}", report.failed);
    assert_eq!(report.upgraded[name].kept_aside, [""; 0]);
    let mut user = fleet.tenant(name).await;
    assert_eq!(ask(&mut user, SEEN).await, before);
    sql(&mut user, "insert into small.note (name, weight) values ('a', 1.5)").await;
    assert_eq!(ask(&mut user, "select weight::text from public.heavy").await, ["1.500"]);
    assert_eq!(fleet.applied(name).await, [1, 2, 3]);
}

#[tokio::test]
async fn what_can_not_be_put_back_is_kept_and_named() {
    let fleet = Fleet::of(1).await;
    let name = &fleet.names[0];
    let mut user = fleet.tenant(name).await;
    // its own column would be of another type, which the view below it does not bear
    sql(&mut user, "create function public.plus(x integer) returns integer language sql as 'select x + 1'; create view public.odd as select public.plus(n.weight) as more from small.note n").await;
    user.close().await.unwrap();
    let report = fleet.roll_out(NEWEST, &Rollout::default()).await;
    let kept = &report.upgraded[name].kept_aside;
    assert!(kept.len() == 1 && kept[0].starts_with("public.odd: function public.plus(numeric) does not exist"), "{kept:?}");
    let left = ask(&mut admin(name).await, "select statements[1] from schema_versions.aside").await;
    assert!(left.len() == 1 && left[0].contains("plus(n.weight)"), "{left:?}");
    // and comes back as soon as it can
    let mut user = fleet.tenant(name).await;
    sql(&mut user, "create function public.plus(x numeric) returns numeric language sql as 'select x + 1'").await;
    let report = fleet.roll_out(NEWEST, &Rollout::default()).await;
    assert!(report.failed.is_empty(), "{:#?}", report.failed);
    assert_eq!(ask(&mut user, "select count(*)::text from public.odd").await, ["0"]);
}

#[tokio::test]
async fn a_tenant_who_holds_a_lock_is_sent_off_and_the_upgrade_goes_on() {
    let fleet = Fleet::of(1).await;
    let name = &fleet.names[0];
    let mut holder = fleet.tenant(name).await;
    sql(&mut holder, "begin; select * from small.note").await;
    let report = fleet.roll_out(NEWEST, &impatient()).await;
    assert!(report.failed.is_empty(), "{:#?}", report.failed);
    assert_eq!(report.upgraded[name].ended, 1);
    assert!(sqlx::query("select 1").execute(&mut holder).await.is_err(), "it is still there");
    assert_eq!(fleet.applied(name).await, [1, 2, 3]);
}

#[tokio::test]
async fn an_administrator_who_holds_a_lock_is_waited_for_and_named() {
    let fleet = Fleet::of(1).await;
    let name = &fleet.names[0];
    let mut holder = admin(name).await;
    sql(&mut holder, "begin; select * from small.applied").await;
    let report = fleet.roll_out(2, &impatient()).await;
    assert!(report.failed[name].contains("somebody is in the way: postgres"), "{:#?}", report.failed);
    sql(&mut holder, "rollback").await;
    assert!(fleet.roll_out(2, &impatient()).await.failed.is_empty());
}

#[tokio::test]
async fn nothing_of_a_users_runs_with_more_rights_than_the_users_own() {
    let fleet = Fleet::of(1).await;
    let name = &fleet.names[0];
    let mut user = fleet.tenant(name).await;
    sql(&mut user, include_str!("users/spies.sql")).await;
    user.close().await.unwrap();
    let report = fleet.roll_out(NEWEST, &Rollout::default()).await;
    assert!(report.failed.is_empty(), "{:#?}", report.failed);
    let mut user = fleet.tenant(name).await;
    let seen = ask(&mut user, "select distinct who from public.seen").await;
    assert!(!seen.is_empty() && seen.iter().all(|who| who == name || who.starts_with("iasql_visitor")), "{seen:?}");
}
