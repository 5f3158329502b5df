//! A database before which no gateway stands, from one row of `serverless.database`: Fly's proxy, which `iasql machines` is here, starts its machine and stops it.

use std::time::Instant;

use iasql::gateway::startup::{Hello, encode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    Site,
    client::{clear, rest},
    instances::Ground,
    rows::Talk,
    settings,
    uploads::pglite,
};
use crate::machines;

/// What a row is put down with whose machine is led to by the proxy, and how clients find it.
struct Alone {
    ground: Ground,
    address: String,
}

impl Alone {
    async fn open(images: &str, autostop: &str) -> Self {
        let (address, pglite) = (machines::own_address(), pglite());
        let pglite = pglite.to_str().expect("a text");
        let ground = Ground::with(images, &["--services", &address, "--autostop-seconds", autostop, "--pglite", pglite]).await;
        Self { ground, address }
    }

    async fn shop(&mut self, engine: &str, idle_seconds: u32) {
        let sql = format!(
            "insert into serverless.database (name, gateway, role, engine, app, idle_seconds, bucket, password, endpoint, access_key_id, secret_access_key) values ('shop', false, 'shop', '{engine}', '{0}-shop', {idle_seconds}, '{0}-files', {1})",
            self.ground.own,
            self.ground.with_keys()
        );
        self.ground.site.sql(&sql).await;
        self.ground.site.check().await;
        self.ground.site.rests().await;
    }

    /// Where libpq finds it.
    async fn place(&mut self) -> String {
        let host = self.ground.site.ask("select host from serverless.database").await.remove(0);
        let authority = self.ground.machines.authority();
        let authority = authority.to_str().expect("a text");
        format!("host={host} hostaddr={} port=5432 user=shop dbname=shop sslmode=verify-full sslrootcert={authority}", self.address)
    }

    /// How its machine's process ended last: whether somebody asked for it, and with which code.
    async fn end(&self) -> (Value, Value) {
        let path = self.ground.machine().await;
        let events = self.ground.machines.get(&format!("{path}/events")).await;
        let exit = events.as_array().expect("a list").iter().find(|event| event["type"] == "exit").expect("an end");
        let exit = &exit["request"]["exit_event"];
        (exit["requested_stop"].clone(), exit["exit_code"].clone())
    }
}

#[tokio::test]
async fn without_a_gateway_the_proxy_starts_its_machine_and_stops_it_when_everybody_has_left_and_its_disk_may_be_lost() {
    let mut alone = Alone::open("images", "2").await;
    alone.shop("postgres", 3600).await;
    let place = alone.place().await;
    let mut first = Talk::begin(&place);
    let made = first.ask("create table t as select generate_series(1, 1000) as n; select count(*) from t;").await;
    assert_eq!(made.as_deref(), Some("1000"), "{}", first.complaints().await);
    drop(first);
    alone.ground.until_it_is("stopped").await;
    let begin = Instant::now();
    assert_eq!(alone.end().await, (json!(true), json!(0)), "the proxy has asked it to stop, and it has ended well");
    let mut again = Talk::begin(&place);
    assert_eq!(again.ask("insert into t values (1001); select sum(n) from t;").await.as_deref(), Some("501501"));
    println!("from a call to its first row, the machine being stopped: {} ms", begin.elapsed().as_millis());
    drop(again);
    alone.ground.until_it_is("stopped").await;
    alone.ground.machines.empty_volumes();
    let mut third = Talk::begin(&place);
    assert_eq!(third.ask("select sum(n) from t;").await.as_deref(), Some("501501"));
    drop(third);
    let refused = Talk::begin(&place.replace("user=shop", "user=postgres")).complaints().await;
    assert!(refused.contains("password authentication failed for user \"postgres\""), "{refused}");
    // what it is known by is another from then on, and whoever starts it next finds it so
    alone.ground.site.sql("update serverless.database set password = 'battery staple', durability = 'sync'").await;
    alone.ground.site.check().await;
    alone.ground.site.rests().await;
    let refused = Talk::begin(&place).complaints().await;
    assert!(refused.contains("password authentication failed for user \"shop\""), "{refused}");
    let mut last = Talk::begin(&format!("{place} password='battery staple'"));
    assert_eq!(last.ask("select count(*) from t;").await.as_deref(), Some("1001"));
}

