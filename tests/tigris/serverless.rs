//! `serverless.database` without a key: one is made for it, and its machine has it.

use serde_json::json;

use super::{
    iam::Iam,
    strict::{KEY, Strict},
};
use crate::{
    crash::Site,
    machines::{self, TOKEN},
    support::endpoint,
};

/// What a run says on both ways, as much as it can say.
async fn said(site: &Site) -> String {
    let output = site.iasql(&["check", &site.name]).env("IASQL_LOG", "trace").output().await.expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    said
}

#[tokio::test]
async fn a_row_without_a_key_has_one_made_for_its_bucket_alone_and_no_log_shows_it() {
    let (mut site, machines) = (Site::with(&["serverless"]).await, machines::Site::open(&[]));
    let strict = Strict::before(endpoint().await, &site.account.id).await;
    let iam = Iam::beside(&strict).await;
    for (name, value) in [
        ("FLY_API_TOKEN", TOKEN),
        ("FLY_FLAPS_BASE_URL", &*machines.http),
        ("TIGRIS_ENDPOINT_URL", strict.address()),
        ("TIGRIS_IAM_ENDPOINT_URL", iam.address()),
        ("TIGRIS_ACCESS_KEY_ID", KEY[0]),
        ("TIGRIS_SECRET_ACCESS_KEY", KEY[1]),
    ] {
        site.also(name, value);
    }
    let app = format!("x{}-shop", site.account.id);
    site.sql(&format!("insert into serverless.database (name, app, image, password) values ('shop', '{app}', 'probe', 'correct horse')"))
        .await;
    site.sql("update fly.machine set cmd = '[\"rest\"]'").await;
    let log = said(&site).await;
    site.rests().await;
    let (id, key) = iam.key();
    assert!(!log.contains(&key.secret) && !log.contains(KEY[1]), "{log}");
    let policies: Vec<_> = iam.policies().into_keys().collect();
    assert_eq!(
        (key.policies.into_iter().collect::<Vec<_>>(), policies),
        (vec![format!("{id}.write.{app}")], vec![format!("{id}.write.{app}")])
    );
    let told = machines.get(&format!("/apps/{app}/machines")).await;
    let path = format!("/apps/{app}/machines/{}", told[0]["id"].as_str().expect("an id"));
    machines.get(&format!("{path}/wait?state=started&timeout=60")).await;
    let process = machines.get(&format!("{path}/ps")).await[0]["pid"].as_i64().expect("a process");
    let environment = String::from_utf8_lossy(&std::fs::read(format!("/proc/{process}/environ")).expect("an environment")).into_owned();
    let has = |name: &str, value: &str| environment.split('\0').any(|line| line == format!("{name}={value}"));
    assert!(has("AWS_ACCESS_KEY_ID", &id) && has("AWS_SECRET_ACCESS_KEY", &key.secret), "{environment:?}");

    let refused =
        sqlx::raw_sql("update serverless.database set access_key_id = 'a', secret_access_key = 'b'").execute(&mut site.user).await;
    assert!(refused.expect_err("a refusal").to_string().contains("is a row of tigris.access_key"));
    site.sql("update serverless.database set memory_mb = 1024").await;
    site.check().await;
    site.rests().await;
    assert_eq!(iam.key().0, id);
    site.sql("select iasql.set('max_deletes_percent', '100'); delete from serverless.database").await;
    site.check().await;
    site.rests().await;
    assert!(iam.keys().is_empty() && iam.policies().is_empty() && strict.count() == 1);
    assert_eq!(machines.get("/apps?org_slug=personal").await["total_apps"], json!(0));
    strict.had_no_fault();
    iam.changes();
}
