//! Every version of what users' databases are made of, up, down and up again: nothing is left behind and nothing is lost.

use std::{collections::BTreeMap, sync::Arc};

use iasql::{
    control::{Rollout, Setup},
    database::modules::Library,
    schema::{Fingerprint, How, Schema, downgrade, fingerprint, upgrade},
};
use sqlx::{Connection, PgConnection};

use super::{admin, ask, sql};
use crate::{control::own, support};

const ROWS: &str = include_str!("round_trip/rows.sql");
const CHANGED: &str = include_str!("round_trip/changed.sql");
const OPENED: &str = include_str!("round_trip/opened.sql");
const CLOSED: &str = include_str!("round_trip/closed.sql");

/// A database, and who is who in it.
struct Site {
    name: String,
    owner: Option<String>,
    inside: PgConnection,
}

impl Site {
    async fn of(name: &str, owner: Option<String>) -> Self {
        Self { name: name.to_owned(), owner, inside: admin(name).await }
    }

    async fn up(&mut self, schema: &Schema, version: i32) {
        let how = How { owner: self.owner.as_deref(), ..How::default() };
        upgrade(&mut self.inside, schema, version, &how).await.unwrap_or_else(|error| panic!("{error}"));
    }

    async fn down(&mut self, schema: &Schema, version: i32) {
        let how = How { owner: self.owner.as_deref(), ..How::default() };
        downgrade(&mut self.inside, schema, version, &how).await.unwrap_or_else(|error| panic!("{error}"));
    }

    async fn print(&mut self, schema: &Schema) -> Fingerprint {
        let owner = self.owner.clone().unwrap_or_default();
        let names = [(owner.as_str(), ":owner"), (self.name.as_str(), ":tenant")];
        let mut print = fingerprint(&mut self.inside, schema, &names).await.unwrap_or_else(|error| panic!("{error}"));
        // they are the server's, and stay
        print.objects.retain(|object, _| !object.starts_with("role "));
        print
    }

    /// All of them, by their names.
    async fn prints(&mut self, library: &Library) -> BTreeMap<String, Fingerprint> {
        let mut prints = BTreeMap::new();
        for schema in std::iter::once(library.base()).chain(library.modules()) {
            prints.insert(schema.name().to_owned(), self.print(schema).await);
        }
        prints
    }
}

/// The modules that release 0.1 had, with what each needed then.
const FIRST: [(&str, &[&str]); 4] = [("ec2", &["iasql"]), ("rds", &["iasql", "ec2"]), ("s3", &["iasql"]), ("secretsmanager", &["iasql"])];

/// What release 0.1 laid: some of the modules, at version 1.
fn first(carried: &Library) -> Library {
    Library::of(carried.base().up_to(1), FIRST.map(|(name, needs)| needing(carried.module(name).expect("a module"), needs).up_to(1)))
}

