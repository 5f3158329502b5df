//! `fly.*` against the Machines API that `iasql machines` serves: rows, plan, engine, real processes.

mod accounts;
mod misbehaves;
mod secrets;
mod services;
mod shapes;
pub(crate) mod strict;

use std::time::{Duration, Instant};

use iasql::{
    engine::{Kind, State},
    fly::{Account, Fly, register},
    resource::{Change, Owner, Registry, Secret},
};
use reqwest::Method;
use serde_json::{Value, json};

use strict::Strict;

use crate::{
    engine::World,
    machines::{Site, TOKEN},
};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A database with `fly`, and the machines that it is about.
struct Ground {
    world: World,
    site: Site,
    /// The way from the one to the other.
    strict: Strict,
}

impl Ground {
    async fn new() -> Self {
        let (mut world, site) = (World::with(&["fly"]).await, Site::open(&[]));
        let strict = Strict::to(&site.http).await;
        world.with_fly(&way(strict.http(), Some(TOKEN)));
        Self { world, site, strict }
    }

    /// An app, a volume and a machine that counts how often it begins.
    async fn shop(&mut self) {
        self.world.sql(SHOP).await;
        self.check().await;
    }

    /// Checks until nothing is on its way any more, and there is nothing to do.
    async fn check(&mut self) {
        let began = Instant::now();
        loop {
            let outcome = self.world.run(Kind::Check).await;
            assert_eq!((&outcome.errors[..], &outcome.blind[..]), (&[][..], &[][..]), "{:#?}", outcome.plan);
            assert_eq!(self.strict.refused(), [""; 0]);
            if outcome.state != State::Waiting {
                break;
            }
            assert!(began.elapsed() < PATIENCE, "it is still on its way: {:#?}", outcome.plan);
        }
        self.world.rests().await;
    }

    /// The only machine.
    async fn machine(&self) -> Value {
        let machines = self.site.get("/apps/shop/machines").await;
        let [machine] = &machines.as_array().expect("machines")[..] else { panic!("{machines}") };
        machine.clone()
    }
}

const SHOP: &str = r#"
    insert into fly.app (name) values ('shop');
    insert into fly.volume (name, app, region) values ('shop_data', 'shop', 'ams');
    insert into fly.machine (app, name, region, image, cmd, env, volume, mount_path)
    values ('shop', 'one', 'ams', 'probe', '["count"]', '{"COLOUR": "red"}', 'shop_data', '/data');
"#;

fn way(http: &str, token: Option<&str>) -> Fly {
    let (address, organization) = (http.to_owned(), "personal".to_owned());
    Fly::new(Account { address, organization, token: token.map(Secret::new) })
}

#[tokio::test]
async fn rows_become_an_app_a_volume_and_a_machine_that_runs_and_go_again() {
    let mut ground = Ground::new().await;
    ground.shop().await;
    let machine = ground.machine().await;
    assert_eq!(
        (&machine["state"], &machine["region"], &machine["config"]["env"]["COLOUR"]),
        (&json!("started"), &json!("ams"), &json!("red"))
    );
    let volume = ground.world.ask("select volume_id from fly.volume").await;
    assert_eq!(machine["config"]["mounts"], json!([{ "volume": volume[0], "path": "/data" }]));
    assert_eq!(ground.world.ask("select machine_id from fly.machine").await, [machine["id"].as_str().expect("an id")]);

    ground.world.sql("delete from fly.machine").await;
    ground.check().await;
    assert_eq!(ground.site.get("/apps/shop/machines").await, json!([]));
    ground.world.sql("delete from fly.volume; delete from fly.app").await;
    ground.check().await;
    assert_eq!(ground.site.get("/apps?org_slug=personal").await["total_apps"], 0);
}