#[tokio::test]
async fn with_engine_pglite_it_has_one_session_at_a_time_and_its_disk_may_be_lost_too() {
    let mut alone = Alone::open("images", "2").await;
    alone.shop("pglite", 3600).await;
    let place = alone.place().await;
    let mut first = Talk::begin(&place);
    assert_eq!(first.ask("create table t as select generate_series(1, 1000) as n; select sum(n) from t;").await.as_deref(), Some("500500"));
    let refused = Talk::begin(&place).complaints().await;
    assert!(refused.contains("another session is open in the database"), "{refused}");
    drop(first);
    alone.ground.until_it_is("stopped").await;
    assert_eq!(alone.end().await, (json!(true), json!(0)));
    alone.ground.machines.empty_volumes();
    assert_eq!(Talk::begin(&place).ask("select sum(n) from t;").await.as_deref(), Some("500500"));
}

#[tokio::test]
async fn a_machine_that_ends_because_its_database_sleeps_is_started_by_the_proxy_as_one_that_was_stopped() {
    let mut alone = Alone::open("images", "3600").await;
    alone.shop("postgres", 1).await;
    let place = alone.place().await;
    let mut first = Talk::begin(&place);
    assert_eq!(first.ask("create table t as select 42 as n; select n from t;").await.as_deref(), Some("42"));
    drop(first);
    alone.ground.until_it_is("stopped").await;
    assert_eq!(alone.end().await, (json!(false), json!(0)), "it has ended by itself, and well");
    let mut again = Talk::begin(&place);
    assert_eq!(again.ask("select n from t;").await.as_deref(), Some("42"));
    // one that is asked to stop while somebody is inside is on its way there when the next one calls, who waits for both
    let path = alone.ground.machine().await;
    alone.ground.machines.post(&format!("{path}/stop"), json!({})).await;
    let mut third = Talk::begin(&place);
    assert_eq!(third.ask("select n + 1 from t;").await.as_deref(), Some("43"));
}

