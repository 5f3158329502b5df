//! What a controller saw last. It may forget all of it: what counts is written down.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::{
    errands::Errands,
    home::Settings,
    look::{Watched, Watches},
    registry::Directory,
    wanted::Wanted,
    wire::Extra,
};
use crate::failover::{Member, Seen, Stamp, Wish};

/// How soon settings that were refused are tried again, and how soon a change of the primary that came to nothing is.
const REFUSED: Duration = Duration::from_secs(5);
const PREFERRED: Duration = Duration::from_secs(60);

/// What was seen last.
#[derive(Default)]
pub(super) struct Eyes {
    pub(super) lease: Watched,
    pub(super) members: BTreeMap<Member, Seen>,
    pub(super) extras: BTreeMap<Member, Extra>,
    pub(super) directory: Directory,
    pub(super) watches: Watches,
    pub(super) errands: Errands,
    /// Which record the primary has written everything to its disk for, so that it stops quickly.
    pub(super) flushed: Option<Stamp>,
    /// Who was to lead, and when that was written.
    pub(super) preferred: Option<(Member, Instant)>,
    /// What was refused, when, and why.
    pub(super) refused: BTreeMap<Member, (Settings, Instant, String)>,
    /// Who is being asked to furnish.
    pub(super) furnishing: Option<tokio::task::JoinHandle<()>>,
}

impl Eyes {
    /// What the record should come to say. Who could not lead a moment ago is not named again at once.
    pub(super) fn wish(&self, wanted: &Wanted) -> Wish {
        let waits = self.preferred.filter(|(member, at)| wanted.preferred == Some(*member) && at.elapsed() < PREFERRED);
        let wish = wanted.wish();
        Wish { preferred: wish.preferred.filter(|_| waits.is_none()), ..wish }
    }

    /// Who has other settings than are wanted, and has not just refused them.
    pub(super) fn unset(&self, wanted: &Wanted) -> Vec<Member> {
        let refused = |member: &Member| {
            let known = self.refused.get(member);
            known.is_some_and(|(settings, at, _)| *settings == wanted.settings && at.elapsed() < REFUSED)
        };
        let other = self.extras.iter().filter(|(_, extra)| extra.settings != wanted.settings);
        other.map(|(member, _)| *member).filter(|member| !refused(member)).collect()
    }

    /// Whether this primary has all that is wanted.
    pub(super) fn is_furnished(&self, primary: Member, wanted: &Wanted) -> bool {
        let extra = self.extras.get(&primary).and_then(|extra| extra.furnished.as_ref());
        extra.is_none_or(|furnished| furnished.is_superset(&wanted.databases)) && extra.is_some()
    }
}