#[tokio::test]
async fn a_machine_is_changed_in_place_and_what_no_column_knows_stays() {
    let mut ground = Ground::new().await;
    ground.shop().await;
    let before = ground.machine().await;
    let path = format!("/apps/shop/machines/{}", before["id"].as_str().expect("an id"));
    let mut config = before["config"].clone();
    config["dns"] = json!({ "nameservers": ["10.0.0.1"] });
    config["env"] = json!({ "COLOUR": "green" });
    ground.site.post(&path, json!({ "config": config })).await;
    ground.site.get(&format!("{path}/wait?state=started&timeout=30")).await;
    ground.world.run(Kind::Refresh).await;
    let changed =
        ground.world.ask("select changed #>> '{env,0,COLOUR}' from iasql.plan where resource = 'fly.machine' and action = 'update'").await;
    assert_eq!(changed, ["green"], "{:#?}", ground.world.diff().await);

    ground.world.sql("update fly.machine set memory_mb = 512, stop_seconds = 90").await;
    ground.check().await;
    let now = ground.machine().await;
    assert_eq!(now["config"]["stop_config"], json!({ "timeout": "90s" }));
    assert_eq!((&now["id"], &now["state"]), (&before["id"], &json!("started")));
    assert_ne!(now["instance_id"], before["instance_id"]);
    let config = &now["config"];
    assert_eq!((&config["env"], &config["guest"]["memory_mb"]), (&json!({ "COLOUR": "red" }), &json!(512)));
    assert_eq!(config["dns"], json!({ "nameservers": ["10.0.0.1"] }));
    assert_eq!(ground.site.get(&format!("{path}/wait?state=started&timeout=1")).await["ok"], true);
}

#[tokio::test]
async fn a_column_says_whether_a_machine_runs_is_stopped_or_stands_still() {
    let mut ground = Ground::new().await;
    ground.shop().await;
    for state in ["stopped", "started", "suspended", "started"] {
        ground.world.sql(&format!("update fly.machine set state = '{state}'")).await;
        ground.check().await;
        assert_eq!(ground.machine().await["state"], state);
    }
    // whoever starts and stops it otherwise is let do so
    ground.world.sql("update fly.machine set state = null").await;
    let id = ground.machine().await["id"].as_str().expect("an id").to_owned();
    ground.site.post(&format!("/apps/shop/machines/{id}/stop"), json!({})).await;
    ground.check().await;
}

#[tokio::test]
async fn a_volume_grows_in_place_and_one_that_would_shrink_is_refused_in_words() {
    let mut ground = Ground::new().await;
    ground.shop().await;
    let id = ground.world.ask("select volume_id from fly.volume").await;
    ground.world.sql("update fly.volume set size_gb = 3, snapshot_retention = 9").await;
    ground.check().await;
    let volume = ground.site.get(&format!("/apps/shop/volumes/{}", id[0])).await;
    assert_eq!((&volume["size_gb"], &volume["snapshot_retention"]), (&json!(3), &json!(9)));
    ground.world.sql("update fly.volume set size_gb = 2").await;
    let outcome = ground.world.run(Kind::Check).await;
    assert!(outcome.errors.iter().any(|error| format!("{error:?}").contains("only grows")), "{:?}", outcome.errors);
}

#[tokio::test]
async fn an_app_gets_addresses_and_certificates_and_says_what_dns_has_to_have() {
    let mut ground = Ground::new().await;
    ground.world.sql("insert into fly.app (name) values ('shop')").await;
    ground.world.sql("insert into fly.ip_address (app, kind) values ('shop', 'shared_v4'), ('shop', 'v6')").await;
    ground.world.sql("insert into fly.certificate (hostname, app) values ('shop.example.com', 'shop')").await;
    ground.check().await;
    let ips = ground.site.get("/apps/shop/ip_assignments").await;
    assert_eq!(ips["ips"].as_array().map(Vec::len), Some(2));
    let [ip] = &ground.world.ask("select ip from fly.ip_address where kind = 'v6'").await[..] else { panic!("no address") };
    assert!(ip.contains(':'), "{ip}");
    let told = ground.world.ask("select dns_name || ' ' || (dns_target is not null) from fly.certificate").await;
    assert_eq!(told, ["_acme-challenge.shop.example.com true"]);
    ground.world.sql("delete from fly.ip_address where kind = 'v6'; delete from fly.certificate").await;
    ground.check().await;
    let ips = ground.site.get("/apps/shop/ip_assignments").await;
    assert_eq!((ips["ips"].as_array().map(Vec::len), &ips["ips"][0]["shared"]), (Some(1), &json!(true)));
    assert_eq!(ground.site.get("/apps/shop/certificates").await["total_count"], 0);
}

