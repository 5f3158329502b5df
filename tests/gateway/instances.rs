//! A database on a machine of its own, from one row of `serverless.database`: the gateway starts the machine, which stops by itself, and the files are in the
//! bucket.

use std::{path::Path, process::Stdio, time::Instant};

use iasql::{control::FlyWish, resource::Secret};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};

use super::{
    rows::Talk,
    uploads::pglite,
    whole::{Folder, Gateway},
};
use crate::{
    crash::{Site, until},
    machines,
};

/// An engine's database with `serverless`, machines that are processes here, and buckets of the local S3.
pub(super) struct Ground {
    pub(super) site: Site,
    pub(super) machines: machines::Site,
    pub(super) folder: Folder,
    /// What is the account's own in the names of all buckets.
    pub(super) own: String,
    endpoint: String,
    pub(super) keys: (String, String),
}

impl Ground {
    pub(super) async fn open(images: &str) -> Self {
        Self::with(images, &[]).await
    }

    /// The same, its machines with more words.
    pub(super) async fn with(images: &str, words: &[&str]) -> Self {
        let images = Path::new(env!("CARGO_MANIFEST_DIR")).join(images);
        let machines = machines::Site::open(&[&["--images", images.to_str().expect("a text")], words].concat());
        let (mut site, folder) = (Site::with(&["serverless"]).await, Folder::new());
        let environment = site.account.environment().await;
        let said = |name: &str| environment.iter().find(|(known, _)| *known == name).expect("said").1.clone();
        let (endpoint, keys) = (said("AWS_ENDPOINT_URL"), (said("AWS_ACCESS_KEY_ID"), said("AWS_SECRET_ACCESS_KEY")));
        for (name, value) in [
            ("FLY_API_TOKEN", machines::TOKEN),
            ("FLY_FLAPS_BASE_URL", &*machines.http),
            ("TIGRIS_ENDPOINT_URL", &*endpoint),
            ("TIGRIS_ACCESS_KEY_ID", &*keys.0),
            ("TIGRIS_SECRET_ACCESS_KEY", &*keys.1),
        ] {
            site.also(name, value);
        }
        let own = format!("x{}", site.account.id);
        Self { site, machines, folder, own, endpoint, keys }
    }

    /// What a row says beside its name and its bucket.
    pub(super) fn with_keys(&self) -> String {
        format!("'correct horse', '{}', '{}', '{}'", self.endpoint, self.keys.0, self.keys.1)
    }

    pub(super) async fn shop(&mut self) {
        self.shop_of("postgres").await;
    }

    pub(super) async fn shop_of(&mut self, engine: &str) {
        let sql = format!(
            "insert into serverless.database (name, role, engine, app, idle_seconds, bucket, password, endpoint, access_key_id, secret_access_key) values ('shop', 'shop', '{engine}', '{0}-shop', 1, '{0}-files', {1})",
            self.own,
            self.with_keys()
        );
        self.site.sql(&sql).await;
    }

    /// The path of its machine.
    pub(super) async fn machine(&self) -> String {
        let machines = self.machines.get(&format!("/apps/{}-shop/machines", self.own)).await;
        format!("/apps/{}-shop/machines/{}", self.own, machines[0]["id"].as_str().expect("an id"))
    }

    async fn state(&self) -> String {
        self.state_of("shop").await
    }

    /// How the machine of a database is.
    pub(super) async fn state_of(&self, name: &str) -> String {
        let machines = self.machines.get(&format!("/apps/{}-{name}/machines", self.own)).await;
        machines[0]["state"].as_str().expect("a state").to_owned()
    }

    pub(super) async fn until_it_is(&self, state: &str) {
        until(state, || async { (self.state().await == state).then_some(()) }).await;
    }
}

