//! The way to Fly: one organization, one token, JSON both ways.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::{
    Client, Method, StatusCode, Url,
    header::{HeaderMap, RETRY_AFTER},
};
use serde_json::Value;

use super::{
    Account,
    error::{refused, unanswered},
};
use crate::{
    causes::innermost,
    resource::{Cloud, Error, Kind, Secret},
};

/// How long Fly has to answer: it waits itself for up to 60 seconds where it is asked to.
const PATIENCE: Duration = Duration::from_secs(75);
const CONNECTING: Duration = Duration::from_secs(4);
/// How often a call is made that Fly refuses as one too many: nothing has happened then.
const ATTEMPTS: u32 = 6;
/// How long is waited before the second attempt, where Fly does not say it: it takes a call a second, and before each other one twice as long.
const BREATH: Duration = Duration::from_secs(1);
/// The longest that is waited, whatever Fly says.
const LONGEST: Duration = Duration::from_secs(15);
const NO_TOKEN: &str = "there is no token for Fly: the database has none of its own (iasql setup --fly-token-file), its secret has no fly_api_token, and FLY_API_TOKEN is not set where the engine runs";
/// What says that a lease is ours.
const NONCE: &str = "fly-machine-lease-nonce";

/// The way to one organization. A clone is the same one, in every region: Fly's regions are columns.
#[derive(Clone)]
pub struct Fly(Arc<Way>);

struct Way {
    account: Account,
    /// Or why there is none.
    client: Result<Client, String>,
    /// The newest version of each app's secrets that an answer has told: a machine is to have no older ones.
    secrets: Mutex<HashMap<String, u64>>,
}

/// One call.
pub(super) struct Call<'a> {
    /// In the API's own word: `Machines_create`.
    pub(super) operation: &'static str,
    pub(super) method: Method,
    /// What comes behind `/v1`.
    pub(super) path: &'a [&'a str],
    pub(super) query: &'a [(&'a str, &'a str)],
    pub(super) body: Option<Value>,
    /// What says that a lease is ours, where one is.
    pub(super) nonce: Option<&'a str>,
}

impl Fly {
    /// The organization that everybody has.
    pub const PERSONAL: &str = "personal";

    /// The way to this organization. Nothing is called yet.
    pub fn new(account: Account) -> Self {
        let client = Client::builder().connect_timeout(CONNECTING).timeout(PATIENCE).redirect(reqwest::redirect::Policy::none());
        let client = client.user_agent(concat!("iasql/", env!("CARGO_PKG_VERSION"))).build();
        Self(Arc::new(Way { account, client: client.map_err(|error| innermost(&error)), secrets: Mutex::default() }))
    }

    /// The way to another organization at the same address, or to the same one with another token.
    #[must_use]
    pub fn of(&self, organization: &str, token: Secret) -> Self {
        Self::new(Account { organization: organization.to_owned(), token: Some(token), address: self.0.account.address.clone() })
    }

    /// The organization's short name.
    pub(super) fn organization(&self) -> &str {
        &self.0.account.organization
    }

    /// Reads something.
    pub(super) async fn get(&self, operation: &'static str, path: &[&str], query: &[(&str, &str)]) -> Result<Value, Error> {
        self.call(Call { operation, method: Method::GET, path, query, body: None, nonce: None }).await
    }

    /// Makes or changes something.
    pub(super) async fn send(&self, operation: &'static str, method: Method, path: &[&str], body: Value) -> Result<Value, Error> {
        self.call(Call { operation, method, path, query: &[], body: Some(body), nonce: None }).await
    }

    /// Removes something.
    pub(super) async fn delete(&self, operation: &'static str, path: &[&str]) -> Result<Value, Error> {
        self.call(Call { operation, method: Method::DELETE, path, query: &[], body: None, nonce: None }).await
    }

