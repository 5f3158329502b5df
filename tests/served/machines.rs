//! Rows of `gateway.machine`: by what a gateway is known on a machine that runs one database, and who has that machine.

use iasql::control::{Control, Setup};
use sqlx::{Connection, PgConnection};

use super::domains::{complaint, gateway};
use crate::{crash::Site, support::database_name};

const ONE: &str = "first-planted-key-0123456789abcdef";
const OTHER: &str = "second-planted-key-0123456789abcdef";
const PLAN: &str = "select action || ' ' || resource from iasql.plan";

/// What the gateway finds that it is known by where the database runs.
async fn known(control: &Control) -> Option<String> {
    let found = control.find_served("db.localhost", "shop").await.expect("the registry").expect("a database");
    found.machine.expect("a machine").key.map(|key| key.expose().to_owned())
}

#[tokio::test]
async fn a_key_is_sealed_for_the_gateway_and_changed_in_place_and_a_machine_is_one_users_alone() {
    let mut site = Site::with(&["gateway"]).await;
    site.sql(&format!("insert into gateway.machine (name, key) values ('shop-app/db', '{ONE}')")).await;
    site.sql("insert into gateway.database (name, password, machine) values ('shop', 'correct horse', 'shop-app/db')").await;
    site.check().await;
    site.rests().await;
    let control = gateway(&site).await;
    assert_eq!(known(&control).await.as_deref(), Some(ONE));
    // who has not the engine's key knows nobody there
    assert_eq!(known(&Control::connect(&site.own.url).await.expect("the registry")).await, None);
    site.sql(&format!("update gateway.machine set key = '{OTHER}'")).await;
    assert_eq!(site.ask(PLAN).await, ["update gateway.machine"]);
    site.check().await;
    site.rests().await;
    assert_eq!(known(&control).await.as_deref(), Some(OTHER));
    for planted in [ONE, OTHER] {
        let kept = format!("select count(*)::text from control.served_machine m where position('{planted}' in to_jsonb(m)::text) > 0");
        assert_eq!(site.registry(&kept).await, ["0"]);
        for table in ["gateway.machine", "observed.gateway_machine", "iasql.history", "iasql.change", "iasql.plan", "iasql.run"] {
            let found = format!("select count(*)::text from {table} t where position('{planted}' in to_jsonb(t)::text) > 0");
            assert_eq!(site.ask(&found).await, ["0"], "{table}");
        }
    }
    let other = database_name();
    let setup = Setup { modules: Some(vec!["gateway".into()]), ..Setup::default() };
    let made = site.own.control.setup(&other, setup).await.unwrap_or_else(|error| panic!("{error:?}"));
    let mut user = PgConnection::connect(made.url().expose()).await.expect("the other's login");
    let same = "insert into gateway.machine (name, key) values ('shop-app/db', repeat('somebody else ', 4))";
    sqlx::raw_sql(same).execute(&mut user).await.expect("a row");
    assert!(complaint(&site, &other).await.contains("the machine shop-app/db is somebody else's already"));
    assert_eq!(known(&control).await.as_deref(), Some(OTHER));
    site.sql("delete from gateway.database; delete from gateway.machine").await;
    site.check().await;
    site.rests().await;
    assert_eq!(site.registry("select machine from control.served_machine").await, Vec::<String>::new());
    control.close().await;
}