#[tokio::test]
async fn a_row_is_a_database_whose_machine_starts_when_somebody_calls_stops_by_itself_and_may_lose_its_disk() {
    let mut ground = Ground::open("images").await;
    ground.shop().await;
    let gateway = Gateway::start(&ground.site, &ground.folder.0).await;
    let begin = Instant::now();
    ground.site.check().await;
    let talk = || Talk::begin(&gateway.place("shop", "shop"));
    assert_eq!(gateway.psql("shop", "shop", "correct horse", "select 1").await.as_deref(), Ok("1"));
    let mut first = talk();
    println!("from the check of the row to its first row: {} ms", begin.elapsed().as_millis());
    ground.site.rests().await;
    let made = first.ask("create table t as select generate_series(1, 1000000) as n; select count(*) from t;").await;
    assert_eq!(made.as_deref(), Some("1000000"));
    assert_eq!((ground.state().await.as_str(), gateway.servers()), ("started", 0));
    drop(first);
    ground.until_it_is("stopped").await;
    let begin = Instant::now();
    assert_eq!(talk().ask("select count(*) from t;").await.as_deref(), Some("1000000"));
    println!("from a call to its first row, the machine being stopped: {} ms", begin.elapsed().as_millis());
    ground.until_it_is("stopped").await;
    ground.machines.empty_volumes();
    let mut again = talk();
    assert_eq!(again.ask("select sum(n) from t;").await.as_deref(), Some("500000500000"));
    // one that is killed goes on with what is on its disk
    assert_eq!(again.ask("insert into t values (0) returning n;").await.as_deref(), Some("0"));
    ground.machines.post(&format!("{}/stop", ground.machine().await), json!({ "signal": "SIGKILL", "timeout": "1s" })).await;
    again.ends("select 1;").await;
    assert_eq!(talk().ask("select count(*) from t;").await.as_deref(), Some("1000001"));
    gateway.stop().await;
}

#[tokio::test]
async fn with_engine_pglite_its_machine_runs_one_as_it_is_and_may_lose_its_disk_too() {
    let mut ground = Ground::with("images", &["--pglite", pglite().to_str().expect("a text")]).await;
    ground.shop_of("pglite").await;
    let gateway = Gateway::start(&ground.site, &ground.folder.0).await;
    ground.site.check().await;
    ground.site.rests().await;
    assert_eq!(
        ground.site.ask("select concat_ws(' ', engine, image, memory_mb) from serverless.database").await,
        ["pglite iasql/pglite 1024"]
    );
    let version =
        gateway.psql("shop", "shop", "correct horse", "create table t as select generate_series(1, 1000) as n; select version()").await;
    assert!(version.as_ref().is_ok_and(|version| version.starts_with("PostgreSQL 18")), "{version:?}");
    assert_eq!(gateway.servers(), 0);
    ground.until_it_is("stopped").await;
    ground.machines.empty_volumes();
    assert_eq!(gateway.psql("shop", "shop", "correct horse", "select sum(n) from t").await.as_deref(), Ok("500500"));
    ground.until_it_is("stopped").await;
    gateway.stop().await;
}

#[tokio::test]
async fn what_a_row_with_durability_sync_has_acknowledged_outlives_a_machine_that_is_killed_and_its_disk() {
    let mut ground = Ground::open("images").await;
    ground.shop().await;
    ground.site.sql("update serverless.database set durability = 'sync'").await;
    let gateway = Gateway::start(&ground.site, &ground.folder.0).await;
    ground.site.check().await;
    ground.site.rests().await;
    let place = gateway.place("shop", "shop");
    let mut talk = Talk::begin(&place);
    let made = talk.ask("create table t (n int); insert into t values (1); insert into t values (2); select sum(n) from t;").await;
    assert_eq!(made.as_deref(), Some("3"));
    ground.machines.post(&format!("{}/stop", ground.machine().await), json!({ "signal": "SIGKILL", "timeout": "1s" })).await;
    talk.ends("select 1;").await;
    ground.until_it_is("stopped").await;
    ground.machines.empty_volumes();
    // on a new disk it is another one, who waits until the lease of the one before is over
    let begin = Instant::now();
    let sum = until("an answer", || async { Talk::begin(&place).ask("select sum(n) from t;").await });
    assert_eq!(sum.await, "3");
    println!("killed, and its disk lost: from a call to its first row: {} ms", begin.elapsed().as_millis());
    gateway.stop().await;
}

