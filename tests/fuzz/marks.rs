//! The marks in comments, against their grammar written a second time: `@cloud @immutable The id.`, `@part security_groups @immutable The group.`

use std::collections::BTreeSet;

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestCaseError};
use sqlx::{AssertSqlSafe, PgPool, Row};

use super::runner;
use crate::engine::World;

const MARKS: [&str; 9] = ["@cloud", "@identity", "@immutable", "@secret", "@version", "@cascade", "@exact", "@part", "@nonsense"];

fn comment() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        6 => prop::sample::select(&MARKS[..]).prop_map(str::to_owned),
        2 => "[a-z_]{1,6}",
        1 => "[A-Z][a-z]{0,5}",
        1 => "\\PC{0,6}",
    ];
    (prop::collection::vec(word, 0..6), prop::sample::select(&[" ", " ", " ", "  ", "", "\n"][..]))
        .prop_map(|(words, between)| words.join(between))
}

/// The marks at the beginning of a comment: each a word after @, and perhaps a word of its own where a mark or a sentence follows.
fn marks(comment: &str) -> BTreeSet<String> {
    let (mut marks, mut rest) = (BTreeSet::new(), comment);
    let word = |text: &str| text.find(|letter: char| !(letter.is_ascii_lowercase() || letter == '_')).unwrap_or(text.len());
    while let Some(after) = rest.strip_prefix('@') {
        let length = word(after);
        let Some(next) = after[length..].strip_prefix(' ').filter(|_| length > 0) else { break };
        marks.insert(after[..length].to_owned());
        let own = word(next);
        let follows = next[own..].strip_prefix(' ').filter(|_| own > 0);
        rest = follows.filter(|follows| follows.starts_with(|letter: char| letter == '@' || letter.is_ascii_uppercase())).unwrap_or(next);
    }
    marks
}

async fn read(owner: &PgPool, comment: &str) -> BTreeSet<String> {
    let quoted = comment.replace('\'', "''");
    let sql = format!(
        "comment on column fuzzed.thing.field is '{quoted}'; select * from iasql.catalog_field f where f.resource = 'fuzzed.thing' and f.field = 'field'"
    );
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(owner).await.unwrap_or_else(|error| panic!("{comment}: {error}"));
    let is = |column: &str| rows[0].try_get::<Option<bool>, _>(column).expect("a boolean").unwrap_or_default();
    ["cloud", "identity", "immutable", "secret", "version", "cascade", "exact"]
        .into_iter()
        .filter(|mark| is(&format!("is_{mark}")))
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_marks_of_any_comment_are_read_as_their_grammar_says() {
    let world = World::with(&[]).await;
    let (owner, runtime) = (world.owner.clone(), tokio::runtime::Handle::current());
    let table = "create schema fuzzed; create table fuzzed.thing (name text primary key, field text); insert into iasql.resource (name) values ('fuzzed.thing')";
    sqlx::raw_sql(table).execute(&owner).await.expect("a table");
    let all = tokio::task::spawn_blocking(move || {
        runner(400).run(&comment(), |comment| {
            let mut expected = marks(&comment);
            // what the cloud gives a thing as its id is filled by the cloud
            if expected.contains("identity") {
                expected.insert("cloud".to_owned());
            }
            expected.retain(|mark| !["part", "nonsense"].contains(&mark.as_str()) && MARKS.contains(&&*format!("@{mark}")));
            prop_assert_eq!(runtime.block_on(read(&owner, &comment)), expected, "{:?}", comment);
            Ok::<_, TestCaseError>(())
        })
    });
    all.await.expect("no panic").unwrap_or_else(|failed| panic!("{failed}"));
}

/// All that is written from a comment is SQL, and a comment may hold what ends SQL's texts.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_with_any_comments_is_registered_and_its_plan_works() {
    let mut world = World::with(&[]).await;
    let mut chance = runner(1);
    for number in 0..12 {
        let comment = comment()
            .new_tree(&mut chance)
            .expect("a comment")
            .current()
            .replace("@secret", "")
            .replace("@part", "")
            .replace("@version", "");
        let quoted = format!("{comment}'$sql$ $body$ %s %1$I \" \\").replace('\'', "''");
        let sql = format!(
            "create schema if not exists fuzzed; create table fuzzed.thing_{number} (name text primary key, field text, other text);
             comment on table fuzzed.thing_{number} is '{quoted}'; comment on column fuzzed.thing_{number}.field is '{quoted}'; select iasql.register('fuzzed.thing_{number}')"
        );
        sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&world.owner).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    assert_eq!(world.diff().await, ["Nothing to do: the cloud is as the tables say."]);
}
