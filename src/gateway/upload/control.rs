//! What the control file of a data folder says of it (`catalog/pg_control.h`), and whether our Postgres could open it. No file, no clock.

use crate::postgres::crc32c;

/// What the file has at least, in bytes: the rest of its 8 kB is zeros.
const LEAST: usize = 300;
/// `DB_SHUTDOWNED`.
const SHUT_DOWN: u32 = 1;
/// Where the checksum of all before it stands, by the file's version: those of PostgreSQL 13 to 16, of 17, and of 18, which has one field more.
const SUMS: [(u32, usize); 3] = [(1300, 288), (1700, 288), (1800, 292)];
/// What `float8` by value tells: a machine of 64 bits.
const FIELDS: Fields = Fields { align: 204, block: 216, wal_block: 224, segment: 228, by_value: 248 };

/// Where fields stand, in bytes from the beginning.
struct Fields {
    align: usize,
    block: usize,
    wal_block: usize,
    segment: usize,
    by_value: usize,
}

/// What it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Control {
    /// Of the file's own form.
    pub(super) version: u32,
    /// Of the catalogs: the same for all releases of a major version.
    pub(super) catalog: u32,
    state: u32,
    align: u32,
    block: u32,
    wal_block: u32,
    /// Of one file of the WAL, in bytes.
    segment: u32,
    /// Whether it is of a machine of 64 bits.
    pub(super) is_wide: bool,
}

/// Why a data folder can't be opened here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::gateway) enum Wrong {
    #[error("global/pg_control is too short")]
    Short,
    #[error("the checksum of global/pg_control is wrong: the file is broken")]
    Sum,
    #[error("global/pg_control is of version {0}, which is not known here")]
    Version(u32),
    #[error("the server did not stop in order (global/pg_control: state {0}): the files may be those of a running one")]
    Running(u32),
    #[error("its catalogs are of version {found}, and this Postgres has {wanted}")]
    Catalog { found: u32, wanted: u32 },
    #[error("its {what} is {found}, and {wanted} is what can be read here")]
    Size { what: &'static str, found: u32, wanted: u32 },
    #[error("its WAL is in files of {0} bytes, which is no power of two from 1 MB to 1 GB")]
    Segment(u32),
}

impl Control {
    /// Reads it, where its checksum is right.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Wrong> {
        let number = |at: usize| bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_le_bytes);
        if bytes.len() < LEAST {
            return Err(Wrong::Short);
        }
        let version = number(8);
        let (_, sum) = *SUMS.iter().find(|(known, _)| *known == version).ok_or(Wrong::Version(version))?;
        if crc32c(&bytes[..sum]) != number(sum) {
            return Err(Wrong::Sum);
        }
        let Fields { align, block, wal_block, segment, by_value } = FIELDS;
        let numbers = [align, block, wal_block, segment].map(number);
        let [align, block, wal_block, segment] = numbers;
        Ok(Self { version, catalog: number(12), state: number(16), align, block, wal_block, segment, is_wide: bytes[by_value] == 1 })
    }

    /// Whether a server stopped in order.
    pub(super) fn is_shut_down(&self) -> Result<(), Wrong> {
        if self.state == SHUT_DOWN { Ok(()) } else { Err(Wrong::Running(self.state)) }
    }

    /// Whether the server can open it that made the other one.
    pub(super) fn fits(&self, ours: &Self) -> Result<(), Wrong> {
        let sizes = [
            ("version of global/pg_control", self.version, ours.version),
            ("alignment", self.align, ours.align),
            ("block size", self.block, ours.block),
            ("block size of the WAL", self.wal_block, ours.wal_block),
            ("word of a number in bytes", if self.is_wide { 8 } else { 4 }, if ours.is_wide { 8 } else { 4 }),
        ];
        if let Some((what, found, wanted)) = sizes.into_iter().find(|(_, found, wanted)| found != wanted) {
            return Err(Wrong::Size { what, found, wanted });
        }
        if self.catalog != ours.catalog {
            return Err(Wrong::Catalog { found: self.catalog, wanted: ours.catalog });
        }
        if !self.segment.is_power_of_two() || !(1 << 20..=1 << 30).contains(&self.segment) {
            return Err(Wrong::Segment(self.segment));
        }
        self.is_shut_down()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As an initdb of PostgreSQL 15 wrote it, in its sizes and versions.
    fn bytes(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut bytes = vec![0; 8192];
        for (at, number) in [(8, 1300_u32), (12, 202_209_061), (16, 1), (204, 8), (216, 8192), (224, 8192), (228, 1 << 20), (248, 1)] {
            bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        change(&mut bytes);
        let sum = crc32c(&bytes[..288]);
        bytes[288..292].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    #[test]
    fn what_our_server_can_open_fits_and_nothing_else_does() {
        let ours = Control::read(&bytes(|_| {})).expect("a control file");
        assert_eq!(ours.fits(&ours), Ok(()));
        let fits = |at: usize, number: u32| {
            let changed = bytes(|bytes| bytes[at..at + 4].copy_from_slice(&number.to_le_bytes()));
            Control::read(&changed).and_then(|changed| changed.fits(&ours))
        };
        assert_eq!(fits(16, 6), Err(Wrong::Running(6)));
        assert_eq!(fits(12, 1), Err(Wrong::Catalog { found: 1, wanted: 202_209_061 }));
        assert_eq!(fits(8, 1), Err(Wrong::Version(1)));
        assert_eq!(fits(228, 3), Err(Wrong::Segment(3)));
        assert!(matches!(fits(216, 4096), Err(Wrong::Size { .. })));
        assert!(matches!(fits(248, 0), Err(Wrong::Size { .. })));
        assert_eq!(fits(228, 16 << 20), Ok(()));
    }

    #[test]
    fn one_changed_bit_or_a_cut_is_seen() {
        let mut broken = bytes(|_| {});
        broken[100] ^= 1;
        assert_eq!(Control::read(&broken), Err(Wrong::Sum));
        assert_eq!(Control::read(&bytes(|_| {})[..200]), Err(Wrong::Short));
    }
}
