//! `tigris.*` against Tigris' ways in front of the local S3: rows, plan, engine, and what it was asked for on the wire.

mod access_keys;
mod facets;
mod found;
mod iam;
mod process;
mod serverless;
mod strict;

use iasql::{
    engine::{Kind, State},
    fly::{self, Fly},
    resource::{Change, Owner, Registry},
    tigris::{Account, Tigris, register},
};
use serde_json::{Value, json};

use self::strict::{KEY, Known, Strict, TAKEN};
use crate::{engine::World, support::endpoint};

/// A database with `tigris`, and the account that it is about.
struct Ground {
    world: World,
    strict: Strict,
    /// What the names of this test's buckets begin with: they are one space for all accounts.
    own: String,
}

impl Ground {
    async fn new() -> Self {
        let mut world = World::with(&["tigris"]).await;
        let strict = Strict::before(endpoint().await, &world.account.id).await;
        world.with_tigris(&strict.way(), &no_fly());
        let own = format!("b{}", world.account.id);
        Self { world, strict, own }
    }

    /// What the user types, with `$` for what names begin with.
    async fn sql(&mut self, sql: &str) {
        self.world.sql(&sql.replace('$', &self.own)).await;
    }

    fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.own)
    }

    /// Checks until there is nothing to do; answers the changes that were asked for, with `$` for what names begin with.
    async fn check(&mut self) -> Vec<String> {
        self.strict.heard();
        let outcome = self.world.run(Kind::Check).await;
        let changes = self.strict.changes().iter().map(|call| call.replace(&self.own, "$")).collect();
        assert_eq!((outcome.state, &outcome.errors[..], &outcome.blind[..]), (State::Done, &[][..], &[][..]), "{:#?}", outcome.plan);
        self.world.rests().await;
        assert_eq!(self.strict.changes(), Vec::<String>::new());
        self.strict.had_no_fault();
        changes
    }

    /// The steps of the plan, with `$` for what names begin with.
    async fn plan(&mut self) -> Vec<String> {
        let steps = "select action || ' ' || resource || ' ' || name || coalesce(' ' || changed::text, '') from iasql.plan order by 1";
        self.world.ask(steps).await.iter().map(|step| step.replace(&self.own, "$")).collect()
    }

    /// The one error that a check ends with.
    async fn error(&self) -> String {
        let outcome = self.world.run(Kind::Check).await;
        let [error] = &outcome.errors[..] else { panic!("{outcome:#?}") };
        error.clone()
    }

    /// Somebody else makes a bucket.
    async fn plant(&self, name: &str) {
        let row = json!({ "name": self.name(name) });
        make(&self.strict.way(), "tigris.bucket", row).await.expect("a bucket");
    }
}

/// An organization that nobody is in.
fn no_fly() -> Fly {
    Fly::new(fly::Account { address: "http://127.0.0.1:1".into(), organization: Fly::PERSONAL.into(), token: None })
}

/// Past the engine.
async fn make(tigris: &Tigris, table: &str, desired: Value) -> Result<Value, iasql::resource::Error> {
    let registry = register(Registry::default(), tigris, &no_fly());
    let owner = Owner { tag: "db/1".into(), token: "once".into() };
    let made = registry.driver(table).expect("a driver").apply("", Change::Create { desired }, &owner).await?;
    Ok(made.expect("a row"))
}

#[tokio::test]
async fn rows_become_buckets_that_are_as_they_say_and_go_again() {
    let mut ground = Ground::new().await;
    ground.sql("insert into tigris.bucket (name, regions, public, storage_class) values ('$-a', '{fra,ams}', true, 'STANDARD_IA')").await;
    ground.sql("insert into tigris.bucket (name, regions, snapshots) values ('$-b', '{eur}', true), ('$-c', '{}', false)").await;
    let mut made = ground.check().await;
    made.sort();
    assert_eq!(
        made,
        ["PUT $-a regions=ams,fra storage-class=STANDARD_IA acl=public-read", "PUT $-b regions=eur enable-snapshot=true", "PUT $-c"]
    );
    let known = ground.strict.known(&ground.name("a")).expect("a bucket");
    assert_eq!((&*known.regions, &*known.class, known.snapshots), ("ams,fra", "STANDARD_IA", false));
    ground.sql("delete from tigris.bucket").await;
    let mut gone = ground.check().await;
    gone.sort();
    assert_eq!(gone, ["DELETE $-a", "DELETE $-b", "DELETE $-c"]);
    assert_eq!(ground.strict.known(&ground.name("a")), None);
}

