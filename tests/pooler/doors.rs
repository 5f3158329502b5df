//! Who is let in, and what they are told who are not; and who may tell the pooler anything.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    Client, KEY, PASSWORD, Site, Way,
    client::{clear, rest, sqlstate},
    packet, simple, within,
};
use iasql::gateway::startup::{Hello, encode};

async fn psql(site: &Site, words: &str, password: &str) -> Result<String, String> {
    let ca = super::authority().certificate();
    let to = format!("host=pooler.db.localhost hostaddr=127.0.0.1 port={} sslmode=verify-full sslrootcert={}", site.port, ca.display());
    let mut psql = tokio::process::Command::new(iasql::local::tools().unwrap().join("psql"));
    psql.env("PGPASSWORD", password).env("LC_ALL", "C.UTF-8").args(["-XqAt", "-c", "select 1", "-d"]);
    let output = within(psql.arg(format!("{to} {words}")).kill_on_drop(true).output()).await.expect("psql");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn psql_comes_in_by_its_password_and_hears_what_is_wrong() {
    let site = Site::shared().await;
    assert_eq!(psql(&site, "user=pooler dbname=main", PASSWORD).await.as_deref(), Ok("1"));
    assert_eq!(psql(&site, "user=pooler dbname=main channel_binding=require", PASSWORD).await.as_deref(), Ok("1"));
    let wrong = psql(&site, "user=pooler dbname=main", "wrong").await.unwrap_err();
    assert!(wrong.contains("password authentication failed for user \"pooler\""), "{wrong}");
    let stranger = psql(&site, "user=nobody dbname=main", PASSWORD).await.unwrap_err();
    assert!(stranger.contains("password authentication failed for user \"nobody\""), "{stranger}");
    let elsewhere = psql(&site, "user=pooler dbname=other", PASSWORD).await.unwrap_err();
    assert!(elsewhere.contains("no such database is served here") && elsewhere.contains("HINT:  Name the database"), "{elsewhere}");
    let walsender = psql(&site, "user=pooler dbname=main replication=database", PASSWORD).await.unwrap_err();
    assert!(walsender.contains("replication does not go through a pooler"), "{walsender}");
    let setting = psql(&site, "user=pooler dbname=main options='-c geqo=nonsense'", PASSWORD).await.unwrap_err();
    assert!(setting.contains("parameter \"geqo\" requires a Boolean value"), "{setting}");
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn encryption_by_gssapi_is_answered_and_a_session_in_clear_is_refused() {
    let site = Site::shared().await;
    let mut line = clear(site.port).await;
    line.write_all(&encode(&Hello::GssEnc)).await.unwrap();
    assert_eq!(within(line.read_u8()).await.unwrap(), b'N');
    let mut client = Client::over(line, Way::Asked).await.unwrap();
    client.enter(&packet(&[])).await;
    assert_eq!(simple(&mut client, "select 1").await, Ok(Some("1".to_owned())));
    let mut line = clear(site.port).await;
    line.write_all(&packet(&[])).await.unwrap();
    let told = rest(&mut line).await;
    assert_eq!(sqlstate(&told[5..]), "28000");
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_door_is_for_who_has_its_key() {
    let site = Site::shared().await;
    let url = format!("http://127.0.0.1:{}/status", site.control);
    let asked = |key: &'static str| reqwest::Client::new().get(&url).bearer_auth(key).send();
    assert_eq!(within(asked("another key, as long as ours")).await.unwrap().status().as_u16(), 401);
    assert_eq!(within(asked(KEY)).await.unwrap().status().as_u16(), 200);
    let (_, metrics) = site.asks("GET", "/metrics", &Value::Null).await;
    let metrics = metrics.as_str().expect("a text");
    assert!(metrics.contains("# TYPE iasql_pooler_clients gauge\niasql_pooler_clients 0"), "{metrics}");
    assert!(metrics.contains("iasql_pooler_member_follows{member=\"b\"} 1"), "{metrics}");
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_term_is_refused_and_a_newer_one_is_in_the_file() {
    let site = Site::shared().await;
    let told = |term: u64, primary: &str| json!({ "term": term, "members": site.cluster.members(primary) });
    assert_eq!(site.asks("POST", "/members", &told(0, "b")).await.0, 409);
    assert_eq!(site.asks("POST", "/members", &told(1, "b")).await.0, 409);
    assert_eq!(site.asks("POST", "/members", &told(1, "a")).await.0, 200);
    assert_eq!(site.asks("POST", "/members", &told(7, "a")).await.0, 200);
    let (status, refused) = site.asks("POST", "/members", &told(6, "b")).await;
    assert_eq!((status, &refused["term"]), (409, &json!(7)));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(site.folder.join("members.json")).unwrap()).unwrap();
    assert_eq!((&file["term"], &file["users"][0]["name"]), (&json!(7), &json!("pooler")));
    assert_eq!(site.asks("POST", "/reload", &Value::Null).await.0, 200);
    site.close().await;
}
