//! The databases of this machine's node, under the names that the registry has for them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures::{StreamExt, future::BoxFuture, stream};
use tokio::{sync::Semaphore, time::interval};

use super::{
    Awake, Backends, Machines, Unavailable,
    alone::Turns,
    backends::Shut,
    book::{self, Book},
    bucket::BucketShelf,
    care::{Admission, Sizes},
    told::Told,
};
use crate::{
    causes::{self, in_one_line},
    control::{Control, Found},
    node::{Durability, Engine, Error, First, Idle, Node, Session, Terms, Tier},
    resource::Secret,
    store,
};

/// How many databases are handed over at a time.
const AT_ONCE: usize = 8;
/// After what part of its idle time a database is frozen.
const FROZEN_AFTER: u32 = 10;
/// After how many idle times its files are put into the bucket.
const AWAY_AFTER: u32 = 2;

/// Where a gateway or node is, and how it reaches what is elsewhere.
#[derive(Clone)]
pub struct Whereabouts {
    /// Its location: databases that are to be in another one are none of its own.
    pub location: Option<String>,
    /// By what those databases are reached that have a machine of their own.
    pub machines: Arc<Machines>,
}

/// How long a machine stays that nobody came to.
const UNVISITED: Duration = Duration::from_secs(60);
/// How often it is looked whether all sleeps.
const LOOKED: Duration = Duration::from_millis(100);

/// The databases that the registry has below one domain, run by this machine's node.
#[derive(Clone)]
pub struct Here(Arc<Shared>);

struct Shared {
    book: Book,
    node: Node,
    /// `None`: it is an instance, and everything that it is told of is its own.
    place: Option<Whereabouts>,
    /// Where the files go in the end.
    bucket: Option<BucketShelf>,
    sizes: Arc<Sizes>,
    /// Whose turn it is to make a branch.
    branching: Turns,
    /// Whether nobody is let in any more.
    ending: AtomicBool,
}

impl Here {
    /// Those of a domain, and by their whole names those of others; their files go into the bucket, which is the node's shelf, where there is one.
    pub fn new(control: Control, node: Node, domain: impl Into<String>, bucket: Option<BucketShelf>, place: Whereabouts) -> Self {
        Self::of(Book::new(control, domain), node, bucket, Some(place))
    }

    /// Those that gateways tell of, on a machine of their own.
    pub fn told(node: Node, bucket: BucketShelf) -> Self {
        Self::of(Book::told(), node, Some(bucket), None)
    }

    /// Knows of a database that it runs without being told by anybody; answers under what name.
    pub fn knows(&self, found: Found) -> String {
        let label = found.id.to_string();
        self.0.book.tell(label.clone(), found);
        label
    }

    fn of(book: Book, node: Node, bucket: Option<BucketShelf>, place: Option<Whereabouts>) -> Self {
        let (sizes, branching) = (Arc::default(), Turns::default());
        Self(Arc::new(Shared { book, node, place, bucket, sizes, branching, ending: AtomicBool::new(false) }))
    }

    /// What they stand on.
    pub(super) fn parts(&self) -> (Option<Control>, Node, Option<BucketShelf>, Arc<Sizes>) {
        let Shared { book, node, bucket, sizes, .. } = &*self.0;
        (book.control.clone(), node.clone(), bucket.clone(), Arc::clone(sizes))
    }

    pub(super) fn node(&self) -> &Node {
        &self.0.node
    }

    /// Where it is, if it has said so.
    pub(super) fn location(&self) -> Option<String> {
        self.0.place.as_ref()?.location.clone()
    }

    pub(super) fn bucket(&self) -> Option<&BucketShelf> {
        self.0.bucket.as_ref()
    }

    /// The one turn to make this branch.
    pub(super) fn branching(&self, id: &str) -> Arc<Semaphore> {
        self.0.branching.turn(id)
    }

    /// How it is run, and what becomes of its commits.
    fn terms(&self, found: &Found) -> Terms {
        let replica_of = found.replica.as_ref().and_then(|replica| replica.of);
        let idle = match self.0.place {
            // what has no files of its own goes at once
            _ if found.replica.is_some() => Idle { freeze: None, stop: Some(found.idle), evict: None },
            Some(_) => idle(found.idle, self.0.bucket.is_some()),
            // its machine stops with it
            None => Idle { freeze: None, stop: Some(found.idle), evict: None },
        };
        Terms { idle, durability: found.durability, engine: found.engine, replica_of }
    }

    /// Lets its idle time begin, where nobody uses it.
    pub(super) fn rest(&self, found: &Found) -> Result<(), Error> {
        self.0.node.rest(&found.id.to_string(), self.terms(found))
    }

    /// Puts what this gateway has into the bucket and gives it back, so that another one, or this one on another disk, finds all that was committed.
    /// To be done when nobody is let in any more; what fails is logged, and then it is as if this gateway were lost.
    pub async fn hand_over(&self) {
        let Some(bucket) = &self.0.bucket else { return };
        let ids = bucket.all_held();
        if !ids.is_empty() {
            tracing::info!(databases = ids.len(), "what is awake or was lately goes into the bucket");
        }
        let put = async |id: String| {
            if let Err(error) = self.0.node.hand_over(&id).await {
                tracing::error!(database = id, error = in_one_line(&error), "it is on this disk only, as far as it was not stored before");
            }
        };
        stream::iter(ids).for_each_concurrent(AT_ONCE, put).await;
    }

