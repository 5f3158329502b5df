//! A database that the gateway serves.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    password,
    resource::{Error, Kind, Observed, Owner, Resource, Scope, Secret},
    served::{Branch, Durability, Engine, Entry, Served},
};

/// How long a database stays awake that nobody has said anything about.
const IDLE_SECONDS: i32 = 300;
/// How large it may become then.
const SIZE_LIMIT_BYTES: i64 = 1 << 30;

/// A row of `gateway.database`. Its password goes out as what it can be checked by, and never comes back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Database {
    name: String,
    domain: String,
    role: String,
    engine: String,
    machine: Option<String>,
    branch_of: Option<String>,
    branch_version: Option<i64>,
    replica_of: Option<String>,
    password: Option<Secret>,
    password_version: Option<Uuid>,
    idle_seconds: Option<i32>,
    size_limit_bytes: Option<i64>,
    durability: Option<String>,
    durability_seconds: Option<i32>,
    location: Option<String>,
    hold: Option<bool>,
    host: Option<String>,
    size_bytes: Option<i64>,
    /// As text: identities are.
    database_id: Option<String>,
}

impl Resource for Database {
    const TABLE: &'static str = "gateway.database";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Served;

    async fn list(served: &Served, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(served.0.all().await?.into_iter().map(Self::shown).collect())
    }

    async fn create(self, owner: &Owner, served: &Served) -> Result<Observed<Self>, Error> {
        let entry = self.entry(Uuid::nil(), owner, None);
        // what nobody can know is what nobody comes in with
        let verifier = self.verifier("make a served database")?.map_or_else(|| locked("make a served database"), Ok)?;
        let id = served.0.make(&entry, &verifier).await?;
        Ok(Self::shown(Entry { id, ..entry }))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, served: &Served) -> Result<Observed<Self>, Error> {
        let is_new = self.password.is_some() && self.password_version != was.row.password_version;
        let verifier = if is_new { self.verifier("change a served database")? } else { None };
        let entry = self.entry(was.row.id()?, owner, Some(&was.row));
        served.0.change(&entry, verifier.as_deref()).await?;
        Ok(Self::shown(entry))
    }

    async fn delete(self, served: &Served) -> Result<Option<Observed<Self>>, Error> {
        served.0.remove(self.id()?).await?;
        Ok(None)
    }
}

impl Database {
    fn verifier(&self, operation: &'static str) -> Result<Option<String>, Error> {
        self.password.as_ref().map(|password| password::verifier_of(password).map_err(|error| broken(operation, error))).transpose()
    }

    fn id(&self) -> Result<Uuid, Error> {
        let id = self.database_id.as_deref().and_then(|id| id.parse().ok());
        id.ok_or_else(|| Error::new("read a served database", Kind::Row, "its id is none"))
    }

    /// As the book has it; what the row leaves open is as it was, or as it is at first.
    fn entry(&self, id: Uuid, owner: &Owner, before: Option<&Self>) -> Entry {
        let was = |of: fn(&Self) -> Option<i64>, first: i64| before.and_then(of).unwrap_or(first);
        let idle = self.idle_seconds.map_or_else(|| was(|row| row.idle_seconds.map(i64::from), IDLE_SECONDS.into()), i64::from);
        Entry {
            id,
            domain: self.domain.clone(),
            label: self.name.clone(),
            owner: owner.tag.clone(),
            role: self.role.clone(),
            engine: Engine::named(&self.engine),
            machine: self.machine.clone().or_else(|| before.and_then(|row| row.machine.clone())),
            branch: self.branch().or_else(|| before.and_then(Self::branch)),
            replica_of: self.replica_of.clone().or_else(|| before.and_then(|row| row.replica_of.clone())),
            password_version: self.password_version.unwrap_or_default(),
            idle_seconds: idle.try_into().unwrap_or(IDLE_SECONDS),
            size_limit_bytes: self.size_limit_bytes.unwrap_or_else(|| was(|row| row.size_limit_bytes, SIZE_LIMIT_BYTES)),
            durability: self.durability(before),
            location: self.location.clone().or_else(|| before.and_then(|row| row.location.clone())),
            hold: self.hold.or_else(|| before.and_then(|row| row.hold)).unwrap_or_default(),
            size_bytes: before.and_then(|row| row.size_bytes),
        }
    }

    fn branch(&self) -> Option<Branch> {
        self.branch_of.clone().map(|of| Branch { of, number: self.branch_version })
    }

    fn durability(&self, was: Option<&Self>) -> Durability {
        let word = self.durability.as_deref().or_else(|| was.and_then(|row| row.durability.as_deref()));
        let seconds = self.durability_seconds.or_else(|| was.and_then(|row| row.durability_seconds));
        Durability::of(word.unwrap_or_default(), seconds)
    }

    fn shown(entry: Entry) -> Observed<Self> {
        let Entry {
            id,
            domain,
            label,
            owner,
            role,
            engine,
            machine,
            branch,
            replica_of,
            password_version,
            idle_seconds,
            size_limit_bytes,
            durability,
            location,
            hold,
            size_bytes,
        } = entry;
        let (branch_of, branch_version) = branch.map_or((None, None), |Branch { of, number }| (Some(of), number));
        // what is stored, and how large it may become, is said of the one that it reads
        let has_its_own = replica_of.is_none();
        let row = Self {
            host: Some(format!("{label}.{domain}")),
            name: label,
            domain,
            role,
            engine: engine.word().to_owned(),
            machine,
            branch_of,
            branch_version,
            replica_of,
            password: None,
            password_version: Some(password_version),
            idle_seconds: Some(idle_seconds),
            size_limit_bytes: has_its_own.then_some(size_limit_bytes),
            durability: has_its_own.then(|| durability.word().to_owned()),
            durability_seconds: durability.seconds(),
            location,
            hold: Some(hold),
            size_bytes,
            database_id: Some(id.to_string()),
        };
        Observed::of(row).owned(Some(owner))
    }
}

fn locked(operation: &'static str) -> Result<String, Error> {
    password::nobodys().map_err(|error| broken(operation, error))
}

fn broken(operation: &'static str, error: getrandom::Error) -> Error {
    Error::new(operation, Kind::Broken, format!("this machine gives no random numbers: {error}"))
}
