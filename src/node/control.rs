//! What the control file of a data folder says of how its server ended, and where.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// Where the state stands: behind the system's identifier and two versions (`catalog/pg_control.h`, the same since PostgreSQL 8.2).
const STATE: usize = 16;
/// Where it stands at which place of the WAL the last checkpoint is.
const CHECKPOINT: usize = 32;
/// With this file Postgres reads the WAL on at its next start (src/include/access/xlog.h).
const TO_RECOVER: &str = "recovery.signal";
/// With this one it does so for good.
const TO_FOLLOW: &str = "standby.signal";
/// Where it stands how much room the server had for what a standby has to have as much room for: `MaxConnections` and what follows it.
const LIMITS: usize = 180;
/// `DB_SHUTDOWNED` and `DB_SHUTDOWNED_IN_RECOVERY`.
const STOPPED: [u32; 2] = [1, 2];

/// Whether its server has written everything down and stopped.
pub(super) fn is_stopped_cleanly(data: &Path) -> io::Result<bool> {
    let state = head::<{ STATE + 4 }>(data)?.last_chunk().copied().map(u32::from_le_bytes);
    Ok(state.is_some_and(|state| STOPPED.contains(&state)))
}

/// Where the record of its last checkpoint stands in the WAL.
pub(super) fn checkpoint(data: &Path) -> io::Result<u64> {
    let place = head::<{ CHECKPOINT + 8 }>(data)?.last_chunk().copied().map(u64::from_le_bytes);
    Ok(place.unwrap_or_default())
}

/// Whether there is a log behind the files that was not read yet.
pub(super) fn is_to_recover(data: &Path) -> bool {
    data.join(TO_RECOVER).exists()
}

/// Whether the files are another one's, and are read on for as long as that goes on.
pub(super) fn is_to_follow(data: &Path) -> bool {
    data.join(TO_FOLLOW).exists()
}

/// The settings of [`Limits`], in their order.
pub(super) const LIMITED: [&str; 5] =
    ["max_connections", "max_worker_processes", "max_wal_senders", "max_prepared_transactions", "max_locks_per_transaction"];

/// How much room the server that wrote the files had for what a standby has to have as much room for, as far as the files tell.
pub(super) type Limits = [u32; LIMITED.len()];

/// Of that, what the control file says.
pub(super) fn limits(data: &Path) -> io::Result<Limits> {
    let head = head::<{ LIMITS + 4 * LIMITED.len() }>(data)?;
    let mut limits = Limits::default();
    for (limit, bytes) in limits.iter_mut().zip(head[LIMITS..].chunks_exact(4)) {
        *limit = bytes.first_chunk().copied().map(u32::from_le_bytes).unwrap_or_default();
    }
    Ok(limits)
}

fn head<const LENGTH: usize>(data: &Path) -> io::Result<[u8; LENGTH]> {
    let mut head = [0; LENGTH];
    File::open(data.join("global/pg_control"))?.read_exact(&mut head)?;
    Ok(head)
}
