//! A member, and what is known of it.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{file::Named, look::Look, shelf::Shelves};

/// A server of the cluster.
pub(super) struct Member {
    pub(super) named: Named,
    pub(super) shelves: Shelves,
    /// Held by each session that reads here.
    pub(super) readers: Arc<()>,
    /// How many statements and transactions it was given.
    pub(super) asked: AtomicU64,
    answers: AtomicBool,
    follows: AtomicBool,
    position: AtomicU64,
    timeline: AtomicU32,
    /// It has replayed all that was there at that time.
    fresh: Mutex<Option<Instant>>,
    cut: Mutex<CancellationToken>,
    /// It is not a member any more.
    pub(super) gone: CancellationToken,
}

impl Member {
    pub(super) fn of(named: Named) -> Arc<Self> {
        Arc::new(Self {
            named,
            shelves: Shelves::default(),
            readers: Arc::default(),
            asked: AtomicU64::new(0),
            answers: AtomicBool::new(false),
            follows: AtomicBool::new(false),
            position: AtomicU64::new(0),
            timeline: AtomicU32::new(0),
            fresh: Mutex::new(None),
            cut: Mutex::new(CancellationToken::new()),
            gone: CancellationToken::new(),
        })
    }

    /// It has said this.
    pub(super) fn says(&self, look: Look) {
        self.follows.store(look.follows, Ordering::SeqCst);
        self.position.store(look.position, Ordering::SeqCst);
        if look.timeline > 0 {
            self.timeline.store(look.timeline, Ordering::SeqCst);
        }
        self.answers.store(true, Ordering::SeqCst);
    }

    /// It does not answer. Whether that is news.
    pub(super) fn is_silent(&self) -> bool {
        self.answers.swap(false, Ordering::SeqCst)
    }

    /// It has replayed all that was there at this time.
    pub(super) fn is_fresh(&self, at: Instant) {
        *self.fresh.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
    }

    /// At which time there was nothing that it had not replayed.
    pub(super) fn fresh(&self) -> Option<Instant> {
        *self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn answers(&self) -> bool {
        self.answers.load(Ordering::SeqCst)
    }

    /// Whether it follows another one, as far as it was asked.
    pub(super) fn follows(&self) -> bool {
        self.follows.load(Ordering::SeqCst)
    }

    pub(super) fn position(&self) -> u64 {
        self.position.load(Ordering::SeqCst)
    }

    pub(super) fn timeline(&self) -> u32 {
        self.timeline.load(Ordering::SeqCst)
    }

    /// What its sessions are cut with.
    pub(super) fn cut(&self) -> CancellationToken {
        self.cut.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends all sessions with it, whatever goes on in them.
    pub(super) fn cut_all(&self) {
        let old = std::mem::replace(&mut *self.cut.lock().unwrap_or_else(PoisonError::into_inner), CancellationToken::new());
        old.cancel();
        self.shelves.sweep(true);
    }
}
