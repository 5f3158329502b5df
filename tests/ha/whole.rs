//! The whole way: a row becomes a cluster that takes writes through its pooler, gains a member, and goes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::process::Command;

use super::rows::over;
use crate::{
    crash::{Engine, Site, until},
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

async fn figures(engine: &Engine) -> String {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    client.get(format!("{}/metrics", engine.http)).send().await.expect("an answer").text().await.expect("text")
}

/// All processes of a member's machine: its agent, which was told its number and the bucket, and what came of it.
fn processes(app: &str, number: u16) -> Vec<i32> {
    let numbers = || fs::read_dir("/proc").expect("processes").filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    let told = |pid: &i32| {
        let environment = String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/environ")).unwrap_or_default()).into_owned();
        let has = |word: &str| environment.split('\0').any(|one| one.starts_with(word));
        has(&format!("IASQL_CLUSTER_NUMBER={number}")) && has(&format!("IASQL_CLUSTER_BUCKET=s3://{app}/"))
    };
    let parent = |pid: i32| -> Option<i32> {
        let status = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        status.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
    };
    let mut found: Vec<_> = numbers().filter(told).collect();
    let mut at = 0;
    while at < found.len() {
        let of = found[at];
        let children: Vec<_> = numbers().filter(|pid| parent(*pid) == Some(of) && !found.contains(pid)).collect();
        found.extend(children);
        at += 1;
    }
    assert!(found.len() > 2, "an agent and its server");
    found
}

#[tokio::test]
async fn a_row_becomes_a_cluster_that_takes_writes_through_its_pooler_gains_a_member_and_goes() {
    let (images, address) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("images"), own_address());
    let machines = machines::Site::open(&["--images", images.to_str().expect("a text"), "--services", &address]);
    let (mut site, [endpoint, id, secret]) = over(&machines, &["postgres"]).await;
    let engine = site.engine().await;
    let app = format!("x{}-ha", site.account.id);
    let values = format!("'shop', '{app}', 1, 'correct horse', '{endpoint}', '{id}', '{secret}'");
    let columns = "name, app, standbys, password, endpoint, access_key_id, secret_access_key";
    site.sql(&format!("insert into postgres.cluster ({columns}) values ({values})")).await;
    site.check().await;
    site.rests().await;

    let client = Client::of(&site, &address, "shop").await;
    client.says("create table t (n integer primary key); insert into t values (1)").await.expect("a write");

    site.sql("update postgres.cluster set standbys = 2, poolers = 2, settings = '{\"work_mem\": \"8MB\"}'").await;
    site.check().await;
    site.check().await;
    site.rests().await;
    let members = "select string_agg(member || ' ' || role, ', ' order by member) from postgres.cluster_status where status = 'steady'";
    assert_eq!(site.ask(members).await, ["0 primary, 1 standby, 2 standby"]);
    client.says("insert into t values (2)").await.expect("a write");
    assert_eq!(client.says("begin; select string_agg(n::text, ' ' order by n) from t; commit").await.expect("rows"), "1 2");

    // the user sees it, too, and who reads the engine's figures
    let seen = sqlx::query_scalar::<_, i64>("select count(*) from postgres.cluster_status where reachable").fetch_one(&mut site.user).await;
    assert_eq!(seen.expect("a view"), 3);
    let figures = figures(&engine).await;
    for figure in ["steady{", "member_reachable{", "member_certificate_end_timestamp_seconds{"] {
        let named = |line: &&str| line.starts_with(&format!("iasql_cluster_{figure}")) && line.contains("cluster=\"shop\"");
        assert!(figures.lines().any(|line| named(&line) && !line.ends_with(" 0") && !line.ends_with(" 0.0")), "{figure}: {figures}");
    }

    // all of the primary stands still: its machine is ended from outside, and another one leads
    let frozen = processes(&app, 0);
    frozen.iter().for_each(|pid| kill(Pid::from_raw(*pid), Signal::SIGSTOP).expect("a process"));
    let written = || async { client.says("insert into t values (3) on conflict do nothing").await.ok() };
    until("a write", written).await;
    assert!(frozen.iter().all(|pid| !Path::new(&format!("/proc/{pid}/cwd/")).exists()), "they were ended by nobody: {frozen:?}");
    let back = || async {
        site.check().await;
        let roles = "select string_agg(role, ' ' order by role) from postgres.cluster_status where status = 'steady' and reachable";
        (site.ask(roles).await == ["primary standby standby"]).then_some(())
    };
    until("that the one that was ended follows", back).await;
    assert_eq!(client.says("begin; select string_agg(n::text, ' ' order by n) from t; commit").await.expect("rows"), "1 2 3");

    site.sql("select iasql.set('max_deletes_percent', '100'); delete from postgres.cluster").await;
    site.check().await;
    site.rests().await;
    client.says("select 1").await.expect_err("nobody is there");
    drop(engine);
}
