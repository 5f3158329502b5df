//! How a member comes to lead, and goes on: the lease first, then a timeline with the number of the term.

use std::{
    collections::BTreeSet,
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::PgConnection;
use tokio::time::{interval, sleep, timeout};

use super::{
    Error,
    agent::Agent,
    home::{Orders, named},
    resting, server,
};
use crate::{
    failover::{Member, Millis, Record, Role},
    store::clock,
};

/// How often it is looked whether the server leads.
const LOOK: Duration = Duration::from_millis(5);
/// How long the rest of the log and the promotion itself may take.
const PROMOTED: Duration = Duration::from_secs(30);
/// How often the lease is renewed while it lasts, and how often that is tried where it fails.
const RENEWALS: u32 = 4;
const TRIES: u32 = 20;

impl Agent {
    /// Takes the lease, replays all there is, and leads.
    pub(super) async fn promote(self: &Arc<Self>, term: u64, names: Option<&BTreeSet<Member>>) -> Result<(), Error> {
        if self.state().role == Some(Role::Primary) {
            // of an older term, or stopped: either way it begins by replaying
            self.kill().await;
        }
        if self.state().server.is_none() {
            self.start(Orders::default()).await?;
        }
        self.ready().await?;
        // from here on the server ends when the lease does
        let session = async { server::session(&self.home, self.port(), "postgres").await.map_err(Error::query("reach the server")) };
        let (record, session) = tokio::join!(self.lease(term, true), session);
        let (record, _) = record?.ok_or(Error::Refused("the record gives the lease to nobody, or to another one"))?;
        let led = match session {
            Ok(session) => self.lead(term, names, &record, session).await,
            Err(error) => Err(error),
        };
        if led.is_err() {
            // it may lead on a timeline that is nobody's
            self.kill().await;
        }
        led
    }

    async fn lead(&self, term: u64, names: Option<&BTreeSet<Member>>, record: &Record, mut session: PgConnection) -> Result<(), Error> {
        let salvage = self.state().orders.salvage;
        self.tell(Orders { follow: None, salvage, names: spelled(names) })?;
        self.fill(term)?;
        let asked = sqlx::query_scalar("select pg_catalog.pg_promote(false)").fetch_one(&mut session).await;
        let _sent: bool = asked.map_err(Error::query("promote the server"))?;
        let (until, mut looks) = (Instant::now() + PROMOTED, interval(LOOK));
        let follows = async |session: &mut PgConnection| {
            let asked = sqlx::query_scalar::<_, bool>("select pg_catalog.pg_is_in_recovery()").fetch_one(session).await;
            asked.map_err(Error::query("look whether the server leads"))
        };
        while follows(&mut session).await? {
            looks.tick().await;
            if Instant::now() > until {
                return Err(Error::Said("the promotion took too long".to_owned()));
            }
        }
        let line = sqlx::query_scalar::<_, i64>(include_str!("sql/timeline.sql")).fetch_one(&mut session).await;
        let line = line.map_err(Error::query("read the timeline"))?;
        if u64::try_from(line) != Ok(term) {
            return Err(Error::Said(format!("the new timeline is {line}, and the term {term}")));
        }
        let preloaded = sqlx::query_scalar::<_, bool>(include_str!("sql/has_cron.sql")).fetch_one(&mut session).await;
        {
            let mut state = self.state();
            (state.role, state.timeline, state.names) = (Some(Role::Primary), term, names.cloned());
            state.cron = !preloaded.unwrap_or_default();
        }
        // whoever waits for that goes on, while places are made for those that follow
        self.has_changed();
        self.tell(Orders { follow: None, salvage: false, names: spelled(names) })?;
        if let Err(error) = places(&mut session, &slots(self.me, record)).await {
            tracing::warn!(term, error = crate::causes::in_one_line(&error), "the places of the standbys could not be made yet");
        }
        Ok(())
    }

    /// Takes the numbers between by empty histories, so that the next timeline has the number of the term.
    fn fill(&self, term: u64) -> Result<(), Error> {
        let wal = self.home.wal();
        let newest = resting::newest(&wal).number();
        for file in (newest + 1..term).map(|line| wal.join(resting::history(line))).filter(|file| !file.exists()) {
            fs::write(&file, b"").map_err(Error::disk("write", &file))?;
            self.home.give(&file)?;
        }
        Ok(())
    }

    /// Takes the lease, or renews it: it counts from before the store was asked, and ends for us by a margin before it does for others.
    async fn lease(&self, term: u64, takes: bool) -> Result<Option<(Record, Vec<String>)>, Error> {
        let (begun, patience) = (clock::now(), self.lasts() * 3 / 4);
        let asked = timeout(patience, self.book.lease(self.me, term)).await;
        let Some((record, places)) = asked.map_err(|_| Error::Said("the store takes too long".to_owned()))?? else {
            self.promises.may_extend(false);
            return Ok(None);
        };
        let until = begun + span(record.timing.lease).saturating_sub(span(record.timing.margin));
        self.state().timing = record.timing;
        self.is_let(term, until, others(self.me, &record).collect(), takes);
        Ok(Some((record, places)))
    }

    /// How long a lease lasts.
    pub(super) fn lasts(&self) -> Duration {
        span(self.state().timing.lease)
    }

    /// Renews the lease for as long as the server leads.
    pub(super) async fn renew(self: Arc<Self>) {
        let mut pause = RENEWALS;
        loop {
            sleep(self.lasts() / pause).await;
            pause = RENEWALS;
            let Some(term) = self.tenure.term() else { continue };
            match self.lease(term, false).await {
                Ok(Some((record, places))) => {
                    // whoever watches counts from when it sees that
                    self.has_changed();
                    tokio::join!(self.keep_places(&record), self.promises.learn(&self.book, places));
                }
                Ok(None) => tracing::warn!(term, "the record lets another one lead, or nobody: the lease is not renewed"),
                Err(error) => {
                    tracing::warn!(term, error = crate::causes::in_one_line(&error), "the lease could not be renewed");
                    pause = TRIES;
                }
            }
        }
    }

    /// Each of the others has a place from which its log is kept.
    async fn keep_places(&self, record: &Record) {
        if self.state().role != Some(Role::Primary) {
            return;
        }
        let kept = async {
            let mut session = server::session(&self.home, self.port(), "postgres").await.map_err(Error::query("reach the server"))?;
            places(&mut session, &slots(self.me, record)).await
        };
        if let Ok(Err(error)) = timeout(self.lasts() / RENEWALS, kept).await {
            tracing::warn!(error = crate::causes::in_one_line(&error), "the places of the standbys could not be made");
        }
    }

    /// Says whose word a commit waits for.
    pub(super) fn synchronise(&self, names: Option<&BTreeSet<Member>>) -> Result<(), Error> {
        let orders = Orders { names: spelled(names), ..self.state().orders.clone() };
        self.tell(orders)?;
        self.state().names = names.cloned();
        Ok(())
    }
}

pub(super) fn span(millis: Millis) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}