/// The same schema, needing nothing but these.
fn needing(schema: &Schema, needs: &[&str]) -> Schema {
    let head = |text: &str| {
        let rest = text.lines().filter(|line| !line.starts_with("needs ")).map(str::to_owned);
        rest.chain(needs.iter().map(|needed| format!("needs {needed}"))).map(|line| line + "\n").collect::<String>()
    };
    let files = schema.files().all().map(|(file, text)| (file.to_owned(), if file == "schema" { head(text) } else { text.to_owned() }));
    Schema::from_files(schema.name(), schema.name(), files.collect()).unwrap_or_else(|faults| panic!("{faults}"))
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn same(found: &BTreeMap<String, Fingerprint>, expected: &BTreeMap<String, Fingerprint>) {
    let differences = expected.iter().flat_map(|(name, expected)| found[name].differences(expected));
    let differences: Vec<_> = differences.map(|drift| drift.to_string()).collect();
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
}

#[tokio::test]
async fn each_version_of_the_base_and_of_every_module_can_be_taken_back_and_made_again() {
    let (library, name) = (Library::carried().unwrap(), support::database_name());
    sql(&mut admin("postgres").await, &format!("create database {name}")).await;
    let mut site = Site::of(&name, None).await;
    let modules = library.chosen(None).unwrap();
    for schema in std::iter::once(library.base()).chain(&modules) {
        for version in 1..=schema.newest() {
            let before = site.print(schema).await;
            site.up(schema, version).await;
            let made = site.print(schema).await;
            site.down(schema, version - 1).await;
            assert_eq!(site.print(schema).await.differences(&before), [], "{} {version}, taken back", schema.name());
            site.up(schema, version).await;
            assert_eq!(site.print(schema).await.differences(&made), [], "{} {version}, made again", schema.name());
        }
    }
}

#[tokio::test]
async fn the_base_goes_up_down_and_up_below_the_tables_of_all_modules() {
    let (own, name, library) = (own().await, support::database_name(), Library::carried().unwrap());
    let old = own.control.clone().with_library(first(&library));
    let made = old.setup(&name, Setup::default()).await.unwrap_or_else(|error| panic!("{error:?}"));
    let mut user = PgConnection::connect(made.url().expose()).await.unwrap();
    sql(&mut user, ROWS).await;
    let mut site = Site::of(&name, Some(format!("{name}_owner"))).await;
    let one = site.prints(&library).await;

    let report = own.control.roll_out(&Rollout::default(), &|_| {}).await.unwrap();
    // those that were there, and those that they have come to need
    let modules = library.chosen(Some(&FIRST.map(|(name, _)| name.to_owned()))).unwrap();
    let at_first = |schema: &Schema| i32::from(schema.name() == "iasql" || FIRST.iter().any(|(name, _)| *name == schema.name()));
    let since_the_first = |schema: &Arc<Schema>| {
        (at_first(schema) + 1..=schema.newest()).map(|version| format!("{} {version}", schema.name())).collect::<Vec<_>>()
    };
    let all: Vec<_> = std::iter::once(library.base()).chain(&modules).flat_map(since_the_first).collect();
    assert!(report.failed.is_empty() && report.upgraded[&name].made == all, "{report:#?}");
    let two = site.prints(&library).await;
    // an older version would take what is sealed for the value
    let how = How { owner: site.owner.as_deref(), ..How::default() };
    let refused = downgrade(&mut site.inside, library.base(), 2, &how).await.unwrap_err();
    assert!(chain(&refused).contains("secrets in secretsmanager.secret are sealed"), "{refused}");
    sql(&mut user, "update secretsmanager.secret set value = null").await;
    for _ in 0..2 {
        for schema in modules.iter().rev().chain([library.base()]) {
            site.down(schema, at_first(schema)).await;
        }
        same(&site.prints(&library).await, &one);
        for schema in std::iter::once(library.base()).chain(&modules) {
            site.up(schema, schema.newest()).await;
        }
        same(&site.prints(&library).await, &two);
    }
    // a type that is changed keeps what it had
    sql(&mut site.inside, &format!("set role {name}_owner; set search_path = pg_catalog, pg_temp; {CHANGED}")).await;
    same(&site.prints(&library).await, &two);
    assert_eq!(ask(&mut user, "select count(*)::text from iasql.history").await, ["5"]);
}

#[tokio::test]
async fn a_database_of_an_earlier_release_gets_the_limits_of_a_new_one() {
    let (own, name, library) = (own().await, support::database_name(), Library::carried().unwrap());
    let old = own.control.clone().with_library(first(&library));
    let made = old.setup(&name, Setup { modules: Some(vec![]), ..Setup::default() }).await.unwrap_or_else(|error| panic!("{error:?}"));
    sql(&mut admin(&name).await, &OPENED.replace("TENANT", &name)).await;
    let mut user = PgConnection::connect(made.url().expose()).await.unwrap();
    assert_eq!(ask(&mut user, CLOSED).await, ["-1 warning true"]);
    let report = own.control.roll_out(&Rollout::default(), &|_| {}).await.unwrap();
    assert!(report.failed.is_empty(), "{report:#?}");
    let mut user = PgConnection::connect(made.url().expose()).await.unwrap();
    assert_eq!(ask(&mut user, CLOSED).await, ["1GB fatal false"]);
}

#[tokio::test]
async fn whom_a_visitor_visits_makes_no_difference_to_any_database() {
    let (own, library) = (own().await, Library::carried().unwrap());
    let (name, neighbour) = (own.bare().await, own.bare().await);
    let (mut inside, base) = (admin(&name).await, library.base());
    let before = fingerprint(&mut inside, base, &[]).await.unwrap();
    assert!(before.objects.contains_key("role iasql_http"), "the others are looked at");
    sql(&mut inside, &format!("grant {neighbour} to iasql_visitor")).await;
    let meanwhile = fingerprint(&mut inside, base, &[]).await.unwrap();
    sql(&mut inside, &format!("revoke {neighbour} from iasql_visitor")).await;
    assert_eq!(meanwhile.differences(&before), []);
}
