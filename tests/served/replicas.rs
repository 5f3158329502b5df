//! Rows of `gateway.database` with a `replica_of`: what the book has of them, and what is refused before anything is made.

use super::domains::complaint;
use crate::crash::Site;

const SHOP: &str = "insert into gateway.database (name, role, password) values ('shop', 'shop', 'correct horse')";
const COPY: &str = "insert into gateway.database (name, role, password, replica_of) values ('copy', 'shop', 'battery staple', 'shop')";

#[tokio::test]
async fn a_replica_stands_in_the_book_with_the_name_of_what_it_reads_and_is_led_there() {
    let mut site = Site::with(&["gateway"]).await;
    // both at once, in the order in which nobody would make them
    site.sql(&format!("{COPY}; {SHOP}")).await;
    site.check().await;
    site.rests().await;
    let control = site.own.control.clone();
    let found = async |label: &str| control.find_served("db.localhost", label).await.expect("the registry").expect("a database");
    let (shop, replica) = (found("shop").await, found("copy").await.replica.expect("what it reads"));
    assert_eq!((replica.of, &*replica.label, shop.replica.is_none()), (Some(shop.id), "shop", true));
    let seen =
        "select concat_ws(' ', name, replica_of, durability, size_limit_bytes, idle_seconds) from observed.gateway_database order by name";
    assert_eq!(site.ask(seen).await, ["copy shop 300", "shop pause 1073741824 300"]);
    // what is left open is as it was, and another password is a change in place
    site.sql("update gateway.database set replica_of = null, password = 'tractor cable' where name = 'copy'").await;
    site.check().await;
    site.rests().await;
    assert_eq!(site.registry("select label from control.served where replica_of = 'shop'").await, ["copy"]);
    let plan = "select action || ' ' || changed::text from iasql.plan";
    site.sql("update gateway.database set replica_of = 'other' where name = 'copy'").await;
    assert_eq!(site.ask(plan).await, ["replace {\"replica_of\": [\"shop\", \"other\"]}"]);
    // both in one statement
    site.sql("delete from gateway.database").await;
    site.check().await;
    site.rests().await;
    assert_eq!(site.registry("select count(*)::text from control.served where gone_at is null").await, ["0"]);
}

#[tokio::test]
async fn what_could_be_no_replica_is_refused_at_the_check_by_name_and_nothing_is_made() {
    let mut site = Site::with(&["gateway"]).await;
    site.sql(&format!("{SHOP}; {COPY}")).await;
    site.sql("insert into gateway.domain (name) values ('db.example.com')").await;
    site.sql("insert into gateway.database (name, domain, role) values ('there', 'db.example.com', 'shop')").await;
    site.sql("insert into gateway.database (name, role, engine) values ('browser', 'shop', 'pglite')").await;
    site.check().await;
    for (columns, values, sign) in [
        (
            "role, replica_of",
            "'shop', 'shopping'",
            "till is to be a replica of shopping, and none of your databases below db.localhost has that name",
        ),
        ("role, replica_of", "'shop', 'there'", "none of your databases below db.localhost has that name"),
        ("role, replica_of", "'till', 'shop'", "till is to be a replica of shop, whose role is shop"),
        ("role, replica_of", "'shop', 'browser'", "till is to be a replica of browser, whose engine is pglite"),
        (
            "role, replica_of",
            "'shop', 'copy'",
            "till is to be a replica of copy, which is a replica itself and has no files of its own: let it be one of shop",
        ),
        ("role, branch_of", "'shop', 'copy'", "till is to begin as a branch of copy, which is a replica itself"),
    ] {
        site.sql(&format!("insert into gateway.database (name, {columns}) values ('till', {values})")).await;
        let said = complaint(&site, &site.name).await;
        assert!(said.contains(sign), "{columns} {values}: {said}");
        site.sql("delete from gateway.database where name = 'till'").await;
    }
    let made = "select string_agg(label, ' ' order by label) from control.served";
    assert_eq!(site.registry(made).await, ["browser copy shop there"]);
    site.check().await;
    site.rests().await;
}

#[tokio::test]
async fn nonsense_of_a_replica_is_refused_where_it_is_written_and_what_it_reads_stays() {
    let mut site = Site::with(&["gateway"]).await;
    site.sql(&format!("{SHOP}; {COPY}")).await;
    for (nonsense, constraint) in [
        ("replica_of = 'copy'", "a_database_is_no_replica_of_itself"),
        ("replica_of = 'Shop 1'", "a_replica_is_of_a_name_that_a_database_can_have"),
        ("branch_of = 'other'", "a_replica_is_no_branch"),
        ("engine = 'pglite'", "a_replica_is_of_engine_postgres"),
        ("durability = 'sync'", "a_replica_has_no_durability_and_no_size_limit_of_its_own"),
        ("size_limit_bytes = 16777216", "a_replica_has_no_durability_and_no_size_limit_of_its_own"),
    ] {
        let sql = format!("update gateway.database set {nonsense} where name = 'copy'");
        let refused = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut site.user).await;
        assert!(refused.is_err_and(|error| error.to_string().contains(constraint)), "{nonsense}");
    }
    let refused = sqlx::raw_sql("delete from gateway.database where name = 'shop'").execute(&mut site.user).await.expect_err("a refusal");
    assert!(refused.to_string().contains("the database shop has the replica copy, which has nothing without it"), "{refused}");
    site.sql("delete from gateway.database where name = 'copy'; delete from gateway.database where name = 'shop'").await;
}