#[tokio::test]
async fn a_machine_that_somebody_holds_waits_and_is_changed_when_it_is_let_go() {
    let mut ground = Ground::new().await;
    ground.shop().await;
    let path = format!("/apps/shop/machines/{}/lease", ground.machine().await["id"].as_str().expect("an id"));
    let lease = ground.site.post(&path, json!({ "ttl": 600 })).await;
    ground.world.sql("update fly.machine set env = '{}'").await;
    ground.world.run(Kind::Check).await;
    assert_eq!(ground.machine().await["config"]["env"], json!({ "COLOUR": "red" }));
    let nonce = lease["data"]["nonce"].as_str();
    let (status, _) = ground.site.held(nonce, Method::DELETE, &path, Value::Null).await;
    assert_eq!(status, 200);
    ground.check().await;
    assert_eq!(ground.machine().await["config"]["env"], json!({}));
}

#[tokio::test]
async fn a_creation_whose_answer_was_lost_makes_no_second_machine() {
    let site = Site::open(&[]);
    let registry = register(Registry::default(), &way(&site.http, Some(TOKEN)));
    let make = async |table: &str, desired: Value, owner: &Owner| {
        let driver = registry.driver(table).expect("a driver");
        driver.apply("us-east-1", Change::Create { desired }, owner).await
    };
    let owner = Owner { tag: "db/1".into(), token: "once".into() };
    make("fly.app", json!({ "name": "shop" }), &owner).await.expect("an app");
    let machine = json!({ "app": "shop", "name": "one", "region": "ams", "image": "probe", "cmd": ["rest"] });
    let first = make("fly.machine", machine.clone(), &owner).await.expect("a machine").expect("a row");
    let second = make("fly.machine", machine, &owner).await.expect("the machine").expect("a row");
    assert_eq!(first["machine_id"], second["machine_id"]);
    assert_eq!(site.get("/apps/shop/machines").await.as_array().map(Vec::len), Some(1));
    let taken = make("fly.app", json!({ "name": "shop" }), &owner).await.expect_err("it is taken");
    assert_eq!(taken.kind, iasql::resource::Kind::Taken);
}

#[tokio::test]
async fn whoever_has_no_row_of_it_is_not_told_that_there_is_no_token() {
    let site = Site::open(&[]);
    let mut world = World::with(&["fly"]).await;
    world.with_fly(&way(&site.http, None));
    world.check().await;
    world.sql("insert into fly.app (name) values ('shop')").await;
    let outcome = world.run(Kind::Check).await;
    assert!(format!("{:?} {:?}", outcome.errors, outcome.blind).contains("FLY_API_TOKEN"), "{outcome:?}");
}

#[tokio::test]
async fn without_a_token_it_says_which_one_is_missing_and_a_wrong_one_is_named_by_what_it_does() {
    let site = Site::open(&[]);
    let refused = async |token| {
        let registry = register(Registry::default(), &way(&site.http, token));
        registry.driver("fly.app").expect("a driver").list("us-east-1", vec![]).await.expect_err("a refusal").to_string()
    };
    assert!(refused(None).await.contains("FLY_API_TOKEN"));
    let said = refused(Some("hunter2-hunter2-hunter2")).await;
    assert!(said.contains("401") && !said.contains("hunter2"), "{said}");
}
