//! Which requests a rule takes: values by field, in the one order that the table has them in.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_elasticloadbalancingv2::types::{
    HostHeaderConditionConfig, HttpHeaderConditionConfig, HttpRequestMethodConditionConfig, PathPatternConditionConfig,
    QueryStringConditionConfig, QueryStringKeyValuePair, RuleCondition, SourceIpConditionConfig,
};
use serde::{Deserialize, Serialize};

/// Values, each once and in order.
type Values = BTreeSet<String>;

/// Each field that a rule looks at; all must be met, each by one of its values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Conditions {
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    host_header: Values,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    http_header: BTreeMap<String, Values>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    http_request_method: Values,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    path_pattern: Values,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    query_string: BTreeSet<Pair>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    source_ip: Values,
}

/// A key and a value in the query; without a key the value of any.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Pair {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    value: String,
}

fn listed(values: &Values) -> Option<Vec<String>> {
    Some(values.iter().cloned().collect())
}

impl Conditions {
    /// The same as AWS takes them.
    pub(super) fn sent(&self) -> Vec<RuleCondition> {
        let field = |name: &str| RuleCondition::builder().field(name);
        let mut all = Vec::new();
        if !self.host_header.is_empty() {
            let config = HostHeaderConditionConfig::builder().set_values(listed(&self.host_header)).build();
            all.push(field("host-header").host_header_config(config).build());
        }
        for (name, values) in &self.http_header {
            let config = HttpHeaderConditionConfig::builder().http_header_name(name).set_values(listed(values)).build();
            all.push(field("http-header").http_header_config(config).build());
        }
        if !self.http_request_method.is_empty() {
            let config = HttpRequestMethodConditionConfig::builder().set_values(listed(&self.http_request_method)).build();
            all.push(field("http-request-method").http_request_method_config(config).build());
        }
        if !self.path_pattern.is_empty() {
            let config = PathPatternConditionConfig::builder().set_values(listed(&self.path_pattern)).build();
            all.push(field("path-pattern").path_pattern_config(config).build());
        }
        if !self.query_string.is_empty() {
            let pair = |pair: &Pair| QueryStringKeyValuePair::builder().set_key(pair.key.clone()).value(&pair.value).build();
            let config = QueryStringConditionConfig::builder().set_values(Some(self.query_string.iter().map(pair).collect())).build();
            all.push(field("query-string").query_string_config(config).build());
        }
        if !self.source_ip.is_empty() {
            let config = SourceIpConditionConfig::builder().set_values(listed(&self.source_ip)).build();
            all.push(field("source-ip").source_ip_config(config).build());
        }
        all
    }

    /// As AWS tells them: in the newer form or, where a field has an older one, in that.
    pub(super) fn shown(conditions: &[RuleCondition]) -> Self {
        let mut all = Self::default();
        for condition in conditions {
            let old = || condition.values().to_vec();
            match condition.field().unwrap_or_default() {
                "host-header" => all.host_header.extend(condition.host_header_config().map_or_else(old, |config| config.values().to_vec())),
                "path-pattern" => {
                    all.path_pattern.extend(condition.path_pattern_config().map_or_else(old, |config| config.values().to_vec()));
                }
                "http-request-method" => {
                    let values = condition.http_request_method_config().map(|config| config.values().to_vec());
                    all.http_request_method.extend(values.unwrap_or_default());
                }
                "source-ip" => {
                    all.source_ip.extend(condition.source_ip_config().map(|config| config.values().to_vec()).unwrap_or_default())
                }
                "http-header" => all.http_header.extend(condition.http_header_config().and_then(header)),
                "query-string" => all.query_string.extend(condition.query_string_config().into_iter().flat_map(pairs)),
                _ => {}
            }
        }
        all
    }
}

fn header(config: &HttpHeaderConditionConfig) -> Option<(String, Values)> {
    Some((config.http_header_name()?.to_owned(), config.values().iter().cloned().collect()))
}

fn pairs(config: &QueryStringConditionConfig) -> Vec<Pair> {
    let pair = |pair: &QueryStringKeyValuePair| Some(Pair { key: pair.key().map(str::to_owned), value: pair.value()?.to_owned() });
    config.values().iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions_come_back_as_they_went_out() {
        let written = json!({
            "host_header": ["a.org", "b.org"], "http_header": { "X-A": ["1"], "X-B": ["2", "3"] }, "http_request_method": ["GET"],
            "path_pattern": ["/a", "/b"], "query_string": [{ "value": "x" }, { "key": "v", "value": "1" }], "source_ip": ["10.0.0.0/8"],
        });
        let conditions: Conditions = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(Conditions::shown(&conditions.sent())).unwrap(), written);
    }

    #[test]
    fn the_older_form_means_the_same() {
        let old = RuleCondition::builder().field("path-pattern").values("/a").build();
        assert_eq!(serde_json::to_value(Conditions::shown(&[old])).unwrap(), json!({ "path_pattern": ["/a"] }));
    }
}
