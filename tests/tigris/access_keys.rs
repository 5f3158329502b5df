//! `tigris.access_key`: keys that Tigris' IAM makes, in the secrets of apps that `iasql machines` has. Neither half of the way may fail unnoticed.

use std::collections::BTreeSet;

use iasql::{
    engine::{Kind, State},
    fly::{Account, Fly},
    resource::{Change, Kind as Refused, Owner, Registry, Secret},
    tigris::register,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Ground,
    iam::{Iam, Key},
};
use crate::{
    fly::strict::Strict as StrictFly,
    machines::{Site, TOKEN},
    support::{
        endpoint,
        faults::{Fault, on},
    },
};

const MADE: [&str; 3] = ["CreateAccessKey", "CreatePolicy", "AttachUserPolicy"];
const REMOVED: [&str; 3] = ["DetachUserPolicy", "DeletePolicy", "DeleteAccessKey"];

/// The ground of the other tests, with an IAM beside its buckets and apps.
struct Keys {
    ground: Ground,
    iam: Iam,
    site: Site,
    fly: StrictFly,
}

fn fly_at(address: &str) -> Fly {
    Fly::new(Account { address: address.to_owned(), organization: Fly::PERSONAL.into(), token: Some(Secret::new(TOKEN)) })
}

impl Keys {
    /// With a bucket, and an app.
    async fn new() -> Self {
        let mut ground = Ground::new().await;
        let (iam, site) = (Iam::beside(&ground.strict).await, Site::open(&[]));
        let fly = StrictFly::to(&site.http).await;
        ground.world.with_tigris(&iam.way(), &fly_at(fly.http()));
        let mut keys = Self { ground, iam, site, fly };
        keys.ground.sql("insert into tigris.bucket (name) values ('$-files'); insert into fly.app (name) values ('shop')").await;
        keys.check().await;
        keys
    }

    /// And a key for the app.
    async fn with_key() -> Self {
        let mut keys = Self::new().await;
        keys.ground.sql("insert into tigris.access_key (name, app, bucket, access) values ('front', 'shop', '$-files', 'write')").await;
        assert_eq!(keys.check().await, MADE);
        keys
    }

    /// Checks until there is nothing to do; answers the changes that IAM was asked for.
    async fn check(&mut self) -> Vec<String> {
        self.ground.check().await;
        assert_eq!(self.fly.refused(), [""; 0]);
        self.iam.changes()
    }

    /// A check that does not end well.
    async fn failing(&mut self) -> String {
        let outcome = self.ground.world.run(Kind::Check).await;
        assert_ne!(outcome.state, State::Done, "{outcome:#?}");
        format!("{outcome:?}")
    }

    /// The steps that are planned after another look.
    async fn seen(&mut self) -> Vec<String> {
        self.ground.world.run(Kind::Refresh).await;
        self.ground.plan().await
    }

    /// The app's secrets, each with what Fly tells of its value.
    async fn secrets(&self) -> Vec<(String, String)> {
        let told = self.site.get("/apps/shop/secrets").await;
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        told["secrets"].as_array().expect("secrets").iter().map(|it| (text(&it["name"]), text(&it["digest"]))).collect()
    }

    /// The app has both halves of this key.
    async fn has(&self, id: &str, key: &Key) {
        let digest = async |value: &str| {
            self.site.post("/apps/shop/secrets/PROBE", json!({ "value": value })).await["digest"].as_str().expect("a digest").to_owned()
        };
        let (half, whole) = (digest(id).await, digest(&key.secret).await);
        self.site.good(Method::DELETE, "/apps/shop/secrets/PROBE", Value::Null).await;
        let secrets = self.secrets().await;
        assert_eq!(secrets.len(), 3, "{secrets:?}");
        assert_eq!(secrets[..2], [("AWS_ACCESS_KEY_ID".to_owned(), half), ("AWS_SECRET_ACCESS_KEY".to_owned(), whole)]);
        assert!(secrets[2].0.starts_with("IASQL_TIGRIS_KEY_"), "{secrets:?}");
    }

