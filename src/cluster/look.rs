//! All members, looked at at once, each with a short deadline; and the lease, whose end is counted from when it was first seen like that.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::{Duration, Instant},
};

use chrono::Utc;
use futures::future::join_all;
use serde::{Serialize, de::DeserializeOwned};
use tokio::{sync::Notify, task::AbortHandle, time::sleep};

use super::{
    Error,
    book::Lease,
    client::{Client, answered},
    home::Settings,
    http::Changes,
    registry::{Addresses, Peer},
    site::Site,
    wire::{Answer, Extra, Order, Report, millis},
};
use crate::{
    failover::{Act, Member, Millis, Seen, Stamp},
    store::clock,
};

/// How long an agent may take to say what it sees. For one that has not nobody waits any more: it is asked beside, until it answers. It gets less then,
/// but for every third time, for it may only be slow.
const SEEN: Duration = Duration::from_millis(1000);
const SILENT: Duration = Duration::from_millis(300);
const IN_FULL: u64 = 3;
const ASKED: Duration = Duration::from_millis(50);
/// How long it may take to carry out an order, to have other settings, and to furnish.
const DONE: Duration = Duration::from_secs(3);
const FURNISHED: Duration = Duration::from_secs(60);
/// And to begin: what takes longer goes on, and is asked for again.
const BEGUN: Duration = Duration::from_secs(60);
/// How long it may wait for a change, and how long it is waited before one that is silent is asked again.
const WAITS: Duration = Duration::from_secs(25);
const AGAIN: Duration = Duration::from_millis(250);

/// What members say.
pub(super) type Said = (BTreeMap<Member, Seen>, BTreeMap<Member, Extra>);

/// The members' agents, as a controller reaches them. A clone is the same one.
#[derive(Clone)]
pub(super) struct Agents {
    client: Client,
    peers: Arc<RwLock<BTreeMap<Member, Peer>>>,
    silent: Arc<Silent>,
    wake: Arc<Notify>,
}

/// Who does not answer, and who asks him again and again.
#[derive(Default)]
struct Silent(Mutex<BTreeMap<Member, AbortHandle>>);

impl Silent {
    fn held(&self) -> MutexGuard<'_, BTreeMap<Member, AbortHandle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        self.held().values().for_each(AbortHandle::abort);
    }
}

/// The time by which engines write things down.
pub(super) fn now() -> Millis {
    Utc::now().timestamp_millis()
}

impl Agents {
    pub(super) fn new(site: &Site, wake: &Arc<Notify>) -> Result<Self, Error> {
        Ok(Self { client: Client::new(site)?, peers: Arc::default(), silent: Arc::default(), wake: Arc::clone(wake) })
    }

    /// Knows these from now on.
    pub(super) fn know(&self, peers: BTreeMap<Member, Peer>) {
        *self.peers.write().unwrap_or_else(PoisonError::into_inner) = peers;
    }