fn others(me: Member, record: &Record) -> impl Iterator<Item = Member> {
    record.members.keys().copied().filter(move |member| *member != me)
}

fn slots(me: Member, record: &Record) -> Vec<String> {
    others(me, record).map(named).collect()
}

/// Makes a place for each of these, and removes others that nobody uses.
pub(super) async fn places(session: &mut PgConnection, names: &[String]) -> Result<(), Error> {
    let made = sqlx::query_scalar::<_, i64>(include_str!("sql/slots.sql")).bind(names).fetch_one(session).await;
    made.map(drop).map_err(Error::query("make a place for each standby"))
}

/// Nothing: nobody is waited for. An empty set: somebody is who never comes.
fn spelled(names: Option<&BTreeSet<Member>>) -> String {
    let Some(names) = names else { return String::new() };
    let names: Vec<_> = names.iter().map(|member| named(*member)).collect();
    if names.is_empty() { "ANY 1 (nobody)".to_owned() } else { format!("ANY 1 ({})", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_that_must_wait_waits_also_when_there_is_nobody() {
        assert_eq!(spelled(None), "");
        assert_eq!(spelled(Some(&[].into())), "ANY 1 (nobody)");
        assert_eq!(spelled(Some(&[Member(1), Member(2)].into())), "ANY 1 (m1, m2)");
    }
}
