//! The clock by which leases last: one that goes on while the machine is suspended.

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use nix::time::{ClockId, clock_gettime};

/// What the system counts for leases. `Instant` stands still while a machine is suspended (CLOCK_MONOTONIC on Linux), and others' clocks do not.
#[cfg(target_os = "linux")]
const COUNTED: ClockId = ClockId::CLOCK_BOOTTIME;
#[cfg(not(target_os = "linux"))]
const COUNTED: ClockId = ClockId::CLOCK_MONOTONIC;

static BEGAN: LazyLock<(Instant, Duration)> = LazyLock::new(|| (Instant::now(), counted()));

/// Now. Only what this has said may be compared with it.
pub(crate) fn now() -> Instant {
    let (began, counted_then) = *BEGAN;
    // never behind the other clock, whatever the system says
    (began + counted().saturating_sub(counted_then)).max(Instant::now())
}

fn counted() -> Duration {
    clock_gettime(COUNTED).map(Duration::from).unwrap_or_default()
}
