//! Which other websites' pages may use a bucket.

use aws_sdk_s3::{
    Client,
    types::{CorsConfiguration, CorsRule},
};
use serde::{Deserialize, Serialize};

use super::{facet::Facet, without_rules};
use crate::{
    aws::error::{empty, refused},
    resource::Error,
};

/// A row of `s3.bucket_cors`, with those of `s3.bucket_cors_rule`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BucketCors {
    bucket: String,
    #[serde(default)]
    rules: Option<Vec<Rule>>,
}

/// A row of `s3.bucket_cors_rule`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Rule {
    id: String,
    allowed_methods: Vec<String>,
    allowed_origins: Vec<String>,
    allowed_headers: Vec<String>,
    expose_headers: Vec<String>,
    #[serde(default)]
    max_age_seconds: Option<i32>,
}

impl Facet for BucketCors {
    const TABLE: &'static str = "s3.bucket_cors";

    fn bucket(&self) -> &str {
        &self.bucket
    }

    async fn read(&self, s3: &Client) -> Result<Option<Self>, Error> {
        let answer = s3.get_bucket_cors().bucket(&self.bucket).send().await.map_err(refused("GetBucketCors"))?;
        let rules = answer.cors_rules.unwrap_or_default().into_iter().map(Rule::told).collect();
        Ok(Some(Self { bucket: self.bucket.clone(), rules: Some(rules) }))
    }

    async fn set(self, was: Option<Self>, s3: &Client) -> Result<Self, Error> {
        let before = was.and_then(|was| was.rules);
        let mut rules = self.rules.or_else(|| before.clone()).ok_or_else(|| without_rules("PutBucketCors", "bucket_cors_rule"))?;
        // the first that fits holds
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        if before.as_ref() != Some(&rules) {
            let sent = rules.iter().map(Rule::sent).collect::<Result<Vec<_>, _>>();
            let configuration = sent.and_then(|rules| CorsConfiguration::builder().set_cors_rules(Some(rules)).build());
            let configuration = configuration.map_err(|_| empty("PutBucketCors"))?;
            let asked = s3.put_bucket_cors().bucket(&self.bucket).cors_configuration(configuration);
            asked.send().await.map_err(refused("PutBucketCors"))?;
        }
        Ok(Self { bucket: self.bucket, rules: Some(rules) })
    }

    async fn reset(self, s3: &Client) -> Result<(), Error> {
        s3.delete_bucket_cors().bucket(&self.bucket).send().await.map(drop).map_err(refused("DeleteBucketCors"))
    }
}

impl Rule {
    fn told(rule: CorsRule) -> Self {
        let sorted = |mut list: Vec<String>| {
            list.sort();
            list
        };
        Self {
            id: rule.id.unwrap_or_default(),
            allowed_methods: sorted(rule.allowed_methods),
            allowed_origins: sorted(rule.allowed_origins),
            allowed_headers: sorted(rule.allowed_headers.unwrap_or_default()),
            expose_headers: sorted(rule.expose_headers.unwrap_or_default()),
            max_age_seconds: rule.max_age_seconds,
        }
    }

    fn sent(&self) -> Result<CorsRule, aws_smithy_types::error::operation::BuildError> {
        let some = |list: &Vec<String>| Some(list.clone()).filter(|list| !list.is_empty());
        CorsRule::builder()
            .id(&self.id)
            .set_allowed_methods(Some(self.allowed_methods.clone()))
            .set_allowed_origins(Some(self.allowed_origins.clone()))
            .set_allowed_headers(some(&self.allowed_headers))
            .set_expose_headers(some(&self.expose_headers))
            .set_max_age_seconds(self.max_age_seconds)
            .build()
    }
}
