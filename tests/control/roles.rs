//! What the login of a user's database may do, and what it may not.

use iasql::control::{Made, Setup};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{Own, admin, own, url_of};
use crate::support::database_name;

async fn made(own: &Own) -> (Made, PgConnection) {
    let setup = Setup { modules: Some(vec!["ec2".into()]), ..Setup::default() };
    let made = own.control.setup(&database_name(), setup).await.unwrap_or_else(|error| panic!("{error:?}"));
    let login = PgConnection::connect(made.url().expose()).await.unwrap();
    (made, login)
}

/// The SQLSTATE of what is refused.
async fn refused(login: &mut PgConnection, sql: &str) -> Option<String> {
    let error = sqlx::raw_sql(AssertSqlSafe(sql)).execute(login).await.err()?;
    error.as_database_error()?.code().map(Into::into)
}

#[tokio::test]
async fn the_login_makes_its_own_things_in_public_and_temporary_ones() {
    let own = own().await;
    let (_, mut login) = made(&own).await;
    for sql in [
        "create table mine (x int)",
        "create view sees as select name from ec2.vpc",
        "create temp table t (x int)",
        "insert into ec2.vpc (name, cidr_block) values ('v', '10.0.0.0/16')",
    ] {
        assert_eq!(refused(&mut login, sql).await, None, "{sql}");
    }
}

#[tokio::test]
async fn the_login_can_not_change_what_is_ours() {
    let own = own().await;
    let (made, mut login) = made(&own).await;
    let name = &made.database.name;
    for sql in [
        "alter table ec2.vpc add column x int",
        "drop table ec2.vpc",
        "truncate ec2.vpc",
        "create trigger t before insert on ec2.vpc for each row execute function suppress_redundant_updates_trigger()",
        "create table mine (vpc text, region text, foreign key (region, vpc) references ec2.vpc (region, name))",
        "create table ec2.mine (x int)",
        "create table iasql.mine (x int)",
        "create schema mine",
        "insert into iasql.module (name) values ('x')",
        "update iasql.setting set value = 'x'",
        "delete from observed.ec2_vpc",
        "create role mine",
        "create database mine",
        "set session_replication_role = replica",
        &format!("set role {name}_owner"),
        "set role postgres",
        &format!("grant {name}_owner to {name}"),
        &format!("alter role {name} connection limit -1"),
        &format!("alter database {name} set search_path = public"),
        &format!("alter database {name} rename to other"),
    ] {
        let state = refused(&mut login, sql).await;
        assert!(matches!(state.as_deref(), Some("42501")), "{sql}: {state:?}");
    }
}

#[tokio::test]
async fn the_login_reaches_no_other_database() {
    let own = own().await;
    let (made, _) = made(&own).await;
    let neighbour = own.bare().await;
    let metadata = own.url.rsplit_once('/').unwrap().1.to_owned();
    for other in [&*neighbour, "postgres", "template1", &*metadata] {
        let may = "select has_database_privilege($1::text, $2::text, 'connect')";
        let may: bool =
            sqlx::query_scalar(may).bind(&made.database.name).bind(other).fetch_one(&mut admin("postgres").await).await.unwrap();
        assert!(!may, "{other}");
    }
}

#[tokio::test]
async fn everything_of_ours_has_one_owner_and_public_is_the_logins() {
    let own = own().await;
    let (made, _) = made(&own).await;
    let mut inside = PgConnection::connect(&url_of(&made.database.name).await).await.unwrap();
    let owners =
        "select distinct nspname || ' ' || pg_get_userbyid(nspowner) from pg_namespace where nspname !~ '^pg_|^information' order by 1";
    let owners: Vec<String> = sqlx::query_scalar(owners).fetch_all(&mut inside).await.unwrap();
    let name = &made.database.name;
    assert_eq!(
        owners,
        [
            format!("ec2 {name}_owner"),
            // ec2 needs it
            format!("iam {name}_owner"),
            format!("iasql {name}_owner"),
            // what seals secrets, which only an administrator can lay
            "iasql_pgcrypto postgres".to_owned(),
            format!("observed {name}_owner"),
            format!("policy {name}"),
            format!("public {name}"),
            format!("schema_versions {name}_owner")
        ]
    );
    let role = "select rolcanlogin, rolinherit, rolsuper, rolcreatedb, rolcreaterole, rolconnlimit from pg_roles where rolname = $1";
    let role: (bool, bool, bool, bool, bool, i32) = sqlx::query_as(role).bind(name).fetch_one(&mut inside).await.unwrap();
    assert_eq!(role, (true, false, false, false, false, 20));
}
