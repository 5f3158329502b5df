//! A lease is renewed for as long as its database may run here; where it can't be, the server is killed before somebody else may start another.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::time::{sleep, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{super::Lasting, BucketShelf, Failure, Wired};
use crate::{
    causes::in_one_line,
    store::{self, Id, Kind},
};

/// After so long at most a node that was suspended sees that its leases are over.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// The bucket has newer files than this disk.
#[derive(Debug, thiserror::Error)]
#[error("another gateway has had it since: what lies here is older")]
pub(in crate::gateway) struct Outdated;

/// As long as it is there no server runs that would have to be ended.
pub(super) struct Still(Arc<AtomicUsize>);

impl Drop for Still {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Somebody renews it; that ends with this.
pub(super) struct Held {
    lasting: Lasting,
    stills: Arc<AtomicUsize>,
    _renewing: DropGuard,
}

impl BucketShelf {
    /// Renews from now on, in the place of whoever did before. The lease is known to last until then.
    pub(super) fn hold(&self, database: &str, id: Id, until: Instant) {
        let (ended, lasting) = (CancellationToken::new(), self.lasting_until(database, until));
        let stills = self.held().get(database).map(|held| Arc::clone(&held.stills)).unwrap_or_default();
        let renewing = self.clone().renew(database.to_owned(), id, (lasting.clone(), Arc::clone(&stills)), until);
        let renewing = ended.clone().run_until_cancelled_owned(renewing);
        self.held().insert(database.to_owned(), Held { lasting, stills, _renewing: ended.drop_guard() });
        tokio::spawn(renewing);
    }

    /// Nothing runs of a database that is held here, and nothing is started: where its lease is over that is no reason to end anything.
    pub(super) fn still(&self, database: &str) -> Option<Still> {
        let stills = self.held().get(database).map(|held| Arc::clone(&held.stills))?;
        stills.fetch_add(1, Ordering::SeqCst);
        Some(Still(stills))
    }

    /// Lets another node have it; content where it is not held.
    pub(super) async fn gone_from(&self, database: &str) -> Result<(), Failure> {
        self.held().remove(database);
        if let Err(error) = self.wired()?.shelf.give_back(&Id::new(database)?).await {
            tracing::warn!(database, error = in_one_line(&error), "its lease ends by itself");
        }
        Ok(())
    }

    /// Whether the lease of a database that runs here lasts at this moment.
    pub(in crate::gateway) fn is_held(&self, database: &str) -> bool {
        self.held().get(database).is_some_and(|held| held.lasting.lasts())
    }

    /// The lease of a database that runs here, for those who have sessions in it.
    pub(in crate::gateway) fn lasting(&self, database: &str) -> Option<Lasting> {
        self.held().get(database).map(|held| held.lasting.clone())
    }

    /// Sessions that are there while it is taken up anew go on with what they have.
    fn lasting_until(&self, database: &str, until: Instant) -> Lasting {
        // with what was said in a lease that is over nobody goes on
        let Some(lasting) = self.lasting(database).filter(Lasting::lasts) else {
            return Lasting::new(until, Arc::clone(&self.0.options.clock));
        };
        lasting.renewed(until);
        lasting
    }

    /// The databases that this node has.
    pub(in crate::gateway) fn all_held(&self) -> Vec<String> {
        self.held().keys().cloned().collect()
    }

