//! The engine's keys: where they are, and which of them databases seal to. A file that changed is read again, so nothing is restarted.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use chrono::Utc;
use tokio::sync::Mutex;

use super::{Control, Error, credentials::default_chain};
use crate::{
    aws::{self, Aws},
    database::Database,
    resource::{self, Kind},
    seal::{self, Keyring, PublicKey},
};

/// How long what Secrets Manager said is believed.
const BELIEVED: Duration = Duration::from_secs(300);

/// Where the engine's keys are.
#[derive(Clone, Debug, Default)]
pub enum KeySource {
    /// There are none: what is sealed stays closed.
    #[default]
    Nowhere,
    /// Here.
    Given(Keyring),
    /// In a file.
    File(PathBuf),
    /// In a secret of Secrets Manager, read with AWS' default chain. One that is empty is given a key.
    Secret(String),
}

/// What came of sealing anew.
#[derive(Clone, Debug)]
pub struct Resealed {
    /// The key that it is sealed to now.
    pub key: String,
    /// How many values that were.
    pub sealed: usize,
    /// What could not be opened, and why.
    pub closed: Vec<(String, seal::Error)>,
}

/// What was read last, and when.
#[derive(Clone, Default)]
pub(super) struct Keys {
    source: Arc<KeySource>,
    read: Arc<Mutex<Read>>,
}

#[derive(Default)]
struct Read {
    keys: Keyring,
    /// The file's time and length.
    mark: Option<(SystemTime, u64)>,
    at: Option<Instant>,
}

impl Keys {
    fn of(source: KeySource) -> Self {
        Self { source: Arc::new(source), read: Arc::default() }
    }

    /// The keys, and whether they are others than before.
    async fn now(&self) -> Result<(Keyring, bool), Error> {
        let mut read = self.read.lock().await;
        let fresh = match &*self.source {
            KeySource::Nowhere => return Ok((Keyring::default(), false)),
            KeySource::Given(keys) => Read { keys: keys.clone(), mark: None, at: None },
            KeySource::File(path) => {
                let mark = mark(path);
                if mark.is_some() && mark == read.mark {
                    return Ok((read.keys.clone(), false));
                }
                let text = fs::read_to_string(path).map_err(|error| unreadable(path.display(), error))?;
                Read { keys: Keyring::parse(&text).map_err(|error| unreadable(path.display(), error))?, mark, at: None }
            }
            KeySource::Secret(name) => {
                if read.at.is_some_and(|at| at.elapsed() < BELIEVED) {
                    return Ok((read.keys.clone(), false));
                }
                let place = format!("the secret {name}");
                let made =
                    || seal::new_key(Utc::now()).map_err(|error| resource::Error::new("making a key", Kind::Broken, error.to_string()));
                let text = aws::secret_text_or(&Aws::new(default_chain().await), name, made).await;
                let text = text.map_err(|error| unreadable(&place, error))?;
                let keys = Keyring::parse(text.expose()).map_err(|error| unreadable(&place, error))?;
                Read { keys, mark: None, at: Some(Instant::now()) }
            }
        };
        let changed = !fresh.keys.public().eq(read.keys.public());
        *read = fresh;
        Ok((read.keys.clone(), changed))
    }

    async fn last(&self) -> Keyring {
        self.read.lock().await.keys.clone()
    }

    /// The keys as they are now, or as they were last where they can't be read.
    pub(super) async fn now_or_last(&self) -> Keyring {
        match self.now().await {
            Ok((keys, _)) => keys,
            Err(_) => self.last().await,
        }
    }
}

fn mark(path: &Path) -> Option<(SystemTime, u64)> {
    let found = fs::metadata(path).ok()?;
    Some((found.modified().ok()?, found.len()))
}

fn unreadable(place: impl ToString, said: impl ToString) -> Error {
    Error::Keys { place: place.to_string(), said: said.to_string() }
}