    pub(super) fn peers(&self) -> BTreeMap<Member, Peer> {
        self.peers.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn addresses(&self) -> BTreeMap<Member, Addresses> {
        self.peers.read().unwrap_or_else(PoisonError::into_inner).iter().map(|(member, peer)| (*member, peer.at)).collect()
    }

    /// What all of these say that answer in time. Who did not answer before is not waited for.
    pub(super) async fn look(&self, of: &BTreeSet<Member>) -> Said {
        let addresses = self.addresses();
        let each = of.iter().map(async |member| {
            if self.silent.held().contains_key(member) {
                return (*member, None);
            }
            let report = self.get::<Report>(*member, "seen", SEEN).await.ok();
            if report.is_none() && addresses.contains_key(member) {
                let again = || tokio::spawn(self.clone().ask_again(*member)).abort_handle();
                self.silent.held().entry(*member).or_insert_with(again);
            }
            (*member, report)
        });
        let (mut members, mut extras) = Said::default();
        for (member, report) in join_all(each).await {
            let mut seen = report.as_ref().map(|report| report.at(now())).unwrap_or_default();
            let there = |follows: Member| addresses.get(&follows).map(|at| at.server);
            if let Some(report) = report {
                // whom it follows has moved since
                seen.follows = seen.follows.filter(|follows| there(*follows) == report.extra.follows);
                extras.insert(member, report.extra);
            }
            members.insert(member, seen);
        }
        (members, extras)
    }

    /// Until it answers: from then on it is looked at with the others.
    async fn ask_again(self, member: Member) {
        let silent = Arc::downgrade(&self.silent);
        // nobody asks any more when nobody wants to know
        let agents = Self { silent: Arc::default(), ..self };
        for time in 1.. {
            let patience = if u64::is_multiple_of(time, IN_FULL) { SEEN } else { SILENT };
            if agents.get::<Report>(member, "seen", patience).await.is_ok() {
                break;
            }
            sleep(ASKED).await;
        }
        if let Some(silent) = silent.upgrade() {
            silent.held().remove(&member);
        }
        agents.wake.notify_one();
    }

    /// Gives an order, and says how it went.
    pub(super) async fn order(&self, member: Member, stamp: Stamp, act: Act) -> Result<Answer, Error> {
        let order = Order { stamp, act, at: self.addresses() };
        self.post(member, "act", &order, DONE).await?.json().await.map_err(Error::agent("read an agent's answer"))
    }

    /// Has the data of a new cluster made. Answers on which timeline it is.
    pub(super) async fn begin(&self, member: Member) -> Result<u64, Error> {
        let answer = self.post(member, "begin", &(), BEGUN).await?;
        if !answer.status().is_success() {
            return said(answer).await.map(|()| 1);
        }
        answer.json().await.map_err(Error::agent("read an agent's answer"))
    }

    /// Has it use these settings. What it complains of is the answer.
    pub(super) async fn set(&self, member: Member, settings: &Settings) -> Result<(), Error> {
        said(self.post(member, "settings", settings, DONE).await?).await
    }

    /// Has it furnish these databases.
    pub(super) async fn furnish(&self, member: Member, databases: &BTreeSet<String>) -> Result<(), Error> {
        said(self.post(member, "furnish", databases, FURNISHED).await?).await
    }

    async fn post(&self, member: Member, path: &str, body: &impl Serialize, patience: Duration) -> Result<reqwest::Response, Error> {
        let asked = self.client.post(self.agent(member)?, path).timeout(patience).json(body).send().await;
        asked.map_err(Error::agent("give an order to an agent"))
    }

    async fn get<T: DeserializeOwned>(&self, member: Member, path: &str, patience: Duration) -> Result<T, Error> {
        let asked = answered(self.client.get(self.agent(member)?, path).timeout(patience)).await;
        let answer = asked.map_err(Error::agent("ask an agent"))?;
        answer.json().await.map_err(Error::agent("read an agent's answer"))
    }

    fn agent(&self, member: Member) -> Result<SocketAddr, Error> {
        let peers = self.peers.read().unwrap_or_else(PoisonError::into_inner);
        let peer = peers.get(&member).ok_or_else(|| Error::Said(format!("member {} has not said where it is", member.0)))?;
        Ok(peer.at.agent)
    }

    /// Wakes whoever waits as soon as anything changes with a member: that its server ended, say.
    async fn watch(self, member: Member, wake: Arc<Notify>) {
        let mut known = 0;
        loop {
            match self.get::<Changes>(member, &format!("watch?after={known}"), WAITS).await {
                Ok(changes) if changes.after == known => {}
                Ok(changes) => {
                    known = changes.after;
                    wake.notify_one();
                }
                Err(_) => {
                    wake.notify_one();
                    sleep(AGAIN).await;
                }
            }
        }
    }
}

/// What an agent refused, in its own words.
async fn said(answer: reqwest::Response) -> Result<(), Error> {
    if answer.status().is_success() {
        return Ok(());
    }
    let words = answer.text().await.map_err(Error::agent("read an agent's answer"))?;
    Err(Error::Said(words))
}

/// What waits at each member for a change. When it is dropped nothing does any more.
#[derive(Default)]
pub(super) struct Watches(BTreeMap<Member, (SocketAddr, AbortHandle)>);

impl Watches {
    /// At all that are known, where they are now.
    pub(super) fn keep(&mut self, agents: &Agents, wake: &Arc<Notify>) {
        let peers = agents.addresses();
        self.0.retain(|member, (at, watch)| {
            let stays = peers.get(member).is_some_and(|peer| peer.agent == *at);
            if !stays {
                watch.abort();
            }
            stays
        });
        for (member, at) in peers {
            let begin = || (at.agent, tokio::spawn(agents.clone().watch(member, Arc::clone(wake))).abort_handle());
            self.0.entry(member).or_insert_with(begin);
        }
    }
}

impl Drop for Watches {
    fn drop(&mut self) {
        self.0.values().for_each(|(_, watch)| watch.abort());
    }
}

/// Since when a lease has stood still, as seen from here.
#[derive(Debug, Default)]
pub(super) struct Watched(Option<(Lease, Instant)>);

impl Watched {
    /// Until when the lease may be held, whoever has it.
    pub(super) fn until(&mut self, lease: Option<&Lease>) -> Option<Millis> {
        let Some(lease) = lease else {
            self.0 = None;
            return None;
        };
        let seen = clock::now();
        if self.0.as_ref().is_none_or(|(known, _)| known != lease) {
            self.0 = Some((lease.clone(), seen));
        }
        let since = self.0.as_ref().map_or(seen, |(_, since)| *since);
        let gone = millis(seen.saturating_duration_since(since));
        Some(now() + Millis::try_from(lease.length_ms).unwrap_or(Millis::MAX) - gone)
    }
}