    /// What the registry has under a name, where that is not to be elsewhere; where it does not answer, what it had the last time.
    pub(super) async fn find(&self, label: &str) -> Result<Option<Found>, Unavailable> {
        let Shared { book, place, .. } = &*self.0;
        let location = place.as_ref().and_then(|place| place.location.as_ref());
        let is_elsewhere = |found: &Found| matches!((&found.location, location), (Some(there), Some(here)) if there != here);
        Ok(book.find(label).await?.filter(|found| !is_elsewhere(found)))
    }

    /// Until all sleeps, or nobody has come for a minute. From then on nobody is let in.
    pub async fn rested(&self) {
        let (mut looks, mut last, mut was_awake) = (interval(LOOKED), Instant::now(), false);
        loop {
            looks.tick().await;
            let is_used = self.is_used();
            // one that was not let in yet comes again: its database may have to wait for the end of a lease
            if !is_used && (was_awake || last.elapsed() > UNVISITED) {
                // whoever knocked before is seen now, and whoever does so from now on sees this
                self.0.ending.store(true, Ordering::SeqCst);
                if !self.is_used() {
                    return;
                }
                self.0.ending.store(false, Ordering::SeqCst);
            }
            was_awake |= self.0.node.status().iter().any(|one| one.tier >= Tier::Frozen);
            if is_used {
                last = Instant::now();
            }
        }
    }

    fn is_used(&self) -> bool {
        self.0.node.status().iter().any(|one| one.sessions > 0 || one.tier >= Tier::Frozen)
    }

    async fn raised(&self, label: &str) -> Result<Awake, Unavailable> {
        let Some(found) = self.find(label).await? else { return Err(failed(Error::Unknown(label.to_owned()))) };
        if let (Some(place), Some(machine)) = (&self.0.place, &found.machine) {
            return Err(place.machines.lead(machine, &found).await);
        }
        let hold = found.hold.then_some(found.idle);
        let session = self.session(&found).await.map_err(|error| match error {
            Unavailable::Elsewhere { by, address, .. } => Unavailable::Elsewhere { by, address, hold },
            other => other,
        })?;
        if self.0.ending.load(Ordering::SeqCst) {
            return Err(Unavailable::Ending);
        }
        // again: now that it is here it is not forgotten until it was measured
        let read_only = found.replica.is_none() && self.0.sizes.admit(&found, Instant::now()) != Admission::Free;
        let alone = found.engine == Engine::Pglite;
        let most = usize::try_from(self.0.node.connections()).ok();
        let lasting = self.0.bucket.as_ref().and_then(|bucket| bucket.lasting(&found.id.to_string()));
        Ok(Awake { socket: session.socket(), session: Box::new(session), read_only, hold, alone, most, lasting })
    }

    /// Has it run, and made where there is none yet.
    pub(super) async fn session(&self, found: &Found) -> Result<Session, Unavailable> {
        let (id, terms) = (found.id.to_string(), self.terms(found));
        if let Some(replica) = &found.replica {
            return self.reading(&id, replica, terms).await;
        }
        if let Admission::Closed(left) = self.0.sizes.admit(found, Instant::now()) {
            return Err(Unavailable::Closed(left));
        }
        self.has_room(&id)?;
        let session = match self.0.node.wake(&id, terms).await {
            Err(error) if matches!(error.own(), Error::Unknown(_)) => {
                // what was taken stays so until it begins
                let begins = self.0.node.knock(&id, terms).map_err(failed)?;
                if let Some(branch) = &found.branch {
                    let begins = self.branched(&id, branch, begins).await?;
                    let woken = self.0.node.wake(&id, terms).await;
                    drop(begins);
                    woken
                } else {
                    self.may_be_made(&id).await?;
                    let made = self.made(&id, found, terms).await;
                    drop(begins);
                    made
                }
            }
            woken => woken,
        };
        session.map_err(failed)
    }

    /// What is not taken is free for another one, which may have room.
    pub(super) fn has_room(&self, id: &str) -> Result<(), Unavailable> {
        let is_free = self.0.bucket.as_ref().is_some_and(|bucket| !bucket.is_held(id));
        if is_free && !self.0.node.has_room() { Err(Unavailable::Full) } else { Ok(()) }
    }

    /// Whether nothing here is read only that others write: then what nothing reaches may be removed from the bucket.
    pub(super) fn may_collect(&self) -> bool {
        self.0.place.is_some() || self.0.book.writes()
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
}

impl Backends for Here {
    fn verifier(&self, database: &str, user: &str) -> BoxFuture<'_, Result<Option<String>, Unavailable>> {
        let (label, user) = (database.to_owned(), user.to_owned());
        Box::pin(async move { Ok(book::verifier(self.find(&label).await?, &user)) })
    }

    fn wake(&self, database: &str) -> BoxFuture<'_, Result<Awake, Unavailable>> {
        let label = database.to_owned();
        Box::pin(async move { self.raised(&label).await })
    }

    fn told(&self, text: &[u8]) -> Option<String> {
        Some(self.knows(Told::read(text).filter(|_| self.0.place.is_none())?.found()))
    }

    fn leave_out(&self, address: &str, _: &str, _: Shut) -> bool {
        if let Some(place) = &self.0.place {
            place.machines.doubt(address);
        }
        false
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

pub(super) fn failed(error: Error) -> Unavailable {
    if let Some(store::Error::Held { by, address, .. }) = causes::all(&error).find_map(|cause| cause.downcast_ref()) {
        return Unavailable::Elsewhere { by: by.clone(), address: address.clone(), hold: None };
    }
    match error.own() {
        Error::Full(_) => Unavailable::Full,
        Error::NoEngine(missing) => Unavailable::Missing(missing.clone()),
        _ => Unavailable::ForNow { doing: "waking the database", source: Box::new(error) },
    }
}
