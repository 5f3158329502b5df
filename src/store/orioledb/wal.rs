//! Which objects of the WAL follow a checkpoint: without a gap, and on its own timeline. Pure.

use std::collections::BTreeMap;

use super::control::{Server, long};

/// How much of a file says whether it is one: a server that stops sends to the bucket what it has for later use too, under the names of files to come.
pub(super) const HEAD: u64 = 16;

/// What follows a checkpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wal {
    /// The files that a server is to read, in their order.
    pub(super) names: Vec<String>,
    /// What lies behind a gap: of commits that were lost.
    pub(super) beyond: Vec<String>,
}

/// The files that may follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidates {
    server: Server,
    /// Of a file, in bytes.
    size: u64,
    /// By their numbers in the order of all.
    names: BTreeMap<u64, String>,
}

impl Candidates {
    /// Those of the listed names and sizes; nothing where there is not one file.
    pub(super) fn of(listed: &[(String, u64)], server: Server) -> Option<Self> {
        let size = listed.iter().filter(|(name, _)| is_segment(name)).map(|(_, size)| *size).max();
        let size = size.filter(|size| size.is_power_of_two() && (1 << 20..=1 << 30).contains(size))?;
        let whole = listed.iter().filter(|(name, found)| is_segment(name) && *found == size);
        let numbered = whole.filter_map(|(name, _)| Some((number(name, server.timeline, size)?, name.clone())));
        Some(Self { server, size, names: numbered.filter(|(number, _)| *number >= server.redo / size).collect() })
    }

    /// Their names, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.names.values()
    }

    /// What follows, by the first bytes of each of them; nothing where the files are missing that the checkpoint itself stands on.
    pub(super) fn followers(self, heads: &[Vec<u8>]) -> Option<Wal> {
        let Self { server, size, names } = self;
        let (mut next, mut wal) = (server.redo / size, Wal::default());
        for ((number, name), head) in names.into_iter().zip(heads) {
            // the place in the WAL of the first page (`XLogPageHeaderData` in `access/xlog_internal.h`)
            if long(head, 8) != Some(number * size) {
                continue;
            }
            if number == next {
                wal.names.push(name);
                next += 1;
            } else {
                wal.beyond.push(name);
            }
        }
        // the record itself is there
        (next > server.checkpoint / size).then_some(wal)
    }
}

fn is_segment(name: &str) -> bool {
    name.len() == 24 && name.bytes().all(|sign| sign.is_ascii_hexdigit())
}

/// Its place in the order of all, as Postgres names it: `XLogFileName` in `access/xlog_internal.h`.
fn number(name: &str, timeline: u32, size: u64) -> Option<u64> {
    let part = |from: usize| u64::from_str_radix(name.get(from..from + 8)?, 16).ok();
    let (of, high, low) = (part(0)?, part(8)?, part(16)?);
    let in_one = (1 << 32) / size;
    (of == u64::from(timeline) && low < in_one).then_some(high * in_one + low)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEGABYTE: u64 = 1 << 20;

    fn name(number: u64) -> String {
        format!("00000001{:08X}{:08X}", number / 4096, number % 4096)
    }

    fn head(number: u64) -> Vec<u8> {
        [vec![0; 8], (number * MEGABYTE).to_le_bytes().to_vec()].concat()
    }

    fn server(redo: u64, checkpoint: u64) -> Server {
        Server { checkpoint: checkpoint * MEGABYTE + 40, redo: redo * MEGABYTE + 40, timeline: 1 }
    }

    /// Of files with these numbers, those whose content is none's given with another one.
    fn after(numbers: &[(u64, u64)], server: Server) -> Option<(Vec<String>, Vec<String>)> {
        let listed: Vec<_> = numbers.iter().map(|(number, _)| (name(*number), MEGABYTE)).collect();
        let candidates = Candidates::of(&listed, server)?;
        let content = |found: &String| numbers.iter().find(|(number, _)| name(*number) == *found).expect("listed").1;
        let heads: Vec<_> = candidates.names().map(|name| head(content(name))).collect();
        let Wal { names, beyond } = candidates.followers(&heads)?;
        Some((names, beyond))
    }

    #[test]
    fn all_that_follows_without_a_gap_is_read_and_not_only_the_first() {
        let found = after(&[7, 3, 4, 6, 5, 9].map(|number| (number, number)), server(4, 4));
        assert_eq!(found, Some(([4, 5, 6, 7].map(name).to_vec(), vec![name(9)])));
    }

    #[test]
    fn what_a_stopping_server_sent_for_later_use_is_no_wal() {
        // 6 and 8 have what 2 and 3 had
        let found = after(&[(4, 4), (5, 5), (6, 2), (7, 7), (8, 3)], server(4, 5));
        assert_eq!(found, Some((vec![name(4), name(5)], vec![name(7)])));
    }

    #[test]
    fn a_checkpoint_whose_own_wal_is_missing_is_none() {
        assert_eq!(after(&[(5, 5), (6, 6)], server(4, 5)), None);
        assert_eq!(after(&[(4, 4), (6, 6)], server(4, 5)), None);
        assert_eq!(after(&[(4, 4), (5, 1)], server(4, 5)), None);
        assert_eq!(after(&[], server(0, 0)), None);
    }

    #[test]
    fn what_is_of_another_timeline_or_cut_off_is_not_read() {
        let other = ["000000020000000000000006".to_owned(), "00000002.history".to_owned()].map(|name| (name, MEGABYTE));
        let listed = [vec![(name(4), MEGABYTE), (name(5), 100)], other.to_vec()].concat();
        let candidates = Candidates::of(&listed, server(4, 4)).expect("candidates");
        assert_eq!(candidates.names().collect::<Vec<_>>(), [&name(4)]);
    }

    #[test]
    fn names_go_on_where_the_first_number_is_full() {
        let found = after(&[(4095, 4095), (4096, 4096)], server(4095, 4095)).expect("wal");
        assert_eq!(found.0, ["000000010000000000000FFF", "000000010000000100000000"]);
    }
}
