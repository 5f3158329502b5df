//! What a row keeps of a secret: the sealed text, and a version for each write.

use sqlx::{AssertSqlSafe, Row};

use crate::{
    control::{admin, own},
    engine::World,
    support::{self, database_name},
};

const PLANTED: &str = "hunter2-planted";

async fn secrets() -> World {
    World::with(&["secretsmanager", "ssm"]).await
}

async fn value(world: &mut World, name: &str) -> String {
    world.ask(&format!("select value from secretsmanager.secret where name = '{name}'")).await.remove(0)
}

async fn version(world: &mut World, name: &str) -> String {
    world.ask(&format!("select value_version::text from secretsmanager.secret where name = '{name}'")).await.remove(0)
}

/// What the cloud was told.
async fn told(world: &World, name: &str) -> String {
    let answer = world.outside().await.secretsmanager().get_secret_value().secret_id(name).version_stage("AWSCURRENT").send().await;
    answer.unwrap().secret_string.unwrap()
}

#[tokio::test]
async fn a_row_keeps_what_only_the_engine_can_open_and_the_cloud_is_told_the_value() {
    let mut world = secrets().await;
    // whatever letters it has, on several lines
    let odd = format!("{PLANTED}: ä\u{20ac}\n\"two\" lines");
    world.sql(&format!("insert into secretsmanager.secret (name, value) values ('a', '{odd}')")).await;
    let kept = value(&mut world, "a").await;
    let id = support::keys().newest().unwrap().id.clone();
    assert!(kept.starts_with(&format!("iasql:sealed:{id}:{}:", world.database.name())), "{kept}");
    assert_eq!(world.check().await, ["CreateSecret"]);
    assert_eq!(told(&world, "a").await, odd);
    world.rests().await;
}

#[tokio::test]
async fn each_write_is_a_version_and_a_change_of_something_else_is_none() {
    let mut world = secrets().await;
    world.sql("insert into secretsmanager.secret (name, value) values ('a', 'one'), ('none', null)").await;
    let first = version(&mut world, "a").await;
    world.sql("update secretsmanager.secret set description = 'x'").await;
    world.sql("update secretsmanager.secret set value = value").await;
    assert_eq!(version(&mut world, "a").await, first);
    // nobody here can see that it is the same
    world.sql("update secretsmanager.secret set value = 'one' where name = 'a'").await;
    assert_ne!(version(&mut world, "a").await, first);
    assert_eq!(
        world.ask("select coalesce(value, value_version::text, 'nothing') from secretsmanager.secret where name = 'none'").await,
        ["nothing"]
    );
}

#[tokio::test]
async fn what_is_sealed_for_this_database_already_stays_as_it_is() {
    let mut world = secrets().await;
    world.sql("insert into secretsmanager.secret (name, value) values ('a', 'one')").await;
    world.sql("insert into secretsmanager.secret (name, value) select 'b', value from secretsmanager.secret").await;
    assert_eq!(value(&mut world, "a").await, value(&mut world, "b").await);
    assert_eq!(world.check().await, ["CreateSecret", "CreateSecret"]);
    assert_eq!(told(&world, "b").await, "one");
}

#[tokio::test]
async fn what_was_sealed_elsewhere_is_refused_when_it_is_written_and_what_was_forged_when_it_is_opened() {
    let (mut theirs, mut mine) = (secrets().await, secrets().await);
    theirs.sql(&format!("insert into secretsmanager.secret (name, value) values ('a', '{PLANTED}')")).await;
    let stolen = value(&mut theirs, "a").await;
    let insert = |value: &str| format!("insert into secretsmanager.secret (name, value) values ('b', '{value}')");
    let said = mine.refusal(&insert(&stolen)).await;
    assert!(said.contains("the value of secretsmanager.secret.value was sealed for another database"), "{said}");
    // its outside says whose it is, and so does its inside
    let [theirs, own] = [&theirs, &mine].map(|world| world.database.name().to_owned());
    mine.sql(&insert(&stolen.replacen(&theirs, &own, 1))).await;
    let outcome = mine.run(iasql::engine::Kind::Check).await;
    let expected = format!(
        "secretsmanager.secret b: value can't be opened: it was sealed for another place ({theirs}, secretsmanager.secret.value) and is not opened here: write the value again"
    );
    assert_eq!(outcome.errors, [expected]);
    mine.sql("update secretsmanager.secret set value = 'mine'").await;
    // nor can it be carried to a column whose value somebody else may read
    mine.sql("insert into ssm.parameter (name, type, secret_value) select '/b', 'SecureString', value from secretsmanager.secret").await;
    let outcome = mine.run(iasql::engine::Kind::Check).await;
    let expected = format!(
        "ssm.parameter /b: secret_value can't be opened: it was sealed for another place ({own}, secretsmanager.secret.value) and is not opened here: write the value again"
    );
    assert_eq!(outcome.errors, [expected]);
    assert_eq!(told(&mine, "b").await, "mine");
    // and what is no sealed text at all is none
    mine.sql(&format!("update ssm.parameter set secret_value = 'iasql:sealed:{}:{own}:AAAA'", support::keys().newest().unwrap().id)).await;
    let outcome = mine.run(iasql::engine::Kind::Check).await;
    assert_eq!(outcome.errors, ["ssm.parameter /b: secret_value can't be opened: it is sealed in a way that can't be read"]);
}

