//! What the logins of our own services may do, in the metadata database and in a user's: call their procedures, and nothing else.

use std::collections::BTreeSet;

use iasql::{
    control::{Control, Setup},
    database::{
        modules::Library,
        services::{SERVICES, Way, login},
    },
    schema::{self, Schema},
};
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection};

use super::{admin, create, own, url_of};
use crate::support::{self, database_name};

/// A database of ours, with the schemas in it that have services.
struct Place {
    name: String,
    schemas: Vec<Schema>,
    /// Those that hold tables of ours.
    tables: Vec<String>,
}

/// The metadata database, and a user's.
async fn places() -> [Place; 2] {
    let (own, name) = (own().await, database_name());
    let setup = Setup { modules: Some(vec!["ec2".into()]), ..Setup::default() };
    own.control.setup(&name, setup).await.unwrap_or_else(|error| panic!("{error:?}"));
    let metadata = own.url.rsplit_once('/').expect("a URL with a database").1.to_owned();
    let (library, path) = (Library::carried().expect("ours"), concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"));
    let control = Schema::from_directory(path).unwrap_or_else(|faults| panic!("{faults}"));
    let module = |name| Schema::clone(library.module(name).expect("ours"));
    let tables = |all: &[&str]| all.iter().map(ToString::to_string).collect();
    [
        Place { name: metadata, schemas: vec![control], tables: tables(&["control", "graphile_worker", "schema_versions"]) },
        Place {
            name,
            schemas: vec![Schema::clone(library.base()), module("iam"), module("ec2")],
            tables: tables(&["iasql", "iam", "ec2", "observed", "schema_versions"]),
        },
    ]
}

impl Place {
    /// The procedures that a service may call (or, where it may not, the others), as their files say.
    fn procedures(&self, service: &str, may: bool) -> BTreeSet<String> {
        let all = self.schemas.iter().flat_map(|schema| schema.procedures(schema.newest()).into_iter().map(move |one| (schema, one)));
        let theirs = all.filter(|(_, one)| (one.service == service || one.callers.iter().any(|caller| caller == service)) == may);
        theirs.map(|(schema, one)| format!("{}.{}", schema.name(), one.name)).collect()
    }

    fn knows(&self, service: &str) -> bool {
        self.schemas.iter().any(|schema| schema.head.services.iter().any(|known| known.name == service))
    }

    /// In it, as a service.
    async fn inside(&self, service: &str) -> Result<PgConnection, sqlx::Error> {
        Way::of(support::postgres().await, &self.name, service).expect("a way").options.connect().await
    }
}

#[tokio::test]
async fn a_services_login_may_call_its_own_procedures_and_do_nothing_else() {
    for place in places().await {
        for service in SERVICES {
            let may = sqlx::query_scalar(include_str!("may.sql")).bind(login(service)).fetch_all(&mut admin(&place.name).await).await;
            let may: BTreeSet<String> = may.unwrap_or_else(|error| panic!("{error}")).into_iter().collect();
            let mut listed: BTreeSet<_> = place.procedures(service, true).iter().map(|name| format!("execute {name}")).collect();
            // which version a database has is told to whoever may come in
            listed.extend(place.knows(service).then(|| "execute schema_versions.version_of".to_owned()));
            assert_eq!(may, listed, "{service} in {}", place.name);
        }
    }
}

#[tokio::test]
async fn what_a_service_tries_beside_its_procedures_is_refused() {
    for place in places().await {
        for service in SERVICES.into_iter().filter(|service| place.knows(service)) {
            let others: Vec<_> = place.procedures(service, false).into_iter().collect();
            let tries = sqlx::query_scalar(include_str!("tries.sql")).bind(&place.tables).bind(&others).bind(login(service));
            let tries: Vec<String> = tries.fetch_all(&mut admin(&place.name).await).await.unwrap_or_else(|error| panic!("{error}"));
            assert!(tries.len() > others.len() + 30, "{tries:?}");
            let mut inside = place.inside(service).await.unwrap_or_else(|error| panic!("{service}: {error}"));
            for sql in tries {
                let state = refused(&mut inside, &sql).await;
                assert_eq!(state.as_deref(), Some("42501"), "{service} in {}: {sql}", place.name);
            }
        }
    }
}

/// The SQLSTATE of what is refused.
async fn refused(login: &mut PgConnection, sql: &str) -> Option<String> {
    let error = sqlx::raw_sql(AssertSqlSafe(sql)).execute(login).await.err()?;
    error.as_database_error()?.code().map(Into::into)
}

#[tokio::test]
async fn whoever_is_no_service_of_the_metadata_database_is_not_let_in() {
    let [metadata, _] = places().await;
    let strangers: Vec<_> = SERVICES.into_iter().filter(|service| !metadata.knows(service)).collect();
    assert_eq!(strangers, ["visitor"]);
    let error = metadata.inside("visitor").await.expect_err("it is closed to the public");
    assert_eq!(error.as_database_error().and_then(|error| error.code()).as_deref(), Some("42501"), "{error}");
}

#[tokio::test]
async fn several_engines_that_start_at_once_lay_a_metadata_database_together() {
    let name = format!("meta_{}", database_name());
    create(&format!("create database {name}")).await;
    let url = url_of(&name).await;
    let all = futures::future::join_all((0..5).map(|_| Control::connect(&url))).await;
    for control in all {
        let control = control.unwrap_or_else(|error| panic!("{error:?}"));
        control.ready().await.unwrap_or_else(|error| panic!("{error:?}"));
    }
    assert_eq!(schema::installed(&mut admin(&name).await, "control").await.unwrap(), 3);
}

#[tokio::test]
async fn a_metadata_database_that_was_copied_or_closed_lets_our_services_in_again() {
    let own = own().await;
    own.run("do $$ begin execute format('revoke all on database %I from iasql_http, iasql_scheduler', current_database()); end $$").await;
    let again = Control::connect(&own.url).await.unwrap_or_else(|error| panic!("{error:?}"));
    again.ready().await.unwrap_or_else(|error| panic!("{error:?}"));
    again.number("listeners", 1).await.unwrap_or_else(|error| panic!("{error:?}"));
}