#[tokio::test]
async fn a_row_is_changed_in_place_as_far_as_that_can_be_and_deleted_but_for_its_bucket() {
    let mut ground = Ground::open("tests/machines/images").await;
    ground.shop().await;
    let keys = ground.with_keys();
    let (own, site) = (ground.own.clone(), &mut ground.site);
    site.sql("update fly.machine set image = 'probe', cmd = '[\"rest\"]'").await;
    site.check().await;
    site.sql("update serverless.database set memory_mb = 1024, size_gb = 3, idle_seconds = 60, password = 'battery staple'").await;
    let planned = "select action || ' ' || resource from iasql.plan order by 1";
    assert_eq!(site.ask(planned).await, ["update fly.machine", "update fly.volume", "update gateway.database"]);
    site.check().await;
    site.rests().await;
    let shown = "select concat_ws(' ', engine, region, memory_mb, size_gb, idle_seconds, bucket, host, password) from serverless.database";
    assert_eq!(site.ask(shown).await, [format!("postgres iad 1024 3 60 {own}-files shop.db.localhost")]);
    let secrets = "select string_agg(name, ' ' order by name) from fly.secret";
    assert_eq!(site.ask(secrets).await, ["AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY IASQL_INSTANCE_KEY"]);
    for (sql, said) in [
        ("update serverless.database set region = 'ams', bucket = 'other'".to_owned(), "bucket, region can't be changed"),
        (
            format!(
                "insert into serverless.database (name, bucket, password, endpoint, access_key_id, secret_access_key) values ('till', '{own}-files', {keys})"
            ),
            "is that of the database shop",
        ),
        ("insert into serverless.database (name, engine) values ('till', 'mysql')".to_owned(), "the engine mysql is none"),
        (
            "insert into serverless.database (name, engine, durability) values ('till', 'orioledb', 'sync')".to_owned(),
            "an_orioledb_is_in_its_bucket_when_it_pauses",
        ),
        ("insert into serverless.database (name, access_key_id) values ('till', 'a')".to_owned(), "an id and a secret"),
    ] {
        let refused = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut site.user).await.expect_err("a refusal").to_string();
        assert!(refused.contains(said), "{refused}");
    }
    site.sql("delete from serverless.database").await;
    site.sql("select iasql.set('max_deletes_percent', '100')").await;
    site.check().await;
    site.rests().await;
    assert_eq!(site.ask("select name from tigris.bucket").await, [format!("{own}-files")]);
    let left = "select (select count(*) from fly.app) + (select count(*) from fly.machine) + (select count(*) from gateway.database)";
    assert_eq!(site.ask(&format!("select ({left})::text")).await, ["0"]);
}

#[tokio::test]
async fn a_hundred_databases_of_one_insert_are_there_once_each_when_the_engine_was_killed_on_the_way() {
    let mut ground = Ground::open("tests/machines/images").await;
    let sql = format!(
        "insert into serverless.database (name, app, bucket, image, password, endpoint, access_key_id, secret_access_key) select 'd' || n, '{0}-d' || n, '{0}-d' || n, 'probe', {1} from generate_series(1, 100) as n",
        ground.own,
        ground.with_keys()
    );
    ground.site.sql(&sql).await;
    ground.site.sql("update fly.machine set cmd = '[\"rest\"]'").await;
    let machines = async || ground.machines.get("/orgs/personal/machines?limit=500").await["machines"].as_array().map_or(0, Vec::len);
    for share in [1, 40] {
        let mut engine = ground.site.checking();
        until("some machines", || async { (machines().await >= share).then_some(()) }).await;
        engine.kill().await.expect("it runs");
    }
    ground.site.check().await;
    ground.site.rests().await;
    assert_eq!(machines().await, 100);
    let apps = ground.machines.get("/apps?org_slug=personal").await;
    assert_eq!(apps["total_apps"], 100);
    let kept = "select concat_ws(' ', (select count(*) from fly.machine where machine_id is not null), (select count(*) from tigris.bucket), (select count(*) from gateway.database where database_id is not null))";
    assert_eq!(ground.site.ask(kept).await, ["100 100 100"]);
}

