//! SNS: topics, and who subscribes to them.

pub(super) mod subscription;
pub(super) mod topic;

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::Aws;
use crate::resource::{Error, Kind, Registry};

/// What there is of it; one line each.
pub(super) fn register(registry: Registry, aws: &Aws) -> Registry {
    registry.with::<subscription::Subscription>(aws).with::<topic::Topic>(aws)
}

/// Questions in flight at a time: SNS answers about 30 a second.
const ASIDE: usize = 8;

/// What SNS is told of one thing, by name. An empty text asks for there to be none.
type Attributes = BTreeMap<&'static str, String>;

/// What must be set to turn `is` into `should`.
fn unlike(should: Attributes, is: &Attributes) -> Attributes {
    should.into_iter().filter(|(name, value)| is.get(name) != Some(value)).collect()
}

fn flag(all: &HashMap<String, String>, name: &str) -> Option<bool> {
    all.get(name).map(|text| text.eq_ignore_ascii_case("true"))
}

/// A text that holds a JSON object; none holds an empty one.
fn object(operation: &'static str, all: &HashMap<String, String>, name: &str) -> Result<Value, Error> {
    let Some(text) = all.get(name).filter(|text| !text.is_empty()) else { return Ok(json!({})) };
    serde_json::from_str(text).map_err(|error| Error::new(operation, Kind::Broken, error.to_string()))
}
