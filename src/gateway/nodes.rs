//! The databases of a gateway that runs none itself: each is led to the node that has it, else to one that is chosen among those that are there.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures::future::BoxFuture;

use super::{
    Awake, Backends, BucketShelf, Machines, Neighbours, Unavailable, Whereabouts,
    backends::Shut,
    book::{self, Book},
    choice::{may, ranked},
};
use crate::{
    control::{Control, Found, Neighbour},
    node::Error,
};

/// For how long one is left out that could not be reached, is stopping, or has no room.
const FOR_A_WHILE: Duration = Duration::from_secs(5);

/// The databases that the registry has below one domain, and by their whole names those of others; all of them at nodes of one bucket.
pub struct Nodes {
    control: Control,
    book: Book,
    /// Its leases say who has a database.
    bucket: BucketShelf,
    /// Where this gateway is.
    location: Option<String>,
    neighbours: Arc<Neighbours>,
    machines: Arc<Machines>,
    /// The addresses where nobody is led to for now; where it is about one database, with its name.
    left_out: Mutex<HashMap<(String, Option<String>), LeftOut>>,
}

#[derive(Clone, Copy)]
struct LeftOut {
    since: Instant,
    why: Shut,
}

impl LeftOut {
    fn counts(&self) -> bool {
        self.since.elapsed() < FOR_A_WHILE
    }
}

impl Nodes {
    /// Those that a gateway knows that is there.
    pub fn new(control: Control, bucket: BucketShelf, domain: impl Into<String>, place: Whereabouts, neighbours: Arc<Neighbours>) -> Self {
        let Whereabouts { location, machines, .. } = place;
        Self { book: Book::new(control.clone(), domain), control, bucket, location, neighbours, machines, left_out: Mutex::default() }
    }

    /// Whom a database is led to.
    async fn leads(&self, label: &str) -> Result<Unavailable, Unavailable> {
        let unknown = || Unavailable::ForNow { doing: "leading to a node", source: Error::Unknown(label.to_owned()).into() };
        let found = self.book.find(label).await?.ok_or_else(unknown)?;
        if let Some(machine) = &found.machine {
            return Ok(self.machines.lead(machine, &found).await);
        }
        let hold = found.hold.then_some(found.idle);
        let asked = self.bucket.holder_of(&found.id.to_string()).await;
        let held = asked.map_err(|source| Unavailable::ForNow { doing: "looking at the database's lease", source })?;
        // one that can't be reached may be lost: whoever is chosen finds out when its lease is over
        if let Some((by, Some(address))) = held
            && !self.is_shut(&address, label)
            && !self.is_misplaced(&address, &found).await?
        {
            return Ok(Unavailable::Elsewhere { by, address: Some(address), hold });
        }
        let Neighbour { holder: by, address, .. } = self.chosen(label, &found).await?;
        Ok(Unavailable::Elsewhere { by, address: Some(address), hold })
    }

    async fn chosen(&self, label: &str, found: &Found) -> Result<Neighbour, Unavailable> {
        let of = |nodes| ranked(nodes, found.id, found.location.as_deref(), self.location.as_deref());
        let mut nodes = of(self.neighbours.nodes());
        if nodes.is_empty() {
            // one may just have begun
            nodes = of(self.asked().await?);
        }
        let why = |node: &Neighbour| self.why(&node.address, label);
        if !nodes.is_empty() && nodes.iter().all(|node| why(node).is_some_and(|left_out| left_out.why == Shut::Full)) {
            return Err(Unavailable::Full);
        }
        // where all were tried in vain, the one that this is longest ago of
        let best = nodes.iter().min_by_key(|node| why(node).map(|left_out| left_out.since));
        best.cloned().ok_or_else(|| Unavailable::NoNode(found.location.clone()))
    }

    /// Whether whoever has a database is not where its row says by now: that one lets go of it when it has slept for long enough, and lets nobody in.
    async fn is_misplaced(&self, address: &str, found: &Found) -> Result<bool, Unavailable> {
        let there = |nodes: Vec<Neighbour>| nodes.into_iter().find(|node| node.address == address);
        let node = match there(self.neighbours.nodes()) {
            // to who is elsewhere and knows that, the client would be nobody
            None if found.location.is_some() => there(self.asked().await?),
            known => known,
        };
        Ok(node.is_some_and(|node| !may(&node, found.location.as_deref())))
    }

    /// Those that the registry has by now.
    async fn asked(&self) -> Result<Vec<Neighbour>, Unavailable> {
        let asked = self.control.gateways().await;
        let all = asked.map_err(|error| Unavailable::ForNow { doing: "asking the registry for nodes", source: error.into() })?;
        let ours = self.bucket.name().await.map_err(|source| Unavailable::ForNow { doing: "asking the bucket for its name", source })?;
        Ok(all.into_values().filter(|one| one.runs_databases && one.bucket == ours).collect())
    }

    /// Whether not even who has the database lets anybody into it: that it has no room for another one is no matter then.
    fn is_shut(&self, address: &str, label: &str) -> bool {
        self.shut(address, Some(label)).is_some() || self.shut(address, None).is_some_and(|left_out| left_out.why != Shut::Full)
    }

    /// Why nobody is led there for now who comes for this database, if so.
    fn why(&self, address: &str, label: &str) -> Option<LeftOut> {
        self.shut(address, Some(label)).or_else(|| self.shut(address, None))
    }

    fn shut(&self, address: &str, database: Option<&str>) -> Option<LeftOut> {
        self.left_out().get(&(address.to_owned(), database.map(str::to_owned))).filter(|left_out| left_out.counts()).copied()
    }

    fn left_out(&self) -> MutexGuard<'_, HashMap<(String, Option<String>), LeftOut>> {
        self.left_out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backends for Nodes {
    fn verifier(&self, database: &str, user: &str) -> BoxFuture<'_, Result<Option<String>, Unavailable>> {
        let (label, user) = (database.to_owned(), user.to_owned());
        Box::pin(async move { Ok(book::verifier(self.book.find(&label).await?, &user)) })
    }

    fn wake(&self, database: &str) -> BoxFuture<'_, Result<Awake, Unavailable>> {
        let label = database.to_owned();
        Box::pin(async move { Err(self.leads(&label).await.unwrap_or_else(|error| error)) })
    }

    fn leave_out(&self, address: &str, database: &str, why: Shut) -> bool {
        self.machines.doubt(address);
        let mut left_out = self.left_out();
        left_out.retain(|_, left_out| left_out.counts());
        let now = LeftOut { since: Instant::now(), why };
        if why != Shut::NotThis {
            left_out.insert((address.to_owned(), None), now);
        }
        if why != Shut::Away {
            left_out.insert((address.to_owned(), Some(database.to_owned())), now);
        }
        true
    }
}