#[tokio::test]
async fn an_image_says_what_it_misses() {
    let bucket = [("IASQL_INSTANCE_BUCKET", "s3://files"), ("IASQL_INSTANCE_KEY", "a key"), ("IASQL_INSTANCE_PGLITE", "/nowhere")];
    for (image, said, missing) in [
        ("postgres", &[][..], "IASQL_INSTANCE_BUCKET"),
        ("pglite", &[], "IASQL_INSTANCE_BUCKET"),
        ("orioledb", &[], "IASQL_INSTANCE_BUCKET"),
        ("gateway", &[], "IASQL_DATABASE_URL"),
        ("postgres", &bucket, "AWS_ACCESS_KEY_ID"),
        ("pglite", &bucket, "AWS_ACCESS_KEY_ID"),
        ("orioledb", &bucket, "AWS_ACCESS_KEY_ID"),
        ("pglite", &bucket[..2], "IASQL_INSTANCE_PGLITE"),
    ] {
        let entrypoint = Path::new(env!("CARGO_MANIFEST_DIR")).join("images").join(image).join("entrypoint");
        let mut command = tokio::process::Command::new(entrypoint);
        command.env_clear().env("PATH", "/usr/bin:/bin").envs(said.iter().copied());
        let output = command.output().await.expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(64) && said.starts_with(&format!("{image}: {missing} is not set: ")), "{said}");
    }
}

#[tokio::test]
async fn the_image_of_orioledb_says_where_it_looked_for_one_in_vain() {
    let entrypoint = Path::new(env!("CARGO_MANIFEST_DIR")).join("images/orioledb/entrypoint");
    let mut command = tokio::process::Command::new(entrypoint);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("IASQL_INSTANCE_BUCKET", "s3://files").env("IASQL_INSTANCE_KEY", "a key");
    command.env("AWS_ACCESS_KEY_ID", "a key");
    let output = command.env("FLY_PRIVATE_IP", "127.0.0.1").env("IASQL_INSTANCE_ORIOLEDB", "/nowhere").output().await.expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(64) && said.starts_with("orioledb: there is no OrioleDB in /nowhere: "), "{said}");
}

#[tokio::test]
async fn a_row_with_engine_orioledb_has_the_image_orioledb() {
    let mut ground = Ground::open("tests/machines/images").await;
    ground.shop_of("orioledb").await;
    let made = "select concat_ws(' ', g.engine, m.image, s.engine) from gateway.database as g join fly.machine as m on g.machine = m.app || '/' || m.name join serverless.database as s on s.name = g.name";
    assert_eq!(ground.site.ask(made).await, ["orioledb iasql/orioledb orioledb"]);
    ground.site.sql("update fly.machine set image = 'probe', cmd = '[\"rest\"]'").await;
    ground.site.check().await;
    assert_eq!(ground.site.registry("select engine || ' ' || (machine is not null) from control.served").await, ["orioledb true"]);
    ground.site.rests().await;
}

#[tokio::test]
async fn the_gateways_image_serves_what_is_asleep_and_ends_when_its_machine_stops() {
    let mut ground = Ground::open("images").await;
    ground.site.sql("insert into gateway.database (name, role, password) values ('shop', 'shop', 'correct horse')").await;
    ground.site.check().await;
    ground.machines.app("front").await;
    let key = std::fs::read(crate::support::key_file()).expect("the engine's key");
    let env = json!({ "IASQL_DATABASE_URL": ground.site.own.url, "IASQL_KEY": aws_smithy_types::base64::encode(key) });
    let config = json!({ "image": "gateway", "env": env, "guest": { "cpu_kind": "shared", "cpus": 1, "memory_mb": 1024 } });
    let machine = ground.machines.post("/apps/front/machines", json!({ "name": "one", "config": config })).await;
    let address = machine["private_ip"].as_str().expect("an address").to_owned();
    let place = format!("host=shop.db.localhost hostaddr={address} port=5432 user=shop dbname=shop sslmode=require");
    let comes = || async { Talk::begin(&place).ask("select current_user;").await };
    assert_eq!(until("the gateway", comes).await, "shop");
    let path = format!("/apps/front/machines/{}", machine["id"].as_str().expect("an id"));
    ground.machines.post(&format!("{path}/stop"), json!({})).await;
    let stopped = || async { Some(ground.machines.get(&path).await).filter(|machine| machine["state"] == "stopped") };
    let machine = until("its end", stopped).await;
    assert!(machine["events"].to_string().contains("\"exit_code\":0"), "{machine}");
}

