//! Rows of `postgres.cluster`: the rows that they make, what is refused, and what the book of the engine has of them.

use std::{collections::BTreeMap, time::Duration};

use iasql::{
    control::{Control, KeySource},
    served::{ClusterFailover, ClusterSeen, SeenClusterMember},
};
use serde_json::json;
use tokio::time::interval;

use crate::{
    crash::Site,
    machines::{self, TOKEN},
    support::key_file,
};

const SHOP: &str =
    "insert into postgres.cluster (name, app, bucket, standbys, password) values ('shop', 'shop-app', 'shop-bucket', 2, 'correct horse')";

pub(super) async fn refusal(site: &mut Site, sql: &str) -> String {
    let refused = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut site.user).await;
    refused.expect_err(sql).to_string()
}

#[tokio::test]
async fn a_row_makes_the_rows_of_its_members_and_takes_them_back() {
    let mut site = Site::with(&["postgres"]).await;
    site.sql(SHOP).await;
    let machines = "select name || ' ' || memory_mb || ' ' || coalesce(volume, '-') || ' ' || coalesce(env ->> 'IASQL_CLUSTER_NUMBER', '-') from fly.machine order by name";
    let word = site.ask("select left(md5('shop-app'), 16)").await.remove(0);
    let volume = |n| format!("pg_{word}_{n}");
    let member = |n, memory| format!("m{n} {memory} {} {n}", volume(n));
    let pooler = "pooler 256 - -".to_owned();
    assert_eq!(site.ask(machines).await, [member(0, 512), member(1, 512), member(2, 512), pooler.clone()]);
    let secrets = "select name from fly.secret order by name";
    assert_eq!(site.ask(secrets).await, ["IASQL_CLUSTER_KEY", "IASQL_POOLER_VERIFIER"]);
    assert_eq!(site.ask("select app || ' ' || bucket || ' ' || access from tigris.access_key").await, ["shop-app shop-bucket write"]);
    assert_eq!(site.ask("select kind from fly.ip_address").await, ["v6"]);
    let place = "select distinct (env ->> 'IASQL_CLUSTER_BUCKET' = 's3://shop-bucket/' || (select row_id from postgres.cluster))::text from fly.machine";
    assert_eq!(site.ask(place).await, ["true"]);
    site.sql("update postgres.cluster set standbys = 3, memory_mb = 1024").await;
    assert_eq!(site.ask(machines).await, [member(0, 1024), member(1, 1024), member(2, 1024), member(3, 1024), pooler.clone()]);
    let backups = "select concat_ws(' in ', backup_schedule, backup_bucket) from postgres.cluster";
    for (change, is) in [
        ("backup_bucket = 'shop-bucket'", "0 3 * * * in shop-bucket"),
        ("backup_schedule = null", ""),
        ("backup_schedule = '*/30 * * * *'", "*/30 * * * * in shop-bucket"),
        ("backup_bucket = null", ""),
    ] {
        site.sql(&format!("update postgres.cluster set {change}")).await;
        assert_eq!(site.ask(backups).await, [is], "{change}");
    }
    site.sql("update postgres.cluster set standbys = 0, poolers = 3").await;
    let poolers = ["pooler-2 256 - -", "pooler-3 256 - -"].map(str::to_owned);
    assert_eq!(site.ask(machines).await, [vec![member(0, 1024), pooler.clone()], poolers.to_vec()].concat());
    site.sql("update postgres.cluster set poolers = 1").await;
    assert_eq!(site.ask(machines).await, [member(0, 1024), pooler]);
    assert_eq!(site.ask("select name from fly.volume").await, [volume(0)]);
    site.sql("delete from postgres.cluster").await;
    let left = "select count(*)::text from (select name from fly.app union all select name from fly.machine union all select name from fly.volume union all select name from fly.secret union all select name from tigris.access_key) all_of_it";
    assert_eq!(site.ask(left).await, ["0"]);
    assert_eq!(site.ask("select name from tigris.bucket").await, ["shop-bucket"]);
}

