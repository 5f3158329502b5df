//! What becomes of a request: it is forwarded, redirected or answered.

use aws_sdk_elasticloadbalancingv2::types::{
    Action as Sent, ActionTypeEnum, FixedResponseActionConfig, RedirectActionConfig, RedirectActionStatusCodeEnum,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One of them in a desired row; in an observed one none, where it is something else, such as a login.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Action {
    target_group: Option<String>,
    redirect: Option<Map<String, Value>>,
    fixed_response: Option<Map<String, Value>>,
}

impl Action {
    /// What it is seen as once it was asked for; `None` where that is so already.
    pub(super) fn other_than(&self, was: &Self) -> Option<Self> {
        let asks = |asked: &Option<_>, is: &Option<_>| asked.is_some() && asked != is;
        let other = self.target_group.is_some() && self.target_group != was.target_group
            || asks(&self.redirect, &was.redirect)
            || asks(&self.fixed_response, &was.fixed_response);
        other.then(|| self.clone())
    }

    /// The same as AWS takes it.
    pub(super) fn sent(&self) -> Vec<Sent> {
        let action = Sent::builder();
        let text = |of: &Map<String, Value>, key| of.get(key).and_then(Value::as_str).map(str::to_owned);
        let action = match self {
            Self { redirect: Some(to), .. } => {
                let config = RedirectActionConfig::builder()
                    .set_protocol(text(to, "protocol"))
                    .set_port(text(to, "port"))
                    .set_host(text(to, "host"))
                    .set_path(text(to, "path"))
                    .set_query(text(to, "query"))
                    .set_status_code(text(to, "status_code").map(|code| RedirectActionStatusCodeEnum::from(code.as_str())));
                action.r#type(ActionTypeEnum::Redirect).redirect_config(config.build())
            }
            Self { fixed_response: Some(answer), .. } => {
                let config = FixedResponseActionConfig::builder()
                    .set_status_code(text(answer, "status_code"))
                    .set_content_type(text(answer, "content_type"))
                    .set_message_body(text(answer, "message_body"));
                action.r#type(ActionTypeEnum::FixedResponse).fixed_response_config(config.build())
            }
            Self { target_group, .. } => action.r#type(ActionTypeEnum::Forward).set_target_group_arn(target_group.clone()),
        };
        vec![action.build()]
    }

    /// As AWS tells it: the last one of a list, for what stands before it only lets the request pass.
    pub(super) fn shown(actions: &[Sent]) -> Self {
        let [action] = actions else { return Self::default() };
        let text = |key: &str, value: Option<&str>| value.map(|value| (key.to_owned(), Value::from(value)));
        let redirect = action.redirect_config().map(|to| {
            let code = to.status_code().map(RedirectActionStatusCodeEnum::as_str);
            let parts = [
                text("protocol", to.protocol().or(Some("#{protocol}"))),
                text("port", to.port().or(Some("#{port}"))),
                text("host", to.host().or(Some("#{host}"))),
                text("path", to.path().or(Some("/#{path}"))),
                text("query", to.query().or(Some("#{query}"))),
                text("status_code", code),
            ];
            parts.into_iter().flatten().collect()
        });
        let fixed_response = action.fixed_response_config().map(|answer| {
            let parts = [
                text("status_code", answer.status_code()),
                text("content_type", answer.content_type()),
                text("message_body", answer.message_body()),
            ];
            parts.into_iter().flatten().collect()
        });
        Self { target_group: forwarded_to(action), redirect, fixed_response }
    }
}

/// The group, where there is one only.
fn forwarded_to(action: &Sent) -> Option<String> {
    let groups = action.forward_config().map(|forward| forward.target_groups()).unwrap_or_default();
    match groups {
        [] => action.target_group_arn().map(str::to_owned),
        [group] => group.target_group_arn().map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_action_comes_back_as_it_went_out() {
        for action in [
            json!({ "target_group": "arn:a", "redirect": null, "fixed_response": null }),
            json!({ "target_group": null, "redirect": { "protocol": "HTTPS", "port": "443", "host": "#{host}", "path": "/#{path}", "query": "#{query}", "status_code": "HTTP_301" }, "fixed_response": null }),
            json!({ "target_group": null, "redirect": null, "fixed_response": { "status_code": "404", "message_body": "no" } }),
        ] {
            let action: Action = serde_json::from_value(action).unwrap();
            assert_eq!(Action::shown(&action.sent()), action);
        }
    }
}
