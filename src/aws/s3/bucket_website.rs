//! That a bucket is a website.

use aws_sdk_s3::{
    Client,
    types::{
        Condition as SentCondition, ErrorDocument, IndexDocument, Protocol, Redirect as SentRedirect, RedirectAllRequestsTo, RoutingRule,
        WebsiteConfiguration,
    },
};
use aws_smithy_types::error::operation::BuildError;
use serde::{Deserialize, Serialize};

use super::facet::Facet;
use crate::{
    aws::error::{empty, refused},
    resource::Error,
};

/// A row of `s3.bucket_website`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BucketWebsite {
    bucket: String,
    index_document: Option<String>,
    error_document: Option<String>,
    redirect_host_name: Option<String>,
    redirect_protocol: Option<String>,
    routing_rules: Vec<Rule>,
}

/// One redirection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    condition: Option<Condition>,
    redirect: Redirect,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Condition {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    http_error_code_returned_equals: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_prefix_equals: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Redirect {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    protocol: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    http_redirect_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replace_key_prefix_with: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replace_key_with: Option<String>,
}

impl Facet for BucketWebsite {
    const TABLE: &'static str = "s3.bucket_website";

    fn bucket(&self) -> &str {
        &self.bucket
    }

    async fn read(&self, s3: &Client) -> Result<Option<Self>, Error> {
        let answer = s3.get_bucket_website().bucket(&self.bucket).send().await.map_err(refused("GetBucketWebsite"))?;
        let (host, protocol) = answer.redirect_all_requests_to.map(|all| (all.host_name, all.protocol)).unzip();
        Ok(Some(Self {
            bucket: self.bucket.clone(),
            index_document: answer.index_document.map(|document| document.suffix),
            error_document: answer.error_document.map(|document| document.key),
            redirect_host_name: host,
            redirect_protocol: protocol.flatten().map(|protocol| protocol.as_str().to_owned()),
            routing_rules: answer.routing_rules.unwrap_or_default().into_iter().map(Rule::told).collect(),
        }))
    }

    async fn set(self, was: Option<Self>, s3: &Client) -> Result<Self, Error> {
        if was.as_ref() != Some(&self) {
            let configuration = self.configuration().map_err(|_| empty("PutBucketWebsite"))?;
            let asked = s3.put_bucket_website().bucket(&self.bucket).website_configuration(configuration);
            asked.send().await.map_err(refused("PutBucketWebsite"))?;
        }
        Ok(self)
    }

    async fn reset(self, s3: &Client) -> Result<(), Error> {
        s3.delete_bucket_website().bucket(&self.bucket).send().await.map(drop).map_err(refused("DeleteBucketWebsite"))
    }
}

impl BucketWebsite {
    fn configuration(&self) -> Result<WebsiteConfiguration, BuildError> {
        let index = self.index_document.as_ref().map(|suffix| IndexDocument::builder().suffix(suffix).build()).transpose()?;
        let error = self.error_document.as_ref().map(|key| ErrorDocument::builder().key(key).build()).transpose()?;
        let protocol = self.redirect_protocol.as_deref().map(Protocol::from);
        let redirect = self.redirect_host_name.as_ref().map(|host| RedirectAllRequestsTo::builder().host_name(host));
        let redirect = redirect.map(|redirect| redirect.set_protocol(protocol).build()).transpose()?;
        let rules: Vec<_> = self.routing_rules.iter().map(Rule::sent).collect();
        Ok(WebsiteConfiguration::builder()
            .set_index_document(index)
            .set_error_document(error)
            .set_redirect_all_requests_to(redirect)
            .set_routing_rules(Some(rules).filter(|rules| !rules.is_empty()))
            .build())
    }
}

impl Rule {
    fn told(rule: RoutingRule) -> Self {
        let redirect = rule.redirect.map(|redirect| Redirect {
            host_name: redirect.host_name,
            protocol: redirect.protocol.map(|protocol| protocol.as_str().to_owned()),
            http_redirect_code: redirect.http_redirect_code,
            replace_key_prefix_with: redirect.replace_key_prefix_with,
            replace_key_with: redirect.replace_key_with,
        });
        let condition = rule.condition.map(|condition| Condition {
            http_error_code_returned_equals: condition.http_error_code_returned_equals,
            key_prefix_equals: condition.key_prefix_equals,
        });
        Self { condition, redirect: redirect.unwrap_or_default() }
    }

    fn sent(&self) -> RoutingRule {
        let condition = self.condition.clone().map(|condition| {
            SentCondition::builder()
                .set_http_error_code_returned_equals(condition.http_error_code_returned_equals)
                .set_key_prefix_equals(condition.key_prefix_equals)
                .build()
        });
        let redirect = self.redirect.clone();
        let redirect = SentRedirect::builder()
            .set_host_name(redirect.host_name)
            .set_protocol(redirect.protocol.as_deref().map(Protocol::from))
            .set_http_redirect_code(redirect.http_redirect_code)
            .set_replace_key_prefix_with(redirect.replace_key_prefix_with)
            .set_replace_key_with(redirect.replace_key_with)
            .build();
        RoutingRule::builder().set_condition(condition).redirect(redirect).build()
    }
}