    /// Whether nobody else had it since that was noted: what we did ourselves and could not note any more changed no files, and what was never put away
    /// is on this disk only, whoever has taken it meanwhile, unless it was made anew.
    pub(super) async fn is_nowhere_else(&self, wired: &Wired, id: &Id, noted: u64) -> Result<bool, Failure> {
        let Some(newest) = wired.store.newest(id).await? else { return Ok(true) };
        for number in noted + 1..newest.number {
            let manifest = wired.store.manifest(id, number).await?;
            let is_harmless = manifest.is_some_and(|manifest| match manifest.kind {
                Kind::Stamp => manifest.by == wired.holder || newest.content.is_none(),
                // what was uploaded and never answered is undone by what lies here
                Kind::Made | Kind::Logged | Kind::Version | Kind::Restored => manifest.by == wired.holder,
                Kind::Branched | Kind::Gone => false,
            });
            if !is_harmless {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Now, by the clock of leases.
    pub(super) fn now(&self) -> Instant {
        (self.0.options.clock)()
    }

    /// Sleeps until then. A machine that was suspended may wake up behind it, which the system's own sleep does not see.
    async fn rest(&self, until: Instant) {
        loop {
            let left = until.saturating_duration_since(self.now());
            if left.is_zero() {
                return;
            }
            sleep(left.min(LONGEST_SLEEP)).await;
        }
    }

    /// Renews until that fails for too long. What ran is ended then. Where there may be commits that are on this disk only it is tried to have it
    /// again, as long as nobody else has taken it.
    async fn renew(self, database: String, id: Id, (lasting, stills): (Lasting, Arc<AtomicUsize>), until: Instant) {
        let Ok(wired) = self.wired() else { return };
        let ended = self.renewed(wired, &database, &id, lasting, until).await;
        let is_still = ended == Ended::Late && stills.load(Ordering::SeqCst) > 0;
        if !is_still {
            tracing::error!(database, "its lease can't be held: it is ended before another node may run it");
            if let Err(error) = wired.node.cut(&database).await {
                tracing::error!(database, error = in_one_line(&error), "it could not be ended");
            }
        }
        if ended == Ended::Late
            && (is_still || wired.node.is_only_here(&database))
            && let Some(until) = self.had_again(wired, &id).await
        {
            tracing::info!(database, "nobody else has taken it meanwhile: its lease is held again");
            self.hold(&database, id, until);
        }
    }

    async fn renewed(&self, wired: &Wired, database: &str, id: &Id, lasting: Lasting, mut until: Instant) -> Ended {
        let (every, margin) = (self.0.options.lease / 4, self.0.options.lease / 5);
        let mut next = self.now() + every;
        loop {
            let last = until - margin;
            self.rest(next.min(last)).await;
            let left = last.saturating_duration_since(self.now());
            if left.is_zero() {
                return Ended::Late;
            }
            next = self.now() + every;
            // one call that nobody answers is not to cost all the time that there is
            let patience = if left > every { left / 2 } else { left };
            match timeout(patience, wired.shelf.renew(id)).await {
                Ok(Ok(renewed)) => {
                    until = renewed;
                    lasting.renewed(renewed);
                }
                Ok(Err(store::Error::Lost(_))) => return Ended::Lost,
                Ok(Err(error)) => tracing::warn!(database, error = in_one_line(&error), "its lease could not be renewed"),
                Err(_) => {
                    tracing::warn!(database, "the bucket did not answer in time when its lease was to be renewed");
                    next = self.now();
                }
            }
        }
    }

    /// Until when it is ours again, where it is at some time.
    async fn had_again(&self, wired: &Wired, id: &Id) -> Option<Instant> {
        let every = self.0.options.lease / 4;
        loop {
            self.rest(self.now() + every).await;
            match timeout(every, wired.shelf.renew(id)).await {
                Ok(Err(store::Error::Lost(_))) => return None,
                Ok(Ok(until)) if until > self.now() => return Some(until),
                Ok(Ok(_) | Err(_)) | Err(_) => {}
            }
        }
    }
}

/// Why a lease is renewed no more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// Somebody else has it.
    Lost,
    /// The bucket did not answer in time.
    Late,
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::store::{Access, Bucket, Options};

    #[tokio::test]
    async fn who_heard_under_a_lease_that_is_over_does_not_go_on_under_the_next_one() {
        let (began, ahead) = (Instant::now(), Arc::new(AtomicU64::new(0)));
        let clock = {
            let ahead = Arc::clone(&ahead);
            move || began + Duration::from_secs(ahead.load(Ordering::SeqCst))
        };
        let folder = std::env::temp_dir();
        let bucket = Bucket::open(&format!("file://{}", folder.display()), &Access::default()).await.unwrap();
        let shelf = BucketShelf::new(&folder, bucket, Options { clock: Arc::new(clock), ..Options::default() });
        let hold = |until: u64| {
            shelf.hold("a", Id::new("a").unwrap(), began + Duration::from_secs(until));
            shelf.lasting("a").unwrap()
        };
        let (first, renewed) = (hold(15), hold(30));
        ahead.store(20, Ordering::SeqCst);
        assert!(first.lasts() && renewed.lasts());
        ahead.store(40, Ordering::SeqCst);
        let next = hold(60);
        assert!(next.lasts() && !first.lasts() && !renewed.lasts());
    }
}