#[tokio::test]
async fn what_no_cluster_can_be_is_refused_and_says_why() {
    let mut site = Site::with(&["postgres"]).await;
    let with = |columns: &str, values: &str| format!("insert into postgres.cluster (name, {columns}) values ('shop', {values})");
    for (sql, why) in [
        ("insert into postgres.cluster (name) values ('Shop')".to_owned(), "a cluster's name has 1 to 40 small letters"),
        (with("standbys", "9"), "a_cluster_has_0_to_8_standbys"),
        (with("standbys, synchronous", "0, true"), "a_synchronous_cluster_has_a_standby"),
        (with("preferred_primary", "3"), "a_preferred_primary_is_a_member"),
        (with("settings", "'{\"port\": \"1\"}'"), "the setting port is the engine's own"),
        (with("settings", "'{\"ssl_ca_file\": \"x\"}'"), "the setting ssl_ca_file is the engine's own"),
        (with("settings", "'{\"archive_command\": \"rm\"}'"), "the setting archive_command is the engine's own"),
        (with("settings", "'{\"Work_mem\": \"1\"}'"), "small letters"),
        (with("settings", "'{\"work_mem\": 1}'"), "settings_are_texts_by_name"),
        (with("settings", "'{\"work_mem\": \"1\\nport = 2\"}'"), "can't be printed"),
        (with("databases", "'{}'"), "databases_are_one_or_more_names"),
        (with("databases", "'{main,postgres}'"), "databases_are_others_than"),
        (with("provider", "'elsewhere'"), "a_cluster_is_of_machines_or_on_aws"),
        (with("poolers", "5"), "a_cluster_has_1_to_4_poolers"),
        (with("settings", "'{\"max_connections\": \"1e3\"}'"), "the setting max_connections is a number, in digits"),
        (with("region", "'europe'"), "a_fly_region_has_three_letters"),
        (with("password", "'short'"), "a_password_has_at_least_8_characters"),
        (with("password", "'pässword1'"), "of ASCII signs"),
        (with("key", "'short'"), "a_key_has_at_least_32_characters"),
        (with("access_key_id", "'x'"), "an_access_key_has_an_id_and_a_secret"),
        (with("status", "'steady'"), "status"),
        (with("backup_schedule", "'daily'"), "a_backup_schedule_has_five_fields"),
        (with("backup_schedule, backup_keep", "'0 3 * * *', 0"), "at_least_one_backup_is_kept"),
        (with("backup_bucket", "'another-bucket'"), "needs a key to another bucket"),
        (with("restore_from", "'s3://another-bucket/shop-1'"), "needs a key to another bucket"),
        (with("restore_from, access_key_id, secret_access_key", "'another', 'x', 'y'"), "what_is_restored_is_at_a_bucket_and_a_path"),
        (with("restore_to", "now()"), "a_time_to_restore_to_has_backups_to_restore_from"),
        (with("settings", "'{\"iasql.backup_to\": \"s3://x/y\"}'"), "the setting iasql.backup_to is the engine's own"),
    ] {
        let said = refusal(&mut site, &sql).await;
        assert!(said.contains(why), "{sql}: {said}");
    }
    assert_eq!(site.ask("select name from fly.app").await, Vec::<String>::new());
    site.sql(SHOP).await;
    for (sql, why) in [
        (
            "insert into postgres.cluster (name, bucket) values ('other', 'shop-bucket')",
            "the bucket shop-bucket is that of the cluster shop",
        ),
        ("insert into postgres.cluster (name, app) values ('other', 'shop-app')", "the app shop-app has the cluster shop already"),
        ("insert into postgres.cluster (name, bucket, app) values ('shop', 'another', 'another')", "cluster_pkey"),
        ("update postgres.cluster set region = 'ams'", "of a cluster region can't be changed"),
        ("update postgres.cluster set key = repeat('x', 40)", "of a cluster key can't be changed"),
        ("update postgres.cluster set size_gb = 0", "does not become smaller"),
        ("update postgres.cluster set preferred_primary = 2, standbys = 1", "a_preferred_primary_is_a_member"),
        ("update postgres.cluster set settings = '{\"wal_level\": \"minimal\"}'", "the setting wal_level is the engine's own"),
        ("update postgres.cluster set restore_to = now()", "what a cluster began with can't be changed"),
        ("delete from fly.machine where name = 'm1'", "cluster_member"),
    ] {
        let said = refusal(&mut site, sql).await;
        assert!(said.contains(why), "{sql}: {said}");
    }
}

#[tokio::test]
async fn a_bucket_is_a_clusters_or_a_serverless_databases_and_not_both() {
    let mut site = Site::with(&["postgres"]).await;
    site.sql(SHOP).await;
    site.sql("insert into serverless.database (name, bucket, password) values ('notes', 'notes-bucket', 'correct horse')").await;
    let said = refusal(&mut site, "insert into postgres.cluster (name, bucket) values ('other', 'notes-bucket')").await;
    assert!(said.contains("the bucket notes-bucket is that of the database notes"), "{said}");
    let said =
        refusal(&mut site, "insert into serverless.database (name, bucket, password) values ('diary', 'shop-bucket', 'correct horse')")
            .await;
    assert!(said.contains("the bucket shop-bucket is that of the cluster shop"), "{said}");
    site.sql("delete from postgres.cluster; insert into serverless.database (name, bucket, password) values ('diary', 'shop-bucket', 'correct horse')").await;
    let said = refusal(&mut site, SHOP).await;
    assert!(said.contains("the bucket shop-bucket is that of the database diary"), "{said}");
}

