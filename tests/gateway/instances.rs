//! A database on a machine of its own: rows become a bucket, a machine and a name; the gateway starts the machine, which stops by itself, and the files
//! are in the bucket.

use std::path::Path;

use serde_json::{Value, json};

use super::{
    rows::Talk,
    whole::{Folder, Gateway},
};
use crate::{
    crash::{Site, until},
    machines,
};

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// An engine's database with a row for each part, machines that are processes here, and a gateway.
struct Ground {
    site: Site,
    machines: machines::Site,
    gateway: Gateway,
    _folder: Folder,
}

impl Ground {
    async fn open() -> Self {
        let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("images");
        let machines = machines::Site::open(&["--images", images.to_str().expect("a text")]);
        let (mut site, folder) = (Site::with(&["gateway", "fly", "s3"]).await, Folder::new());
        site.also("FLY_API_TOKEN", machines::TOKEN);
        site.also("FLY_FLAPS_BASE_URL", &machines.http);
        let mut env: serde_json::Map<_, _> =
            site.account.environment().await.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        env.insert("IASQL_INSTANCE_BUCKET".into(), json!("s3://shop-files"));
        env.insert("IASQL_INSTANCE_KEY".into(), json!(KEY));
        let env = Value::Object(env);
        site.sql("insert into s3.bucket (name) values ('shop-files')").await;
        site.sql("insert into fly.app (name) values ('shop-app')").await;
        site.sql("insert into fly.volume (name, app, region) values ('shop_data', 'shop-app', 'ams')").await;
        site.sql(&format!("insert into fly.machine (app, name, region, image, env, volume, mount_path, restart_policy) values ('shop-app', 'one', 'ams', 'postgres', '{env}', 'shop_data', '/data', 'no')")).await;
        site.sql(&format!("insert into gateway.machine (name, key) values ('shop-app/one', '{KEY}')")).await;
        site.sql("insert into gateway.database (name, role, password, idle_seconds, machine) values ('shop', 'shop', 'correct horse', 1, 'shop-app/one')").await;
        site.check().await;
        let gateway = Gateway::start(&site, &folder.0).await;
        Self { site, machines, gateway, _folder: folder }
    }

    fn talk(&self) -> Talk {
        Talk::begin(&self.gateway.place("shop", "shop"))
    }

    async fn state(&self) -> String {
        let machines = self.machines.get("/apps/shop-app/machines").await;
        machines[0]["state"].as_str().expect("a state").to_owned()
    }

    async fn until_it_is(&self, state: &str) {
        until(state, || async { (self.state().await == state).then_some(()) }).await;
    }
}

#[tokio::test]
async fn the_machine_of_a_database_starts_when_somebody_calls_stops_by_itself_and_may_lose_its_disk() {
    let ground = Ground::open().await;
    let mut talk = ground.talk();
    let made = talk.ask("create table t as select generate_series(1, 1000000) as n; select count(*) from t;").await;
    assert_eq!(made.as_deref(), Some("1000000"));
    assert_eq!((ground.state().await.as_str(), ground.gateway.servers()), ("started", 0));
    drop(talk);
    ground.until_it_is("stopped").await;
    let begin = std::time::Instant::now();
    assert_eq!(ground.talk().ask("select count(*) from t;").await.as_deref(), Some("1000000"));
    println!("from a call to its first row, the machine being stopped: {} ms", begin.elapsed().as_millis());
    ground.until_it_is("stopped").await;
    ground.machines.empty_volumes();
    let mut again = ground.talk();
    assert_eq!(again.ask("select sum(n) from t;").await.as_deref(), Some("500000500000"));
    drop(again);
    ground.gateway.stop().await;
    ground.site.rests().await;
}
