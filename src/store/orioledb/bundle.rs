//! How OrioleDB says which files a checkpoint has: its lists, and the small files that lie in one object. Pure.

/// Below which the objects of small files are numbered.
pub(super) const BUNDLES: &str = "orioledb_data/small_files_";

/// A file of a checkpoint, and of which checkpoint its content is: what has not changed is not written again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) checkpoint: u32,
}

/// The lines of a list (`orioledb_data/file_checksums`, `orioledb_data/small_file_checksums`); nothing where one of them is none.
pub(super) fn lines(list: &[u8]) -> Option<Vec<Line>> {
    let line = |text: &str| {
        let (name, rest) = text.strip_prefix("FILE: ")?.split_once(", CHECKSUM: ")?;
        let checkpoint = rest.split_once(", CHECKPOINT: ")?.1.parse().ok()?;
        Some(Line { name: plain(name)?, checkpoint })
    };
    std::str::from_utf8(list).ok()?.lines().map(line).collect()
}

/// The files of one object, by name: their number first, then for each where its name stands, where its content, and how long that is.
pub(super) fn unpack(bytes: &[u8]) -> Option<Vec<(String, &[u8])>> {
    let number = |at: usize| {
        let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(i32::from_le_bytes(bytes)).ok()
    };
    let file = |index: usize| {
        let at = 4 + 12 * index;
        let (name, content, length) = (number(at)?, number(at + 4)?, number(at + 8)?);
        let name = bytes.get(name..)?.split(|byte| *byte == 0).next()?;
        Some((plain(std::str::from_utf8(name).ok()?)?, bytes.get(content..content.checked_add(length)?)?))
    };
    (0..number(0)?).map(file).collect()
}

/// A path inside the data folder; nothing where it leads out of it.
fn plain(name: &str) -> Option<String> {
    let name = name.strip_prefix("./").unwrap_or(name);
    let leads_in = !name.is_empty() && name.split('/').all(|part| !matches!(part, "" | "." | ".."));
    leads_in.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_of_which_checkpoint_each_file_is() {
        let text = "FILE: base/1/1249, CHECKSUM: 00ff, CHECKPOINT: 3\nFILE: ./PG_VERSION, CHECKSUM: ab, CHECKPOINT: 1\n";
        let line = |name: &str, checkpoint| Line { name: name.to_owned(), checkpoint };
        assert_eq!(lines(text.as_bytes()), Some(vec![line("base/1/1249", 3), line("PG_VERSION", 1)]));
        assert_eq!(lines(b""), Some(vec![]));
        for wrong in ["FILE: a", "FILE: ../a, CHECKSUM: b, CHECKPOINT: 1", "FILE: /etc/x, CHECKSUM: b, CHECKPOINT: 1", "x"] {
            assert_eq!(lines(wrong.as_bytes()), None, "{wrong}");
        }
    }

    /// As OrioleDB lays them: the numbers, the names, the contents.
    fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
        let (mut name, mut numbers) = (4 + 12 * files.len(), vec![files.len()]);
        let mut content = name + files.iter().map(|(name, _)| name.len() + 1).sum::<usize>();
        for (called, bytes) in files {
            numbers.extend([name, content, bytes.len()]);
            name += called.len() + 1;
            content += bytes.len();
        }
        let numbers = numbers.into_iter().flat_map(|number| i32::try_from(number).expect("a small number").to_le_bytes());
        let names = files.iter().flat_map(|(name, _)| name.bytes().chain([0]));
        numbers.chain(names).chain(files.iter().flat_map(|(_, bytes)| bytes.iter().copied())).collect()
    }

    #[test]
    fn small_files_are_taken_out_of_their_object_and_what_is_cut_off_is_none() {
        let bytes = packed(&[("./PG_VERSION", b"17\n"), ("./base/1/empty", b"")]);
        let files = unpack(&bytes).expect("files");
        assert_eq!(files, [("PG_VERSION".to_owned(), b"17\n".as_slice()), ("base/1/empty".to_owned(), b"".as_slice())]);
        assert_eq!(unpack(&packed(&[])), Some(vec![]));
        for cut in [0, 3, 10, 20, bytes.len() - 1] {
            assert_eq!(unpack(&bytes[..cut]), None, "{cut}");
        }
        assert_eq!(unpack(&packed(&[("./../../x", b"17\n")])), None);
    }
}
