//! An AWS account of one's own on the local cloud, so that tests at the same time don't see each other's things.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_sts::config::{Credentials, ProvideCredentials};
use iasql::aws::Aws;

use super::{Calls, endpoint};

static ACCOUNTS: AtomicU32 = AtomicU32::new(1);

/// A fresh account, and the way to it on which every call is noted.
pub(crate) struct Account {
    /// Its twelve digits.
    pub(crate) id: String,
    /// The way to it, in us-east-1; every call on it is noted in `calls`.
    pub(crate) aws: Aws,
    /// What `aws` is made of, for whoever makes clients of his own.
    pub(crate) config: SdkConfig,
    /// What was called so far.
    pub(crate) calls: Calls,
    /// Where its cloud is, past the notes.
    endpoint: &'static str,
}

impl Account {
    /// The way past the notes: for what a test does itself, as another person would.
    pub(crate) async fn outside(&self) -> Aws {
        Aws::new(config(&self.id, self.endpoint).await)
    }

    /// The same way to it, with other keys.
    pub(crate) async fn again(&self) -> SdkConfig {
        config(&self.id, self.endpoint).await.to_builder().endpoint_url(self.calls.endpoint()).build()
    }

    /// The way of somebody who can't wait: so many attempts, one right after the other, and no answer in six seconds is none.
    pub(crate) fn hasty(&self, attempts: u32) -> SdkConfig {
        let (soon, sooner) = (Duration::from_millis(2), Duration::from_millis(1));
        let retry = RetryConfig::standard().with_max_attempts(attempts).with_initial_backoff(sooner).with_max_backoff(soon);
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(6)).build();
        self.config.to_builder().retry_config(retry).timeout_config(timeouts).build()
    }
}

impl Account {
    /// What a process of its own must have in its environment to reach it.
    pub(crate) async fn environment(&self) -> Vec<(&'static str, String)> {
        let provider = self.config.credentials_provider().expect("credentials");
        let keys = provider.provide_credentials().await.expect("keys");
        vec![
            ("AWS_ENDPOINT_URL", self.calls.endpoint().to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", keys.access_key_id().to_owned()),
            ("AWS_SECRET_ACCESS_KEY", keys.secret_access_key().to_owned()),
            ("AWS_SESSION_TOKEN", keys.session_token().unwrap_or_default().to_owned()),
        ]
    }
}

/// An account that no other test uses.
pub(crate) async fn account() -> Account {
    account_in(endpoint().await).await
}

/// The same in another cloud.
pub(crate) async fn account_in(endpoint: &'static str) -> Account {
    let id = format!("{:012}", 200_000_000_000_u64 + u64::from(ACCOUNTS.fetch_add(1, Ordering::Relaxed)));
    let calls = Calls::start(endpoint).await;
    let config = config(&id, endpoint).await.to_builder().endpoint_url(calls.endpoint()).build();
    Account { aws: Aws::new(config.clone()), id, config, calls, endpoint }
}

/// The way to an account by its twelve digits, in us-east-1, straight to its cloud: with the credentials of a role assumed there.
async fn config(account: &str, endpoint: &str) -> SdkConfig {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(RetryConfig::standard().with_max_attempts(2))
        .load()
        .await;
    let role = format!("arn:aws:iam::{account}:role/test");
    let assumed = aws_sdk_sts::Client::new(&config).assume_role().role_arn(role).role_session_name("test").send().await;
    let keys = assumed.expect("a role in the local cloud").credentials.expect("its keys");
    let keys = Credentials::new(keys.access_key_id, keys.secret_access_key, Some(keys.session_token), None, "test");
    config.to_builder().credentials_provider(aws_sdk_sts::config::SharedCredentialsProvider::new(keys)).build()
}