#[tokio::test]
async fn what_is_left_open_is_not_asked_for_and_stays_as_it_is() {
    let mut ground = Ground::new().await;
    ground.sql("insert into tigris.bucket (name) values ('$-a')").await;
    assert_eq!(ground.check().await, ["PUT $-a"]);
    let name = ground.name("a");
    ground.strict.change(&name, |known| (known.regions, known.snapshots, known.class) = ("sin".into(), true, "GLACIER_IR".into()));
    assert_eq!(ground.check().await, Vec::<String>::new());
}

#[tokio::test]
async fn regions_readers_and_snapshots_change_in_place_and_what_no_column_says_stays() {
    let mut ground = Ground::new().await;
    ground.sql("insert into tigris.bucket (name) values ('$-a')").await;
    ground.check().await;
    let name = ground.name("a");
    ground.strict.change(&name, |known| known.cache_control = "max-age=60".into());
    ground.sql("update tigris.bucket set regions = '{usa}', public = true, snapshots = true").await;
    assert_eq!(ground.check().await, ["PUT $-a?acl acl=public-read", r#"PATCH $-a {"object_regions":"usa","type":1}"#]);
    let known = ground.strict.known(&name).expect("a bucket");
    assert_eq!((&*known.regions, known.snapshots, &*known.cache_control), ("usa", true, "max-age=60"));
    ground.sql("update tigris.bucket set public = false").await;
    assert_eq!(ground.check().await, ["PUT $-a?acl acl=private"]);
    ground.sql("update tigris.bucket set regions = '{}'").await;
    assert_eq!(ground.check().await, [r#"PATCH $-a {"object_regions":""}"#]);
}

#[tokio::test]
async fn what_somebody_else_changed_is_shown_and_repaired() {
    let mut ground = Ground::new().await;
    ground.sql("insert into tigris.bucket (name, regions, snapshots) values ('$-a', '{fra}', false)").await;
    ground.check().await;
    let name = ground.name("a");
    ground.strict.change(&name, |known| (known.regions, known.snapshots) = ("iad,sjc".into(), true));
    ground.world.run(Kind::Refresh).await;
    assert_eq!(ground.plan().await, [r#"update tigris.bucket $-a {"regions": [["iad", "sjc"], ["fra"]], "snapshots": [true, false]}"#]);
    assert_eq!(ground.check().await, [r#"PATCH $-a {"object_regions":"fra","type":0}"#]);
}

#[tokio::test]
async fn a_fork_is_made_after_what_it_is_of_and_goes_before_it() {
    let mut ground = Ground::new().await;
    ground.sql("insert into tigris.bucket (name, snapshots) values ('$-z', true)").await;
    ground.sql("insert into tigris.bucket (name, fork_of) values ('$-a', '$-z')").await;
    ground.sql("insert into tigris.bucket (name, fork_of, fork_snapshot) values ('$-b', '$-a', '1751631910140685342')").await;
    let made = ground.check().await;
    assert_eq!(
        made,
        [
            "PUT $-z enable-snapshot=true",
            "PUT $-a fork-source-bucket=$-z",
            "PUT $-b fork-source-bucket=$-a fork-source-bucket-snapshot=1751631910140685342"
        ]
    );
    let seen = "select concat_ws(' ', name, fork_of, fork_snapshot, snapshots) from observed.tigris_bucket order by name";
    let seen: Vec<_> = sqlx::query_scalar::<_, String>(seen).fetch_all(&ground.world.owner).await.expect("rows");
    let expected = [format!("$-a $-z {TAKEN} t"), "$-b $-a 1751631910140685342 t".into(), "$-z t".into()];
    assert_eq!(seen.iter().map(|row| row.replace(&ground.own, "$")).collect::<Vec<_>>(), expected);
    ground.sql("delete from tigris.bucket").await;
    assert_eq!(ground.check().await, ["DELETE $-b", "DELETE $-a", "DELETE $-z"]);
}

#[tokio::test]
async fn a_bucket_that_somebody_elses_fork_is_of_stays_and_the_plan_says_why() {
    let mut ground = Ground::new().await;
    ground.sql("insert into tigris.bucket (name, snapshots) values ('$-z', true)").await;
    ground.check().await;
    let row = json!({ "name": ground.name("a"), "fork_of": ground.name("z") });
    make(&ground.strict.way(), "tigris.bucket", row).await.expect("a fork");
    ground.sql("delete from tigris.bucket").await;
    let said = ground.error().await.replace(&ground.own, "$");
    assert!(said.contains("tigris.bucket $-a stands on it"), "{said}");
    assert!(ground.strict.known(&ground.name("z")).is_some());
}

#[tokio::test]
async fn what_loses_data_waits_for_a_yes_and_a_bucket_that_is_not_empty_is_not_deleted() {
    let mut ground = Ground::new().await;
    ground.sql("insert into tigris.bucket (name, storage_class) values ('$-a', 'STANDARD')").await;
    ground.check().await;
    ground.sql("update tigris.bucket set storage_class = 'GLACIER'").await;
    let said = ground.error().await;
    assert!(said.contains("storage_class cannot change in place; its data would be lost"), "{said}");
    ground.sql("select iasql.allow_replace('tigris.bucket', '$-a')").await;
    assert_eq!(ground.check().await, ["DELETE $-a", "PUT $-a storage-class=GLACIER"]);
    let (outside, name) = (ground.world.outside().await, ground.name("a"));
    outside.s3().put_object().bucket(&name).key("a").send().await.expect("an object");
    ground.sql("delete from tigris.bucket").await;
    let outcome = ground.world.run(Kind::Check).await;
    assert!(ground.strict.known(&name).is_some() && format!("{:?}", outcome.errors).contains("BucketNotEmpty"), "{outcome:#?}");
    outside.s3().delete_object().bucket(&name).key("a").send().await.expect("an empty bucket");
    assert_eq!(ground.check().await, ["DELETE $-a"]);
}

#[tokio::test]
async fn nonsense_is_refused_where_it_is_written() {
    let mut ground = Ground::new().await;
    let columns = "insert into tigris.bucket (name, regions, snapshots, fork_of, fork_snapshot, storage_class) values";
    ground.sql(&format!("{columns} ('$-z', null, true, null, null, null)")).await;
    for (values, constraint) in [
        ("('A', null, null, null, null, null)", "a_bucket_name_has_3_to_63_small_letters_digits_dots_and_hyphens"),
        ("('$-a', '{fra,ams,sin}', null, null, null, null)", "regions_are_none_or_usa_or_eur_or_one_or_two_of_three_letters"),
        ("('$-a', '{usa,fra}', null, null, null, null)", "regions_are_none_or_usa_or_eur_or_one_or_two_of_three_letters"),
        ("('$-a', '{eu-central-1}', null, null, null, null)", "regions_are_none_or_usa_or_eur_or_one_or_two_of_three_letters"),
        ("('$-a', null, null, '$-a', null, null)", "a_fork_is_of_another_bucket"),
        ("('$-a', null, null, null, '1', null)", "a_fork_snapshot_is_a_number_and_has_a_bucket_that_it_is_of"),
        ("('$-a', null, false, '$-z', null, null)", "a_fork_has_snapshots"),
        ("('$-a', null, true, null, null, 'GLACIER')", "a_bucket_with_snapshots_is_not_of_the_class_glacier"),
        ("('$-a', null, null, null, null, 'COLD')", "a_storage_class_is_standard_standard_ia_glacier_or_glacier_ir"),
        ("('$-a', null, null, '$-y', null, null)", "foreign key constraint"),
    ] {
        let refused = ground.world.refusal(&format!("{columns} {values}").replace('$', &ground.own)).await;
        assert!(refused.contains(constraint), "{values}: {refused}");
    }
}

#[tokio::test]
async fn without_keys_it_says_which_are_missing_and_wrong_ones_are_named_by_what_they_do() {
    let mut ground = Ground::new().await;
    let list = async |tigris: &Tigris| {
        let registry = register(Registry::default(), tigris, &no_fly());
        registry.driver("tigris.bucket").expect("a driver").list("", vec![]).await.expect_err("a refusal").to_string()
    };
    let none = Tigris::new(Account { address: "http://127.0.0.1:1".into(), keys: None, ..account() });
    assert!(list(&none).await.contains("TIGRIS_ACCESS_KEY_ID and TIGRIS_SECRET_ACCESS_KEY"));
    let said = list(&ground.strict.way_of(["tid_wrong", "hunter2-hunter2"])).await;
    assert!(said.contains("InvalidAccessKeyId") && !said.contains("hunter2"), "{said}");
    let nobody = Tigris::new(Account { address: "http://127.0.0.1:1".into(), ..account() });
    let said = list(&nobody).await;
    assert!(said.contains("Tigris does not answer") && !said.contains(KEY[1]), "{said}");
    // who has no bucket there need not have an account
    ground.world.with_tigris(&none, &no_fly());
    ground.check().await;
    ground.sql("insert into tigris.bucket (name) values ('$-a')").await;
    let outcome = ground.world.run(Kind::Check).await;
    assert!(format!("{outcome:?}").contains("TIGRIS_ACCESS_KEY_ID"), "{outcome:#?}");
}

fn account() -> Account {
    use iasql::{resource::Secret, tigris::Keys};
    Account { address: String::new(), iam_address: String::new(), keys: Some(Keys { id: KEY[0].into(), secret: Secret::new(KEY[1]) }) }
}
