//! Services and checks: what a row says and what Fly gives back for it are the same, and what a row leaves open is left alone.

use iasql::engine::Kind;
use serde_json::{Value, json};

use super::Ground;

const MACHINE: &str = r#"
    insert into fly.app (name) values ('shop');
    insert into fly.machine (app, name, region, image, cmd, services, checks) values ('shop', 'one', 'ams', 'probe', '["rest"]',
      '[{"protocol": "tcp", "internal_port": 5432, "ports": [{"port": 5432}], "autostop": "off", "checks": [{"type": "tcp", "port": 5432, "interval": "90s"}]}]',
      '{"up": {"type": "tcp", "port": 5432, "interval": "1m0s", "timeout": "2s"}}');
"#;

impl Ground {
    /// Somebody else writes a part of the machine's configuration.
    async fn written(&self, name: &str, value: Value) {
        let machine = self.machine().await;
        let path = format!("/apps/shop/machines/{}", machine["id"].as_str().expect("an id"));
        let mut config = machine["config"].clone();
        config[name] = value;
        self.site.post(&path, json!({ "config": config })).await;
        self.site.get(&format!("{path}/wait?state=started&timeout=30")).await;
    }

    async fn changed(&mut self) -> Vec<String> {
        self.world.run(Kind::Refresh).await;
        self.world.ask("select changed::text from iasql.plan").await
    }
}

#[tokio::test]
async fn what_a_row_says_and_what_fly_gives_back_compare_equal() {
    let mut ground = Ground::new().await;
    ground.world.sql(MACHINE).await;
    let spelt = ground.world.ask("select services::text from fly.machine").await;
    assert!(spelt[0].contains(r#""autostop": false"#), "{spelt:?}");
    ground.check().await;
    assert_eq!(ground.machine().await["config"]["services"][0]["autostop"], false);

    // as Fly spells spans, and with what it fills in by itself
    let mut services = ground.machine().await["config"]["services"].clone();
    services[0]["checks"][0]["interval"] = json!("1m30s");
    services[0]["force_instance_key"] = Value::Null;
    services[0]["concurrency"] = json!({ "type": "connections", "soft_limit": 20 });
    services[0]["ports"][0]["force_https"] = json!(false);
    ground.written("services", services.clone()).await;
    let mut checks = ground.machine().await["config"]["checks"].clone();
    checks["up"]["grace_period"] = json!("1s");
    ground.written("checks", checks).await;
    assert_eq!(ground.changed().await, [""; 0]);

    // what a row does say is repaired, and what was filled in stays
    services[0]["autostop"] = json!(true);
    ground.written("services", services).await;
    assert!(ground.changed().await[0].contains("services"));
    ground.check().await;
    let now = ground.machine().await["config"].clone();
    assert_eq!((&now["services"][0]["autostop"], &now["services"][0]["concurrency"]["soft_limit"]), (&json!(false), &json!(20)));
}

#[tokio::test]
async fn a_service_and_a_check_that_are_said_no_more_go() {
    let mut ground = Ground::new().await;
    ground.world.sql(MACHINE).await;
    ground.check().await;
    let mut checks = ground.machine().await["config"]["checks"].clone();
    checks["theirs"] = json!({ "type": "tcp", "port": 1 });
    ground.written("checks", checks).await;
    assert!(ground.changed().await[0].contains("theirs"));
    ground.check().await;
    assert_eq!(ground.machine().await["config"]["checks"].as_object().map(serde_json::Map::len), Some(1));
    ground.world.sql("update fly.machine set services = '[]', checks = '{}'").await;
    ground.check().await;
    let config = ground.machine().await["config"].clone();
    assert_eq!((&config["services"], &config["checks"]), (&json!([]), &json!({})));
}

#[tokio::test]
async fn a_region_is_spelt_as_fly_spells_it() {
    let mut ground = Ground::new().await;
    ground.world.sql("insert into fly.app (name) values ('shop')").await;
    let refused = ground.world.refusal("insert into fly.volume (name, app, region) values ('v', 'shop', 'eu-west-1')").await;
    assert!(refused.contains("a_fly_region_has_three_letters"), "{refused}");
    let constraints = "select count(*)::text from pg_constraint where conname = 'a_region_is_spelt_like_us_east_1'";
    assert_eq!(ground.world.ask(constraints).await, ["0"]);
}
