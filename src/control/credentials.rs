//! Whose cloud account a database is about: references in the registry, keys in memory only.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use aws_config::{BehaviorVersion, ConfigLoader, profile::ProfileFileCredentialsProvider, sts::AssumeRoleProvider};
use aws_sdk_secretsmanager::config::{Credentials as Keys, ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region};
use serde::{Deserialize, Serialize};

use super::{Control, Error, fly_account::FlyAccount, name, whose::naming};
use crate::{
    aws::{self, Aws, Source},
    causes::innermost,
    fly,
    resource::{Registry, Secret},
    served, tigris,
};

/// Where a database's credentials are: never what they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum Credentials {
    /// AWS' default chain: environment, profile, single sign-on, the machine's own role.
    #[default]
    Default,
    /// A profile in the engine's own AWS configuration.
    Profile {
        /// Its name.
        name: String,
    },
    /// A role, assumed with the engine's own credentials.
    Role {
        /// Its ARN.
        arn: String,
        /// What its owner wants to hear from us.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external_id: Option<String>,
    },
    /// A Secrets Manager secret, read with the engine's own credentials:
    /// `{"access_key_id", "secret_access_key", "session_token"?, "role_arn"?}`, and `"fly_api_token"`, `"fly_org"?` with them or in their place.
    Secret {
        /// Its name or ARN.
        name: String,
        /// Its region; the database's where none is named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
    },
}

/// Why there are no credentials. Never holds any.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCredentials {
    /// Nothing answers in the place where they should be.
    #[error("there are no AWS credentials for database {database}: {place} has none ({said})")]
    Missing {
        /// The database.
        database: String,
        /// Where was looked.
        place: String,
        /// What was said there.
        said: String,
    },
    /// The secret is not what it should be.
    #[error(
        "there are no AWS credentials for database {database}: the secret {secret} is not {{\"access_key_id\": …, \"secret_access_key\": …}}"
    )]
    Malformed {
        /// The database.
        database: String,
        /// The secret's name.
        secret: String,
    },
    /// The token that is kept for it was sealed with another key.
    #[error(
        "the token for Fly of database {database} can't be opened with this engine's key ({said}): give it again, iasql setup {database} --fly-token-file"
    )]
    Closed {
        /// The database.
        database: String,
        /// What was said.
        said: String,
    },
}

/// What a secret holds: keys of AWS, a token for Fly, or both.
#[derive(Deserialize)]
pub(super) struct Held {
    access_key_id: Option<Secret>,
    secret_access_key: Option<Secret>,
    session_token: Option<Secret>,
    role_arn: Option<String>,
    pub(super) fly_api_token: Option<Secret>,
    pub(super) fly_org: Option<String>,
}

impl Held {
    fn keys(&self) -> Option<Keys> {
        let (id, key) = (self.access_key_id.as_ref()?, self.secret_access_key.as_ref()?);
        let token = self.session_token.as_ref().map(|token| token.expose().to_owned());
        Some(Keys::new(id.expose(), key.expose(), token, None, "iasql secret"))
    }
}

/// All that a database's drivers follow from.
#[derive(Clone, PartialEq)]
pub(super) struct MadeFrom {
    credentials: Credentials,
    region: String,
    /// Whether it has tables of AWS.
    has_aws: bool,
    /// Its own Fly organization.
    pub(super) fly: Option<FlyAccount>,
}

/// The drivers of each database, with the reference they were made from.
#[derive(Clone, Default)]
pub(super) struct Registries(Arc<Mutex<HashMap<String, Kept>>>);

struct Kept {
    made_from: MadeFrom,
    registry: Arc<Registry>,
    since: Instant,
}

/// How long what was found is believed: keys may be rotated. What is refused before is looked for at once.
const BELIEVED: Duration = Duration::from_secs(300);

/// For how many databases they are kept: the clients of all services take most of a megabyte.
const MOST: usize = 64;

impl Registries {
    pub(super) fn forget(&self, database: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(database);
    }

    fn get(&self, database: &str, made_from: &MadeFrom) -> Option<Arc<Registry>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let believed = |kept: &&Kept| kept.since.elapsed() < BELIEVED;
        kept.get(database).filter(|kept| kept.made_from == *made_from).filter(believed).map(|kept| Arc::clone(&kept.registry))
    }

    fn keep(&self, database: &str, made_from: MadeFrom, registry: Arc<Registry>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(database.to_owned(), Kept { made_from, registry, since: Instant::now() });
        while kept.len() > MOST {
            let Some(oldest) = kept.iter().min_by_key(|(_, kept)| kept.since).map(|(name, _)| name.clone()) else { return };
            kept.remove(&oldest);
        }
    }
}

