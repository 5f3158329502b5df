//! `fly.secret`: what is remembered of a value that nobody can read back, and the machines that are to have it.

use iasql::engine::{Kind, State};
use reqwest::Method;
use serde_json::{Value, json};

use super::Ground;

const APP: &str = "insert into fly.app (name) values ('shop')";
const PATH: &str = "/apps/shop/secrets";
const MACHINE: &str = r#"
    insert into fly.machine (app, name, region, image, cmd, restart_policy) values ('shop', 'one', 'ams', 'probe', '["rest"]', 'no');
"#;

impl Ground {
    async fn with_app() -> Self {
        let mut ground = Self::new().await;
        ground.world.sql(APP).await;
        ground.check().await;
        ground
    }

    /// Names and digests as the API has them.
    async fn digests(&self) -> Vec<(String, String)> {
        let told = self.site.get(PATH).await;
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        told["secrets"].as_array().expect("secrets").iter().map(|it| (text(&it["name"]), text(&it["digest"]))).collect()
    }

    /// The environment of the only machine's first process.
    async fn environment(&self) -> String {
        let machine = self.machine().await;
        let id = machine["id"].as_str().expect("an id");
        self.site.get(&format!("/apps/shop/machines/{id}/wait?state=started&timeout=30")).await;
        let processes = self.site.get(&format!("/apps/shop/machines/{id}/ps")).await;
        let pid = processes[0]["pid"].as_i64().expect("a process");
        String::from_utf8_lossy(&std::fs::read(format!("/proc/{pid}/environ")).expect("an environment")).into_owned()
    }
}

