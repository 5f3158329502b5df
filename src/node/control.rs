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

fn head<const LENGTH: usize>(data: &Path) -> io::Result<[u8; LENGTH]> {
    let mut head = [0; LENGTH];
    File::open(data.join("global/pg_control"))?.read_exact(&mut head)?;
    Ok(head)
}