    /// Takes note of the version that an app's secrets have by an answer.
    pub(super) fn note_secrets(&self, app: &str, answer: &Value) {
        if let Some(version) = answer["version"].as_u64() {
            let mut secrets = self.0.secrets.lock().unwrap_or_else(PoisonError::into_inner);
            let newest = secrets.entry(app.to_owned()).or_default();
            *newest = version.max(*newest);
        }
    }

    /// The version of an app's secrets that was told last.
    pub(super) fn secrets_of(&self, app: &str) -> Option<u64> {
        self.0.secrets.lock().unwrap_or_else(PoisonError::into_inner).get(app).copied()
    }

    /// An app begins or ends: its secrets' versions count from the beginning.
    pub(super) fn forget_secrets(&self, app: &str) {
        self.0.secrets.lock().unwrap_or_else(PoisonError::into_inner).remove(app);
    }

    /// Whatever it is. An answer without a body is null.
    pub(super) async fn call(&self, call: Call<'_>) -> Result<Value, Error> {
        let (Way { account, client, .. }, operation) = (&*self.0, call.operation);
        let client = client.as_ref().map_err(|said| Error::new(operation, Kind::Unreachable, said))?;
        let missing = || Error::new(operation, Kind::Anonymous, NO_TOKEN);
        let token = account.token.as_ref().ok_or_else(missing)?;
        let mut url = Url::parse(&account.address).map_err(|_| bad_address(operation, &account.address))?;
        url.path_segments_mut().map_err(|()| bad_address(operation, &account.address))?.pop_if_empty().push("v1").extend(call.path);
        let mut attempt = 1;
        let answer = loop {
            let asked = client.request(call.method.clone(), url.clone()).query(call.query).bearer_auth(token.expose());
            let asked = call.nonce.into_iter().fold(asked, |asked, nonce| asked.header(NONCE, nonce));
            let asked = call.body.iter().fold(asked, |asked, body| asked.json(body));
            let answer = asked.send().await.map_err(|error| unanswered(operation, &error.without_url()))?;
            if answer.status() != StatusCode::TOO_MANY_REQUESTS || attempt == ATTEMPTS {
                break answer;
            }
            tokio::time::sleep(pause(answer.headers(), attempt)).await;
            attempt += 1;
        };
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| unanswered(operation, &error.without_url()))?;
        if !status.is_success() {
            return Err(refused(operation, status, &body));
        }
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|_| Error::new(operation, Kind::Broken, "Fly's answer is no JSON"))
    }
}

/// How long to wait before the next attempt: as Fly says, in seconds, else twice as long each time.
fn pause(headers: &HeaderMap, attempt: u32) -> Duration {
    let said = headers.get(RETRY_AFTER).and_then(|said| said.to_str().ok()?.trim().parse().ok()).map(Duration::from_secs);
    said.unwrap_or_else(|| BREATH.saturating_mul(1 << (attempt - 1).min(10))).min(LONGEST)
}

fn bad_address(operation: &'static str, address: &str) -> Error {
    let said = format!("{address} is no address of Fly's API; it looks like https://api.machines.dev (FLY_FLAPS_BASE_URL)");
    Error::new(operation, Kind::Unreachable, said)
}

/// What is not asked for is not sent.
pub(super) fn put(body: &mut Value, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        body[name] = value.into();
    }
}

impl Cloud for Fly {
    fn at(&self, _: &str) -> Self {
        self.clone()
    }

    async fn renewed(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_as_long_as_fly_says_and_else_twice_as_long_each_time() {
        let said = |text: &str| HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
        assert_eq!(pause(&said("3"), 1), Duration::from_secs(3));
        assert_eq!(pause(&said("600"), 1), LONGEST);
        assert_eq!(pause(&said("tomorrow"), 1), BREATH);
        assert_eq!([1, 2, 3, 9].map(|attempt| pause(&HeaderMap::new(), attempt).as_secs()), [1, 2, 4, 15]);
    }
}
