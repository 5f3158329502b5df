//! The log of a database, laid into its data folder: the files of the WAL as the server had them, and the mark by which Postgres reads them.

use std::{
    fs,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use futures::{StreamExt, TryStreamExt, stream};
use nix::unistd::{Gid, Uid, chown};

use super::{
    Error, Owner,
    cluster::Replay,
    entry::{Entry, Piece},
    fetch::Files,
    layout,
    put::on_a_thread,
};

/// How many entries are read at a time.
const AT_ONCE: usize = 16;

impl Files {
    /// Lays what the log has into the folder of the version before it. Postgres reads it at its next start, if that is told to look nowhere else.
    ///
    /// # Errors
    /// Where the store does not answer, the log is no continuation of the files, or the disk says no.
    pub(super) async fn lay_log(&self, folder: &Path, owner: Option<Owner>) -> Result<(), Error> {
        let Some(ended) = self.ended.filter(|ended| ended.entries > 0) else { return Ok(()) };
        let path = folder.to_owned();
        let mut laying = on_a_thread(folder, move || Laying::begin(&path, owner)).await?;
        let keys = (0..ended.entries).map(|number| layout::piece(&self.database, ended.number, number));
        let read = keys.map(async |key| Ok::<_, Error>((self.store.entry(&key).await?, key)));
        let mut entries = stream::iter(read).buffered(AT_ONCE);
        while let Some((entry, key)) = entries.try_next().await? {
            let Entry::Piece(piece) = entry else { return Err(Error::broken(&key, "the log ends before its end")) };
            laying = on_a_thread(folder, move || laying.lay(&piece, &key)).await?;
        }
        drop(entries);
        on_a_thread(folder, move || laying.finish()).await
    }
}

/// A log on its way into a folder.
struct Laying {
    folder: PathBuf,
    owner: Option<Owner>,
    replay: Replay,
    /// Where the next byte stands in the WAL.
    at: u64,
}

impl Laying {
    fn begin(folder: &Path, owner: Option<Owner>) -> Result<Self, Error> {
        let replay = Replay::of(folder)?;
        let laying = Self { folder: folder.to_owned(), owner, at: replay.from, replay };
        // what stands behind the checkpoint in that file is none of this log's
        let (path, within) = laying.place();
        let file = laying.open(&path)?;
        file.set_len(within).and_then(|()| file.set_len(laying.replay.segment)).map_err(Error::disk("cut", &path))?;
        Ok(laying)
    }

    /// The file of the next byte, and where in it that stands.
    fn place(&self) -> (PathBuf, u64) {
        let segment = self.replay.segment;
        (self.folder.join("pg_wal").join(self.replay.name(self.at / segment)), self.at % segment)
    }

    fn lay(mut self, piece: &Piece, key: &str) -> Result<Self, Error> {
        if piece.start != self.at || piece.timeline != self.replay.timeline {
            let (timeline, at) = (self.replay.timeline, self.at);
            let why = format!("it begins at {}/{:X}, and {timeline}/{at:X} was to follow", piece.timeline, piece.start);
            return Err(Error::broken(key, why));
        }
        let mut bytes = piece.bytes.as_slice();
        while !bytes.is_empty() {
            let (path, within) = self.place();
            let file = self.open(&path)?;
            if within == 0 {
                // a file that was there under this name was one of another time
                file.set_len(0).and_then(|()| file.set_len(self.replay.segment)).map_err(Error::disk("make", &path))?;
            }
            let (now, later) = bytes.split_at(bytes.len().min((self.replay.segment - within) as usize));
            file.write_all_at(now, within).map_err(Error::disk("write", &path))?;
            self.at += now.len() as u64;
            bytes = later;
        }
        Ok(self)
    }

    fn open(&self, path: &Path) -> Result<fs::File, Error> {
        let file = fs::OpenOptions::new().write(true).create(true).truncate(false).open(path).map_err(Error::disk("make", path))?;
        self.give(path)?;
        Ok(file)
    }

    fn give(&self, path: &Path) -> Result<(), Error> {
        let Some((user, group)) = self.owner else { return Ok(()) };
        let given = chown(path, Some(Uid::from_raw(user)), Some(Gid::from_raw(group)));
        given.map_err(|error| Error::disk("give away", path)(error.into()))
    }

    /// With this file Postgres reads the WAL on although its control file says that it had stopped.
    fn finish(self) -> Result<(), Error> {
        let path = self.folder.join(super::cluster::TO_RECOVER);
        fs::write(&path, "").map_err(Error::disk("write", &path))?;
        self.give(&path)
    }
}
