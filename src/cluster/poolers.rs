//! The poolers, as a controller sees and tells them. Nobody waits for one: what it said last counts for a moment, and one that is silent is left out, and
//! forgotten after a while.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use tokio::{sync::Notify, task::AbortHandle, time::sleep};

use super::{
    Error,
    book::Book,
    client::{Client, answered},
    registry::{Peer, PoolerPlace},
    shown::ShownPooler,
    site::Site,
};
use crate::{
    causes::in_one_line,
    failover::{Member, Pooler, Record, Standing},
};

/// How often one is asked what it does, and how long it may take to say.
const EVERY: Duration = Duration::from_millis(500);
const SAYS: Duration = Duration::from_millis(500);
/// For how long one may be silent until it is taken out of the registry; one that lives on writes itself down again.
const FORGOTTEN: Duration = Duration::from_secs(600);
/// How long it may take to do what it is told.
const DONE: Duration = Duration::from_secs(2);

/// A member, in a pooler's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// What it is called.
    pub name: String,
    /// Where its door is.
    pub host: String,
    /// And at which port.
    pub port: u16,
    /// `primary` or `standby`.
    pub role: String,
}

/// Whom poolers should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Told {
    pub(super) term: u64,
    pub(super) members: Vec<Served>,
}

impl Told {
    /// All that are no more apart than they will soon be back, with the primary of this term.
    pub(super) fn of(record: &Record, peers: &BTreeMap<Member, Peer>) -> Self {
        let stays = |member: &Member, standing: &Standing| *standing != Standing::Leaving || *member == record.primary;
        let members = record.members.iter().filter(|(member, standing)| stays(member, standing)).filter_map(|(member, _)| {
            let door = peers.get(member)?.at.door;
            let role = if *member == record.primary { "primary" } else { "standby" };
            Some(Served { name: super::home::named(*member), host: door.ip().to_string(), port: door.port(), role: role.to_owned() })
        });
        Self { term: record.term, members: members.collect() }
    }
}

/// What a pooler says.
#[derive(Clone, Debug, Deserialize)]
struct Says {
    term: u64,
    paused: bool,
    busy: u64,
    clients: u64,
    members: Vec<Served>,
    #[serde(default)]
    certificate_ends: Option<DateTime<Utc>>,
}

impl Says {
    fn knows(&self, told: &Told) -> bool {
        self.term == told.term && self.members == told.members
    }
}

/// What one is told.
#[derive(Clone, Debug)]
pub(super) enum Ask {
    /// Hold clients; open transactions go on for so long.
    Pause(Duration),
    Resume,
    /// Know these, and let clients go on.
    Know(Told),
}

impl Ask {
    fn name(&self) -> &'static str {
        match self {
            Self::Pause(_) => "pause",
            Self::Resume => "resume",
            Self::Know(_) => "members",
        }
    }
}

struct Known {
    place: PoolerPlace,
    says: Option<Says>,
    /// What it is being told at this moment.
    asked: BTreeSet<&'static str>,
    watch: AbortHandle,
}

/// All poolers. A clone is the same one.
#[derive(Clone)]
pub(super) struct Poolers {
    client: Client,
    book: Book,
    forgotten: Duration,
    known: Arc<Mutex<BTreeMap<String, Known>>>,
    wake: Arc<Notify>,
}

