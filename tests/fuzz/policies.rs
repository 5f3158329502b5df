//! Policies: the engine and the database spell them alike, and a spelling that is canonical stays as it is.

use iasql::aws::canonical_policy;
use proptest::{prelude::*, test_runner::TestCaseError};
use serde_json::{Map, Value, json};
use sqlx::PgPool;

use super::runner;
use crate::engine::World;

const WORDS: [&str; 12] =
    ["*", "s3:Get*", "", "123456789012", "AWS", "Allow", "é ü", "arn:aws:iam::123456789012:root", "a\"b", "1", "true", "\\"];
const NAMES: [&str; 16] = [
    "Statement",
    "Version",
    "Id",
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
    "AWS",
    "Service",
    "StringEquals",
    "aws:x",
];

type Any = BoxedStrategy<Value>;

fn leaf() -> Any {
    prop_oneof![
        6 => prop::sample::select(&WORDS[..]).prop_map(|word| json!(word)),
        1 => any::<bool>().prop_map(|value| json!(value)),
        1 => (-5_i64..500).prop_map(|value| json!(value)),
        1 => Just(Value::Null),
    ]
    .boxed()
}

fn object(names: &'static [&'static str], of: Any) -> Any {
    let members = prop::collection::vec((prop::sample::select(names), of), 0..6);
    members
        .prop_map(|members| Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>()))
        .boxed()
}

/// What may be written as one value or as a list of them.
fn list() -> Any {
    prop_oneof![leaf(), prop::collection::vec(leaf(), 0..4).prop_map(Value::Array)].boxed()
}

/// What has the form of a policy, whatever stands in it.
fn policy() -> Any {
    let principal = prop_oneof![Just(json!("*")), object(&["AWS", "Service", "Federated"], list())].boxed();
    let condition = object(&["StringEquals", "Bool"], object(&["aws:x", "s3:prefix"], list()));
    let parts = (
        object(&["Sid", "Effect"], leaf()),
        object(&["Action", "NotAction", "Resource", "NotResource"], list()),
        object(&["Principal", "NotPrincipal"], principal),
        object(&["Condition"], condition),
    );
    let statement =
        parts.prop_map(|(a, b, c, d)| [a, b, c, d].into_iter().filter_map(|part| part.as_object().cloned()).flatten().collect::<Value>());
    let statements = (prop::collection::vec(statement, 0..3), any::<bool>());
    let statements =
        statements.prop_map(|(statements, alone)| if alone && statements.len() == 1 { statements[0].clone() } else { json!(statements) });
    let head = object(&["Version", "Id"], leaf());
    (head, statements)
        .prop_map(|(head, statements)| {
            head.as_object().cloned().into_iter().flatten().chain([("Statement".to_owned(), statements)]).collect()
        })
        .boxed()
}

/// What has no form at all.
fn nonsense() -> Any {
    let deep = leaf().prop_recursive(5, 40, 5, |inner| {
        prop_oneof![prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array), object(&NAMES, inner.boxed())]
    });
    deep.boxed()
}

async fn in_the_database(owner: &PgPool, policies: &[Value]) -> Vec<Value> {
    let query = "select iasql.canonical_policy(p) from jsonb_array_elements($1) with ordinality u (p, n) order by n";
    sqlx::query_scalar(query).bind(json!(policies)).fetch_all(owner).await.unwrap_or_else(|error| panic!("{error}"))
}

/// Tries lists of policies; `right` hears each with the engine's spelling and the database's.
async fn tried(one: fn() -> Any, right: fn(&Value, &Value, &Value) -> Result<(), TestCaseError>) {
    let world = World::with(&[]).await;
    let (owner, runtime) = (world.owner.clone(), tokio::runtime::Handle::current());
    let all = tokio::task::spawn_blocking(move || {
        runner(8).run(&prop::collection::vec(one(), 50), |policies| {
            let theirs = runtime.block_on(in_the_database(&owner, &policies));
            let again = runtime.block_on(in_the_database(&owner, &theirs));
            prop_assert_eq!(&theirs, &again, "twice is not once");
            for (policy, theirs) in policies.iter().zip(&theirs) {
                let ours = canonical_policy(policy.clone());
                prop_assert_eq!(&canonical_policy(ours.clone()), &ours, "{}", policy);
                right(policy, &ours, theirs)?;
            }
            Ok(())
        })
    });
    all.await.expect("no panic").unwrap_or_else(|failed| panic!("{failed}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engine_and_the_database_spell_any_policy_alike_and_twice_is_once() {
    let alike = |policy: &Value, ours: &Value, theirs: &Value| {
        prop_assert_eq!(ours, theirs, "{}", policy);
        Ok(())
    };
    tried(policy, alike).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_policy_at_all_is_spelt_once_and_for_all_too() {
    tried(nonsense, |_, _, _| Ok(())).await;
}
