//! By which Postgres a database is run: the one that this machine has, one in WebAssembly, or OrioleDB; and by which of them a data folder was made.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use serde::{Deserialize, Serialize};

/// Where in the control file it stands whether a `float8` is passed by value, which it is on machines of 64 bits (`catalog/pg_control.h` of
/// PostgreSQL 13 to 18).
const BY_VALUE: usize = 248;

/// The folder that OrioleDB keeps its tables in, and no other Postgres has.
pub(crate) const ORIOLEDBS: &str = "orioledb_data";

/// What is read of a note in a data folder, in bytes: no note of Postgres' own has more.
const NOTE: u64 = 8192;

/// By which Postgres a database is run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// PostgreSQL, as it is installed on the machine.
    #[default]
    Postgres,
    /// PGlite: PostgreSQL in WebAssembly, a machine of 32 bits, under Node.js.
    Pglite,
    /// OrioleDB: a patched PostgreSQL whose tables lie in a bucket.
    Orioledb,
}

impl Engine {
    /// As rows say it; any other word is the ordinary one.
    pub fn named(word: &str) -> Self {
        [Self::Pglite, Self::Orioledb].into_iter().find(|engine| engine.word() == word).unwrap_or_default()
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Pglite => "pglite",
            Self::Orioledb => "orioledb",
        }
    }

    /// Which one has made a data folder, as that says itself: whoever may write into it may have changed that. Where that can't be told it is the ordinary one, and that says itself what is wrong.
    pub fn of(data: &Path) -> Self {
        if data.join(ORIOLEDBS).is_dir() {
            return Self::Orioledb;
        }
        note(&data.join("global/pg_control")).map_or(Self::Postgres, |control| Self::of_control(&control))
    }

    /// The same by the bytes of its control file.
    pub fn of_control(control: &[u8]) -> Self {
        if control.get(BY_VALUE) == Some(&0) { Self::Pglite } else { Self::Postgres }
    }
}

/// A note in a data folder (`PG_VERSION`, `postmaster.pid`, `global/pg_control`), or the beginning of what a superuser has made of it.
///
/// # Errors
/// When it can't be read.
pub fn note(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = vec![];
    File::open(file)?.take(NOTE).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// CRC-32C (Castagnoli), as `port/pg_crc32c.h` has it: of control files.
pub(crate) fn crc32c(bytes: &[u8]) -> u32 {
    const TURNED: u32 = 0x82f6_3b78;
    let step = |sum: u32| if sum & 1 == 1 { sum >> 1 ^ TURNED } else { sum >> 1 };
    !bytes.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| step(sum)))
}

/// Between which bytes the checksum of `pg_control` is looked for: it stands behind what it is of, and where depends on the version.
const SUM: std::ops::Range<usize> = 200..512;
/// Where the identifier of a cluster stands in `pg_control`.
const IDENTIFIER: usize = 0;

/// Where a `pg_control` (`catalog/pg_control.h`) has its checksum; nothing where it is too short, or its checksum is another.
pub(crate) fn sum_at(control: &[u8]) -> Option<usize> {
    let says = |at: usize| Some(u32::from_le_bytes(control.get(at..at + 4)?.try_into().ok()?));
    SUM.step_by(4).find(|at| control.get(..*at).is_some_and(|bytes| says(*at) == Some(crc32c(bytes))))
}

/// The same `pg_control` with these bytes there, and the checksum that it has then.
pub(crate) fn sealed(control: &[u8], there: usize, bytes: &[u8]) -> Option<Vec<u8>> {
    let (mut control, at) = (control.to_vec(), sum_at(control)?);
    control.get_mut(there..there + bytes.len())?.copy_from_slice(bytes);
    let sum = crc32c(control.get(..at)?);
    control.get_mut(at..at + 4)?.copy_from_slice(&sum.to_le_bytes());
    Some(control)
}

/// The same `pg_control`, of a cluster that is told from others by this number.
pub(crate) fn identified(control: &[u8], identifier: u64) -> Option<Vec<u8>> {
    sealed(control, IDENTIFIER, &identifier.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_what_nobody_knows_is_the_ordinary_one() {
        for engine in [Engine::Postgres, Engine::Pglite, Engine::Orioledb] {
            assert_eq!(Engine::named(engine.word()), engine);
        }
        assert_eq!(Engine::named("oracle"), Engine::Postgres);
    }

    #[test]
    fn a_control_file_gets_another_identifier_and_the_checksum_to_it_and_a_spoilt_one_gets_none() {
        let whole = [vec![7; 288], crc32c(&[7; 288]).to_le_bytes().to_vec(), vec![0; 500]].concat();
        let other = identified(&whole, 4711).expect("a control file");
        assert_eq!((sum_at(&other), &other[..8], &other[8..288]), (Some(288), &4711_u64.to_le_bytes()[..], &whole[8..288]));
        assert_eq!(identified(&[vec![8], other[1..].to_vec()].concat(), 1), None);
        assert_eq!(identified(b"short", 1), None);
    }

    #[test]
    fn a_folder_of_a_machine_of_32_bits_is_pglites() {
        let control = |by_value| [vec![1; BY_VALUE], vec![by_value]].concat();
        assert_eq!([0, 1].map(|by_value| Engine::of_control(&control(by_value))), [Engine::Pglite, Engine::Postgres]);
        assert_eq!([Engine::of_control(b"short"), Engine::of(Path::new("/nowhere"))], [Engine::Postgres; 2]);
    }

    #[test]
    fn the_checksum_is_the_one_that_rfc_3720_shows() {
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }
}