impl Control {
    /// All that can be made for a database, with its credentials. Those of AWS are looked for where it has tables of AWS, or where it is said
    /// whose they are.
    ///
    /// # Errors
    /// [`Error::Unknown`], and [`Error::Credentials`] where there are none.
    pub async fn registry(&self, database: &str) -> Result<Arc<Registry>, Error> {
        name::check(database)?;
        let Some(made_from) = self.made_from(database).await? else {
            return Err(self.unknown(database).await?);
        };
        if let Some(registry) = self.registries.get(database, &made_from) {
            return Ok(registry);
        }
        let held = held(self.cloud.as_ref(), database, &made_from).await?;
        let fly = self.fly_of(database, made_from.fly.as_ref(), held.as_ref()).await?;
        let mut registry = Registry::default();
        if made_from.asks_aws(held.as_ref()) {
            let config = config(self.cloud.as_ref(), database, &made_from, held.as_ref()).await?;
            let aws = Aws::renewing(config, self.source(database, &made_from));
            registry = naming(aws::register(registry, &aws), &made_from.credentials.place());
        }
        let registry = fly::register(served::register(registry, &self.served(database)), &fly);
        let registry = Arc::new(tigris::register(registry, &self.tigris, &fly));
        self.registries.keep(database, made_from, Arc::clone(&registry));
        Ok(registry)
    }

    async fn made_from(&self, database: &str) -> Result<Option<MadeFrom>, Error> {
        let procs = &self.services.reconciler.procs;
        let found = procs.database_account(database).await?.pop().zip(procs.database_clouds(database).await?.pop());
        Ok(found.map(|(account, clouds)| MadeFrom {
            credentials: Credentials::from((account.profile, account.role_arn, account.external_id, account.secret, account.secret_region)),
            region: account.region,
            has_aws: clouds.modules.iter().any(|module| aws::has(module)),
            fly: clouds.organization.zip(clouds.sealed).map(|(organization, sealed)| FlyAccount { organization, sealed }),
        }))
    }

    /// Reads a database's credentials anew from where they are: files, secrets and roles may give others by now.
    fn source(&self, database: &str, made_from: &MadeFrom) -> Source {
        let given = Arc::new((self.cloud.clone(), database.to_owned(), made_from.clone()));
        Box::new(move || {
            let given = Arc::clone(&given);
            Box::pin(async move {
                let (cloud, database, made_from) = &*given;
                let held = held(cloud.as_ref(), database, made_from).await.ok()?;
                config(cloud.as_ref(), database, made_from, held.as_ref()).await.ok()
            })
        })
    }

    /// Has a database's drivers made anew.
    pub(super) fn forget_drivers(&self, database: &str) {
        self.registries.forget(database);
    }

    /// Says where a database's credentials are.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn set_credentials(&self, database: &str, credentials: &Credentials) -> Result<(), Error> {
        self.registries.forget(database);
        let (profile, role, external, secret, region) = match credentials {
            Credentials::Default => {
                return Ok(self.services.http.procs.credential_remove(database).await?);
            }
            Credentials::Profile { name } => (Some(&**name), None, None, None, None),
            Credentials::Role { arn, external_id } => (None, Some(&**arn), external_id.as_deref(), None, None),
            Credentials::Secret { name, region } => (None, None, None, Some(&**name), region.as_deref()),
        };
        Ok(self.services.http.procs.credential_set(database, profile, role, external, secret, region).await?)
    }
}

/// As a row says where they are: profile, role, its external id, secret, its region. Only one place is given.
pub(super) type Place = (Option<String>, Option<String>, Option<String>, Option<String>, Option<String>);

impl From<Place> for Credentials {
    fn from(place: Place) -> Self {
        match place {
            (Some(name), ..) => Self::Profile { name },
            (_, Some(arn), external_id, ..) => Self::Role { arn, external_id },
            (.., Some(name), region) => Self::Secret { name, region },
            (.., None, _) => Self::Default,
        }
    }
}

impl MadeFrom {
    /// Whether there is anything of AWS to ask for. A secret may hold a token for Fly and nothing else.
    fn asks_aws(&self, held: Option<&Held>) -> bool {
        let is_said = held.map_or(self.credentials != Credentials::Default, |held| held.keys().is_some());
        self.has_aws || is_said
    }
}

impl Credentials {
    fn place(&self) -> String {
        match self {
            Self::Default => "AWS' default chain (environment, profile, single sign-on, the machine's role)".to_owned(),
            Self::Profile { name } => format!("the profile {name}"),
            Self::Role { arn, .. } => format!("the role {arn}"),
            Self::Secret { name, .. } => format!("the secret {name}"),
        }
    }
}

/// What AWS' default chain gives, or the cloud that was named in its place.
async fn plain(cloud: Option<&SdkConfig>, region: &str) -> SdkConfig {
    match cloud {
        Some(cloud) => moved(cloud, region),
        None => loader(region).load().await,
    }
}