#[tokio::test]
async fn a_row_without_a_gateway_has_an_address_and_a_service_and_no_rows_of_the_gateway() {
    let mut alone = Alone::open("tests/machines/images", "3600").await;
    let (own, site) = (alone.ground.own.clone(), &mut alone.ground.site);
    let row =
        format!("insert into serverless.database (name, gateway, app, password) values ('shop', false, '{own}-shop', 'correct horse')");
    site.sql(&row).await;
    let shown = "select concat_ws(' ', gateway, domain, role, engine, idle_seconds, host, password) from serverless.database";
    assert_eq!(site.ask(shown).await, [format!("f app postgres {own}-shop.fly.dev")]);
    let made = "select concat_ws(' ', (select count(*) from gateway.machine), (select count(*) from gateway.database), (select kind from fly.ip_address), (select services -> 0 ->> 'autostop' from fly.machine), (select string_agg(name, ' ' order by name) from fly.secret))";
    assert_eq!(site.ask(made).await, ["0 0 v6 true IASQL_INSTANCE_VERIFIER"]);
    let seen =
        site.ask("select string_agg(h::text, ' ') || (select string_agg(p::text, ' ') from iasql.plan p) from iasql.history h").await;
    assert!(!seen[0].contains("SCRAM-SHA-256") && !seen[0].contains("correct horse"), "{seen:?}");
    // RFC 7677's own example
    let verifier = site.ask("select serverless.verifier('pencil', decode('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))").await;
    assert_eq!(
        verifier,
        [
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
        ]
    );
    let alone =
        |more: &str, values: &str| format!("insert into serverless.database (name, gateway, {more}) values ('till', false, {values})");
    for (sql, said) in [
        (alone("domain", "'db.localhost'"), "a database without a gateway has no domain"),
        (alone("password", "'sésame, ouvre-toi'"), "without a gateway a password is of ASCII signs"),
        (alone("password", "'short'"), "a password has 8 to 1000 characters"),
        (alone("endpoint", "'nonsense'"), "an endpoint is an address of HTTP"),
        (alone("access_key_id, secret_access_key", "E'a\\nb', 'x'"), "an access key is of signs that can be seen"),
        (alone("role", "'pg_till'"), "a role is a name that postgres gives to users"),
        (alone("idle_seconds", "-1"), "an idle time is 0 to 86400 seconds"),
        (alone("durability", "'soon'"), "durability is pause, interval or sync"),
        (alone("engine, durability", "'orioledb', 'sync'"), "of engine orioledb durability is pause"),
        (
            "insert into serverless.database (name, gateway) values ('shop', false)".to_owned(),
            "is that of another database without a gateway",
        ),
        (
            format!("insert into serverless.database (name, gateway, app) values ('Shop', false, '{own}-other')"),
            "1 to 63 small letters, digits and hyphens",
        ),
        ("update serverless.database set gateway = true".to_owned(), "of a serverless database gateway can't be changed"),
        ("update serverless.database set durability = 'never'".to_owned(), "durability is pause, interval or sync"),
        ("insert into serverless.replica (name, of) values ('copy', 'shop')".to_owned(), "the database shop has no gateway"),
    ] {
        let refused = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut site.user).await.expect_err("a refusal").to_string();
        assert!(refused.contains(said), "{refused}");
    }
    site.sql("update serverless.database set idle_seconds = 60, durability = 'sync'").await;
    site.sql("update serverless.database set idle_seconds = null").await;
    let told = "select concat_ws(' ', idle_seconds, durability, (select count(*) from fly.secret)) from serverless.database";
    assert_eq!(site.ask(told).await, ["sync 1"]);
    let called = "select env ->> 'IASQL_INSTANCE_DATABASE' from fly.machine";
    let before = site.ask(called).await;
    site.sql(&format!("delete from serverless.database; {row}")).await;
    assert_eq!(site.ask(called).await, before, "what is in the bucket is its own");
    site.sql("delete from serverless.database").await;
    let left = "select ((select count(*) from fly.app) + (select count(*) from fly.ip_address) + (select count(*) from fly.machine))::text";
    assert_eq!(site.ask(left).await, ["0"]);
}

#[tokio::test]
async fn behind_a_proxy_clients_come_in_clear_to_the_one_database_and_nobodys_guesses_keep_others_out() {
    let site = Site::of(settings(), |gateway| gateway.behind_a_proxy("12345".to_owned())).await;
    let ask = async |user: &str| site.psql("678.db.localhost", &format!("sslmode=disable user={user}"), "select current_user").await;
    for _ in 0..25 {
        let refused = ask("bob").await.expect_err("nobody is bob");
        assert!(refused.contains("password authentication failed for user \"bob\""), "{refused}");
    }
    assert_eq!(ask("ann").await.as_deref(), Ok("ann"));
    assert_eq!(site.world.woken(), ["12345"]);
    let bound = site.psql("678.db.localhost", "sslmode=disable channel_binding=require", "select 1").await.expect_err("nothing to bind to");
    assert!(bound.contains("channel binding"), "{bound}");
    // whoever asks for TLS hears that there is none here
    let mut line = clear(site.port).await;
    line.write_all(&encode(&Hello::Tls)).await.expect("it listens");
    assert_eq!(line.read_u8().await.expect("an answer"), b'N');
    // and who begins with it is no client of Postgres
    let mut line = clear(site.port).await;
    line.write_all(&[0x16, 3, 1, 0, 200, 1, 0, 0, 196]).await.expect("it listens");
    assert!(String::from_utf8_lossy(&rest(&mut line).await).contains("C08P01"));
    site.close().await;
}
