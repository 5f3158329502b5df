//! How many sessions a database has at a time, before a real node.

use super::{
    rows::Talk,
    whole::{Gateway, shop},
};
use crate::crash::until;

#[tokio::test]
async fn one_session_more_than_a_database_has_is_refused_by_the_gateway_with_a_hint() {
    const OURS: &str = "FATAL:  too many connections in this database\nHINT:  Close connections that are not needed, or use a pool.";
    let (mut site, folder) = shop().await;
    site.sql("insert into gateway.database (name, role, password) values ('till', 'shop', 'correct horse')").await;
    site.check().await;
    let gateway = Gateway::with(&site, &folder.0, &["--sessions", "3"]).await;
    let mut inside: Vec<_> = (0..3).map(|_| Talk::begin(&gateway.place("shop", "shop"))).collect();
    for one in &mut inside {
        assert_eq!(one.ask("select 1;").await.as_deref(), Some("1"));
    }
    let said = async |name: &str| gateway.psql(name, "shop", "correct horse", "select 1").await;
    let refused = said("shop").await.expect_err("three are inside");
    assert!(refused.ends_with(OURS), "{refused}");
    assert_eq!(said("till").await.as_deref(), Ok("1"), "another one has its own");
    drop(inside.pop().expect("one of three").complaints().await);
    // again and again in the same place: whoever is on the way out keeps it for a moment, and it is never the server that says so
    for _ in 0..20 {
        let comes = || async {
            match said("shop").await {
                Ok(answer) => Some(answer),
                Err(refused) => (assert!(refused.ends_with(OURS), "{refused}"), None).1,
            }
        };
        assert_eq!(until("the place that was left", comes).await, "1");
    }
    for one in &mut inside {
        assert_eq!(one.ask("select 2;").await.as_deref(), Some("2"));
    }
    // what the database refuses itself has a hint, too
    let place = gateway.place("till", "shop").replace("dbname=shop", "dbname=nowhere");
    let refused = Talk::begin(&place).complaints().await;
    assert!(refused.contains("FATAL:  database \"nowhere\" does not exist\nHINT:  The database that was made with the login"), "{refused}");
    drop(inside);
    gateway.stop().await;
}
