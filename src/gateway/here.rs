//! The databases of this machine's node, under the names that the registry has for them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures::future::BoxFuture;
use tokio::time::timeout;

use super::{
    Awake, Backends, Unavailable,
    bucket::BucketShelf,
    care::{Admission, Sizes},
};
use crate::{
    causes::in_one_line,
    control::{Control, Found},
    node::{Durability, Error, First, Idle, Node, Session, Terms},
    resource::Secret,
};

/// How long the registry is waited for before what was known last is taken.
const PATIENCE: Duration = Duration::from_secs(2);
/// After what part of its idle time a database is frozen.
const FROZEN_AFTER: u32 = 10;
/// After how many idle times its files are put into the bucket.
const AWAY_AFTER: u32 = 2;

/// The databases that the registry has below one domain, run by this machine's node.
#[derive(Clone)]
pub struct Here(Arc<Shared>);

struct Shared {
    control: Control,
    node: Node,
    domain: String,
    /// Where this gateway is: databases that are to be elsewhere are none of its own.
    location: Option<String>,
    /// Where the files go in the end.
    bucket: Option<BucketShelf>,
    sizes: Arc<Sizes>,
    /// What the registry said last, for when it does not answer.
    known: Mutex<HashMap<String, Found>>,
}

impl Here {
    /// Those of a domain, and by their whole names those of others; their files go into the bucket, which is the node's shelf, where there is one.
    pub fn new(control: Control, node: Node, domain: impl Into<String>, bucket: Option<BucketShelf>) -> Self {
        let (sizes, known) = (Arc::default(), Mutex::default());
        Self(Arc::new(Shared { control, node, domain: domain.into(), location: None, bucket, sizes, known }))
    }

    /// The same, but for those that are to be run in another location than this one.
    #[must_use]
    pub fn at(self, location: Option<String>) -> Self {
        let Shared { control, node, domain, bucket, sizes, .. } = &*self.0;
        let (control, node, domain, bucket, sizes) = (control.clone(), node.clone(), domain.clone(), bucket.clone(), Arc::clone(sizes));
        Self(Arc::new(Shared { control, node, domain, location, bucket, sizes, known: Mutex::default() }))
    }

    /// What they stand on.
    pub(super) fn parts(&self) -> (Control, Node, Option<BucketShelf>, Arc<Sizes>) {
        let Shared { control, node, bucket, sizes, .. } = &*self.0;
        (control.clone(), node.clone(), bucket.clone(), Arc::clone(sizes))
    }

    pub(super) fn node(&self) -> &Node {
        &self.0.node
    }

    pub(super) fn bucket(&self) -> Option<&BucketShelf> {
        self.0.bucket.as_ref()
    }

    /// How it is run, and what becomes of its commits.
    fn terms(&self, found: &Found) -> Terms {
        Terms { idle: idle(found.idle, self.0.bucket.is_some()), durability: found.durability }
    }

    /// Lets its idle time begin, where nobody uses it.
    pub(super) fn rest(&self, found: &Found) -> Result<(), Error> {
        self.0.node.rest(&found.id.to_string(), self.terms(found))
    }

    /// What the registry has under a name; where it does not answer, what it had the last time.
    pub(super) async fn find(&self, label: &str) -> Result<Option<Found>, Unavailable> {
        let Shared { control, domain, location, .. } = &*self.0;
        let (name, domain) = label.split_once('.').unwrap_or((label, domain));
        match timeout(PATIENCE, control.find_served(domain, name)).await {
            Ok(Ok(found)) => {
                let is_elsewhere = |found: &Found| matches!((&found.location, location), (Some(there), Some(here)) if there != here);
                let found = found.filter(|found| !is_elsewhere(found));
                let mut known = self.known();
                match &found {
                    Some(found) => drop(known.insert(label.to_owned(), found.clone())),
                    None => drop(known.remove(label)),
                }
                Ok(found)
            }
            answer => {
                let said = answer.map_or_else(
                    |_| "it is silent".to_owned(),
                    |answer| answer.map_or_else(|error| in_one_line(&error), |_| String::new()),
                );
                let known = self.known().get(label).cloned();
                tracing::warn!(database = label, known = known.is_some(), error = said, "the registry could not be asked for a database");
                known.map(Some).ok_or_else(|| Unavailable::ForNow { doing: "asking the registry", source: said.into() })
            }
        }
    }

