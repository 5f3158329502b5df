//! What the control file of a data folder says of how its server ended.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// Where the state stands: behind the system's identifier and two versions (`catalog/pg_control.h`, the same since PostgreSQL 8.2).
const STATE: usize = 16;
/// `DB_SHUTDOWNED` and `DB_SHUTDOWNED_IN_RECOVERY`.
const STOPPED: [u32; 2] = [1, 2];

/// Whether its server has written everything down and stopped.
pub(super) fn is_stopped_cleanly(data: &Path) -> io::Result<bool> {
    let mut head = [0; STATE + 4];
    File::open(data.join("global/pg_control"))?.read_exact(&mut head)?;
    let state = head.last_chunk().copied().map(u32::from_le_bytes);
    Ok(state.is_some_and(|state| STOPPED.contains(&state)))
}
