//! How a primary goes on while the store is away: by the word of all others that none of them will lead for as long as a lease lasts.
//!
//! A store that does not answer is no reason to take writes away. Only members that the record named when the lease was renewed last may be promoted
//! before it is renewed again, so whoever has the word of each of those leads alone. A member that knows a newer term gives it to nobody: where controllers
//! have another one lead, they have told those that follow first.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures::future::try_join_all;
use serde::{Deserialize, Serialize};
use tokio::time::{sleep, timeout};

use super::{
    Error,
    agent::Agent,
    book::Book,
    client::answered,
    home::Home,
    lead::span,
    registry::{Addresses, Directory, Peer},
    wire::millis,
};
use crate::{
    causes::in_one_line,
    failover::{Member, Millis},
    store::clock,
};

/// How often in a lease it is looked whether a word is needed, and the part of it that one is waited for.
const LOOKS: u32 = 20;
const PATIENCE: u32 = 5;
/// The part of a lease that is left when it is.
const LATE: u32 = 2;
/// How long a member's place may take to be read.
const READ: Duration = Duration::from_secs(2);

/// What a primary asks another member for: that it does not lead, for so many milliseconds from when it is asked.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Asked {
    /// The primary's term.
    term: u64,
    for_ms: u64,
}

/// What a member has promised, and what it needs to know to have others promise.
#[derive(Debug)]
pub(super) struct Promises {
    /// Held while an order is heeded and while a promise is given, or one crosses the other.
    pub(super) word: tokio::sync::Mutex<()>,
    /// Until when the last one holds.
    until: Mutex<Option<Instant>>,
    /// Since when there is this agent.
    since: Instant,
    /// Until when it may itself lead by the word of others.
    rests: Mutex<Option<Instant>>,
    /// Where others are, as the store said last.
    places: Mutex<Directory>,
    /// The store said last that this one does not go on.
    denied: AtomicBool,
}

impl Promises {
    /// What was promised before this agent was started holds once more, for nobody knows how long ago that was.
    pub(super) fn open(home: &Home) -> Self {
        let (since, word, denied) = (clock::now(), tokio::sync::Mutex::default(), AtomicBool::default());
        let until = Mutex::new(home.noted_promise().map(|lasts| since + lasts));
        Self { word, until, since, rests: Mutex::default(), places: Mutex::default(), denied }
    }

    /// The same in milliseconds; a part of one counts as one.
    pub(super) fn left_ms(&self) -> Option<Millis> {
        self.left().map(|left| millis(left) + 1)
    }

    /// For how long the last one still holds.
    pub(super) fn left(&self) -> Option<Duration> {
        left(*self.until())
    }

    /// For how many milliseconds this one may itself lead by the word of others.
    pub(super) fn rests_ms(&self) -> Millis {
        left(*self.rests()).map_or(0, |left| millis(left) + 1)
    }

    /// It holds at least until then.
    fn holds(&self, until: Instant) {
        let mut held = self.until();
        *held = (*held).max(Some(until));
    }

    /// Whether the store lets this one lead on: against its word no promise of others helps.
    pub(super) fn may_extend(&self, may: bool) {
        self.denied.store(!may, Ordering::SeqCst);
    }

    /// Finds where others are, as long as the store can say so.
    pub(super) async fn learn(&self, book: &Book, keys: Vec<String>) {
        let mut places = self.places().clone();
        match timeout(READ, places.update(book, keys)).await {
            Ok(Ok(false)) => {}
            Ok(Ok(true)) => *self.places() = places,
            Ok(Err(error)) => tracing::warn!(error = in_one_line(&error), "it can't be read where the others are"),
            Err(_) => tracing::warn!("it can't be read in time where the others are"),
        }
    }

    fn until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rests(&self) -> MutexGuard<'_, Option<Instant>> {
        self.rests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn places(&self) -> MutexGuard<'_, Directory> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Agent {
    /// Promises not to lead. It is on the disk before it is said.
    ///
    /// # Errors
    /// [`Error::Refused`] where a newer term is known.
    pub(super) async fn promise(&self, asked: Asked) -> Result<(), Error> {
        let _word = self.promises.word.lock().await;
        if self.state().term > asked.term {
            return Err(Error::Refused("it knows a newer term"));
        }
        let lasts = Duration::from_millis(asked.for_ms);
        let until = clock::now() + lasts;
        self.home.note_promise(lasts)?;
        self.promises.holds(until);
        Ok(())
    }