    async fn raised(&self, label: &str) -> Result<Awake, Unavailable> {
        let Some(found) = self.find(label).await? else { return Err(failed(Error::Unknown(label.to_owned()))) };
        let session = self.session(&found).await?;
        // again: now that it is here it is not forgotten until it was measured
        let read_only = self.0.sizes.admit(&found, Instant::now()) != Admission::Free;
        let hold = found.hold.then_some(found.idle);
        Ok(Awake { socket: session.socket(), session: Box::new(session), read_only, hold })
    }

    /// Has it run, and made where there is none yet.
    pub(super) async fn session(&self, found: &Found) -> Result<Session, Unavailable> {
        let (id, terms) = (found.id.to_string(), self.terms(found));
        if let Admission::Closed(left) = self.0.sizes.admit(found, Instant::now()) {
            return Err(Unavailable::Closed(left));
        }
        let session = match self.0.node.wake(&id, terms).await {
            Err(error) if matches!(error.own(), Error::Unknown(_)) => {
                self.may_be_made(&id).await?;
                self.made(&id, found, terms).await
            }
            woken => woken,
        };
        session.map_err(failed)
    }

    /// A database of which another node has the only files is no new one.
    async fn may_be_made(&self, id: &str) -> Result<(), Unavailable> {
        let Some(bucket) = &self.0.bucket else { return Ok(()) };
        let unavailable = |source| Unavailable::ForNow { doing: "making the database", source };
        if bucket.is_new(id).await.map_err(unavailable)? {
            return Ok(());
        }
        Err(unavailable("another node has begun it, and has not put its files into the bucket yet".into()))
    }

    /// The first who knocks has it made.
    async fn made(&self, id: &str, found: &Found, terms: Terms) -> Result<Session, Error> {
        let made = self.0.node.create(id, first(found), terms).await;
        if made.is_ok() && terms.durability == Durability::Pause {
            self.tell_that_it_was_made(id);
        }
        match made {
            // somebody else had it made in between
            Err(error) if matches!(error.own(), Error::Exists(_)) => self.0.node.wake(id, terms).await,
            made => made,
        }
    }

    /// Nobody waits for that: it matters where this gateway is lost before the database is first put away.
    fn tell_that_it_was_made(&self, id: &str) {
        let Some(bucket) = self.0.bucket.clone() else { return };
        let id = id.to_owned();
        tokio::spawn(async move {
            if let Err(error) = bucket.made(&id).await {
                tracing::warn!(
                    database = id,
                    error = in_one_line(&*error),
                    "that it was made here could not be written down in the bucket"
                );
            }
        });
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Found>> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backends for Here {
    fn verifier(&self, database: &str, user: &str) -> BoxFuture<'_, Result<Option<String>, Unavailable>> {
        let (label, user) = (database.to_owned(), user.to_owned());
        Box::pin(async move {
            let Some(found) = self.find(&label).await? else { return Ok(None) };
            // nobody else can have a password: the login may make no roles (in PostgreSQL 15 whoever may can make itself anything)
            Ok(Some(found).filter(|found| found.role == user).map(|found| found.verifier))
        })
    }

    fn wake(&self, database: &str) -> BoxFuture<'_, Result<Awake, Unavailable>> {
        let label = database.to_owned();
        Box::pin(async move { self.raised(&label).await })
    }
}

/// Whose a new database is.
pub(super) fn first(found: &Found) -> First {
    First { role: found.role.clone(), database: found.role.clone(), verifier: Secret::new(found.verifier.clone()) }
}

/// What happens to a database that nobody uses: its processes stand still first, then its server stops, and in the end its files leave this disk.
fn idle(stop: Duration, has_bucket: bool) -> Idle {
    Idle { freeze: Some(stop / FROZEN_AFTER), stop: Some(stop), evict: has_bucket.then_some(stop * AWAY_AFTER) }
}

fn failed(error: Error) -> Unavailable {
    match error.own() {
        Error::Full(_) => Unavailable::Full,
        _ => Unavailable::ForNow { doing: "waking the database", source: Box::new(error) },
    }
}
