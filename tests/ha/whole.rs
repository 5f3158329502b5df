//! The whole way: a row becomes a cluster that takes writes through its pooler, gains a member, and goes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tokio::process::Command;

use super::rows::over;
use crate::{
    crash::Site,
    machines::{self, own_address},
};

/// A client elsewhere, that believes nobody but the cluster's authority.
pub(super) struct Client {
    way: String,
    authority: PathBuf,
}

impl Client {
    /// Comes through the pooler of the cluster of this name.
    pub(super) async fn of(site: &Site, address: &str, cluster: &str) -> Self {
        let column = async |name: &str| site.ask(&format!("select {name} from postgres.cluster where name = '{cluster}'")).await.remove(0);
        let host = column("host").await;
        let authority = std::env::temp_dir().join(format!("{host}.crt"));
        fs::write(&authority, column("authority").await).expect("a file");
        let way = format!("host={host} hostaddr={address} port=6432 user=pooler dbname=main sslmode=verify-full");
        Self { way: format!("{way} sslrootcert={}", authority.display()), authority }
    }

    pub(super) async fn says(&self, sql: &str) -> Result<String, String> {
        let mut psql = Command::new("psql");
        psql.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set", "ON_ERROR_STOP=1", "--dbname", &self.way]);
        let output = psql.args(["--command", sql]).env("PGPASSWORD", "correct horse").kill_on_drop(true).output().await.expect("psql");
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() { Ok(said(&output.stdout)) } else { Err(said(&output.stderr)) }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.authority));
    }
}

#[tokio::test]
async fn a_row_becomes_a_cluster_that_takes_writes_through_its_pooler_gains_a_member_and_goes() {
    let (images, address) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("images"), own_address());
    let machines = machines::Site::open(&["--images", images.to_str().expect("a text"), "--services", &address]);
    let (mut site, [endpoint, id, secret]) = over(&machines).await;
    let engine = site.engine().await;
    let app = format!("x{}-ha", site.account.id);
    let values = format!("'shop', '{app}', 1, 'correct horse', '{endpoint}', '{id}', '{secret}'");
    let columns = "name, app, standbys, password, endpoint, access_key_id, secret_access_key";
    site.sql(&format!("insert into postgres.cluster ({columns}) values ({values})")).await;
    site.check().await;
    site.rests().await;

    let client = Client::of(&site, &address, "shop").await;
    client.says("create table t (n integer primary key); insert into t values (1)").await.expect("a write");

    site.sql("update postgres.cluster set standbys = 2, settings = '{\"work_mem\": \"8MB\"}'").await;
    site.check().await;
    site.check().await;
    site.rests().await;
    let members = "select string_agg(member || ' ' || role, ', ' order by member) from postgres.cluster_status where status = 'steady'";
    assert_eq!(site.ask(members).await, ["0 primary, 1 standby, 2 standby"]);
    client.says("insert into t values (2)").await.expect("a write");
    assert_eq!(client.says("begin; select string_agg(n::text, ' ' order by n) from t; commit").await.expect("rows"), "1 2");

    site.sql("select iasql.set('max_deletes_percent', '100'); delete from postgres.cluster").await;
    site.check().await;
    site.rests().await;
    client.says("select 1").await.expect_err("nobody is there");
    drop(engine);
}
