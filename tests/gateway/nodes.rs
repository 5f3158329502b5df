//! A gateway that runs no databases, and nodes as processes of their own: each database is led to the node that has it, or to one that is there.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{
    Connection, PgConnection,
    postgres::{PgConnectOptions, PgDatabaseError, PgSslMode},
};
use tokio::process::Command;

use super::{
    rows::{Talk, place, signed},
    whole::{Folder, Gateway, shop},
    within,
};
use crate::{
    crash::{Site, until},
    support,
};

const DOMAIN: &str = "db.example.com";
const HOST: &str = "shop.db.example.com";

/// A database below a domain of the gateways' own, and one gateway, which has no databases.
struct Apart {
    site: Site,
    folder: Folder,
    authority: String,
    gateway: Gateway,
}

impl Apart {
    /// Where the database's row has these values more.
    async fn open(more: &str) -> Self {
        let (mut site, folder) = (Site::with(&["gateway"]).await, Folder::new());
        let (authority, pem) = signed(&folder.0.join("authority"), DOMAIN);
        std::fs::write(folder.0.join("wildcard.pem"), pem).expect("a file");
        std::fs::create_dir_all(folder.0.join("bucket")).expect("a folder");
        site.sql("insert into gateway.domain (name) values ('db.example.com')").await;
        site.sql("insert into gateway.database (name, domain, role, password) values ('shop', 'db.example.com', 'shop', 'correct horse')")
            .await;
        if !more.is_empty() {
            site.sql(&format!("update gateway.database set {more}")).await;
        }
        site.check().await;
        let gateway = run(&site, &folder, "gateway", "gw", &["--nodes"]).await;
        Self { site, folder, authority, gateway }
    }

    async fn node(&self, name: &str, words: &[&str]) -> Gateway {
        run(&self.site, &self.folder, "node", name, words).await
    }

    fn talk(&self) -> Talk {
        Talk::begin(&place(&self.gateway, HOST, &self.authority))
    }

    /// The SQLSTATE and the hint of who is not let in at this port.
    async fn refused(&self, port: u64, mode: PgSslMode) -> (String, String) {
        let options = PgConnectOptions::new_without_pgpass().host("localhost").port(port.try_into().expect("a port"));
        let options = options.username("shop").password("correct horse").database("shop").options([("endpoint", "shop")]);
        let options = options.ssl_mode(mode).ssl_root_cert(&self.authority);
        let error = within(PgConnection::connect_with(&options)).await.expect_err("no way in");
        let said = error.into_database_error().expect("words").downcast::<PgDatabaseError>();
        (said.code().to_owned(), said.hint().unwrap_or_default().to_owned())
    }
}

async fn run(site: &Site, folder: &Folder, command: &str, name: &str, words: &[&str]) -> Gateway {
    let (bucket, certificate) = (format!("file://{}", folder.0.join("bucket").display()), folder.0.join("wildcard.pem"));
    let shown = ["--certificate", certificate.to_str().expect("a text")];
    // a node shows no client anything
    let shown = if command == "gateway" { &shown[..] } else { &[] };
    let common = ["--domain", DOMAIN, "--bucket", &bucket, "--advertise", "127.0.0.1"];
    Gateway::run(command, site, &folder.0.join(name), &[&common[..], shown, words].concat()).await
}

/// Of the two, which one has the database, and the other one.
fn having(one: Gateway, other: Gateway) -> (Gateway, Gateway) {
    if one.servers() == 1 { (one, other) } else { (other, one) }
}

