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

use super::{Control, Error, name, whose::naming};
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
    /// `{"access_key_id", "secret_access_key", "session_token"?, "role_arn"?}`.
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
}

/// What a secret holds.
#[derive(Deserialize)]
struct Held {
    access_key_id: Secret,
    secret_access_key: Secret,
    session_token: Option<Secret>,
    role_arn: Option<String>,
}

/// The drivers of each database, with the reference they were made from.
#[derive(Clone, Default)]
pub(super) struct Registries(Arc<Mutex<HashMap<String, Kept>>>);

struct Kept {
    made_from: (Credentials, String),
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

    fn get(&self, database: &str, made_from: &(Credentials, String)) -> Option<Arc<Registry>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let believed = |kept: &&Kept| kept.since.elapsed() < BELIEVED;
        kept.get(database).filter(|kept| kept.made_from == *made_from).filter(believed).map(|kept| Arc::clone(&kept.registry))
    }

    fn keep(&self, database: &str, made_from: (Credentials, String), registry: Arc<Registry>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(database.to_owned(), Kept { made_from, registry, since: Instant::now() });
        while kept.len() > MOST {
            let Some(oldest) = kept.iter().min_by_key(|(_, kept)| kept.since).map(|(name, _)| name.clone()) else { return };
            kept.remove(&oldest);
        }
    }
}

impl Control {
    /// All that can be made for a database, with its credentials.
    ///
    /// # Errors
    /// [`Error::Unknown`], and [`Error::Credentials`] where there are none.
    pub async fn registry(&self, database: &str) -> Result<Arc<Registry>, Error> {
        name::check(database)?;
        let Some(account) = self.services.reconciler.procs.database_account(database).await?.pop() else {
            return Err(self.unknown(database).await?);
        };
        let place = (account.profile, account.role_arn, account.external_id, account.secret, account.secret_region);
        let made_from = (Credentials::from(place), account.region);
        if let Some(registry) = self.registries.get(database, &made_from) {
            return Ok(registry);
        }
        let config = config(self.cloud.as_ref(), database, &made_from.0, &made_from.1).await?;
        let aws = Aws::renewing(config, self.source(database, &made_from));
        let registry = naming(aws::register(Registry::default(), &aws), &made_from.0.place());
        let registry = fly::register(served::register(registry, &self.served(database)), &self.fly);
        let registry = tigris::register(registry, &self.tigris);
        let registry = Arc::new(registry);
        self.registries.keep(database, made_from, Arc::clone(&registry));
        Ok(registry)
    }

    /// Reads a database's credentials anew from where they are: files, secrets and roles may give others by now.
    fn source(&self, database: &str, made_from: &(Credentials, String)) -> Source {
        let given = Arc::new((self.cloud.clone(), database.to_owned(), made_from.clone()));
        Box::new(move || {
            let given = Arc::clone(&given);
            Box::pin(async move {
                let (cloud, database, (credentials, region)) = &*given;
                config(cloud.as_ref(), database, credentials, region).await.ok()
            })
        })
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

/// The configuration for one database's account; that there are credentials is made sure of.
async fn config(cloud: Option<&SdkConfig>, database: &str, credentials: &Credentials, region: &str) -> Result<SdkConfig, NoCredentials> {
    let plain = match cloud {
        Some(cloud) => moved(cloud, region),
        None => loader(region).load().await,
    };
    let config = match credentials {
        Credentials::Default => plain,
        Credentials::Profile { name } => {
            // not the chain with this profile in it: there what stands in the environment comes first
            let profile = ProfileFileCredentialsProvider::builder().profile_name(name).build();
            plain.to_builder().credentials_provider(SharedCredentialsProvider::new(profile)).build()
        }
        Credentials::Role { arn, external_id } => assume(&plain, arn, external_id.as_deref(), database).await,
        Credentials::Secret { name, region: at } => {
            let held = held(database, name, &at.as_deref().map_or_else(|| plain.clone(), |at| moved(&plain, at))).await?;
            let token = held.session_token.as_ref().map(|token| token.expose().to_owned());
            let keys = Keys::new(held.access_key_id.expose(), held.secret_access_key.expose(), token, None, "iasql secret");
            let config = plain.to_builder().credentials_provider(SharedCredentialsProvider::new(keys)).build();
            match &held.role_arn {
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

async fn held(database: &str, secret: &str, config: &SdkConfig) -> Result<Held, NoCredentials> {
    let missing = |said: String| NoCredentials::Missing { database: database.to_owned(), place: format!("the secret {secret}"), said };
    let answer = aws_sdk_secretsmanager::Client::new(config).get_secret_value().secret_id(secret).send().await;
    let answer = answer.map_err(|error| missing(innermost(&error)))?;
    let text = answer.secret_string().ok_or_else(|| missing("it has no text".to_owned()))?;
    // serde's own message may quote the text
    serde_json::from_str(text).map_err(|_| NoCredentials::Malformed { database: database.to_owned(), secret: secret.to_owned() })
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
