//! Generated procedures, called: what goes in comes out, whatever its type and its name.

use chrono::{DateTime, TimeZone, Utc};
use iasql::schema::{Database, Error, How, Schema, Service, upgrade};
use serde_json::json;
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use super::{
    empty, path,
    wide::{ErrorService, EveryList, EveryType, Idle, IdleProcs, Loop, Type, Value},
};

/// The database as one service sees it.
async fn database<S: Service>(_: S) -> Database<S> {
    let url = empty().await;
    let schema = Schema::from_directory(path("tests/schema_procs/wide")).unwrap_or_else(|faults| panic!("{faults}"));
    let mut inside = PgConnection::connect(&url).await.expect("a way in");
    upgrade(&mut inside, &schema, schema.newest(), &How::default()).await.expect("an upgrade");
    let pool = PgPool::connect(&url).await.expect("a pool");
    Database::over(pool.clone(), pool)
}

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 11, 20, 12, 0, 0).single().expect("a time")
}

#[tokio::test]
async fn a_value_of_every_type_comes_back_as_it_went() {
    let (db, id) = (database(Loop).await, Uuid::from_u128(7));
    let document = json!({ "a": [1, null] });
    let rows = db.procs.every_type(true, -1, 2, i64::MAX, 0.5, "it's", id, &document, noon(), b"\0\xff").await.expect("an answer");
    let (said, raw) = ("it's".to_owned(), b"\0\xff".to_vec());
    let expected = EveryType { yes: true, small: -1, whole: 2, big: i64::MAX, part: 0.5, said, id, document, at: noon(), raw };
    assert_eq!(rows, [expected]);
}

#[tokio::test]
async fn a_list_of_every_type_comes_back_as_it_went() {
    let db = database(Loop).await;
    let (yes, small, whole, big, part) = (vec![true, false], vec![1], vec![2, 3], vec![], vec![0.25]);
    let (said, id, document) = (vec!["a".to_owned(), "{\",}".to_owned()], vec![Uuid::nil()], vec![json!(1), json!({})]);
    let (at, raw) = (vec![noon()], vec![vec![], vec![0, 255]]);
    let rows = db.procs.every_list(&yes, &small, &whole, &big, &part, &said, &id, &document, &at, &raw).await.expect("an answer");
    assert_eq!(rows, [EveryList { yes, small, whole, big, part, said, id, document, at, raw }]);
}

#[tokio::test]
async fn names_that_are_words_elsewhere_are_no_obstacle() {
    let db = database(ErrorService).await;
    let rows = db.procs.r#type("me", 1, "you").await.expect("an answer");
    assert_eq!(rows, [Type { self_: "me".into(), order: 1, user: "you".into(), r#type: "type".into() }]);
    assert_eq!(db.procs.value().await.expect("an answer"), [Value { note: Some("a".into()) }, Value { note: None }]);
    let same = database(Loop).await.procs.r#type("me", 1, "you").await.expect("an answer");
    assert_eq!(same, rows, "what two services may call is the same for both");
}

#[tokio::test]
async fn what_may_be_null_is_an_option_and_nothing_else_is() {
    let procs = database(Loop).await.procs;
    assert_eq!(procs.maybe(None, None).await.expect("an answer"), None);
    assert_eq!(procs.maybe(Some(3), None).await.expect("an answer").as_deref(), Some("3"));
    assert_eq!(procs.names().await.expect("an answer"), ["a", "b"]);
}

#[tokio::test]
#[expect(deprecated, reason = "that is what is tested")]
async fn what_is_deprecated_stands_apart_and_still_works() {
    let procs = database(Loop).await.procs;
    procs.deprecated.forget().await.expect("an answer");
    assert_eq!(procs.deprecated.forget_all().await.expect("an answer"), 0);
    let db = database(ErrorService).await;
    let open = db.begin().await.expect("a transaction");
    open.procs.deprecated.forget().await.expect("an answer");
    let kept = open.procs.clone();
    open.commit().await.expect("a commit");
    assert!(matches!(kept.deprecated.forget().await, Err(Error::Over(name)) if name == "wide.forget"));
}

#[tokio::test]
async fn a_service_that_calls_nothing_has_nothing_to_call() {
    let IdleProcs = database(Idle).await.procs;
    assert_eq!((Idle::SCHEMA, Idle::NAME, Idle::VERSION), ("wide", "idle", 1));
}