#[tokio::test]
async fn clients_of_a_sleeping_database_are_led_to_one_node_which_hands_it_over_when_it_stops() {
    let apart = Apart::open("").await;
    let (code, hint) = apart.refused(apart.gateway.port, PgSslMode::VerifyCa).await;
    assert!(code == "57P03" && hint.contains("iasql node"), "{code} {hint}");
    let (one, other) = (apart.node("n1", &[]).await, apart.node("n2", &[]).await);
    let (mut first, mut second) = (apart.talk(), apart.talk());
    let (said, heard) = tokio::join!(first.ask("create table t as select 42 as n; select n from t;"), second.ask("select 1;"));
    assert_eq!((said.as_deref(), heard.as_deref()), (Some("42"), Some("1")));
    assert_eq!(second.ask("select n from t;").await.as_deref(), Some("42"), "it is the same database");
    assert_eq!((one.servers() + other.servers(), apart.gateway.servers()), (1, 0));
    let (has, next) = having(one, other);
    // it asks a node to cancel what a session there does
    let mut sleeps = Command::new("psql");
    sleeps.args(["-XAtq", "-c", "select pg_sleep(600)", "-d", &place(&apart.gateway, HOST, &apart.authority)]);
    let sleeps = sleeps.env("PGPASSWORD", "correct horse").stderr(Stdio::piped()).kill_on_drop(true).spawn().expect("psql runs");
    let psql = Pid::from_raw(sleeps.id().and_then(|pid| pid.try_into().ok()).expect("it runs"));
    let asleep =
        "select count(*) from pg_stat_activity where query like 'select pg_sleep%' and state = 'active' and pid <> pg_backend_pid();";
    within(async { while first.ask(asleep).await.as_deref() != Some("1") {} }).await;
    kill(psql, Signal::SIGINT).expect("a signal");
    let said = String::from_utf8_lossy(&within(sleeps.wait_with_output()).await.expect("an end").stderr).into_owned();
    assert!(said.contains("canceling statement due to user request"), "{said}");
    // no client comes to it but by way of a gateway, in clear or under TLS
    for mode in [PgSslMode::Require, PgSslMode::Disable] {
        let (code, hint) = apart.refused(has.port, mode).await;
        assert!(code == "08004" && hint.contains("gateway"), "{code} {hint}");
    }
    drop((first, second));
    has.stop().await;
    let mut again = apart.talk();
    assert_eq!(again.ask("select n from t;").await.as_deref(), Some("42"));
    assert_eq!(next.servers(), 1);
    drop(again);
    next.stop().await;
    apart.gateway.stop().await;
}

#[tokio::test]
async fn a_database_of_a_lost_node_is_there_at_another_one_within_the_lease_time_with_all_that_was_committed() {
    let apart = Apart::open("durability = 'sync'").await;
    let (one, other) = (apart.node("n1", &[]).await, apart.node("n2", &[]).await);
    let mut inside = apart.talk();
    assert_eq!(inside.ask("create table t (n int); insert into t values (7) returning n;").await.as_deref(), Some("7"));
    let (has, next) = having(one, other);
    has.destroy().await;
    let lost = Instant::now();
    assert_eq!(inside.ask("select 1;").await, None, "its session is over");
    let mut again = apart.talk();
    assert_eq!(again.ask("select n from t;").await.as_deref(), Some("7"));
    println!("there again {} ms after its node was lost", lost.elapsed().as_millis());
    // a lease of 15 seconds, from its last renewal on, as the next node sees it from the first knock on; and the start on a busy machine
    assert!(lost.elapsed() < Duration::from_secs(30), "{:?}", lost.elapsed());
    assert_eq!(next.servers(), 1);
    drop(again);
    next.stop().await;
    apart.gateway.stop().await;
}

#[tokio::test]
async fn a_database_is_run_by_a_node_in_its_location_and_where_there_is_none_its_client_hears_so() {
    let mut apart = Apart::open("location = 'fra', idle_seconds = 1").await;
    let elsewhere = apart.node("n1", &["--location", "ams"]).await;
    let (code, _) = apart.refused(apart.gateway.port, PgSslMode::VerifyCa).await;
    assert_eq!(code, "57P03");
    let there = apart.node("n2", &["--location", "fra"]).await;
    let comes = || async { apart.talk().ask("select 1;").await };
    assert_eq!(until("it is known", comes).await, "1");
    assert_eq!((elsewhere.servers(), there.servers()), (0, 1));
    apart.site.sql("update gateway.database set location = 'ams'").await;
    apart.site.check().await;
    // where it was it is put away first
    let mut again = apart.talk();
    assert_eq!(again.ask("select 2;").await.as_deref(), Some("2"));
    assert_eq!((elsewhere.servers(), there.servers()), (1, 0));
    drop(again);
    there.stop().await;
    elsewhere.stop().await;
    apart.gateway.stop().await;
}

