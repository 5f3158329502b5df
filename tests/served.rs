//! Rows of `gateway.database`: what becomes of them in the book that the gateway reads.

mod branches;
pub(crate) mod domains;
mod gateways;
mod machines;
mod orders;
mod replicas;
mod versions;

use std::time::Duration;

use iasql::{control::Setup, served::Durability};
use sqlx::{Connection, PgConnection};

use crate::{
    crash::Site,
    support::{database_name, key_file},
};

const SHOP: &str = "insert into gateway.database (name, role, password) values ('shop', 'shop', 'correct horse')";
const BOOK: &str =
    "select label || ' ' || role || ' ' || idle_seconds || ' ' || split_part(verifier, '$', 1) from control.served where gone_at is null";

#[tokio::test]
async fn a_row_becomes_a_served_database_and_its_password_what_it_is_checked_by() {
    let mut site = Site::with(&["gateway"]).await;
    site.sql(SHOP).await;
    site.check().await;
    assert_eq!(site.registry(BOOK).await, ["shop shop 300 SCRAM-SHA-256"]);
    assert_eq!(site.ask("select host from gateway.database").await, ["shop.db.localhost"]);
    site.rests().await;
    let everywhere = "select count(*)::text from control.served where position('correct horse' in to_jsonb(served)::text) > 0";
    assert_eq!(site.registry(everywhere).await, ["0"]);
}

#[tokio::test]
async fn another_password_and_other_times_are_changes_in_place_and_what_is_left_open_stays() {
    let mut site = Site::with(&["gateway"]).await;
    site.sql(SHOP).await;
    site.check().await;
    let verifier = "select id || verifier from control.served";
    let first = site.registry(verifier).await;
    site.sql("update gateway.database set idle_seconds = 5").await;
    assert_eq!(site.ask("select action || ' ' || changed::text from iasql.plan").await, ["update {\"idle_seconds\": [300, 5]}"]);
    site.check().await;
    assert_eq!(site.registry(verifier).await, first, "nobody wrote another password");
    site.sql("update gateway.database set password = 'battery staple', idle_seconds = null").await;
    site.check().await;
    assert_ne!(site.registry(verifier).await, first);
    assert_eq!(site.registry("select id || '' from control.served").await.len(), 1);
    assert_eq!(site.registry(BOOK).await, ["shop shop 5 SCRAM-SHA-256"], "an idle time that is left open is as it was");
    site.rests().await;
}

#[tokio::test]
async fn a_deleted_row_gives_its_name_back_and_its_files_are_not_the_next_ones() {
    let mut site = Site::with(&["gateway"]).await;
    site.sql(SHOP).await;
    site.check().await;
    site.sql("delete from gateway.database").await;
    site.check().await;
    assert_eq!(site.registry(BOOK).await, Vec::<String>::new());
    site.rests().await;
    site.sql(SHOP).await;
    site.check().await;
    assert_eq!(site.registry("select count(*) || ' ' || count(gone_at) || ' ' || count(distinct id) from control.served").await, ["2 1 2"]);
}

#[tokio::test]
async fn a_name_that_somebody_else_has_is_refused_and_said_so() {
    let mut site = Site::with(&["gateway"]).await;
    site.sql(SHOP).await;
    site.check().await;
    let other = database_name();
    let setup = Setup { modules: Some(vec!["gateway".into()]), ..Setup::default() };
    let made = site.own.control.setup(&other, setup).await.unwrap_or_else(|error| panic!("{error:?}"));
    let mut user = PgConnection::connect(made.url().expose()).await.unwrap();
    sqlx::raw_sql(SHOP).execute(&mut user).await.unwrap();
    let output = site.iasql(&["check", &other]).env("IASQL_KEY_FILE", key_file()).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("shop.db.localhost is somebody else's already"), "{said}");
    assert_eq!(site.registry("select count(*)::text from control.served").await, ["1"]);
}

#[tokio::test]
async fn what_a_lost_answer_left_behind_is_found_again_and_not_made_twice() {
    let mut site = Site::with(&["gateway"]).await;
    site.sql(SHOP).await;
    site.check().await;
    // as if the engine had died before it took in what it made
    site.ask("delete from observed.gateway_database returning ''").await;
    site.check().await;
    assert_eq!(site.registry("select count(*)::text from control.served").await, ["1"]);
    site.rests().await;
}

#[tokio::test]
async fn what_is_said_of_durability_place_and_sessions_stands_in_the_book_and_nonsense_is_refused() {
    let mut site = Site::with(&["gateway"]).await;
    site.sql(SHOP).await;
    site.check().await;
    let book = "select concat_ws(' ', durability, durability_seconds, location, hold) from control.served";
    assert_eq!(site.registry(book).await, ["pause f"]);
    site.sql("update gateway.database set durability = 'interval', location = 'fra', hold = true").await;
    site.check().await;
    assert_eq!(site.registry(book).await, ["interval 10 fra t"]);
    site.sql("update gateway.database set durability_seconds = 60").await;
    site.check().await;
    site.rests().await;
    assert_eq!(site.registry(book).await, ["interval 60 fra t"]);
    let found = site.own.control.find_served("db.localhost", "shop").await.unwrap().expect("the database");
    assert_eq!((found.durability, found.hold), (Durability::Interval(Duration::from_secs(60)), true));
    site.sql("update gateway.database set durability = 'sync', durability_seconds = null").await;
    site.check().await;
    site.rests().await;
    assert_eq!(site.registry(book).await, ["sync fra t"]);
    for (nonsense, constraint) in [
        ("durability = 'often'", "durability_is_pause_interval_or_sync"),
        ("durability_seconds = 5", "an_interval_is_1_to_3600_seconds_of_durability_interval"),
        ("location = 'Frankfurt am Main'", "a_location_is_a_word_in_small_letters"),
        ("engine = 'mysql'", "an_engine_is_postgres_pglite_or_orioledb"),
        ("engine = 'orioledb', durability = 'pause'", "an_orioledb_has_a_machine_of_its_own"),
        ("engine = 'pglite', hold = false", "a_pglite_is_stored_when_it_pauses"),
        ("engine = 'pglite', durability = 'pause', hold = true", "a_pglite_has_one_session_and_keeps_it"),
    ] {
        let refused = sqlx::raw_sql(sqlx::AssertSqlSafe(format!("update gateway.database set {nonsense}"))).execute(&mut site.user).await;
        assert!(refused.is_err_and(|error| error.to_string().contains(constraint)), "{nonsense}");
    }
}

#[tokio::test]
async fn another_engine_is_another_database_and_not_the_old_ones_files() {
    let mut site = Site::with(&["gateway"]).await;
    site.sql(SHOP).await;
    site.check().await;
    let book = "select string_agg(engine || ' ' || (gone_at is null), ', ' order by made_at) from control.served";
    assert_eq!(site.registry(book).await, ["postgres true"]);
    site.sql("update gateway.database set engine = 'pglite'; select iasql.allow_replace('gateway.database', 'shop db.localhost')").await;
    site.check().await;
    assert_eq!(site.registry(book).await, ["postgres false, pglite true"]);
    let found = site.own.control.find_served("db.localhost", "shop").await.unwrap().expect("the database");
    assert_eq!(found.engine, iasql::served::Engine::Pglite);
    site.rests().await;
}
