//! What a machine says on its standard output and error: two files, of which the older one is given up when the newer one is full.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// How large one file grows.
const LONGEST: u64 = 4 << 20;

/// A log that is written.
pub(super) struct Log {
    path: PathBuf,
    file: File,
    length: u64,
}

impl Log {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        Ok(Self { path: path.to_owned(), length: file.metadata()?.len(), file })
    }

    /// Writes all that comes until nothing can any more. What the disk does not take is lost, and the machine goes on.
    pub(super) fn follow(mut self, mut from: impl Read) {
        let mut bytes = vec![0; 64 << 10];
        while let Ok(count) = from.read(&mut bytes) {
            if count == 0 {
                break;
            }
            drop(self.write(&bytes[..count]));
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.length >= LONGEST {
            fs::rename(&self.path, older(&self.path))?;
            *self = Self::open(&self.path)?;
        }
        self.length += bytes.len() as u64;
        self.file.write_all(bytes)
    }
}

fn older(path: &Path) -> PathBuf {
    path.with_extension("1")
}

/// The last bytes of a log, from a line's beginning.
pub(super) fn tail(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let newer = last(path, most)?;
    let left = most.saturating_sub(newer.len() as u64);
    let all = if left > 0 { [last(&older(path), left)?, newer].concat() } else { newer };
    Ok(end(all, most))
}

/// The last bytes of what was said, from a line's beginning; all of it where that is less.
pub(super) fn end(all: Vec<u8>, most: u64) -> Vec<u8> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    if all.len() < most {
        return all;
    }
    let last = &all[all.len() - most..];
    let begin = last.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    last[begin..].to_vec()
}

fn last(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        file => file?,
    };
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(most)))?;
    let mut bytes = vec![];
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_does_not_grow_for_ever_and_its_end_is_kept() {
        let folder = std::env::temp_dir().join(format!("iasql-log-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("log");
        let lines: String = (0..2_000_000).map(|number| format!("line {number}\n")).collect();
        Log::open(&path).unwrap().follow(lines.as_bytes());
        let size = |path: &Path| fs::metadata(path).unwrap().len();
        assert!(size(&path) + size(&older(&path)) < 2 * LONGEST + (1 << 20));
        let tail = String::from_utf8(tail(&path, 1000).unwrap()).unwrap();
        assert!(tail.ends_with("line 1999999\n") && tail.starts_with("line "));
        fs::remove_dir_all(&folder).unwrap();
    }
}
