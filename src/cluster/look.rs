//! All members, looked at at once, each with a short deadline; and the lease, whose end is counted from when it was first seen like that.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use futures::future::join_all;
use serde::{Serialize, de::DeserializeOwned};
use tokio::{sync::Notify, time::sleep};

use super::{
    Error,
    book::Lease,
    http::Changes,
    sheet::{Peer, Sheet, millis},
    wire::{Answer, Order, Report},
};
use crate::{
    failover::{Member, Millis, Seen},
    resource::Secret,
    store::clock,
};

/// How long an agent may take to say what it sees; one that was silent before gets less, but for every third look: it may only be slow.
const SEEN: Duration = Duration::from_millis(1000);
const SILENT: Duration = Duration::from_millis(200);
const AGAIN_IN_FULL: u64 = 3;
/// How long it may take to carry out an order.
const DONE: Duration = Duration::from_secs(3);
/// How long it may wait for a change, and how long it is waited before one that is silent is asked again.
const WAITS: Duration = Duration::from_secs(25);
const AGAIN: Duration = Duration::from_millis(250);

/// The members' agents, as a controller reaches them. A clone is the same one.
#[derive(Clone)]
pub(super) struct Agents {
    http: reqwest::Client,
    key: Secret,
    peers: Arc<BTreeMap<Member, Peer>>,
}

/// The time by which engines write things down.
pub(super) fn now() -> Millis {
    Utc::now().timestamp_millis()
}

impl Agents {
    pub(super) fn new(sheet: &Sheet) -> Result<Self, Error> {
        Ok(Self { http: reqwest::Client::new(), key: sheet.key()?, peers: Arc::new(sheet.members.clone()) })
    }

    /// What all say that answer in time. `before` says who did when it was looked last, `look` counts.
    pub(super) async fn look(&self, before: &BTreeMap<Member, Seen>, look: u64) -> BTreeMap<Member, Seen> {
        let each = self.peers.keys().map(async |member| {
            let was_silent = before.get(member).is_some_and(|seen| !seen.reachable);
            let patience = if was_silent && !look.is_multiple_of(AGAIN_IN_FULL) { SILENT } else { SEEN };
            let report = self.get::<Report>(*member, "seen", patience).await;
            (*member, report.map(|report| report.at(now())).unwrap_or_default())
        });
        join_all(each).await.into_iter().collect()
    }

    /// Gives an order, and says how it went.
    pub(super) async fn order(&self, member: Member, order: &Order) -> Result<Answer, Error> {
        self.post(member, "act", order, DONE).await?.json().await.map_err(Error::agent("read an agent's answer"))
    }

    /// Has the data of a new cluster made.
    pub(super) async fn begin(&self, member: Member) -> Result<(), Error> {
        self.post(member, "begin", &(), Duration::from_secs(60)).await.map(drop)
    }

    async fn post(&self, member: Member, path: &str, body: &impl Serialize, patience: Duration) -> Result<reqwest::Response, Error> {
        let asked = self.http.post(self.url(member, path)?).bearer_auth(self.key.expose()).timeout(patience).json(body).send().await;
        asked.and_then(reqwest::Response::error_for_status).map_err(Error::agent("give an order to an agent"))
    }

    async fn get<T: DeserializeOwned>(&self, member: Member, path: &str, patience: Duration) -> Result<T, Error> {
        let asked = self.http.get(self.url(member, path)?).bearer_auth(self.key.expose()).timeout(patience).send().await;
        let answer = asked.and_then(reqwest::Response::error_for_status).map_err(Error::agent("ask an agent"))?;
        answer.json().await.map_err(Error::agent("read an agent's answer"))
    }

    fn url(&self, member: Member, path: &str) -> Result<String, Error> {
        let peer = self.peers.get(&member).ok_or_else(|| Error::Said(format!("the file of the cluster has no member {}", member.0)))?;
        Ok(format!("http://{}/{path}", peer.agent))
    }

    /// Wakes whoever waits as soon as anything changes with a member: that its server ended, say.
    pub(super) async fn watch(self, member: Member, wake: Arc<Notify>) {
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