impl Control {
    /// The same, with the engine's keys. The public one is noted, so that databases are made with it.
    ///
    /// # Errors
    /// When they can't be read, or the metadata database fails.
    pub async fn with_keys(self, source: KeySource) -> Result<Self, Error> {
        let control = Self { keys: Keys::of(source), ..self };
        let (keys, _) = control.keys.now().await?;
        control.note(&keys).await?;
        Ok(control)
    }

    /// The engine's keys as they are now. Where they can't be read any more, the last ones go on.
    pub async fn keys(&self) -> Keyring {
        match self.keys.now().await {
            Ok((keys, changed)) => {
                if changed && let Err(error) = self.note(&keys).await {
                    tracing::warn!(%error, "the engine's new key could not be noted");
                }
                keys
            }
            Err(error) => {
                tracing::warn!(%error, "the engine's keys can't be read any more; the last ones go on");
                self.keys.last().await
            }
        }
    }

    /// The key that a database is to seal to: the engine's newest; without one that which an engine has noted.
    pub(super) async fn public_key(&self) -> Result<Option<PublicKey>, Error> {
        if let Some(newest) = self.keys().await.newest() {
            return Ok(Some(newest.clone()));
        }
        let found = self.services.http.procs.sealing_key_in_use().await?.pop();
        Ok(found.map(|found| PublicKey { id: found.id, key: found.key }))
    }

    /// Has a database seal to the engine's key from now on, and seals what stands there in plain. A database of an older version seals
    /// nothing; one that seals to a key which is not here goes on with that.
    ///
    /// # Errors
    /// When the database does not answer, or is locked by somebody for too long.
    pub async fn lay_key(&self, database: &Database) -> Result<(), Error> {
        let Some(key) = self.public_key().await? else { return Ok(()) };
        let keys = self.keys().await;
        let known: Vec<String> = keys.public().map(|key| key.id.clone()).collect();
        let laid = database.lay_key(&key, &known).await;
        match laid.map_err(|source| Error::Open { name: database.name().to_owned(), source: Box::new(source) })? {
            Some(in_use) if in_use != key.id && !known.contains(&in_use) => {
                tracing::warn!(
                    database = database.name(),
                    in_use,
                    own = key.id,
                    "the database seals to a key that is not here: its secrets stay closed"
                );
            }
            _ => {}
        }
        Ok(())
    }

    /// Seals to the engine's newest key what a database has sealed to others, or to none. `instead`: also where it does not have the key in use.
    ///
    /// # Errors
    /// [`Error::Unknown`], that there is no key, or that the database does not answer.
    pub async fn reseal(&self, name: &str, instead: bool) -> Result<Resealed, Error> {
        let failed = |source| Error::Open { name: name.to_owned(), source: Box::new(source) };
        let (database, keys) = (self.open(name).await?, self.keys().await);
        let newest = keys.newest().ok_or_else(|| unreadable("--key-file or --key-secret", "none is named"))?;
        let mut known: Vec<String> = keys.public().map(|key| key.id.clone()).collect();
        let in_use = database.lay_key(newest, &known).await.map_err(failed)?;
        if let Some(in_use) = in_use.filter(|in_use| *in_use != newest.id) {
            if !instead {
                return Err(unreadable(
                    format!("database {name}"),
                    format!("it seals to the key {in_use}, which is not here; --instead goes over to {}", newest.id),
                ));
            }
            known.push(in_use);
            database.lay_key(newest, &known).await.map_err(failed)?;
        }
        let (sealed, closed) = database.reseal(&newest.id).await.map_err(failed)?;
        Ok(Resealed { key: newest.id.clone(), sealed, closed })
    }

    async fn note(&self, keys: &Keyring) -> Result<(), Error> {
        let Some(newest) = keys.newest() else { return Ok(()) };
        let known: Vec<String> = keys.public().map(|key| key.id.clone()).collect();
        let in_use = self.services.http.procs.sealing_key_note(&newest.id, &newest.key, &known).await?;
        if in_use != newest.id {
            tracing::warn!(in_use, own = newest.id, "other engines seal to a key that is not here: what is sealed to it stays closed");
        }
        Ok(())
    }
}
