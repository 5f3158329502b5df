//! Secrets: the key that a database seals them to, and how they are opened for the one call that needs them.

use std::sync::PoisonError;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Database, Error};
use crate::{
    resource::Secret,
    schema,
    seal::{self, Place, PublicKey},
};

/// Postgres' word for a function that is not there: the database is older than this engine.
const UNDEFINED: &str = "42883";

/// A row as a provider takes it.
pub struct Resolved {
    /// The region; `None` for a service without regions.
    pub region: Option<String>,
    /// The row with the cloud's ids. May hold secrets: not to be printed.
    pub desired: Value,
    /// The parents that are not there yet.
    pub lacks: Vec<String>,
    /// The secrets that it holds: whoever was told them may repeat them.
    pub secrets: Vec<Secret>,
    /// The column whose secret could not be opened, and why.
    pub closed: Option<(String, seal::Error)>,
}

impl Database {
    /// One desired row as a provider takes it, its secrets opened; `None` when it is no longer there.
    pub async fn desired(&self, resource: &str, row: Uuid) -> Result<Option<Resolved>, Error> {
        let found = match self.reconciler.procs.desired_as_sealed(resource, row).await {
            Err(error) if is_older(&error) => return self.desired_in_plain(resource, row).await,
            found => found?.pop(),
        };
        let Some(mut found) = found else { return Ok(None) };
        let secrets = found.secrets.as_object().cloned().unwrap_or_default();
        let closed = self.open_all(resource, &secrets, &mut found.desired).err();
        let values = secrets.keys().filter_map(|column| found.desired.get(column)).flat_map(texts).map(Secret::new).collect();
        Ok(Some(Resolved { region: found.region, desired: found.desired, lacks: found.lacks, secrets: values, closed }))
    }

    /// As a database of an older version has it.
    async fn desired_in_plain(&self, resource: &str, row: Uuid) -> Result<Option<Resolved>, Error> {
        let found = self.reconciler.procs.desired(resource, row).await?.pop();
        Ok(found.map(|row| Resolved { region: row.region, desired: row.desired, lacks: row.lacks, secrets: vec![], closed: None }))
    }

    /// Opens the columns that hold secrets; `secrets` has their types by their names.
    fn open_all(&self, resource: &str, secrets: &Map<String, Value>, row: &mut Value) -> Result<(), (String, seal::Error)> {
        for (column, kind) in secrets {
            let Some(value) = row.get_mut(column) else { continue };
            let Some(sealed) = value.as_str().filter(|text| text.starts_with(seal::PREFIX)) else { continue };
            let place = Place { database: &self.name, column: &format!("{resource}.{column}") };
            let opened = self.keys.open(place, sealed).map_err(|error| (column.clone(), error))?;
            *value = match kind.as_str() {
                Some("jsonb") => serde_json::from_str(opened.expose()).map_err(|_| (column.clone(), seal::Error::Broken))?,
                _ => opened.expose().into(),
            };
        }
        Ok(())
    }

    /// Has it seal to this key from now on, and seals what stands there in plain; answers for the key in use, which stays the one before
    /// where that is not among `known`. `None`: it is of a version that seals nothing.
    pub async fn lay_key(&self, key: &PublicKey, known: &[String]) -> Result<Option<String>, Error> {
        if let Some(laid) = self.laid().filter(|laid| *laid == key.id) {
            return Ok(Some(laid));
        }
        match self.reconciler.procs.lay_key(&key.id, &key.key, known).await {
            Err(error) if is_older(&error) => Ok(None),
            laid => {
                let laid = laid?;
                *self.laid.lock().unwrap_or_else(PoisonError::into_inner) = Some(laid.clone());
                Ok(Some(laid))
            }
        }
    }

    /// Seals to the key in use what is sealed to others, or to none, as the same versions; answers how many, and what could not be opened.
    pub async fn reseal(&self, key_id: &str) -> Result<(usize, Vec<(String, seal::Error)>), Error> {
        let (mut sealed, mut closed) = (0, vec![]);
        for old in self.reconciler.procs.sealed_otherwise(key_id).await? {
            let place = Place { database: &self.name, column: &format!("{}.{}", old.resource, old.field) };
            let opened = match old.value.starts_with(seal::PREFIX) {
                true => self.keys.open(place, &old.value),
                false => Ok(Secret::new(&*old.value)),
            };
            match opened {
                Ok(value) => {
                    let put = self.reconciler.procs.seal_anew(&old.resource, &old.field, old.row_id, &old.value, value.expose());
                    sealed += usize::from(put.await?);
                }
                Err(error) => closed.push((format!("{}.{} of {}", old.resource, old.field, old.name), error)),
            }
        }
        Ok((sealed, closed))
    }

    fn laid(&self) -> Option<String> {
        self.laid.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The texts in a value.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::Object(all) => all.values().flat_map(texts).collect(),
        _ => vec![],
    }
}

fn is_older(error: &schema::Error) -> bool {
    error.code().as_deref() == Some(UNDEFINED)
}