#[tokio::test]
async fn what_standbys_need_as_much_of_as_their_primary_only_grows_while_there_are_any() {
    let mut site = Site::with(&["postgres"]).await;
    site.sql(SHOP).await;
    let set = |settings: &str| format!("update postgres.cluster set settings = '{settings}'");
    site.sql(&set("{\"max_connections\": \"300\", \"work_mem\": \"8MB\"}")).await;
    for (settings, what) in [
        ("{}", "max_connections"),
        ("{\"max_connections\": \"299\"}", "max_connections"),
        (
            "{\"max_connections\": \"300\", \"max_worker_processes\": \"7\", \"max_locks_per_transaction\": \"63\"}",
            "max_locks_per_transaction, max_worker_processes",
        ),
    ] {
        let said = refusal(&mut site, &set(settings)).await;
        assert!(said.contains(&format!("of a cluster with standbys {what} does not become smaller")), "{said}");
    }
    // what the others need not have
    site.sql(&set("{\"max_connections\": \"301\", \"max_prepared_transactions\": \"10\", \"work_mem\": \"4MB\"}")).await;
    let said = refusal(&mut site, "update postgres.cluster set standbys = 0, settings = '{}'").await;
    assert!(said.contains("max_connections, max_prepared_transactions does not become smaller"), "{said}");
    site.sql("update postgres.cluster set standbys = 0").await;
    site.sql(&set("{}")).await;
}

/// A user's database with these modules, with machines and with the emulator's S3 as Tigris; and where and with which keys that is reached.
pub(super) async fn over(machines: &machines::Site, modules: &[&str]) -> (Site, [String; 3]) {
    let mut site = Site::with(modules).await;
    let environment = site.account.environment().await;
    let said = |name: &str| environment.iter().find(|(known, _)| *known == name).expect("said").1.clone();
    let [endpoint, id, secret] = ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map(said);
    for (name, value) in [
        ("FLY_API_TOKEN", TOKEN),
        ("FLY_FLAPS_BASE_URL", &*machines.http),
        ("TIGRIS_ENDPOINT_URL", &*endpoint),
        ("TIGRIS_ACCESS_KEY_ID", &*id),
        ("TIGRIS_SECRET_ACCESS_KEY", &*secret),
    ] {
        site.also(name, value);
    }
    (site, [endpoint, id, secret])
}

/// Stands in for the engine that leads clusters: after some looks each is as it is to be, and whoever was to leave has left.
async fn pretend(control: Control) {
    let (mut ticks, mut looks) = (interval(Duration::from_millis(50)), BTreeMap::new());
    loop {
        ticks.tick().await;
        for led in control.clusters_to_lead().await.expect("the book") {
            let looked: &mut u32 = looks.entry((led.name.clone(), led.change)).or_default();
            *looked += 1;
            let is_done = *looked > 10;
            let members = led.wanted.members.iter().chain(led.wanted.leaving.iter().filter(|_| !is_done));
            let role = |number| if number == 0 { "primary" } else { "standby" }.to_owned();
            let one = |number| SeenClusterMember { number, role: role(number), reachable: true, ..SeenClusterMember::default() };
            let members = members.map(|member| one(member.number)).collect();
            let failover = Some(ClusterFailover { from: Some(1), took_ms: Some(120), ..ClusterFailover::default() });
            let status = if is_done { "steady" } else { "changing" }.to_owned();
            let (primary, authority) = (Some(0), Some("a certificate".to_owned()));
            let seen = ClusterSeen {
                change: led.change,
                is_done,
                status,
                primary,
                term: 1,
                authority,
                members,
                failover,
                ..ClusterSeen::default()
            };
            control.note_cluster(&led.database, &led.name, &seen).await.expect("the book");
        }
    }
}

