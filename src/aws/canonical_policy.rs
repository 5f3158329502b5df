//! The one spelling of a policy that all policies of the same meaning share, as `iasql.canonical_policy(jsonb)` has it.
//!
//! What the elements mean: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::resource::{Error, Kind};

/// Lists are lists, sorted, each member once; `*` and an account's number are spelled in full; what is empty is left out.
pub fn canonical(policy: Value) -> Value {
    let Value::Object(mut policy) = policy else { return policy };
    policy.entry("Version").or_insert_with(|| json!("2008-10-17"));
    if policy.get("Id") == Some(&json!("")) {
        policy.remove("Id");
    }
    if let Some(statements) = policy.remove("Statement") {
        let statements = members(statements).into_iter().map(statement).collect();
        policy.insert("Statement".to_owned(), Value::Array(statements));
    }
    Value::Object(policy)
}

fn statement(statement: Value) -> Value {
    let Value::Object(statement) = statement else { return statement };
    let elements = statement.into_iter().filter(|(name, value)| name != "Sid" || *value != json!(""));
    Value::Object(elements.map(element).collect())
}

fn element((name, value): (String, Value)) -> (String, Value) {
    let value = match name.as_str() {
        "Action" | "NotAction" | "Resource" | "NotResource" => list(value),
        "Principal" | "NotPrincipal" => principal(value),
        "Condition" => each(value, |_, keys| each(keys, |_, values| list(values))),
        _ => value,
    };
    (name, value)
}

fn principal(principal: Value) -> Value {
    if principal == json!("*") {
        return json!({ "AWS": ["*"] });
    }
    each(principal, |kind, names| match kind {
        "AWS" => list(Value::Array(members(names).into_iter().map(account).collect())),
        _ => list(names),
    })
}

/// An account may be named by its number alone; S3 answers with its root's name.
fn account(name: Value) -> Value {
    match name.as_str() {
        Some(number) if number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit()) => {
            json!(format!("arn:aws:iam::{number}:root"))
        }
        _ => name,
    }
}

fn list(value: Value) -> Value {
    // what is null comes last, as in SQL
    let texts: BTreeSet<(bool, Option<String>)> = members(value).into_iter().map(text).map(|text| (text.is_none(), text)).collect();
    texts.into_iter().map(|(_, text)| text).collect()
}

fn members(value: Value) -> Vec<Value> {
    match value {
        Value::Array(members) => members,
        lone => vec![lone],
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

fn each(value: Value, canonical: impl Fn(&str, Value) -> Value) -> Value {
    let Value::Object(object) = value else { return value };
    let object: Map<String, Value> = object.into_iter().map(|(name, value)| (name.clone(), canonical(&name, value))).collect();
    Value::Object(object)
}

/// The same of a policy as AWS tells it: a text that holds the JSON.
///
/// # Errors
/// When it is no JSON.
pub(super) fn spelt(operation: &'static str, text: &str) -> Result<Value, Error> {
    let policy = serde_json::from_str(text).map_err(|error| Error::new(operation, Kind::Broken, error.to_string()))?;
    Ok(canonical(policy))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::canonical;

    #[test]
    fn policies_of_one_meaning_share_one_spelling() {
        let cases: Vec<Value> = serde_json::from_str(include_str!("../../tests/aws/policies.json")).unwrap();
        for case in cases {
            for written in case["written"].as_array().unwrap() {
                assert_eq!(canonical(written.clone()), case["canonical"]);
            }
            assert_eq!(canonical(case["canonical"].clone()), case["canonical"]);
        }
    }
}
