//! Engines that are processes: whose account it is stands in their environment, and one may be ended in the middle.

use std::process::Stdio;

use tokio::process::Command;

use super::strict::{KEY, Strict};
use crate::{
    crash::{Site, until},
    support::endpoint,
};

/// A check on the command line, with the account in its environment, and none of AWS.
fn checking(site: &Site, strict: &Strict) -> Command {
    let mut command = site.iasql(&["check", &site.name]);
    for name in ["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        command.env_remove(name);
    }
    command.env("TIGRIS_ENDPOINT_URL", strict.address()).env("TIGRIS_ACCESS_KEY_ID", KEY[0]).env("TIGRIS_SECRET_ACCESS_KEY", KEY[1]);
    command
}

#[tokio::test]
async fn a_hundred_rows_are_a_hundred_buckets_also_when_the_engine_is_killed_on_its_way() {
    let mut site = Site::with(&["tigris"]).await;
    let strict = Strict::before(endpoint().await, &site.account.id).await;
    let rows =
        format!("insert into tigris.bucket (name, regions) select 'b{}-' || n, '{{fra}}' from generate_series(1, 100) n", site.account.id);
    site.sql(&rows).await;
    let mut engine = checking(&site, &strict).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary runs");
    until("a part of them", async || (strict.count() >= 20).then_some(())).await;
    engine.kill().await.expect("an end");
    let output = checking(&site, &strict).output().await.expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains(KEY[1]), "{said}");
    assert_eq!(strict.count(), 100);
    assert_eq!(site.ask("select count(*)::text from observed.tigris_bucket where managed and row_id is not null").await, ["100"]);
    site.rests().await;
    strict.had_no_fault();
}
