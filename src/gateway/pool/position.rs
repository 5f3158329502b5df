//! How far a standby must be before somebody who has written reads there. No socket, no clock.
//!
//! Nobody asks after each write where its end is. Whoever has written waits for the next look at the primary that *begins* afterwards: what that finds is behind
//! the write. So a write costs nothing, and looks are taken only while somebody waits for one.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// The looks at the primary.
#[derive(Default)]
pub(super) struct Looks {
    begun: AtomicU64,
    /// The last that was answered, and the position that it found.
    answered: AtomicU64,
    position: AtomicU64,
    /// Somebody waits for one.
    pub(super) wanted: Notify,
    /// One was answered.
    pub(super) taken: Notify,
}

/// What somebody's reads must find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Need {
    /// Anything.
    #[default]
    Nothing,
    /// What this look will find.
    Look(u64),
    /// This position.
    Position(u64),
}

impl Looks {
    /// A look begins; only one at a time.
    pub(super) fn begin(&self) -> u64 {
        self.begun.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// It was answered.
    pub(super) fn found(&self, look: u64, position: u64) {
        // in this order: whoever sees the number sees this position, or one further on
        self.position.store(position, Ordering::SeqCst);
        self.answered.store(look, Ordering::SeqCst);
        self.taken.notify_waiters();
    }

    /// What was found last.
    pub(super) fn position(&self) -> u64 {
        self.position.load(Ordering::SeqCst)
    }

    /// What is needed by somebody who has written just now.
    pub(super) fn after_this(&self) -> Need {
        self.wanted.notify_one();
        Need::Look(self.begun.load(Ordering::SeqCst) + 1)
    }

    /// Whether a need is met where so much is replayed.
    pub(super) fn is_met(&self, need: &mut Need, replayed: u64) -> bool {
        if let Need::Look(look) = *need
            && self.answered.load(Ordering::SeqCst) >= look
        {
            *need = Need::Position(self.position());
        }
        match *need {
            Need::Nothing => true,
            Need::Look(_) => {
                self.wanted.notify_one();
                false
            }
            Need::Position(position) => replayed >= position,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_that_began_before_the_write_is_not_enough() {
        let looks = Looks::default();
        let early = looks.begin();
        let mut need = looks.after_this();
        looks.found(early, 100);
        assert!(!looks.is_met(&mut need, 1000));
        let late = looks.begin();
        assert!(!looks.is_met(&mut need, 1000));
        looks.found(late, 200);
        assert!(!looks.is_met(&mut need, 199));
        assert_eq!(need, Need::Position(200));
        looks.found(looks.begin(), 300);
        assert!(looks.is_met(&mut need, 200));
        assert!(looks.is_met(&mut Need::Nothing, 0));
    }
}