/// A run that looked too early, and one that is just looking: neither waits for its next look once the cluster is there.
#[tokio::test]
async fn runs_that_wait_look_at_a_cluster_as_soon_as_it_is_done() {
    let site = Site::with(&["postgres"]).await;
    let (control, name) = (&site.own.control, &site.name);
    let book = format!(
        "insert into control.served_cluster (database, name, owner, place, wanted, sealed, sealed_with) values ('{name}', 'shop', 'o', 'p', '{{}}', '', '')"
    );
    site.registry(&book).await;
    let run = control.request(name, iasql::engine::Kind::Check, "ada").await.expect("a run");
    let waits = async |state: &str| {
        site.registry(&format!("update control.run set state = '{state}', woken_at = null, look_at = now() + interval '1 hour'")).await;
    };
    let is_due = async || site.registry("select (look_at <= clock_timestamp())::text from control.run").await;
    let seen = async |change, is_done| {
        let seen = ClusterSeen { change, is_done, ..ClusterSeen::default() };
        control.note_cluster(name, "shop", &seen).await.expect("the book");
    };
    for (change, is_done, due) in [(1, false, "false"), (1, true, "true"), (1, true, "false"), (2, true, "true")] {
        waits("waiting").await;
        seen(change, is_done).await;
        assert_eq!(is_due().await, [due], "{change} {is_done}");
    }
    site.registry("update control.run set state = 'waiting', look_at = null").await;
    seen(3, true).await;
    assert_eq!(site.registry("select (look_at is null)::text from control.run").await, ["true"], "it stands in no queue");
    waits("running").await;
    seen(4, true).await;
    control.again(run, Duration::from_secs(3600)).await.expect("the queue");
    assert_eq!(is_due().await, ["true"], "it was said while it was being looked at");
    waits("waiting").await;
    site.registry("update control.run set woken_at = now()").await;
    site.registry("update control.run set state = 'running'").await;
    control.again(run, Duration::from_secs(3600)).await.expect("the queue");
    assert_eq!(is_due().await, ["false"], "what was said before it was looked at counts no more");
}

#[tokio::test]
async fn what_a_row_asks_for_is_in_the_plan_and_in_the_book_and_goes_with_the_row() {
    const KEY: &str = "a-key-that-is-planted-0123456789abcdef";
    let machines = machines::Site::open(&[]);
    let (mut site, [endpoint, id, secret]) = over(&machines, &["postgres"]).await;
    let control = Control::connect(&site.own.url).await.expect("the metadata database");
    let control = control.with_keys(KeySource::File(key_file().to_owned())).await.expect("the keys");
    let leads = tokio::spawn(pretend(control.clone()));
    let app = format!("x{}-ha", site.account.id);
    site.sql(&format!(
        "insert into postgres.cluster (name, app, standbys, image, password, key, endpoint, access_key_id, secret_access_key) values ('shop', '{app}', 1, 'probe', 'correct horse', '{KEY}', '{endpoint}', '{id}', '{secret}')"
    ))
    .await;
    site.sql("update fly.machine set cmd = '[\"rest\"]'").await;
    site.check().await;
    site.rests().await;
    let shown = "select concat_ws(' ', host, authority, primary_member, term, status) from postgres.cluster";
    assert_eq!(site.ask(shown).await, [format!("{app}.fly.dev a certificate 0 1 steady")]);
    let book =
        "select (wanted ->> 'standbys') || ' ' || jsonb_array_length(wanted -> 'members') || ' ' || change from control.served_cluster";
    assert_eq!(site.registry(book).await, ["1 2 1"]);
    for planted in [KEY, "correct horse"] {
        let found = format!("select count(*)::text from control.served_cluster c where position('{planted}' in to_jsonb(c)::text) > 0");
        assert_eq!(site.registry(&found).await, ["0"]);
    }
    let led = control.clusters_to_lead().await.expect("the book").remove(0);
    assert_eq!((led.keys.expect("keys").key.expose(), led.prefix.len()), (KEY, 36));

    // who leaves goes before their machine does
    site.sql("update postgres.cluster set standbys = 0, settings = '{\"work_mem\": \"8MB\"}'").await;
    let plan = "select action || ' ' || resource from iasql.plan order by 1";
    assert_eq!(site.ask(plan).await, ["delete fly.machine", "delete fly.volume", "update postgres.cluster"]);
    site.check().await;
    site.rests().await;
    let order =
        "select resource || ' ' || action from iasql.change where resource in ('postgres.cluster', 'fly.machine') order by id desc limit 2";
    assert_eq!(site.ask(order).await, ["fly.machine delete", "postgres.cluster update"]);
    assert_eq!(site.registry(book).await, ["0 1 2"]);
    assert_eq!(machines.get(&format!("/apps/{app}/machines")).await.as_array().map(Vec::len), Some(2));

    site.sql("update postgres.cluster set preferred_primary = 0").await;
    assert_eq!(site.ask(plan).await, ["update postgres.cluster"]);
    site.check().await;
    site.sql("update postgres.cluster set password = 'battery staple'").await;
    site.check().await;
    site.rests().await;

    site.sql("select iasql.set('max_deletes_percent', '100'); delete from postgres.cluster").await;
    site.check().await;
    site.rests().await;
    assert_eq!(site.registry(book).await, Vec::<String>::new());
    assert_eq!(machines.get("/apps?org_slug=personal").await["total_apps"], json!(0));
    leads.abort();
    control.close().await;
}