#[tokio::test]
async fn a_secret_is_set_changed_repaired_and_removed() {
    let mut ground = Ground::with_app().await;
    ground
        .world
        .sql("insert into fly.secret (app, name, value) values ('shop', 'WORD', 'hunter2-one'), ('shop', 'OTHER', 'hunter2-x')")
        .await;
    ground.check().await;
    let first = ground.digests().await;
    assert_eq!(first.len(), 2);
    assert_eq!(ground.world.ask("select digest from fly.secret where name = 'WORD'").await, [first[1].1.clone()]);

    ground.world.sql("update fly.secret set value = 'hunter2-two' where name = 'WORD'").await;
    let changed = ground.world.ask("select changed::text from iasql.plan").await;
    assert_eq!(changed, [r#"{"value": ["***", "***"]}"#]);
    ground.check().await;
    let second = ground.digests().await;
    assert!(first[0] == second[0] && first[1] != second[1], "{first:?} {second:?}");

    // somebody else's value is another digest; the same value once more is none
    ground.site.post(&format!("{PATH}/WORD"), json!({ "value": "hunter2-two" })).await;
    ground.world.rests().await;
    ground.site.post(&format!("{PATH}/WORD"), json!({ "value": "theirs" })).await;
    ground.world.run(Kind::Refresh).await;
    assert_eq!(ground.world.ask("select name || ' ' || action from iasql.plan").await, ["shop WORD update"]);
    let drift = ground.world.ask("select changed::text from iasql.drift where resource = 'fly.secret'").await;
    assert_eq!(drift, [r#"{"value": ["***", "***"]}"#]);
    ground.check().await;
    assert_eq!(ground.digests().await, second);

    ground.world.sql("delete from fly.secret where name = 'WORD'").await;
    ground.check().await;
    assert_eq!(ground.digests().await, first[..1]);
    let said = ground.world.ask("select h::text from iasql.history h union all select c::text from iasql.change c").await;
    assert!(said.iter().any(|line| line.contains("WORD")) && !said.iter().any(|line| line.contains("hunter2")), "{said:#?}");
}

#[tokio::test]
async fn a_secret_that_is_there_already_is_taken_over_and_written_once() {
    let mut ground = Ground::with_app().await;
    ground.site.post(PATH, json!({ "values": { "WORD": "theirs", "LEFT": "theirs" } })).await;
    let before = ground.digests().await;
    ground.world.sql("insert into fly.secret (app, name, value) values ('shop', 'WORD', 'ours')").await;
    ground.world.sql("insert into fly.secret (app, name) values ('shop', 'LEFT')").await;
    ground.world.run(Kind::Refresh).await;
    assert_eq!(ground.world.ask("select name || ' ' || action from iasql.plan").await, ["shop LEFT adopt", "shop WORD adopt"]);
    ground.check().await;
    let now = ground.digests().await;
    assert!(now[0] == before[0] && now[1] != before[1], "{now:?}");
}

#[tokio::test]
async fn a_new_secret_without_a_value_is_refused_in_words() {
    let mut ground = Ground::with_app().await;
    ground.world.sql("insert into fly.secret (app, name) values ('shop', 'WORD')").await;
    let outcome = ground.world.run(Kind::Check).await;
    assert_eq!(outcome.state, State::Failed);
    assert!(outcome.errors.iter().any(|error| error.contains("needs a value")), "{:?}", outcome.errors);
    let refused = ground.world.refusal("insert into fly.secret (app, name, value) values ('shop', 'A B', 'x')").await;
    assert!(refused.contains("a_secret_is_named_as_a_variable_is"), "{refused}");
    let refused = ground.world.refusal("insert into fly.secret (app, name, value) values ('shop', 'A', repeat('x', 70000))").await;
    assert!(refused.contains("a_secret_has_at_most_65536_bytes"), "{refused}");
}

#[tokio::test]
async fn an_engine_that_died_after_it_wrote_a_secret_writes_it_again_and_rests() {
    let mut ground = Ground::with_app().await;
    ground.world.sql("insert into fly.secret (app, name, value) values ('shop', 'WORD', 'one')").await;
    ground.check().await;
    let first = ground.digests().await;
    ground.world.sql("update fly.secret set value = 'two'").await;
    // what came of the call was never written down
    ground.site.post(&format!("{PATH}/WORD"), json!({ "value": "two" })).await;
    ground.check().await;
    assert_ne!(ground.digests().await, first);
}

#[tokio::test]
async fn the_machines_of_an_app_have_a_changed_secret_at_the_end_of_the_same_check() {
    let mut ground = Ground::with_app().await;
    ground.world.sql("insert into fly.secret (app, name, value) values ('shop', 'WORD', 'hunter2-one')").await;
    ground.world.sql(MACHINE).await;
    ground.check().await;
    assert!(ground.environment().await.contains("WORD=hunter2-one"));
    // it was there before the machine was made
    assert_eq!(ground.world.ask("select action from iasql.change where resource = 'fly.machine'").await, ["create"]);
    let before = ground.machine().await;

    ground
        .world
        .sql("update fly.secret set value = 'hunter2-two'; insert into fly.secret (app, name, value) values ('shop', 'MORE', 'x')")
        .await;
    ground.check().await;
    let environment = ground.environment().await;
    assert!(environment.contains("WORD=hunter2-two") && environment.contains("MORE=x"), "{environment:?}");
    assert_eq!(ground.machine().await["id"], before["id"]);

    // what somebody else sets reaches them too, unless they are to be left as they are
    ground.site.post(&format!("{PATH}/THEIRS"), json!({ "value": "y" })).await;
    ground.world.run(Kind::Refresh).await;
    let steps = ground.world.ask("select resource || ' ' || action || coalesce(' ' || changed::text, '') from iasql.plan").await;
    assert_eq!(steps, [r#"fly.machine update {"secrets": ["behind", "current"]}"#, "fly.secret unmanaged"]);
    ground.world.sql("update fly.machine set secrets = null").await;
    let instance = ground.machine().await["instance_id"].clone();
    ground.world.run(Kind::Check).await;
    assert_eq!(ground.machine().await["instance_id"], instance);

    ground.site.good(Method::DELETE, &format!("{PATH}/THEIRS"), Value::Null).await;
    ground.world.sql("update fly.machine set secrets = 'current'; delete from fly.secret where name = 'MORE'").await;
    ground.check().await;
    assert!(!ground.environment().await.contains("MORE="));
}

#[tokio::test]
async fn a_machine_that_failed_for_want_of_a_secret_is_started_when_it_is_there() {
    let mut ground = Ground::with_app().await;
    ground.world.sql(&MACHINE.replace("rest\"]", "needs\", \"WORD\"]")).await;
    ground.check().await;
    let machine = ground.machine().await;
    let (id, instance) = (machine["id"].as_str().expect("an id"), machine["instance_id"].as_str().expect("a version"));
    ground.site.get(&format!("/apps/shop/machines/{id}/wait?state=stopped&instance_id={instance}&timeout=30")).await;
    ground.world.sql("insert into fly.secret (app, name, value) values ('shop', 'WORD', 'one')").await;
    ground.check().await;
    assert!(ground.environment().await.contains("WORD=one"));
}

#[tokio::test]
async fn the_secrets_of_an_app_that_was_made_anew_are_counted_from_the_beginning() {
    let mut ground = Ground::with_app().await;
    for value in ["one", "two", "three"] {
        ground.world.sql("delete from fly.secret").await;
        ground.world.sql(&format!("insert into fly.secret (app, name, value) values ('shop', 'WORD', '{value}')")).await;
        ground.check().await;
    }
    ground.world.sql("delete from fly.secret; delete from fly.app").await;
    ground.check().await;
    ground.world.sql(APP).await;
    ground.world.sql(MACHINE).await;
    ground.check().await;
    assert_eq!(ground.machine().await["state"], "started");
}
