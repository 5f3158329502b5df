//! Making a user's database.

use std::time::Instant;

use iasql::{
    control::{Control, Credentials, Error, Made, Setup},
    resource::Secret,
};
use sqlx::{Connection, PgConnection};

use super::{admin, own};
use crate::support::database_name;

async fn login(made: &Made) -> Result<PgConnection, sqlx::Error> {
    PgConnection::connect(made.url().expose()).await
}

fn bare() -> Setup {
    Setup { modules: Some(vec![]), ..Setup::default() }
}

#[tokio::test]
async fn a_setup_tells_a_password_once_and_it_opens_the_database() {
    let own = own().await;
    let name = database_name();
    let began = Instant::now();
    let made = own.control.setup(&name, Setup::default()).await.unwrap();
    eprintln!("a database with all modules took {:?}", began.elapsed());
    assert!(made.created && made.database.ready);
    let mut tenant = login(&made).await.unwrap();
    let who: String = sqlx::query_scalar("select current_user::text").fetch_one(&mut tenant).await.unwrap();
    assert_eq!(who, name);
    let modules: Vec<String> = sqlx::query_scalar("select name from iasql.module order by 1").fetch_all(&mut tenant).await.unwrap();
    assert!(modules.contains(&"ec2".to_owned()), "{modules:?}");

    let again = own.control.setup(&name, Setup::default()).await.unwrap();
    assert!(!again.created && again.password.is_none());
    assert_eq!(again.database.modules.len(), modules.len());
}

#[tokio::test]
async fn rotating_makes_a_new_password_and_ends_the_old_one() {
    let own = own().await;
    let name = database_name();
    let old = own.control.setup(&name, bare()).await.unwrap();
    let new = own.control.setup(&name, Setup { rotate: true, ..bare() }).await.unwrap();
    assert_ne!(old.password.as_ref().map(Secret::expose), new.password.as_ref().map(Secret::expose));
    login(&new).await.unwrap();
    // a test server may trust everybody; what it keeps is the new verifier in any case
    let kept = "select rolpassword from pg_authid where rolname = $1";
    let kept: String = sqlx::query_scalar(kept).bind(&name).fetch_one(&mut admin("postgres").await).await.unwrap();
    assert!(kept.starts_with("SCRAM-SHA-256$4096:"), "{kept}");
}

#[tokio::test]
async fn two_setups_of_one_name_at_once_make_one_database() {
    let own = own().await;
    let name = database_name();
    let (control, name) = (&own.control, &*name);
    let all = futures::future::join_all((0..6).map(|_| async move { control.setup(name, bare()).await.unwrap() })).await;
    assert_eq!(all.iter().filter(|made| made.created).count(), 1);
    assert_eq!(all.iter().filter(|made| made.password.is_some()).count(), 1);
    assert!(all.iter().all(|made| made.database.ready));
}

#[tokio::test]
async fn a_setup_that_broke_off_anywhere_is_finished_by_the_next() {
    let own = own().await;
    let name = database_name();
    own.control.setup(&name, bare()).await.unwrap();
    for undone in [
        "update control.database set ready = false, modules = '{}'",
        // as after a crash between the roles and the database
        "drop database",
        // as after a crash before the first step
        "drop roles",
    ] {
        own.run("update control.database set ready = false, modules = '{}'").await;
        if undone.starts_with("drop") {
            let drop = format!("drop database if exists {name} with (force)");
            sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&mut admin("postgres").await).await.unwrap();
        }
        if undone == "drop roles" {
            let drop = format!("drop role {name}; drop role {name}_owner");
            sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&mut admin("postgres").await).await.unwrap();
        }
        let made = own.control.setup(&name, bare()).await.unwrap_or_else(|error| panic!("{undone}: {error:?}"));
        assert!(made.created && made.password.is_some(), "{undone}");
        login(&made).await.unwrap_or_else(|error| panic!("{undone}: {error}"));
    }
}

#[tokio::test]
async fn a_database_that_is_being_made_can_be_used_by_nobody() {
    let own = own().await;
    let name = own.bare().await;
    own.run("update control.database set ready = false").await;
    let error = own.control.open(&name).await.err().map(|error| error.to_string());
    assert_eq!(error, Some(format!("database {name} is not ready: its setup has not ended; ask for it again")));
}