/// The configuration for one database's account; that there are credentials is made sure of.
async fn config(cloud: Option<&SdkConfig>, database: &str, made_from: &MadeFrom, held: Option<&Held>) -> Result<SdkConfig, NoCredentials> {
    let (credentials, plain) = (&made_from.credentials, plain(cloud, &made_from.region).await);
    let config = match credentials {
        Credentials::Default => plain,
        Credentials::Profile { name } => {
            // not the chain with this profile in it: there what stands in the environment comes first
            let profile = ProfileFileCredentialsProvider::builder().profile_name(name).build();
            plain.to_builder().credentials_provider(SharedCredentialsProvider::new(profile)).build()
        }
        Credentials::Role { arn, external_id } => assume(&plain, arn, external_id.as_deref(), database).await,
        Credentials::Secret { name, .. } => {
            let malformed = || NoCredentials::Malformed { database: database.to_owned(), secret: name.clone() };
            let keys = held.and_then(Held::keys).ok_or_else(malformed)?;
            let config = plain.to_builder().credentials_provider(SharedCredentialsProvider::new(keys)).build();
            match held.and_then(|held| held.role_arn.as_ref()) {
                Some(arn) => assume(&config, arn, None, database).await,
                None => config,
            }
        }
    };
    let missing = |said: String| NoCredentials::Missing { database: database.to_owned(), place: credentials.place(), said };
    let provider = config.credentials_provider().ok_or_else(|| missing("nothing provides any".to_owned()))?;
    provider.provide_credentials().await.map_err(|error| missing(innermost(&error)))?;
    Ok(config)
}

/// The configuration for a cloud that is an emulator: it has an endpoint, and takes any credentials.
pub async fn emulated(endpoint: &str) -> SdkConfig {
    let keys = Keys::new("test", "test", None, None, "emulator");
    let retry = RetryConfig::adaptive().with_max_attempts(2);
    let config = aws_config::defaults(BehaviorVersion::latest()).endpoint_url(endpoint).region(Region::new("us-east-1"));
    config.credentials_provider(keys).retry_config(retry).load().await
}

/// AWS' default chain with the region that it names: whose account the engine itself lives in.
pub async fn default_chain() -> SdkConfig {
    patient().load().await
}

fn loader(region: &str) -> ConfigLoader {
    patient().region(Region::new(region.to_owned()))
}

fn patient() -> ConfigLoader {
    // an emulator fails for good where AWS fails for a moment
    let attempts = if std::env::var_os("AWS_ENDPOINT_URL").is_some() { 2 } else { 8 };
    let retry = RetryConfig::adaptive().with_max_attempts(attempts);
    // without these a dead peer is waited for without end
    let timeouts =
        TimeoutConfig::builder().connect_timeout(Duration::from_secs(4)).operation_attempt_timeout(Duration::from_secs(60)).build();
    aws_config::defaults(BehaviorVersion::latest()).retry_config(retry).timeout_config(timeouts)
}

fn moved(config: &SdkConfig, region: &str) -> SdkConfig {
    config.to_builder().region(Region::new(region.to_owned())).build()
}

async fn assume(config: &SdkConfig, arn: &str, external_id: Option<&str>, database: &str) -> SdkConfig {
    let role = AssumeRoleProvider::builder(arn).configure(config).session_name(format!("iasql-{database}"));
    let role = external_id.into_iter().fold(role, |role, id| role.external_id(id));
    config.to_builder().credentials_provider(SharedCredentialsProvider::new(role.build().await)).build()
}

/// What a database's secret holds, where it has one.
async fn held(cloud: Option<&SdkConfig>, database: &str, made_from: &MadeFrom) -> Result<Option<Held>, NoCredentials> {
    let Credentials::Secret { name, region } = &made_from.credentials else { return Ok(None) };
    let config = plain(cloud, region.as_ref().unwrap_or(&made_from.region)).await;
    let missing = |said: String| NoCredentials::Missing { database: database.to_owned(), place: format!("the secret {name}"), said };
    let answer = aws_sdk_secretsmanager::Client::new(&config).get_secret_value().secret_id(name).send().await;
    let answer = answer.map_err(|error| missing(innermost(&error)))?;
    let text = answer.secret_string().ok_or_else(|| missing("it has no text".to_owned()))?;
    let held = serde_json::from_str(text).ok().filter(|held: &Held| held.keys().is_some() || held.fly_api_token.is_some());
    // serde's own message may quote the text
    held.map(Some).ok_or_else(|| NoCredentials::Malformed { database: database.to_owned(), secret: name.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_written_and_read_as_one_tagged_object() {
        let role = Credentials::Role { arn: "arn:aws:iam::1:role/x".into(), external_id: None };
        let text = serde_json::to_string(&role).unwrap();
        assert_eq!(text, r#"{"from":"role","arn":"arn:aws:iam::1:role/x"}"#);
        assert_eq!(serde_json::from_str::<Credentials>(&text).unwrap(), role);
        assert_eq!(serde_json::from_str::<Credentials>(r#"{"from":"default"}"#).unwrap(), Credentials::Default);
    }

    #[test]
    fn keys_are_never_taken_for_a_reference() {
        let error = serde_json::from_str::<Credentials>(r#"{"from":"secret","name":"x","secret_access_key":"hunter2"}"#).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
