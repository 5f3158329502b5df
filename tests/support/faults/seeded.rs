//! What goes wrong by chance: a seed decides, and the same seed the same.

use std::time::Duration;

use super::{super::calls::Call, Fault};

/// How many of a thousand calls go wrong in each way.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rates {
    pub(crate) throttled: u32,
    pub(crate) broken: u32,
    pub(crate) cut_before: u32,
    pub(crate) cut_after: u32,
    pub(crate) cut_midway: u32,
    pub(crate) slow: u32,
    /// Of the lists only.
    pub(crate) stale: u32,
}

impl Rates {
    /// The same share of each.
    pub(crate) fn of_each(share: u32) -> Self {
        Self { throttled: share, broken: share, cut_before: share, cut_after: share, cut_midway: share, slow: share, stale: share }
    }

    /// What goes wrong with the n-th call of a name in a region.
    pub(super) fn decide(&self, seed: u64, call: &Call, number: usize) -> Option<Fault> {
        let drawn = mixed(&format!("{seed}/{}:{}@{}/{number}", call.service, call.action, call.region));
        let stale = if call.is_change() { 0 } else { self.stale };
        let faults = [
            (self.throttled, Fault::Throttled),
            (self.broken, Fault::Broken(if drawn & 1 << 40 == 0 { 500 } else { 503 })),
            (self.cut_before, Fault::CutBefore),
            (self.cut_after, Fault::CutAfter),
            (self.cut_midway, Fault::CutMidway),
            (self.slow, Fault::Slow(Duration::from_millis(40))),
            (stale, Fault::Stale),
        ];
        let mut left = u32::try_from(drawn % 1000).unwrap_or_default();
        faults
            .into_iter()
            .find(|(share, _)| {
                let is_it = left < *share;
                left = left.saturating_sub(*share);
                is_it
            })?
            .1
            .into()
    }
}

/// A number that a text leads to and that looks like chance: FNV-1a, and the last step of `SplitMix64`.
fn mixed(text: &str) -> u64 {
    let hashed = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let hashed = (hashed ^ (hashed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hashed = (hashed ^ (hashed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hashed ^ (hashed >> 31)
}
