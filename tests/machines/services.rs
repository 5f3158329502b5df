//! What Fly's proxy does: services are reached at their ports, by their apps' names; machines start for whoever calls, and rest when nobody is there.

use std::net::{IpAddr, SocketAddr};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Command,
};

use super::{Machine, Site, asked, own_address};

/// The port at which all services here are reached.
const PORT: u16 = 8443;

/// A home whose services are reached.
struct Ground {
    site: Site,
    address: SocketAddr,
}

impl Ground {
    /// With the apps `shop` and `till`, of which the first has an address.
    async fn open(autostop: &str) -> Self {
        let address = own_address();
        let site = Site::open(&["--services", &address, "--autostop-seconds", autostop]);
        site.app("shop").await;
        site.app("till").await;
        site.post("/apps/shop/ip_assignments", json!({ "type": "v6" })).await;
        Self { site, address: SocketAddr::new(address.parse::<IpAddr>().expect("an address"), PORT) }
    }

    /// A machine of an app that serves, with a service.
    async fn machine(&self, app: &str, words: &[&str], service: Value) -> Value {
        let mut whole = json!({ "protocol": "tcp", "internal_port": 8080, "ports": [{ "port": PORT }] });
        whole.as_object_mut().expect("an object").extend(service.as_object().cloned().unwrap_or_default());
        let config = json!({
            "image": "probe", "init": { "cmd": words }, "guest": { "memory_mb": 512 }, "restart": { "policy": "no" }, "services": [whole],
            "stop_config": { "timeout": "2s" },
        });
        self.site.post(&format!("/apps/{app}/machines"), json!({ "config": config })).await
    }

    async fn shop(&self, service: Value) -> Machine<'_> {
        let made = self.machine("shop", &["serve", "8080"], service).await;
        self.site.found(made["id"].as_str().expect("an id"))
    }

    /// A line to the port, as soon as somebody listens there.
    async fn line(&self) -> TcpStream {
        let mut line = None;
        asked(async || {
            line = TcpStream::connect(self.address).await.ok();
            line.is_some()
        })
        .await;
        line.expect("a line")
    }

    /// What the service answers.
    async fn answer(&self) -> String {
        said(self.line().await).await
    }

    async fn state_of(&self, app: &str) -> Value {
        self.site.get(&format!("/apps/{app}/machines")).await[0]["state"].clone()
    }
}