    /// There is one key, the app has it, and it may do this to that bucket.
    async fn whole(&self, access: &str, bucket: &str) -> String {
        let (id, key) = self.iam.key();
        self.has(&id, &key).await;
        let name = format!("{id}.{access}.{bucket}");
        assert_eq!(key.policies, BTreeSet::from([name.clone()]));
        let policies = self.iam.policies();
        assert!(policies.len() == 1 && policies[&name]["Statement"][0]["Resource"][0] == format!("arn:aws:s3:::{bucket}"), "{policies:?}");
        assert_eq!(policies[&name].to_string().contains("PutObject"), access == "write");
        id
    }

    fn files(&self) -> String {
        self.ground.name("files")
    }
}

#[tokio::test]
async fn a_row_becomes_a_key_in_the_secrets_of_its_app_that_may_use_one_bucket_and_goes_again() {
    let mut keys = Keys::with_key().await;
    let id = keys.whole("write", &keys.files()).await;
    assert_eq!(keys.ground.world.ask("select access_key_id from tigris.access_key").await, [id]);
    assert!(keys.iam.key().1.name.starts_with("front."));
    // its secrets are nobody else's rows, and nobody misses some
    assert_eq!(keys.seen().await, [""; 0]);
    keys.ground.sql("delete from tigris.access_key").await;
    assert_eq!(keys.check().await, REMOVED);
    assert!(keys.iam.keys().is_empty() && keys.iam.policies().is_empty() && keys.secrets().await.is_empty());
}

#[tokio::test]
async fn a_key_without_a_bucket_has_no_policy_of_ours_and_keeps_those_of_others() {
    let mut keys = Keys::new().await;
    keys.ground.sql("insert into tigris.access_key (name, app) values ('front', 'shop')").await;
    assert_eq!(keys.check().await, ["CreateAccessKey"]);
    keys.iam.change(|keys, policies| {
        policies.insert("theirs".into(), json!({}));
        keys.values_mut().for_each(|key| key.policies.extend(["theirs".to_owned()]));
    });
    assert_eq!(keys.check().await, [""; 0]);
    keys.ground.sql("update tigris.access_key set bucket = '$-files'").await;
    assert_eq!(keys.check().await, MADE[1..]);
    assert!(keys.iam.key().1.policies.contains("theirs"));
}

#[tokio::test]
async fn what_a_key_may_do_and_whether_it_works_change_in_place() {
    let mut keys = Keys::with_key().await;
    let id = keys.whole("write", &keys.files()).await;
    keys.ground.sql("update tigris.access_key set access = 'read'").await;
    assert_eq!(keys.check().await, ["CreatePolicy", "AttachUserPolicy", "DetachUserPolicy", "DeletePolicy"]);
    assert_eq!(keys.whole("read", &keys.files()).await, id);
    keys.ground.sql("insert into tigris.bucket (name) values ('$-more'); update tigris.access_key set bucket = '$-more'").await;
    assert_eq!(keys.check().await, ["CreatePolicy", "AttachUserPolicy", "DetachUserPolicy", "DeletePolicy"]);
    assert_eq!(keys.whole("read", &keys.ground.name("more")).await, id);
    for status in ["Inactive", "Active"] {
        keys.ground.sql(&format!("update tigris.access_key set status = '{status}'")).await;
        assert_eq!(keys.check().await, ["UpdateAccessKey"]);
        assert_eq!(keys.iam.key().1.status, status);
    }
}

