//! The two control files of a checkpoint: Postgres' own, and OrioleDB's. Pure.

use std::ops::RangeInclusive;

use crate::postgres::{sealed, sum_at};

/// Where in `pg_control` the state of the server stands, and what is there while one runs (`DB_IN_PRODUCTION`).
const STATE: usize = 16;
const RUNS: u32 = 6;
/// In bytes, of one file of OrioleDB's undo log.
const UNDO: u64 = 64 << 20;
/// The form of OrioleDB's control file that this reads, and where in the file that is said (beta 10).
const VERSION: u32 = 5;
const VERSION_AT: usize = 152;

/// Where Postgres goes on from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Server {
    /// Of the last checkpoint, in the WAL: its record, and where its redo begins.
    pub(super) checkpoint: u64,
    pub(super) redo: u64,
    pub(super) timeline: u32,
}

/// What `pg_control` says (`catalog/pg_control.h`); nothing where it is too short, or its checksum is another.
pub(super) fn server(control: &[u8]) -> Option<Server> {
    sum_at(control)?;
    Some(Server { checkpoint: long(control, 32)?, redo: long(control, 40)?, timeline: short(control, 48)? })
}

/// The same file as a server leaves it that is killed: whoever starts on it reads the WAL behind the checkpoint, also where that was a server's last.
pub(super) fn to_be_recovered(control: &[u8]) -> Option<Vec<u8>> {
    sealed(control, STATE, &RUNS.to_le_bytes())
}

/// What OrioleDB's control file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Own {
    /// The checkpoint's number.
    pub(super) number: u32,
    /// Which files of the undo logs of rows and of system trees it stands on; nothing where the form of the file is another than is known here.
    pub(super) undo: Option<Vec<String>>,
}

pub(super) fn own(control: &[u8]) -> Option<Own> {
    let number = short(control, 8)?;
    let files = |start: usize, kind: &'static str| {
        let (start, end) = (long(control, start)?, long(control, start + 8)?);
        let files: RangeInclusive<u64> = if start < end { start / UNDO..=(end - 1) / UNDO } else { RangeInclusive::new(1, 0) };
        Some(files.map(move |file| format!("{:02X}{:08X}{kind}", file >> 32, file & u64::from(u32::MAX))))
    };
    let undo = (short(control, VERSION_AT)? == VERSION).then(|| Some(files(80, "row")?.chain(files(104, "system")?).collect())).flatten();
    Some(Own { number, undo })
}

fn short(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

pub(super) fn long(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::crc32c;

    /// One of a server that has stopped: its state, the places in the WAL, the checksum where PostgreSQL 17 has it.
    pub(in crate::store) fn stopped(redo: u64, checkpoint: u64) -> Vec<u8> {
        let mut control = vec![7; 288];
        control[STATE..STATE + 4].copy_from_slice(&1_u32.to_le_bytes());
        control[32..40].copy_from_slice(&checkpoint.to_le_bytes());
        control[40..48].copy_from_slice(&redo.to_le_bytes());
        control[48..52].copy_from_slice(&1_u32.to_le_bytes());
        let sum = crc32c(&control);
        control.extend(sum.to_le_bytes());
        control.resize(8192, 0);
        control
    }

    #[test]
    fn a_stopped_server_becomes_one_that_has_wal_to_read_and_nothing_else_changes() {
        let control = stopped(0x30_0028, 0x30_0060);
        assert_eq!(server(&control), Some(Server { checkpoint: 0x30_0060, redo: 0x30_0028, timeline: 1 }));
        let changed = to_be_recovered(&control).expect("a control file");
        assert_eq!(server(&changed), server(&control));
        assert_eq!(short(&changed, STATE), Some(RUNS));
        let differ = (0..control.len())
            .filter(|at| control[*at] != changed[*at])
            .all(|at| (STATE..STATE + 4).contains(&at) || (288..292).contains(&at));
        assert!(differ);
    }

    #[test]
    fn a_control_file_with_one_byte_changed_is_none() {
        let mut control = stopped(40, 40);
        control[100] ^= 1;
        assert_eq!((server(&control), to_be_recovered(&control)), (None, None));
        assert_eq!(server(&control[..60]), None);
    }

    #[test]
    fn orioledbs_own_says_its_number_and_which_undo_it_stands_on() {
        let mut control = vec![0; 8192];
        control[8..12].copy_from_slice(&9_u32.to_le_bytes());
        control[VERSION_AT..VERSION_AT + 4].copy_from_slice(&VERSION.to_le_bytes());
        assert_eq!(own(&control), Some(Own { number: 9, undo: Some(vec![]) }));
        control[80..88].copy_from_slice(&(UNDO - 1).to_le_bytes());
        control[88..96].copy_from_slice(&(UNDO + 1).to_le_bytes());
        control[112..120].copy_from_slice(&1_u64.to_le_bytes());
        let undo = ["0000000000row", "0000000001row", "0000000000system"].map(str::to_owned).to_vec();
        assert_eq!(own(&control), Some(Own { number: 9, undo: Some(undo) }));
        control[VERSION_AT] = 6;
        assert_eq!(own(&control).expect("a number").undo, None);
        assert_eq!(own(&control[..8]), None);
    }
}