    /// The disk is another one, and what was promised on the one before is forgotten. Whoever leads knows whether he may lead by it; where he does not
    /// say, it may be as much as a lease from when this agent was started.
    pub(super) async fn promise_again(&self, leads: Addresses) {
        let asked =
            async { answered(self.client.get(leads.agent, "rests").timeout(self.lasts() / PATIENCE)).await?.json::<Millis>().await };
        match asked.await {
            Ok(rests) => self.promises.holds(clock::now() + span(rests)),
            Err(error) => {
                tracing::warn!(
                    error = in_one_line(&error),
                    "the primary does not say whether it leads by what this one has promised: it leads nothing for a lease"
                );
                self.promises.holds(self.promises.since + self.lasts());
            }
        }
    }

    /// Leads on by the word of all others while the store can't be asked. Forgets promises of its own that are over.
    pub(super) async fn lead_on(self: Arc<Self>) {
        loop {
            sleep(self.lasts() / LOOKS).await;
            if let Err(error) = self.forget().await {
                tracing::warn!(error = in_one_line(&error), "a promise that is over could not be forgotten");
            }
            let Some((term, left)) = self.tenure.left() else { continue };
            if left > self.lasts() / LATE || self.promises.denied.load(Ordering::SeqCst) {
                continue;
            }
            match self.ask_all(term).await {
                Ok(()) => tracing::info!(term, "the store does not answer: it leads on, for no other member will"),
                Err(error) => tracing::warn!(
                    term,
                    error = in_one_line(&error),
                    "the store does not answer, and not all others promise that they will not lead"
                ),
            }
        }
    }

    async fn forget(&self) -> Result<(), Error> {
        if self.promises.until().is_none() || self.promises.left().is_some() {
            return Ok(());
        }
        let _word = self.promises.word.lock().await;
        if self.promises.left().is_none() {
            self.home.forget_promise()?;
            *self.promises.until() = None;
        }
        Ok(())
    }

    /// Has all others promise it, and leads on from when they were asked.
    async fn ask_all(&self, term: u64) -> Result<(), Error> {
        let (asks, timing) = {
            let state = self.state();
            (state.asks.clone(), state.timing)
        };
        let (since, lease) = (clock::now(), span(timing.lease));
        let asked = Asked { term, for_ms: u64::try_from(timing.lease).unwrap_or_default() };
        // before anybody promises anything
        *self.promises.rests() = Some(since + lease);
        let places = self.promises.places().members();
        try_join_all(asks.iter().map(|member| self.ask_one(*member, places.get(member), asked, lease / PATIENCE))).await?;
        let state = self.state();
        // whoever came to belong to it meanwhile was not asked
        if state.asks != asks {
            return Err(Error::Refused("there are other members by now"));
        }
        self.tenure.extend(term, since + lease.saturating_sub(span(timing.margin)));
        Ok(())
    }

    async fn ask_one(&self, member: Member, place: Option<&Peer>, asked: Asked, patience: Duration) -> Result<(), Error> {
        let place = place.ok_or_else(|| Error::Said(format!("member {} has not said where it is", member.0)))?;
        let said = answered(self.client.post(place.at.agent, "promise").timeout(patience).json(&asked)).await;
        said.map(drop).map_err(Error::agent("have another member promise not to lead"))
    }

    /// Whom it has to ask from now on, and until when the store lets it lead: both at once, so that what was promised by others than these counts no more.
    pub(super) fn is_let(&self, term: u64, until: Instant, asks: BTreeSet<Member>, takes: bool) {
        let mut state = self.state();
        state.asks = asks;
        if takes {
            self.tenure.until(term, until);
        } else {
            self.tenure.renew(term, until);
        }
        self.promises.may_extend(true);
    }
}

fn left(until: Option<Instant>) -> Option<Duration> {
    let left = until.map(|until| until.saturating_duration_since(clock::now()));
    left.filter(|left| !left.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(600);

    #[test]
    fn the_longest_promise_holds_and_once_more_where_the_agent_was_started_again() {
        let folder = std::env::temp_dir().join(format!("iasql-promises-{}", std::process::id()));
        let home = Home::own(&folder).expect("a folder");
        let promises = Promises::open(&home);
        assert_eq!(promises.left(), None);
        promises.holds(promises.since + LEASE);
        promises.holds(promises.since);
        assert!(promises.left().is_some_and(|left| left > LEASE / 2));
        home.note_promise(LEASE).expect("a note");
        assert!(Promises::open(&home).left().is_some_and(|left| left > LEASE / 2));
        home.forget_promise().expect("nothing");
        assert_eq!(Promises::open(&home).left(), None);
        std::fs::remove_dir_all(folder).expect("the folder");
    }
}
