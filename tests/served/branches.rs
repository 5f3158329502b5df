//! Rows of `gateway.database` with a `branch_of`: what the book has of them, and what is refused before anything is made.

use iasql::control::Setup;
use sqlx::{Connection, PgConnection};

use super::domains::complaint;
use crate::{crash::Site, support::database_name};

const SHOP: &str = "insert into gateway.database (name, role, password) values ('shop', 'shop', 'correct horse')";
const COPY: &str =
    "insert into gateway.database (name, role, password, branch_of, branch_version) values ('copy', 'shop', 'battery staple', 'shop', 7)";
const BOOK: &str = "select c.label || ' ' || (c.branch_of = s.id) || ' ' || c.branch_label || ' ' || c.branch_version from control.served c, control.served s where s.label = 'shop' and c.branch_of is not null";

#[tokio::test]
async fn a_branch_stands_in_the_book_with_the_id_of_what_it_is_of_and_goes_on_when_that_is_deleted() {
    let mut site = Site::with(&["gateway"]).await;
    // both at once, in the order in which nobody would make them
    site.sql(&format!("{COPY}; {SHOP}")).await;
    site.check().await;
    site.rests().await;
    assert_eq!(site.registry(BOOK).await, ["copy true shop 7"]);
    let found = site.own.control.find_served("db.localhost", "copy").await.unwrap().expect("the database");
    let branch = found.branch.expect("what it is of");
    assert_eq!((&*branch.label, branch.number), ("shop", Some(7)));
    assert!(site.own.control.find_served("db.localhost", "shop").await.unwrap().expect("the database").branch.is_none());

    site.sql("delete from gateway.database where name = 'shop'").await;
    site.check().await;
    site.rests().await;
    assert_eq!(site.ask("select branch_of || ' ' || branch_version from observed.gateway_database").await, ["shop 7"]);
    // what is left open is as it was, and another password is a change in place
    site.sql("update gateway.database set branch_of = null, branch_version = null, password = 'tractor cable'").await;
    site.check().await;
    site.rests().await;
    assert_eq!(site.registry(BOOK).await, ["copy true shop 7"]);
}

#[tokio::test]
async fn what_could_be_no_branch_is_refused_at_the_check_by_name_and_nothing_is_made() {
    let mut site = Site::with(&["gateway"]).await;
    site.sql(SHOP).await;
    site.sql("insert into gateway.domain (name) values ('db.example.com')").await;
    site.sql("insert into gateway.database (name, domain, role) values ('there', 'db.example.com', 'shop')").await;
    site.check().await;
    for (columns, values, sign) in [
        (
            "branch_of",
            "'shopping'",
            "copy is to begin as a branch of shopping, and none of your databases below db.localhost has that name",
        ),
        ("branch_of", "'there'", "none of your databases below db.localhost has that name"),
        ("branch_of, role", "'shop', 'till'", "copy is to begin as a branch of shop, whose role is shop"),
        ("branch_of, role, engine", "'shop', 'shop', 'pglite'", "copy is to begin as a branch of shop, whose engine is postgres"),
    ] {
        site.sql(&format!("insert into gateway.database (name, {columns}) values ('copy', {values})")).await;
        let said = complaint(&site, &site.name).await;
        assert!(said.contains(sign), "{columns} {values}: {said}");
        site.sql("delete from gateway.database where name = 'copy'").await;
    }
    assert_eq!(site.registry("select string_agg(label, ' ' order by label) from control.served").await, ["shop there"]);
    site.check().await;
    site.rests().await;
}

#[tokio::test]
async fn what_is_somebody_elses_is_as_if_it_were_not_there() {
    let mut site = Site::with(&["gateway"]).await;
    site.sql("insert into gateway.domain (name, shared) values ('db.localhost', true)").await;
    site.sql(SHOP).await;
    site.check().await;
    let other = database_name();
    let setup = Setup { modules: Some(vec!["gateway".into()]), ..Setup::default() };
    let made = site.own.control.setup(&other, setup).await.unwrap_or_else(|error| panic!("{error:?}"));
    let mut user = PgConnection::connect(made.url().expose()).await.expect("the other's login");
    for row in [
        "insert into gateway.domain (name, shared) values ('db.localhost', true)",
        "insert into gateway.database (name, role, branch_of) values ('copy', 'shop', 'shop')",
    ] {
        sqlx::raw_sql(row).execute(&mut user).await.expect("a row");
    }
    let said = complaint(&site, &other).await;
    assert!(said.contains("none of your databases below db.localhost has that name"), "{said}");
    assert_eq!(site.registry("select label from control.served").await, ["shop"]);
}

#[tokio::test]
async fn nonsense_is_refused_where_it_is_written_and_another_origin_is_another_database() {
    let mut site = Site::with(&["gateway"]).await;
    site.sql(SHOP).await;
    for (nonsense, constraint) in [
        ("branch_of = 'shop'", "a_database_is_no_branch_of_itself"),
        ("branch_of = 'Shop 1'", "a_branch_is_of_a_name_that_a_database_can_have"),
        ("branch_version = 1", "a_branch_version_is_a_number_from_1_on_of_a_branch"),
        ("branch_of = 'other', branch_version = 0", "a_branch_version_is_a_number_from_1_on_of_a_branch"),
    ] {
        let refused = sqlx::raw_sql(sqlx::AssertSqlSafe(format!("update gateway.database set {nonsense}"))).execute(&mut site.user).await;
        assert!(refused.is_err_and(|error| error.to_string().contains(constraint)), "{nonsense}");
    }
    site.sql(&COPY.replace(", branch_of, branch_version", "").replace(", 'shop', 7", "")).await;
    site.check().await;
    site.sql("update gateway.database set branch_of = 'shop' where name = 'copy'").await;
    let plan = "select action || ' ' || changed::text from iasql.plan";
    assert_eq!(site.ask(plan).await, ["replace {\"branch_of\": [null, \"shop\"]}"]);
}
