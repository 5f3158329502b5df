//! Backups of clusters as rows, and a cluster that begins with what another one was: checked by restoring.

use std::path::Path;

use super::{rows::over, whole::Client};
use crate::{
    crash::{Site, until},
    machines::{self, own_address},
};

const COLUMNS: &str = "name, app, standbys, password, endpoint, access_key_id, secret_access_key";
/// How many backups there are, and how many of them were begun after the last change of the primary.
const COUNTED: &str =
    "select count(*) || ' ' || count(*) filter (where (b ->> 'started_at')::timestamptz > (seen #>> '{failover,at}')::timestamptz)
    from control.served_cluster, jsonb_array_elements(seen -> 'backups') as b where name = 'shop'";

async fn counted(site: &Site, is: fn(u32, u32) -> bool) -> Option<()> {
    let found = site.registry(COUNTED).await.remove(0);
    let (all, later) = found.split_once(' ').expect("two numbers");
    is(all.parse().expect("a number"), later.parse().expect("a number")).then_some(())
}

#[tokio::test]
async fn a_cluster_begins_with_what_another_one_was_before_a_mistake_and_backups_go_on_after_a_promotion() {
    assert!(Path::new("/usr/bin/pgbackrest").exists(), "pgbackrest: scripts/install.sh tests");
    let (images, address) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("images"), own_address());
    let machines = machines::Site::open(&["--images", images.to_str().expect("a text"), "--services", &address]);
    let (mut site, [endpoint, id, secret]) = over(&machines, &["postgres"]).await;
    let engine = site.engine().await;
    let values = |name: &str, standbys: u8| {
        format!("'{name}', 'x{}-{name}', {standbys}, 'correct horse', '{endpoint}', '{id}', '{secret}'", site.account.id)
    };
    let [shop, again, never] = [("shop", 1), ("again", 1), ("never", 0)].map(|(name, standbys)| values(name, standbys));
    site.sql(&format!("insert into postgres.cluster ({COLUMNS}, backup_schedule) values ({shop}, '* * * * *')")).await;
    site.check().await;
    site.rests().await;
    // two apps have the port, so the one address of all services leads to neither
    let pooler = async |site: &Site, app: &str| {
        site.ask(&format!("select private_ip from fly.machine where app like '%-{app}' and name = 'pooler'")).await.remove(0)
    };
    let client = Client::of(&site, &pooler(&site, "shop").await, "shop").await;
    client.says("create table t (n integer primary key); insert into t select generate_series(1, 100)").await.expect("rows");
    until("a backup", || counted(&site, |all, _| all > 0)).await;

    client.says("insert into t select generate_series(101, 200)").await.expect("rows");
    let before = client.says("select clock_timestamp()").await.expect("a time");
    client.says("delete from t where n > 50").await.expect("a mistake");
    site.sql("update postgres.cluster set preferred_primary = 1 - primary_member").await;
    site.check().await;
    let from = "(select backup_url from postgres.cluster where name = 'shop')";
    site.sql(&format!("insert into postgres.cluster ({COLUMNS}, restore_from, restore_to) values ({again}, {from}, '{before}')")).await;
    site.check().await;
    let restored = Client::of(&site, &pooler(&site, "again").await, "again").await;
    let rows = "select count(*) || ' ' || max(n) from t";
    assert_eq!(restored.says(rows).await.expect("rows"), "200 200");
    assert_eq!(client.says(rows).await.expect("rows"), "50 50");
    restored.says("insert into t values (201)").await.expect("a write");

    until("a backup of another primary", || counted(&site, |_, later| later > 0)).await;
    site.check().await;
    site.rests().await;
    let shown = "select distinct (last_backup_at is not null)::text || coalesce(backup_failure, '') from postgres.cluster_status where cluster = 'shop'";
    assert_eq!(site.ask(shown).await, ["true"]);
    let shown = "select (count(*) > 1 and min(stored_bytes) > 0)::text from observed.postgres_backup where cluster = 'shop'";
    assert_eq!(site.ask(shown).await, ["true"]);

    site.sql(&format!(
        "insert into postgres.cluster ({COLUMNS}, restore_from, restore_to) values ({never}, {from}, now() - interval '1 day')"
    ))
    .await;
    let checks = site.checking();
    let why = "select seen ->> 'status' from control.served_cluster where name = 'never' and seen ->> 'status' like 'creating: no backup at % was over by %'";
    until("a refusal", || async { (site.registry(why).await.len() == 1).then_some(()) }).await;
    drop(checks);
    drop(engine);
}