impl Poolers {
    pub(super) fn new(site: &Site, book: &Book, wake: &Arc<Notify>) -> Result<Self, Error> {
        Ok(Self { client: Client::new(site)?, book: book.clone(), forgotten: FORGOTTEN, known: Arc::default(), wake: Arc::clone(wake) })
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks after these from now on.
    pub(super) fn keep(&self, places: BTreeMap<String, PoolerPlace>) {
        let mut known = self.known();
        known.retain(|name, pooler| {
            let stays = places.get(name) == Some(&pooler.place);
            if !stays {
                pooler.watch.abort();
            }
            stays
        });
        for (name, place) in places {
            if let Entry::Vacant(free) = known.entry(name) {
                let watch = tokio::spawn(self.clone().watch(free.key().clone(), place.clone())).abort_handle();
                free.insert(Known { place, says: None, asked: BTreeSet::new(), watch });
            }
        }
    }

    /// Looks at each once.
    pub(super) async fn look_once(&self, places: BTreeMap<String, PoolerPlace>) {
        self.keep(places.clone());
        join_all(places.iter().map(|(name, place)| self.look(name, place))).await;
    }

    /// Ends what looks after them.
    pub(super) fn leave(&self) {
        self.keep(BTreeMap::new());
    }

    async fn watch(self, name: String, place: PoolerPlace) {
        let mut heard = Instant::now();
        loop {
            if self.look(&name, &place).await {
                heard = Instant::now();
            }
            if heard.elapsed() > self.forgotten {
                heard = Instant::now();
                self.forget(&name).await;
            }
            sleep(EVERY).await;
        }
    }

    /// From the next look on nobody asks it any more.
    async fn forget(&self, name: &str) {
        match self.book.unregister(name).await {
            Ok(()) => tracing::info!(pooler = name, "it was silent for long, and is forgotten"),
            Err(error) => tracing::warn!(pooler = name, error = in_one_line(&error), "it is silent, and could not be forgotten"),
        }
    }

    /// Whether it answers.
    async fn look(&self, name: &str, place: &PoolerPlace) -> bool {
        let says = match answered(self.client.get(place.control, "status").timeout(SAYS)).await {
            Ok(answer) => answer.json::<Says>().await.ok(),
            Err(_) => None,
        };
        let answers = says.is_some();
        let mut known = self.known();
        let Some(pooler) = known.get_mut(name).filter(|pooler| pooler.place == *place) else { return answers };
        let came = pooler.says.is_none() && answers;
        pooler.says = says;
        drop(known);
        if came {
            self.wake.notify_one();
        }
        answers
    }

    /// All that answer, as one. While clients are to be held each has to hold them; while they are to go on none may.
    pub(super) fn pooler(&self, record: &Record, told: &Told) -> Option<Pooler> {
        let known = self.known();
        let says: Vec<_> = known.values().filter_map(|pooler| pooler.says.as_ref()).collect();
        let goes_on = matches!(record.step, crate::failover::Step::Steady | crate::failover::Step::Settle);
        let paused = match goes_on {
            true => says.iter().any(|says| says.paused),
            false => says.iter().all(|says| says.paused && says.busy == 0),
        };
        let writes = says.iter().all(|says| says.knows(told)).then_some(record.primary);
        (!says.is_empty()).then_some(Pooler { paused, writes })
    }

    /// Tells all that answer, and waits for none.
    pub(super) fn tell(&self, ask: &Ask) {
        for (name, pooler) in self.known().iter_mut().filter(|(_, pooler)| pooler.says.is_some()) {
            if pooler.asked.insert(ask.name()) {
                tokio::spawn(self.clone().ask(name.clone(), pooler.place.clone(), ask.clone()));
            }
        }
    }

    async fn ask(self, name: String, place: PoolerPlace, ask: Ask) {
        let post = |path: &str| self.client.post(place.control, path).timeout(DONE);
        let done = match &ask {
            Ask::Pause(bound) => answered(post(&format!("pause?seconds={}", bound.as_secs_f64())).timeout(*bound + DONE)).await,
            Ask::Resume => answered(post("resume")).await,
            Ask::Know(told) => match answered(post("members").json(told)).await {
                // it is told of a new primary when that leads, so nobody has to wait any more
                Ok(_) => answered(post("resume")).await,
                failed => failed,
            },
        };
        if let Err(error) = done {
            tracing::debug!(pooler = name, ask = ask.name(), error = in_one_line(&error), "not done");
        }
        self.look(&name, &place).await;
        if let Some(pooler) = self.known().get_mut(&name) {
            pooler.asked.remove(ask.name());
        }
        self.wake.notify_one();
    }

    pub(super) fn shown(&self, told: &Told) -> BTreeMap<String, ShownPooler> {
        let shown = |pooler: &Known| ShownPooler {
            place: pooler.place.clone(),
            answers: pooler.says.is_some(),
            paused: pooler.says.as_ref().is_some_and(|says| says.paused),
            current: pooler.says.as_ref().is_some_and(|says| says.knows(told)),
            clients: pooler.says.as_ref().map_or(0, |says| says.clients),
            certificate_ends: pooler.says.as_ref().and_then(|says| says.certificate_ends),
        };
        self.known().iter().map(|(name, pooler)| (name.clone(), shown(pooler))).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs, net::SocketAddr, process};

    use tokio::time::{interval, timeout};

    use super::*;
    use crate::{resource::Secret, store::Access};

    /// Whether what looks after it for a while takes it out of the registry.
    async fn is_forgotten(poolers: &Poolers, place: &PoolerPlace) -> bool {
        let mut looks = interval(EVERY / 10);
        poolers.book.register(&place.name(), place).await.expect("an entry");
        poolers.keep([(place.name(), place.clone())].into());
        let forgotten = async {
            while poolers.book.has(&place.name()).await.expect("a list") {
                looks.tick().await;
            }
        };
        let gone = timeout(6 * EVERY, forgotten).await.is_ok();
        poolers.leave();
        gone
    }

    #[tokio::test]
    async fn a_pooler_that_is_silent_for_long_is_forgotten_and_not_before() {
        let folder = env::temp_dir().join(format!("iasql-poolers-{}", process::id()));
        let key = Secret::new("the key of a cluster that is only a test");
        let site = Site::new("main", &format!("file://{}", folder.display()), Access::default(), key).expect("a cluster");
        let book = site.book().await.expect("a bucket");
        let poolers = Poolers::new(&site, &book, &Arc::default()).expect("a client");
        // nobody listens there
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 9));
        let place = PoolerPlace { pooler: nowhere, control: nowhere, version: String::new(), image: None };
        assert!(!is_forgotten(&poolers, &place).await);
        assert!(is_forgotten(&Poolers { forgotten: EVERY, ..poolers }, &place).await);
        fs::remove_dir_all(folder).expect("the folder");
    }
}
