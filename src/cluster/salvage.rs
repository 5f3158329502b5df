//! What only a stopped member has of the log: it says which files go beyond a place and hands them out from there on, and a standby lays them beside its own.

use std::{
    fs,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
    sync::Arc,
};

use super::{Error, agent::Agent, client::answered, home::Orders, registry::Addresses, resting::PAGE, wire::Piece};

const DOING: &str = "fetch the rest of the log";

impl Agent {
    /// Fetches what only the stopped one has, as far as it lies behind what this one has replayed, and has the server read it.
    pub(super) async fn salvage(self: &Arc<Self>, from: Addresses) -> Result<(), Error> {
        if self.state().orders.salvage {
            return Ok(());
        }
        let get = async |what: &str| answered(self.client.get(from.agent, what)).await.map_err(Error::agent(DOING));
        let (pieces, seen) =
            tokio::join!(async { get("wal").await?.json::<Vec<Piece>>().await.map_err(Error::agent(DOING)) }, self.report());
        self.home.empty(&self.home.salvage())?;
        let (line, replayed) = (seen.seen.timeline, seen.seen.replayed);
        for piece in pieces?.into_iter().filter(|piece| piece.is_behind(line, replayed)) {
            let own = self.home.wal().join(&piece.name);
            let has = if own.exists() { piece.before(replayed) } else { 0 };
            if has >= piece.length {
                continue;
            }
            let bytes = get(&format!("wal/{}?from={has}", piece.name)).await?.bytes().await.map_err(Error::agent(DOING))?;
            let to = self.home.salvage().join(&piece.name);
            lay(&to, &own, has, &bytes, piece.size).map_err(Error::disk("write", &to))?;
            self.home.give(&to)?;
        }
        self.tell(Orders { salvage: true, ..Orders::default() })
    }

    /// What is in the log of the stopped server, for whoever is to have its rest.
    pub(super) fn pieces(&self) -> Result<Vec<Piece>, Error> {
        let at = {
            let state = self.state();
            state.resting.clone().filter(|_| state.server.is_none())
        };
        let at = at.filter(|_| self.home.has_data()).ok_or(Error::Refused("its log is read only while it is stopped"))?;
        let wal = self.home.wal();
        let entries = fs::read_dir(&wal).map_err(Error::disk("read", &wal))?.filter_map(Result::ok);
        let mut pieces: Vec<_> =
            entries.filter_map(|entry| Piece::of(entry.file_name().into_string().ok()?, entry.metadata().ok()?.len(), at.end)).collect();
        pieces.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(pieces)
    }

    /// A file of that log, from one place in it on.
    pub(super) fn piece(&self, name: &str, from: u64) -> Result<Vec<u8>, Error> {
        let piece = self.pieces()?.into_iter().find(|piece| piece.name == name).ok_or(Error::Refused("its log has no such file"))?;
        let file = self.home.wal().join(name);
        part(&file, from, piece.length).map_err(Error::disk("read", &file))
    }
}

fn part(file: &Path, from: u64, to: u64) -> io::Result<Vec<u8>> {
    let (mut open, mut bytes) = (fs::File::open(file)?, vec![]);
    open.seek(SeekFrom::Start(from))?;
    open.take(to.saturating_sub(from)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What one has of it, then the rest. The server makes it last itself when it takes it, so nobody waits for the disk here.
fn lay(to: &Path, own: &Path, has: u64, rest: &[u8], size: u64) -> io::Result<()> {
    let mut file = fs::File::create(to)?;
    if has > 0 {
        file.write_all(&part(own, 0, has)?)?;
    }
    file.write_all(rest)?;
    file.set_len(size)
}

/// Whether a file of the log, or the history of a timeline, is called so.
pub(super) fn is_piece(name: &str) -> bool {
    is_history(name) || all_hexadecimal(name, 24)
}

fn is_history(name: &str) -> bool {
    name.strip_suffix(".history").is_some_and(|line| all_hexadecimal(line, 8))
}

fn all_hexadecimal(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|sign| sign.is_ascii_hexdigit())
}

impl Piece {
    /// A file of the log, or the history of a timeline; none where nothing of it was written: files are made, and named, before they are needed.
    fn of(name: String, size: u64, end: u64) -> Option<Self> {
        if is_history(&name) {
            return Some(Self { name, size, length: size });
        }
        if !is_piece(&name) || size == 0 {
            return None;
        }
        let mut piece = Self { name, size, length: size };
        let written = end.saturating_sub(piece.begin()?).next_multiple_of(PAGE);
        piece.length = size.min(written);
        (written > 0).then_some(piece)
    }

    /// Where it begins; nothing where it is a history. Files are named by their timeline and their number, of which the lower half counts to 4 gigabytes.
    fn begin(&self) -> Option<u64> {
        let number = |from: usize| u64::from_str_radix(self.name.get(from..from + 8)?, 16).ok();
        Some(((number(8)? << 32) / self.size + number(16)?) * self.size)
    }

    /// Whether it has anything that whoever has replayed so far on this timeline may need.
    fn is_behind(&self, line: u64, place: u64) -> bool {
        match self.begin() {
            Some(begin) => begin + self.size > place,
            None => self.name.get(..8).and_then(|text| u64::from_str_radix(text, 16).ok()).is_some_and(|of| of > line),
        }
    }

    /// How much of it lies before this place, in whole pages.
    fn before(&self, place: u64) -> u64 {
        let inside = self.begin().map_or(0, |begin| place.saturating_sub(begin));
        if inside < self.size { inside / PAGE * PAGE } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: u64 = 16 << 20;

    fn piece(name: &str, end: u64) -> Option<Piece> {
        Piece::of(name.to_owned(), SIZE, end)
    }

    #[test]
    fn of_a_log_that_is_taken_which_lies_behind() {
        assert!(piece("archive_status", u64::MAX).is_none() && piece("../../etc/passwd", u64::MAX).is_none());
        assert!(piece("000000010000000000000003.partial", u64::MAX).is_none());
        let third = piece("000000010000000000000003", u64::MAX / 2).unwrap();
        assert!(third.is_behind(1, 0x0300_0000) && !third.is_behind(1, 0x0400_0000));
        let later = piece("000000010000000100000000", u64::MAX / 2).unwrap();
        assert!(later.is_behind(1, 0x1_0000_0000));
        assert!(!piece("0000000100000000000000FF", u64::MAX / 2).unwrap().is_behind(1, 0x1_0000_0000));
        let history = piece("00000002.history", 0).unwrap();
        assert!(history.is_behind(1, u64::MAX) && !history.is_behind(2, 0));
    }

    #[test]
    fn of_a_file_only_what_was_written_and_is_not_there_is_taken() {
        assert!(piece("000000010000000000000004", 0x0400_0000).is_none(), "it was made for later");
        let third = piece("000000010000000000000003", 0x0300_2001).unwrap();
        assert_eq!((third.length, third.before(0x0300_2001), third.before(0x0200_0000)), (0x4000, 0x2000, 0));
        assert_eq!(piece("000000010000000000000002", 0x0300_2001).unwrap().length, SIZE);
    }

    #[test]
    fn what_is_laid_is_as_long_as_a_file_of_the_log() {
        let folder = std::env::temp_dir().join(format!("iasql-lay-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (own, to) = (folder.join("own"), folder.join("to"));
        fs::write(&own, b"abcdef").unwrap();
        lay(&to, &own, 2, b"xy", 6).unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"abxy\0\0");
        fs::remove_dir_all(folder).unwrap();
    }
}