#[tokio::test]
async fn a_module_is_added_to_a_database_that_is_there_and_what_is_in_it_stays() {
    let own = own().await;
    let name = database_name();
    let made = own.control.setup(&name, bare()).await.unwrap();
    let mut tenant = login(&made).await.unwrap();
    sqlx::raw_sql("create table mine (x int); insert into mine values (1)").execute(&mut tenant).await.unwrap();
    let more = own.control.setup(&name, Setup { modules: Some(vec!["ec2".into()]), ..Setup::default() }).await.unwrap();
    assert!(!more.created && more.password.is_none());
    assert_eq!(more.database.modules, ["iam", "ec2"], "what it needs comes along");
    let (mine, theirs): (i64, i64) =
        sqlx::query_as("select (select count(*) from mine), (select count(*) from ec2.vpc)").fetch_one(&mut tenant).await.unwrap();
    assert_eq!((mine, theirs), (1, 0));
}

#[tokio::test]
async fn nonsense_is_refused_before_anything_is_made() {
    let own = own().await;
    let said = async |name: &str, setup: Setup| {
        own.control.setup(name, setup).await.err().map(|error| (error.is_for_the_user(), error.to_string()))
    };
    let modules = Setup { modules: Some(vec!["ec22".into()]), ..Setup::default() };
    assert_eq!(said("fine", modules).await, Some((true, "there is no module ec22; did you mean ec2?".into())));
    let region = Setup { region: Some("mars".into()), ..Setup::default() };
    assert_eq!(said("fine", region).await, Some((true, "\"mars\" is no region: one looks like eu-central-1".into())));
    assert!(said("Robert'); drop table students", Setup::default()).await.is_some_and(|(told, _)| told));
    assert_eq!(own.ask::<i64>("select count(*) from control.database").await, 0);
}

#[tokio::test]
async fn a_name_that_is_somebody_elses_is_refused_and_theirs_is_left_alone() {
    let own = own().await;
    let name = database_name();
    let create = format!("create role {name} login password 'theirs'");
    sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(&mut admin("postgres").await).await.unwrap();
    assert!(matches!(own.control.setup(&name, bare()).await, Err(Error::Taken(_))));
    assert_eq!(own.ask::<i64>("select count(*) from control.database").await, 0);
}

#[tokio::test]
async fn a_database_that_is_dropped_is_gone_with_its_roles_and_may_be_made_again() {
    let own = own().await;
    let name = own.bare().await;
    own.control.open(&name).await.unwrap();
    own.control.drop_database(&name).await.unwrap();
    let left = "select count(*) from pg_roles where rolname like $1 || '%'";
    assert_eq!(sqlx::query_scalar::<_, i64>(left).bind(&name).fetch_one(&mut admin("postgres").await).await.unwrap(), 0);
    assert!(own.control.setup(&name, bare()).await.unwrap().created);
    own.control.open(&name).await.unwrap();
}

#[tokio::test]
async fn an_unknown_database_is_told_with_the_nearest_name() {
    let own = own().await;
    let name = own.bare().await;
    let error = own.control.database(&format!("{name}x")).await.err().map(|error| error.to_string());
    assert_eq!(error, Some(format!("there is no database {name}x; did you mean {name}?")));
}

#[tokio::test]
async fn where_credentials_are_is_remembered_and_can_be_forgotten() {
    let own = own().await;
    let name = database_name();
    let role = Credentials::Role { arn: "arn:aws:iam::123456789012:role/iasql".into(), external_id: Some("x".into()) };
    for credentials in
        [role, Credentials::Secret { name: "keys".into(), region: None }, Credentials::Profile { name: "dev".into() }, Credentials::Default]
    {
        let made = own.control.setup(&name, Setup { credentials: Some(credentials.clone()), ..bare() }).await.unwrap();
        assert_eq!(made.database.credentials, credentials);
    }
}

#[tokio::test]
async fn a_profile_that_is_not_there_is_said_to_be_missing() {
    let own = own().await;
    let name = own.bare().await;
    own.control.set_credentials(&name, &Credentials::Profile { name: "nobody_has_this".into() }).await.unwrap();
    let error = own.control.registry(&name).await.err().unwrap();
    assert!(error.is_for_the_user());
    assert!(
        error.to_string().starts_with(&format!("there are no AWS credentials for database {name}: the profile nobody_has_this has none")),
        "{error}"
    );
}

#[tokio::test]
async fn a_second_engine_finds_what_the_first_one_made() {
    let own = own().await;
    let name = own.bare().await;
    let second = Control::connect(&own.url).await.unwrap();
    assert_eq!(second.database(&name).await.unwrap().name, name);
    second.open(&name).await.unwrap();
}