/// What is answered to a request on a line; nothing where that is closed.
async fn said(mut line: TcpStream) -> String {
    let mut answer = vec![];
    drop(line.write_all(b"GET / HTTP/1.0\r\n\r\n").await);
    drop(line.read_to_end(&mut answer).await);
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_machine_starts_for_whoever_calls_and_stops_when_nobody_is_connected() {
    let ground = Ground::open("1").await;
    let service = json!({ "autostop": "stop", "autostart": true });
    let machine = ground.shop(service.clone()).await;
    asked(async || machine.state().await == "stopped").await;
    assert_eq!(machine.event("exit").await["request"]["exit_event"]["requested_stop"], true);
    let line = ground.line().await;
    asked(async || machine.state().await == "started").await;
    // one that nobody calls comes later, and goes sooner
    ground.machine("till", &["serve", "8080"], json!({ "autostop": "stop" })).await;
    asked(async || ground.state_of("till").await == "started").await;
    asked(async || ground.state_of("till").await == "stopped").await;
    assert_eq!(machine.state().await, "started", "somebody is connected");
    assert!(said(line).await.starts_with("HTTP/1.0 200"));
    asked(async || machine.state().await == "stopped").await;
    assert!(ground.answer().await.starts_with("HTTP/1.0 200"));
}

#[tokio::test]
async fn a_machine_that_is_suspended_goes_on_for_whoever_calls() {
    let ground = Ground::open("1").await;
    let machine = ground.shop(json!({ "autostop": "suspend", "autostart": true })).await;
    asked(async || machine.state().await == "suspended").await;
    let [pid] = machine.processes().await[..] else { panic!("one process") };
    assert!(ground.answer().await.starts_with("HTTP/1.0 200"));
    assert_eq!(machine.processes().await, [pid]);
}

#[tokio::test]
async fn what_is_off_is_left_alone() {
    let ground = Ground::open("1").await;
    let machine = ground.shop(json!({ "autostop": "off", "autostart": false })).await;
    for _ in 0..2 {
        ground.machine("till", &["serve", "8080"], json!({ "autostop": "stop", "min_machines_running": 1 })).await;
    }
    let of_till = async |state: &str| {
        let all = ground.site.get("/apps/till/machines").await;
        all.as_array().expect("a list").iter().filter(|machine| machine["state"] == state).count()
    };
    asked(async || of_till("stopped").await == 1).await;
    assert_eq!(machine.state().await, "started");
    machine.post("/stop").await;
    machine.is("stopped").await;
    assert_eq!(ground.answer().await, "");
    assert_eq!((machine.state().await.as_str(), of_till("started").await), ("stopped", 1));
}

#[tokio::test]
async fn whoever_calls_a_machine_on_its_way_to_its_end_waits_for_it_to_begin_again() {
    let ground = Ground::open("3600").await;
    let made = ground.machine("shop", &["serve-on", "8080"], json!({ "autostart": true })).await;
    let machine = ground.site.found(made["id"].as_str().expect("an id"));
    assert!(ground.answer().await.starts_with("HTTP/1.0 200"));
    // it goes on to serve until it is killed
    machine.post("/stop").await;
    assert_eq!(machine.state().await, "stopping");
    assert!(ground.answer().await.starts_with("HTTP/1.0 200"));
    assert_eq!(machine.exit_code().await, 137);
    assert_eq!(machine.state().await, "started");
}

#[tokio::test]
async fn an_app_is_reached_by_its_name_under_tls_where_it_has_an_address() {
    let ground = Ground::open("3600").await;
    let service = json!({ "ports": [{ "port": PORT, "handlers": ["tls"] }], "autostart": true });
    ground.machine("shop", &["serve", "8080"], service.clone()).await;
    ground.machine("till", &["rest"], service).await;
    let authority = std::fs::read(ground.site.authority()).expect("a certificate");
    let mut client = reqwest::Client::builder().no_proxy().http1_only();
    client = client.tls_certs_only([reqwest::Certificate::from_pem(&authority).expect("a certificate")]);
    for app in ["shop", "till"] {
        client = client.resolve(&format!("{app}.fly.dev"), ground.address);
    }
    let client = client.build().expect("a client");
    let ask = async |app: &str| client.get(format!("https://{app}.fly.dev:{PORT}/")).send().await;
    ground.line().await;
    assert!(ask("shop").await.expect("an answer").status().is_success());
    assert!(ask("till").await.is_err(), "it has no address");
    ground.site.good(reqwest::Method::DELETE, "/apps/shop?force=true", Value::Null).await;
    asked(async || TcpStream::connect(ground.address).await.is_err()).await;
}

#[tokio::test]
async fn who_speaks_postgres_hears_why_there_is_nobody() {
    let ground = Ground::open("3600").await;
    let service = json!({ "ports": [{ "port": PORT, "handlers": ["pg_tls"] }], "autostart": false });
    let machine = ground.shop(service).await;
    machine.post("/stop").await;
    machine.is("stopped").await;
    ground.line().await;
    let psql = async |host: &str, mode: &str| {
        let to = format!(
            "host={host} hostaddr={} port={PORT} user=a sslmode={mode} sslrootcert={}",
            ground.address.ip(),
            ground.site.authority().display()
        );
        let mut psql = Command::new("psql");
        let output = psql.args(["-X", "-d", &to, "-c", "select 1"]).env("PGPASSWORD", "a").output().await.expect("psql runs");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let told = psql("shop.fly.dev", "verify-full").await;
    assert!(told.contains("app shop: its machine does not run, and its service says no autostart"), "{told}");
    let told = psql("till.fly.dev", "verify-full").await;
    assert!(told.contains("no app till has a service at this port, and an address"), "{told}");
    let told = psql("shop.fly.dev", "disable").await;
    assert!(told.contains("this service takes connections over TLS only"), "{told}");
}