#[tokio::test]
async fn an_instance_that_is_started_before_its_bucket_is_made_waits_for_it() {
    let (ground, home) = (Ground::open("tests/machines/images").await, Folder::new());
    let bucket = format!("{}-late", ground.own);
    let address = format!("s3://{bucket}/below");
    let mut command = tokio::process::Command::new(crate::support::binary());
    command.args(["instance", "--json", "--bucket", &address, "--listen", "127.0.0.1:0", "--home"]).arg(&home.0).env_clear();
    command.env("PATH", "/usr/bin:/bin").envs(ground.site.account.environment().await);
    command.env("IASQL_INSTANCE_KEY", "k".repeat(32)).env("IASQL_LOG", "info").kill_on_drop(true);
    let mut instance = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    let mut log = BufReader::new(instance.stderr.take().expect("its log")).lines();
    let mut said = BufReader::new(instance.stdout.take().expect("its output")).lines();
    let line = log.next_line().await.expect("a line").expect("it goes on");
    assert!(line.contains("it waits for its bucket") && line.contains(&bucket), "{line}");
    ground.site.account.outside().await.s3().create_bucket().bucket(&bucket).send().await.expect("a bucket");
    assert!(said.next_line().await.expect("a line").is_some_and(|line| line.contains("ready")));
    instance.kill().await.expect("it runs");
}

#[tokio::test]
async fn a_machine_is_started_in_the_organization_of_the_database_whose_row_it_is() {
    let mut ground = Ground::open("images").await;
    let own = FlyWish::Have { token: Secret::new(machines::TOKEN), organization: None };
    ground.site.own.control.set_fly(&ground.site.name, &own).await.expect("kept");
    // that of the environment opens nothing
    ground.site.also("FLY_API_TOKEN", "the-token-of-another-organization");
    ground.shop().await;
    let gateway = Gateway::start(&ground.site, &ground.folder.0).await;
    ground.site.check().await;
    ground.site.rests().await;
    assert_eq!(gateway.psql("shop", "shop", "correct horse", "select 1").await.as_deref(), Ok("1"));
    ground.until_it_is("stopped").await;
    // it is not there any more: then the environment's is asked, which is refused
    ground.site.own.control.set_fly(&ground.site.name, &FlyWish::Forget).await.expect("forgotten");
    let refused = async || gateway.psql("shop", "shop", "correct horse", "select 1").await.err();
    let refused = until("a refusal", refused).await;
    assert!(refused.contains("could not be woken") && !refused.contains("another-organization"), "{refused}");
    gateway.stop().await;
}

#[tokio::test]
async fn whoever_calls_a_machine_that_ends_as_soon_as_it_is_started_hears_that_before_long() {
    let mut ground = Ground::open("tests/machines/images").await;
    ground.shop().await;
    ground.site.sql("update fly.machine set image = 'probe', cmd = '[\"fail\"]'").await;
    let gateway = Gateway::start(&ground.site, &ground.folder.0).await;
    ground.site.check().await;
    let refused = gateway.psql("shop", "shop", "correct horse", "select 1").await.expect_err("nobody is there");
    assert!(refused.contains("its machine ends as soon as it is started, with exit code 3") && refused.contains("HINT"), "{refused}");
    gateway.stop().await;
}
