//! What the Machines API takes, by its own description (`api.json`): which calls there are, and which fields of which kinds.

use std::sync::LazyLock;

use reqwest::Method;
use serde_json::{Value, json};

static API: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(include_str!("api.json")).expect("a description"));

/// A request, as far as it can be wrong.
pub(super) struct Asked<'a> {
    pub(super) method: &'a Method,
    /// What comes behind `/v1`.
    pub(super) path: &'a str,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: &'a [u8],
    /// Whether it says that it holds a lease.
    pub(super) holds: bool,
}

/// The operation's name, and all that is wrong with what is asked of it.
pub(super) fn look(asked: &Asked<'_>) -> (String, Vec<String>) {
    let Some((operation, shape)) = found(asked.method, asked.path) else {
        return ("nothing".to_owned(), vec![format!("there is no {} {}", asked.method, asked.path)]);
    };
    let mut wrong = vec![];
    look_query(&shape["query"], &asked.query, &mut wrong);
    if asked.holds && shape["lease"] != true {
        wrong.push("it takes no lease".to_owned());
    }
    let empty = asked.body.is_empty() || asked.body == b"{}";
    match (&shape["body"], serde_json::from_slice::<Value>(asked.body)) {
        (Value::Null, _) if empty => {}
        (Value::Null, _) => wrong.push("it takes no body".to_owned()),
        (shape, Ok(body)) => look_value(shape, &body, "body", &mut wrong),
        (_, Err(_)) => wrong.push("the body is no JSON".to_owned()),
    }
    (operation, wrong.into_iter().map(|said| format!("{} {}: {said}", asked.method, asked.path)).collect())
}

fn found(method: &Method, path: &str) -> Option<(String, &'static Value)> {
    let parts: Vec<_> = path.split('/').collect();
    let fits = |pattern: &str| {
        let pattern: Vec<_> = pattern.split('/').collect();
        pattern.len() == parts.len()
            && pattern.iter().zip(&parts).all(|(pattern, part)| pattern == part || pattern.starts_with('{') && !part.is_empty())
    };
    let all = API["paths"].as_object()?.iter().filter(|(pattern, _)| fits(pattern));
    // `/certificates/acme` is no host's
    let best = all.min_by_key(|(pattern, _)| pattern.matches('{').count())?.1;
    let shape = &best[method.as_str().to_lowercase()];
    Some((shape["operation"].as_str()?.to_owned(), shape))
}

fn look_query(shape: &Value, query: &[(String, String)], wrong: &mut Vec<String>) {
    for (name, text) in query {
        let known = if name.starts_with("metadata.") { "metadata.{key}" } else { name };
        match &shape[known] {
            Value::Null => wrong.push(format!("{name} is no parameter of it")),
            shape => look_value(shape, &typed(shape, text), name, wrong),
        }
    }
    let needed = shape.as_object().into_iter().flatten().filter(|(_, shape)| shape["needed"] == true);
    wrong.extend(needed.filter(|(name, _)| !query.iter().any(|(has, _)| has == *name)).map(|(name, _)| format!("{name} is missing")));
}

/// A parameter as what it should be, where it can be that.
fn typed(shape: &Value, text: &str) -> Value {
    let read = if shape["type"] == "string" { None } else { serde_json::from_str(text).ok() };
    read.unwrap_or_else(|| text.into())
}

fn look_value(shape: &Value, value: &Value, place: &str, wrong: &mut Vec<String>) {
    if let Some(name) = shape["ref"].as_str() {
        return look_value(&API["schemas"][name], value, place, wrong);
    }
    if !kinds(shape).is_empty() && !kinds(shape).contains(&kind(value)) {
        wrong.push(format!("{place} is a {}, and should be one of {:?}", kind(value), kinds(shape)));
        return;
    }
    if shape["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        wrong.push(format!("{place} is {value}, and should be one of {}", shape["enum"]));
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        look_value(&shape["items"], item, &format!("{place}[{index}]"), wrong);
    }
    if let Some(fields) = value.as_object() {
        let needed = shape["needed"].as_array().into_iter().flatten().filter_map(Value::as_str);
        wrong.extend(needed.filter(|name| fields.get(*name).is_none_or(Value::is_null)).map(|name| format!("{place}.{name} is missing")));
        // null is nothing to those who read it, and they give it back for what is not set
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            match (&shape["properties"][name], &shape["additionalProperties"]) {
                (Value::Null, Value::Null) if shape["properties"].is_object() => wrong.push(format!("{place}.{name} is unknown")),
                (Value::Null, more) => look_value(more, value, &format!("{place}.{name}"), wrong),
                (shape, _) => look_value(shape, value, &format!("{place}.{name}"), wrong),
            }
        }
    }
}

fn kinds(shape: &Value) -> Vec<&str> {
    match &shape["type"] {
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[test]
fn a_request_that_the_api_would_refuse_is_told_from_one_that_it_takes() {
    let wrong = |method: Method, path: &str, query: &[(&str, &str)], body: Value, holds| {
        let body = if body.is_null() { vec![] } else { body.to_string().into_bytes() };
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        look(&Asked { method: &method, path, query, body: &body, holds }).1
    };
    let machine = |config: Value| wrong(Method::POST, "/apps/a/machines", &[], json!({ "config": config }), false);
    let none: [String; 0] = [];
    assert_eq!(machine(json!({ "image": "i", "env": { "A": "1" }, "services": [{ "autostop": "off" }] })), none);
    assert_eq!(wrong(Method::GET, "/apps", &[("org_slug", "personal")], Value::Null, false), none);
    assert_eq!(wrong(Method::GET, "/apps/a/machines", &[("metadata.x", "y")], Value::Null, false), none);
    let refused = [
        (machine(json!({ "env": {} })), "image is missing"),
        (machine(json!({ "image": null })), "image is missing"),
        (machine(json!({ "image": 1 })), "body.config.image is a integer"),
        (machine(json!({ "image": "i", "imagge": "i" })), "body.config.imagge is unknown"),
        (machine(json!({ "image": "i", "restart": { "policy": "never" } })), "should be one of"),
        (machine(json!({ "image": "i", "env": { "A": 1 } })), "body.config.env.A is a integer"),
        (wrong(Method::GET, "/apps", &[], Value::Null, false), "org_slug is missing"),
        (wrong(Method::GET, "/apps/a/machines/m/wait", &[("state", "well")], Value::Null, false), "should be one of"),
        (wrong(Method::GET, "/apps/a/machines/m/wait", &[("timeout", "long")], Value::Null, false), "timeout is a string"),
        (wrong(Method::GET, "/apps/a/machines/m", &[("x", "y")], Value::Null, false), "no parameter"),
        (wrong(Method::POST, "/apps/a/volumes/v", &[], json!({}), false), "there is no POST"),
        (wrong(Method::POST, "/apps/a/machines/m/start", &[], json!({ "x": 1 }), true), "no body"),
        (wrong(Method::POST, "/apps", &[], json!({ "app_name": "a", "org_slug": "b" }), true), "no lease"),
    ];
    for (said, expected) in refused {
        assert!(said.iter().any(|said| said.contains(expected)), "{expected}: {said:?}");
    }
}