#[tokio::test]
async fn what_somebody_else_changed_of_a_key_is_shown_and_repaired() {
    let mut keys = Keys::with_key().await;
    let files = keys.files();
    let id = keys.whole("write", &files).await;
    keys.ground.sql("update tigris.access_key set status = 'Active'").await;
    keys.iam.change(|keys, _| keys.values_mut().for_each(|key| key.status = "Inactive".into()));
    assert_eq!(keys.seen().await, [r#"update tigris.access_key front {"status": ["Inactive", "Active"]}"#]);
    assert_eq!(keys.check().await, ["UpdateAccessKey"]);
    let whole = r#"update tigris.access_key front {"access": [null, "write"], "bucket": [null, "$-files"]}"#;
    keys.iam.change(|keys, _| keys.values_mut().for_each(|key| key.policies.clear()));
    assert_eq!(keys.seen().await, [whole]);
    assert_eq!(keys.check().await, ["AttachUserPolicy"]);
    keys.iam.change(|_, policies| policies.values_mut().for_each(|policy| policy["Statement"][0]["Action"] = json!(["s3:*"])));
    assert_eq!(keys.seen().await, [whole]);
    assert_eq!(keys.check().await, ["DetachUserPolicy", "DeletePolicy", "CreatePolicy", "AttachUserPolicy"]);
    assert_eq!(keys.whole("write", &files).await, id);
    keys.iam.change(|keys, policies| {
        keys.clear();
        policies.clear();
    });
    assert_eq!(keys.seen().await, ["create tigris.access_key front"]);
    assert_eq!(keys.check().await, MADE);
    assert_ne!(keys.whole("write", &files).await, id);
}

#[tokio::test]
async fn a_key_that_its_app_has_lost_is_replaced_and_so_is_one_for_another_app() {
    let mut keys = Keys::with_key().await;
    let files = keys.files();
    let first = keys.whole("write", &files).await;
    keys.site.good(Method::DELETE, "/apps/shop/secrets/AWS_SECRET_ACCESS_KEY", Value::Null).await;
    let seen = keys.seen().await;
    assert!(
        seen.iter().any(|step| step.starts_with("replace tigris.access_key front") && step.contains(r#""app": [null, "shop"]"#)),
        "{seen:?}"
    );
    let mut calls = keys.check().await;
    calls.sort();
    let mut expected = [MADE, REMOVED].concat();
    expected.sort_unstable();
    assert_eq!(calls, expected);
    let second = keys.whole("write", &files).await;
    assert_ne!(first, second);
    keys.ground.sql("update tigris.access_key set name = 'other'").await;
    keys.check().await;
    assert_ne!(keys.whole("write", &files).await, second);
    keys.ground.sql("insert into fly.app (name) values ('till'); update tigris.access_key set app = 'till'").await;
    keys.check().await;
    assert!(keys.secrets().await.is_empty());
    assert_eq!(keys.site.get("/apps/till/secrets").await["secrets"].as_array().map(Vec::len), Some(3));
    assert_eq!((keys.iam.keys().len(), keys.iam.policies().len()), (1, 1));
}

#[tokio::test]
async fn whichever_answer_is_lost_there_is_one_key_in_the_end_and_the_app_has_it() {
    for lost in MADE {
        let mut keys = Keys::new().await;
        keys.iam.lose(lost);
        keys.ground.sql("insert into tigris.access_key (name, app, bucket, access) values ('front', 'shop', '$-files', 'write')").await;
        keys.check().await;
        keys.whole("write", &keys.files()).await;
    }
    for lost in REMOVED {
        let mut keys = Keys::with_key().await;
        keys.iam.lose(lost);
        keys.ground.sql("delete from tigris.access_key").await;
        keys.check().await;
        assert!(keys.iam.keys().is_empty() && keys.iam.policies().is_empty() && keys.secrets().await.is_empty(), "{lost}");
    }
}

#[tokio::test]
async fn a_key_whose_secret_no_app_takes_is_deleted_at_once_and_stands_in_no_error() {
    let mut keys = Keys::new().await;
    keys.fly.faults().add(on("Secrets_update"), Fault::Refused(422, "", "there is no place for tsec_hunter2+made/1 here"));
    keys.ground.sql("insert into tigris.access_key (name, app, bucket) values ('front', 'shop', '$-files')").await;
    let said = keys.failing().await;
    assert!(said.contains("there is no place for *** here") && !said.contains("hunter2"), "{said}");
    assert_eq!((keys.iam.changes(), keys.iam.keys().len()), (vec![MADE[0].to_owned(), REMOVED[2].to_owned()], 0));
    keys.fly.faults().calm();
    assert_eq!(keys.check().await, MADE);
}

#[tokio::test]
async fn a_key_that_nobody_has_goes_with_its_row() {
    let mut keys = Keys::with_key().await;
    let rows = "insert into fly.app (name) values ('till'); insert into tigris.access_key (name, app) values ('lost', 'till')";
    keys.ground.sql(rows).await;
    // an engine made it, and died before anybody got to hear of it
    let row = keys.ground.world.ask("select replace(row_id::text, '-', '') from tigris.access_key where name = 'lost'").await.remove(0);
    let called = format!("lost.{}.{row}", keys.ground.world.database.name());
    keys.iam.change(|keys, _| {
        let key = Key { name: called, secret: "tsec_gone".into(), status: "Active".into(), policies: BTreeSet::new() };
        keys.insert("tid_lost".into(), key);
        let theirs = Key { name: "ci-access".into(), secret: "tsec_theirs".into(), status: "Active".into(), policies: BTreeSet::new() };
        keys.insert("tid_theirs".into(), theirs);
    });
    keys.ground.sql("delete from tigris.access_key where name = 'lost'").await;
    assert_eq!(keys.check().await, [REMOVED[2]]);
    assert!(keys.iam.keys().contains_key("tid_theirs") && keys.iam.keys().len() == 2);
}

#[tokio::test]
async fn the_secret_half_stands_in_no_table() {
    let mut keys = Keys::with_key().await;
    keys.ground.sql("update tigris.access_key set access = 'read'").await;
    let planned = keys.ground.world.diff().await.join("\n");
    keys.check().await;
    let mut looked = vec![planned];
    for table in [
        "iasql.history",
        "iasql.change",
        "iasql.run",
        "iasql.drift",
        "observed.tigris_access_key",
        "observed.fly_secret",
        "tigris.access_key",
    ] {
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select t::text from {table} t")))
            .fetch_all(&keys.ground.world.owner)
            .await
            .expect("rows");
        looked.extend(rows);
    }
    assert!(looked.iter().any(|row| row.contains("tid_key")) && !looked.iter().any(|row| row.contains("tsec")), "{looked:#?}");
}

#[tokio::test]
async fn nonsense_about_a_key_is_refused_where_it_is_written() {
    let mut keys = Keys::with_key().await;
    let columns = "insert into tigris.access_key (name, app, bucket, access, status) values";
    for (values, constraint) in [
        ("('a b', 'shop', null, null, null)", "a_key_is_named_with_1_to_63_letters_digits_and_some_signs"),
        ("('a', 'shop', null, null, null)", "an_app_has_one_key"),
        ("('a', 'shop', '$-files', 'all', null)", "access_is_read_or_write"),
        ("('a', 'shop', null, 'read', null)", "an_access_has_a_bucket_that_it_is_to"),
        ("('a', 'shop', null, null, 'On')", "status_is_active_or_inactive"),
        ("('a', 'till', null, null, null)", "foreign key constraint"),
        ("('a', null, null, null, null)", "not-null constraint"),
    ] {
        let refused = keys.ground.world.refusal(&format!("{columns} {values}").replace('$', &keys.ground.own)).await;
        assert!(refused.contains(constraint), "{values}: {refused}");
    }
}

#[tokio::test]
async fn an_iam_that_has_users_is_told_to_be_none_of_tigris() {
    let keys = Keys::new().await;
    let way = keys.ground.strict.way_with(endpoint().await);
    let registry = register(Registry::default(), &way, &fly_at(keys.fly.http()));
    let owner = Owner { tag: "db/0b5e1c1e-3f5a-4a44-9a53-0c7f0a6f8a11".into(), token: "once".into() };
    let desired = json!({ "name": "front", "app": "shop" });
    let driver = registry.driver("tigris.access_key").expect("a driver");
    let error = driver.apply("", Change::Create { desired }, &owner).await.expect_err("no key");
    assert!(error.kind == Refused::Unsupported && error.said.contains("it is not Tigris'"), "{error:?}");
}
