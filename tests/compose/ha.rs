//! The profile `ha` as the images' own programs on this machine, with the variables that the file gives them: other addresses, and no Docker.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::Value;
use tokio::process::{Child, Command};

use super::services;
use crate::{crash::until, machines::own_address, support};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// What the file says of places within containers, and where they are here.
type Places = Vec<(String, String)>;

fn here(text: &str, places: &Places) -> String {
    places.iter().fold(text.to_owned(), |text, (there, here)| text.replace(there, here))
}

fn words(list: &Value, places: &Places) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|word| here(word.as_str().expect("a word"), places)).collect()
}

/// A service's program, with its variables.
fn command(service: &Value, folder: &Path, account: &[(&str, String)], places: &Places) -> Command {
    let own = [service["entrypoint"].clone(), service["command"].clone()];
    let mut all: Vec<String> = own.iter().flat_map(|list| words(list, places)).collect();
    if service["entrypoint"].is_null() {
        all.insert(0, format!("{ROOT}/images/postgres-ha/entrypoint"));
    }
    let variables = service["environment"].as_object().expect("variables").iter();
    let mut variables: BTreeMap<&str, String> =
        variables.map(|(name, value)| (&**name, here(value.as_str().expect("a text"), places))).collect();
    for (name, value) in account {
        variables.entry(name).and_modify(|there| there.clone_from(value));
    }
    fs::create_dir_all(folder).expect("a folder");
    fs::set_permissions(folder, fs::Permissions::from_mode(0o711)).expect("an open folder");
    let log = fs::File::create(folder.join("log")).expect("a log");
    let mut command = Command::new(&all[0]);
    let path = format!("{}:/usr/bin:/bin", support::binary().parent().expect("a folder").display());
    command.args(&all[1..]).env_clear().envs(variables).env("PATH", path).env("IASQL_ROOT", folder);
    command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log).kill_on_drop(true);
    command
}

fn set_up(folder: &Path) -> bool {
    let mut script = std::process::Command::new(format!("{ROOT}/setup_tls.dev.sh"));
    script.arg(folder).env("IASQL", support::binary()).stderr(Stdio::null()).status().expect("the script runs").success()
}

fn mode(file: PathBuf) -> u32 {
    fs::metadata(file).expect("a file").permissions().mode() & 0o777
}

/// Ends members in peace: their servers end with them.
async fn end(mut all: Vec<Child>) {
    for child in &all {
        let pid = child.id().and_then(|id| i32::try_from(id).ok()).expect("it runs");
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGTERM).expect("it runs");
    }
    for child in &mut all {
        child.wait().await.expect("an end");
    }
}

#[tokio::test]
async fn what_the_profile_ha_runs_is_a_cluster_that_a_client_reaches_with_what_the_script_has_made() {
    let (account, services) = (support::account().await, services());
    let folder = std::env::temp_dir().join(format!("iasql-compose-{}-{}", std::process::id(), account.id));
    fs::create_dir_all(&folder).expect("a folder");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o711)).expect("an open folder");
    let tls = folder.join("tls");
    assert!(set_up(&tls));
    let files = ["cluster.key", "pooler.password", "pooler.verifier", "client.key", "authority.crt"];
    assert_eq!(files.map(|file| mode(tls.join(file))), [0o600, 0o600, 0o600, 0o600, 0o644]);
    let read = |name: &str| fs::read_to_string(tls.join(name)).expect("a file");
    let kept = files.map(read);
    assert!(
        set_up(&tls) && files.iter().zip(&kept).all(|(name, text)| *name == "client.key" || read(name) == *text),
        "what is there stays"
    );

    let address = own_address();
    let network = address.rsplit_once('.').expect("an address").0;
    let places: Places = [
        ("172.30.53", network.to_owned()),
        ("s3://ha/", format!("s3://x{}-compose/", account.id)),
        ("/opt/iasql/venv", support::venv().display().to_string()),
        ("/opt/iasql/make-bucket.py", format!("{ROOT}/scripts/make-bucket.py")),
        ("/run/secrets/cluster_key", tls.join("cluster.key").display().to_string()),
        ("/run/secrets/pooler_verifier", tls.join("pooler.verifier").display().to_string()),
    ]
    .map(|(there, here)| (there.to_owned(), here))
    .into();
    let environment = account.environment().await;
    let run = |name: &str| command(&services[name], &folder.join(name), &environment, &places);
    let mut bucket = services["ha-bucket"].clone();
    bucket["entrypoint"][2] = format!("x{}-compose", account.id).into();
    let made = command(&bucket, &folder.join("bucket"), &environment, &places).status().await.expect("it runs");
    assert!(made.success(), "a bucket");
    let all = ["primary", "standby-1", "standby-2", "controller", "pooler"].map(|name| run(name).spawn().expect(name));

    let way = format!("host=localhost hostaddr={network}.30 port=6432 user=pooler dbname=main sslmode=verify-full sslrootcert=");
    let way = way + &tls.join("authority.crt").display().to_string();
    let says = async |sql: &str| {
        let mut psql = Command::new("psql");
        psql.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--dbname", &way, "--command", sql]);
        let said = psql.env("PGPASSWORD", read("pooler.password")).kill_on_drop(true).output().await.expect("psql");
        said.status.success().then(|| String::from_utf8_lossy(&said.stdout).trim().to_owned())
    };
    until("a write", || says("create table if not exists t (n integer); insert into t values (1)")).await;
    let follow = "begin; select count(*) from pg_stat_replication; commit";
    until("both standbys", || async { says(follow).await.filter(|count| count == "2") }).await;
    for name in ["primary", "standby-1", "standby-2", "pooler"] {
        let test = words(&services[name]["healthcheck"]["test"], &vec![("$$".to_owned(), "$".to_owned())]);
        let ip = here(services[name]["environment"]["FLY_PRIVATE_IP"].as_str().expect("an address"), &places);
        let well = Command::new(&test[1]).args(&test[2..]).env("FLY_PRIVATE_IP", ip).status().await.expect("it runs");
        assert!(well.success(), "{name}");
    }
    end(all.into()).await;
    fs::remove_dir_all(folder).expect("the folder");
}