#[tokio::test]
async fn a_rule_for_a_value_is_looked_at_before_it_is_sealed_and_does_not_quote_it() {
    let mut world = World::with(&["secretsmanager", "ssm", "rds", "lambda", "acm", "ec2"]).await;
    let instance = "insert into rds.db_instance (name, engine, db_instance_class, allocated_storage, master_username, master_user_password) values ('i', 'postgres', 'db.t3.micro', 20, 'u', ";
    let refused = [
        ("insert into secretsmanager.secret (name, value) values ('a', '')".to_owned(), "a_value_has_1_to_65536_bytes"),
        ("insert into ssm.parameter (name, type, secret_value) values ('/a', 'SecureString', repeat('hunter2', 1200))".to_owned(), "a_secret_value_has_1_to_8192_bytes"),
        (format!("{instance}'hunter2')"), "a_password_has_8_to_128_plain_characters_but_none_of_four"),
        (format!("{instance}'hunter2/hunter2')"), "a_password_has_8_to_128_plain_characters_but_none_of_four"),
        ("insert into lambda.function (name, role, s3_bucket, s3_key, runtime, handler, environment) values ('f', 'r', 'b', 'k', 'x', 'y', '{\"hunter2\": 3}')".to_owned(), "an_environment_is_texts_by_name"),
        ("insert into lambda.function (name, role, zip_file, runtime, handler) values ('f', 'r', 'hunter2!', 'x', 'y')".to_owned(), "a_zip_file_is_base64_of_at_most_50_megabytes"),
    ];
    for (sql, rule) in refused {
        let error = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut world.user).await.unwrap_err();
        let said = format!("{error:?}");
        assert!(said.contains(rule) && said.contains("23514") && !said.contains("hunter2"), "{said}");
    }
    world.sql("insert into secretsmanager.secret (name, value) values ('a', 'one')").await;
    assert!(world.refusal("update secretsmanager.secret set value = ''").await.contains("a_value_has_1_to_65536_bytes"));
}

#[tokio::test]
async fn a_rule_that_looks_at_a_secret_and_at_something_else_is_refused_with_its_table() {
    let world = secrets().await;
    let said = sqlx::raw_sql(include_str!("odd.sql")).execute(&world.owner).await.unwrap_err().to_string();
    assert!(said.contains("the rule a_word_is_no_kind of ssm.odd looks at the value of the secret word and at other columns"), "{said}");
}

#[tokio::test]
async fn without_a_key_no_secret_is_written_and_everything_else_is() {
    let (own, name) = (own().await, database_name());
    let keyless = iasql::control::Control::connect(&own.url).await.unwrap();
    sqlx::query("delete from control.sealing_key").execute(keyless.pool()).await.unwrap();
    let setup = iasql::control::Setup { modules: Some(vec!["secretsmanager".into()]), ..Default::default() };
    keyless.setup(&name, setup.clone()).await.unwrap();
    let mut inside = admin(&name).await;
    let insert = format!("insert into secretsmanager.secret (name, value) values ('a', '{PLANTED}')");
    let said = sqlx::raw_sql(AssertSqlSafe(insert.clone())).execute(&mut inside).await.unwrap_err().to_string();
    assert!(
        said.contains("secretsmanager.secret.value can't be written: no engine has laid its key here") && !said.contains(PLANTED),
        "{said}"
    );
    sqlx::raw_sql("insert into secretsmanager.secret (name) values ('b')").execute(&mut inside).await.unwrap();
    // an engine with a key lays it, and a setup without one takes the key that it has noted
    let keyed = support::keyed(keyless).await;
    let keyless = iasql::control::Control::connect(&own.url).await.unwrap();
    keyless.setup(&name, setup).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(insert)).execute(&mut inside).await.unwrap();
    let kept: String = sqlx::query("select value from secretsmanager.secret where name = 'a'").fetch_one(&mut inside).await.unwrap().get(0);
    assert!(kept.starts_with(&format!("iasql:sealed:{}:", keyed.keys().await.newest().unwrap().id)), "{kept}");
}
