//! The way to Tigris: one account, the clients of S3 and IAM, and calls that S3 has not.

use std::{sync::Arc, time::Duration};

use aws_sdk_s3::{
    config::{Builder, Credentials, Region, http::HttpRequest, retry::RetryConfig, timeout::TimeoutConfig},
    primitives::SdkBody,
};
use serde_json::Value;

use super::{Account, Keys, error::refused_own};
use crate::resource::{Cloud, Error, Kind};

/// Without these a dead peer is waited for without end.
const CONNECTING: Duration = Duration::from_secs(4);
const PATIENCE: Duration = Duration::from_secs(60);

/// The way to one account. A clone is the same one, in every region: Tigris' regions are columns.
#[derive(Clone)]
pub struct Tigris(Arc<Way>);

struct Way {
    account: Account,
    /// None where there are no keys.
    clients: Option<Clients>,
}

struct Clients {
    s3: aws_sdk_s3::Client,
    iam: aws_sdk_iam::Client,
}

/// A call that S3 has not.
pub(super) struct Own<'a> {
    /// What it is called here: `PatchBucket`.
    pub(super) operation: &'static str,
    pub(super) method: &'static str,
    pub(super) bucket: &'a str,
    /// With its question mark, or empty.
    pub(super) query: &'a str,
    pub(super) body: Option<Value>,
}

impl Tigris {
    /// The way to this account. Nothing is called yet.
    pub fn new(account: Account) -> Self {
        let clients = account.keys.as_ref().map(|keys| {
            let own = account.is_tigris();
            // an emulator knows AWS' regions only, fails for good where Tigris fails for a moment, and has no host name for every bucket
            let (region, attempts) = if own { ("auto", 8) } else { ("us-east-1", 2) };
            let (region, credentials) = (Region::new(region), Credentials::new(&keys.id, keys.secret.expose(), None, None, "Tigris"));
            let timeouts = TimeoutConfig::builder().connect_timeout(CONNECTING).operation_attempt_timeout(PATIENCE).build();
            let retry = RetryConfig::adaptive().with_max_attempts(attempts);
            let s3 = Builder::new().endpoint_url(&account.address).region(region.clone()).force_path_style(!own);
            let s3 = s3.credentials_provider(credentials.clone()).timeout_config(timeouts.clone()).retry_config(retry.clone());
            let iam = aws_sdk_iam::config::Builder::new().endpoint_url(&account.iam_address).region(region);
            let iam = iam.credentials_provider(credentials).timeout_config(timeouts).retry_config(retry);
            Clients { s3: aws_sdk_s3::Client::from_conf(s3.build()), iam: aws_sdk_iam::Client::from_conf(iam.build()) }
        });
        Self(Arc::new(Way { account, clients }))
    }

    /// What Tigris knows us by, where it does.
    pub fn keys(&self) -> Option<&Keys> {
        self.0.account.keys.as_ref()
    }

    /// S3's client.
    pub(super) fn s3(&self, operation: &'static str) -> Result<&aws_sdk_s3::Client, Error> {
        self.clients(operation).map(|clients| &clients.s3)
    }

    /// IAM's client.
    pub(super) fn iam(&self, operation: &'static str) -> Result<&aws_sdk_iam::Client, Error> {
        self.clients(operation).map(|clients| &clients.iam)
    }

    fn clients(&self, operation: &'static str) -> Result<&Clients, Error> {
        const MISSING: &str =
            "there are no keys for Tigris: TIGRIS_ACCESS_KEY_ID and TIGRIS_SECRET_ACCESS_KEY are not set where the engine runs";
        self.0.clients.as_ref().ok_or_else(|| Error::new(operation, Kind::Anonymous, MISSING))
    }

    /// Makes a call that S3 has not; answers the JSON that was said, or nothing where an emulator of S3 said something else.
    ///
    /// The client has no word for it: what asks for an object is sent with another method, address and body, and signed as it is then. Of S3's calls it is the one
    /// whose answer is handed on as it comes.
    pub(super) async fn own(&self, call: Own<'_>) -> Result<Option<Value>, Error> {
        let Own { operation, method, bucket, query, body } = call;
        let address = format!("{}/{bucket}{query}", self.0.account.address.trim_end_matches('/'));
        let body = body.map(|body| body.to_string());
        let change = move |request: &mut HttpRequest| {
            // neither can fail: a method of ours, and an address that the client itself was made with
            drop(request.set_method(method));
            drop(request.set_uri(address.as_str()));
            let headers = request.headers_mut();
            headers.remove("x-amz-checksum-mode");
            headers.insert("accept", "application/json");
            if let Some(body) = &body {
                headers.insert("content-type", "application/json");
                headers.insert("content-length", body.len().to_string());
                *request.body_mut() = SdkBody::from(body.as_str());
            }
        };
        let asked = self.s3(operation)?.get_object().bucket(bucket).key(operation).customize().mutate_request(change);
        let answer = asked.send().await.map_err(|error| refused_own(operation, error))?;
        let said = answer.body.collect().await.map_err(|error| Error::new(operation, Kind::Broken, error.to_string()))?;
        match serde_json::from_slice(&said.into_bytes()) {
            Ok(said) => Ok(Some(said)),
            Err(_) if self.0.account.is_tigris() => Err(Error::new(operation, Kind::Broken, "Tigris' answer is no JSON")),
            Err(_) => Ok(None),
        }
    }
}

impl Cloud for Tigris {
    fn at(&self, _: &str) -> Self {
        self.clone()
    }

    async fn renewed(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::presigning::PresigningConfig;

    use super::*;
    use crate::{resource::Secret, tigris::Keys};

    /// Where the client would go for an object, and for which region it signs.
    async fn asked(address: &str) -> String {
        let keys = Some(Keys { id: "tid_a".into(), secret: Secret::new("tsec_a") });
        let tigris = Tigris::new(Account { address: address.into(), iam_address: address.into(), keys });
        let soon = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
        tigris.s3("GetObject").unwrap().get_object().bucket("shop").key("a").presigned(soon).await.unwrap().uri().to_owned()
    }

    #[tokio::test]
    async fn tigris_has_a_host_for_each_bucket_and_one_region_and_an_emulator_has_neither() {
        let own = asked("https://t3.storage.dev").await;
        assert!(own.starts_with("https://shop.t3.storage.dev/a?") && own.contains("%2Fauto%2Fs3%2F"), "{own}");
        let emulated = asked("http://127.0.0.1:5000").await;
        assert!(emulated.starts_with("http://127.0.0.1:5000/shop/a?") && emulated.contains("%2Fus-east-1%2Fs3%2F"), "{emulated}");
    }
}