#[tokio::test]
async fn a_node_that_is_full_is_passed_by_and_where_all_are_it_is_said() {
    let mut apart = Apart::open("").await;
    apart.site.sql("insert into gateway.database (name, domain, role, password) select n, 'db.example.com', 'shop', 'correct horse' from unnest(array['a', 'b', 'c']) n").await;
    apart.site.check().await;
    let start = async |name: &str| apart.node(name, &["--awake", "1"]).await;
    let nodes = [start("n1").await, start("n2").await, start("n3").await];
    // a gateway hears within some seconds of those that have just begun
    let known = || async { apart.talk().ask("select 1;").await };
    until("it is known", known).await;
    let mut inside = vec![];
    for name in ["a", "b", "c"] {
        let place = place(&apart.gateway, &format!("{name}.{DOMAIN}"), &apart.authority);
        let comes = || async {
            let mut talk = Talk::begin(&place);
            talk.ask("select 1;").await.map(|_| talk)
        };
        inside.push(until(name, comes).await);
    }
    assert_eq!(nodes.each_ref().map(Gateway::servers), [1, 1, 1]);
    let (code, _) = apart.refused(apart.gateway.port, PgSslMode::VerifyCa).await;
    assert_eq!(code, "53300");
    drop(inside);
    for node in nodes {
        node.stop().await;
    }
    apart.gateway.stop().await;
}

#[tokio::test]
async fn a_node_with_another_bucket_is_refused_beside_others_and_no_gateway_leads_there_that_has_not_the_same() {
    let apart = Apart::open("").await;
    let elsewhere = format!("file://{}", apart.folder.0.join("gw").display());
    let other = |words: &[&str]| {
        let common = ["node", "--listen", "127.0.0.1:0", "--domain", DOMAIN, "--advertise", "127.0.0.1", "--bucket", &elsewhere];
        let mut command = apart.site.iasql(&[&common[..], words].concat());
        command.arg("--home").arg(apart.folder.0.join("other")).output()
    };
    // it is there alone, and the gateway does not know it
    let common = ["--domain", DOMAIN, "--advertise", "127.0.0.1", "--bucket", &elsewhere];
    let alone = Gateway::run("node", &apart.site, &apart.folder.0.join("alone"), &common).await;
    let (code, hint) = apart.refused(apart.gateway.port, PgSslMode::VerifyCa).await;
    assert!(code == "57P03" && hint.contains("iasql node"), "{code} {hint}");
    alone.stop().await;
    let node = apart.node("n1", &["--location", "fra"]).await;
    let refused = within(other(&["--location", "fra"])).await.expect("an end");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(1) && said.contains("from another bucket, and they would begin here anew"), "{said}");
    let mut talk = apart.talk();
    assert_eq!(talk.ask("select 1;").await.as_deref(), Some("1"));
    drop(talk);
    node.stop().await;
    apart.gateway.stop().await;
}

#[tokio::test]
async fn beside_a_gateway_without_a_bucket_none_of_another_folder_starts_for_it_would_begin_the_databases_anew() {
    let (site, folder) = shop().await;
    let first = Gateway::start(&site, &folder.0.join("a")).await;
    let bucket = format!("file://{}", folder.0.join("bucket").display());
    std::fs::create_dir_all(folder.0.join("bucket")).expect("a folder");
    for words in [&[][..], &["--bucket", &*bucket]] {
        let mut command = site.iasql(&[&["gateway", "--listen", "127.0.0.1:0"], words].concat());
        let refused = within(command.arg("--home").arg(folder.0.join("b")).output()).await.expect("an end");
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        let why = "another gateway or node runs databases of the same registry from its own folder, without a bucket";
        assert!(refused.status.code() == Some(1) && said.contains(why), "{said}");
    }
    first.stop().await;
    Gateway::start(&site, &folder.0.join("b")).await.stop().await;
    // the same folder with a bucket goes on with what is in it
    let second = Gateway::start(&site, &folder.0.join("a")).await;
    second.psql("shop", "shop", "correct horse", "create table t ()").await.expect("a table");
    second.stop().await;
    let third = Gateway::with(&site, &folder.0.join("a"), &["--bucket", &bucket]).await;
    assert_eq!(third.psql("shop", "shop", "correct horse", "select count(*) from t").await.as_deref(), Ok("0"));
    third.stop().await;
}

#[tokio::test]
async fn a_gateway_to_nodes_and_a_node_need_a_bucket_and_say_so() {
    for (words, missing) in [
        (&["gateway", "--nodes"][..], "--bucket"),
        (&["gateway", "--nodes", "--bucket", "file:///tmp/b", "--http", "127.0.0.1:0"], "--http"),
        (&["node", "--bucket", "file:///tmp/b"], "--advertise"),
        (&["node", "--advertise", "localhost"], "--bucket"),
    ] {
        let output = within(Command::new(support::binary()).args(words).output()).await.expect("the binary runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && said.contains(missing), "{said}");
    }
}
