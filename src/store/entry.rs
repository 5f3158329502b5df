//! What stands in one object of a database's log: a piece of WAL, or that the log ends there. No bucket, no clock.

use std::io::Read;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Error, template};

/// What an entry of this format begins with; the number is the format's.
const MAGIC: &[u8] = b"iasql wal 1\n";
/// The most that a piece holds, in bytes: what claims to be longer is a bomb.
const LONGEST: u64 = 256 << 20;
/// What ends a log is never longer than this, in bytes.
pub(super) const LONGEST_END: u64 = 1024;
/// How much of a holder's name is written down.
const NAME: usize = 128;

/// Bytes of the WAL that follow each other, as the server wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The server's timeline.
    pub timeline: u32,
    /// Where the first byte stands in the WAL.
    pub start: u64,
    /// The bytes themselves.
    pub bytes: Vec<u8>,
}

/// An object of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Piece(Piece),
    /// Somebody else has taken the database: nothing that would stand behind this counts.
    End,
}

/// What stands before the bytes.
#[derive(Serialize, Deserialize)]
struct Head {
    /// Tells it from whatever else might have got the number.
    id: Uuid,
    /// Under which lease it was written.
    epoch: u64,
    /// By whom.
    by: String,
    /// `None`: the log ends here.
    piece: Option<About>,
}

#[derive(Serialize, Deserialize)]
struct About {
    timeline: u32,
    start: u64,
    raw: u64,
    /// SHA-256 of the bytes, in base64.
    sum: String,
}

impl Entry {
    /// As it stands in the bucket: its format, a line of JSON, and the bytes, compressed. Twice is not the same: each has an id of its own.
    pub(super) fn encode(&self, epoch: u64, by: &str) -> Result<Vec<u8>, Error> {
        let (about, packed) = match self {
            Self::End => (None, vec![]),
            Self::Piece(piece) => {
                let (raw, sum) = (piece.bytes.len() as u64, template::sum(&piece.bytes));
                let packed = zstd::bulk::compress(&piece.bytes, 1).map_err(|error| Error::broken("a piece of the log", error))?;
                (Some(About { timeline: piece.timeline, start: piece.start, raw, sum }), packed)
            }
        };
        let head = Head { id: Uuid::new_v4(), epoch, by: by.chars().take(NAME).collect(), piece: about };
        let mut bytes = MAGIC.to_vec();
        serde_json::to_writer(&mut bytes, &head).map_err(|error| Error::broken("a piece of the log", error))?;
        bytes.push(b'\n');
        bytes.extend(packed);
        Ok(bytes)
    }

    /// Back from that, and checked.
    pub(super) fn decode(key: &str, bytes: &[u8]) -> Result<Self, Error> {
        let Some(rest) = bytes.strip_prefix(MAGIC) else { return Err(other_format(key, bytes)) };
        let line = rest.iter().position(|byte| *byte == b'\n').ok_or_else(|| Error::broken(key, "it is cut short"))?;
        let head: Head = serde_json::from_slice(&rest[..line]).map_err(|error| Error::broken(key, error))?;
        let Some(about) = head.piece else { return Ok(Self::End) };
        let mut opened = vec![];
        let read = zstd::Decoder::new(&rest[line + 1..]).and_then(|decoder| decoder.take(LONGEST).read_to_end(&mut opened));
        read.map_err(|error| Error::broken(key, error))?;
        if opened.len() as u64 != about.raw || template::sum(&opened) != about.sum {
            return Err(Error::broken(key, "its checksum is another one"));
        }
        Ok(Self::Piece(Piece { timeline: about.timeline, start: about.start, bytes: opened }))
    }
}

fn other_format(key: &str, bytes: &[u8]) -> Error {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match std::str::from_utf8(line) {
        Ok(found) if found.starts_with("iasql wal ") => Error::Format { key: key.to_owned(), found: found.to_owned() },
        _ => Error::broken(key, "it is no piece of a log"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece() -> Entry {
        Entry::Piece(Piece { timeline: 2, start: 0x1_0000_0028, bytes: (0..5000_u32).map(|number| (number % 251) as u8).collect() })
    }

    #[test]
    fn an_entry_is_read_back_as_it_was_written() {
        for entry in [piece(), Entry::End] {
            let bytes = entry.encode(3, "node").expect("bytes");
            assert_eq!(Entry::decode("e", &bytes).expect("an entry"), entry);
            assert_ne!(entry.encode(3, "node").expect("bytes"), bytes, "another one is told apart");
        }
        assert!(Entry::End.encode(u64::MAX, &"ä".repeat(500)).expect("bytes").len() as u64 <= LONGEST_END);
    }

    #[test]
    fn an_entry_cut_short_or_changed_is_refused() {
        let whole = piece().encode(3, "node").expect("bytes");
        for length in 0..whole.len() {
            assert!(Entry::decode("e", &whole[..length]).is_err(), "cut at {length}");
        }
        let mut changed = whole;
        let last = changed.len() - 1;
        changed[last] ^= 1;
        assert!(Entry::decode("e", &changed).is_err());
        let error = Entry::decode("e", b"iasql wal 2\n").expect_err("refused").to_string();
        assert_eq!(error, "e is in a format that this iasql does not know (iasql wal 2): use a newer one");
    }
}
