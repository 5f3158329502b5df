//! The log of a database, laid into its data folder: the files of the WAL as the server had them, and the mark by which Postgres reads them.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, fchown},
    path::{Path, PathBuf},
    sync::Arc,
};

use futures::{StreamExt, TryStreamExt, stream};
use nix::{
    fcntl::{OFlag, openat, renameat},
    sys::stat::Mode,
};

use super::{
    Error,
    cluster::{self, Replay},
    entry::{Entry, Piece},
    fetch::Files,
    layout,
    put::on_a_thread,
};

/// How many entries are read at a time.
pub(super) const AT_ONCE: usize = 16;
/// What a file of the WAL is called while it is made: nothing that Postgres knows.
const NEW: &str = "iasql.new";

impl Files {
    /// Lays what the log has into the folder of the version before it. Postgres reads it at its next start, if that is told to look nowhere else.
    ///
    /// # Errors
    /// Where the store does not answer, the log is no continuation of the files, or the disk says no.
    pub(super) async fn lay_log(&self, folder: &Path) -> Result<(), Error> {
        let Some(ended) = self.ended.filter(|ended| ended.entries > 0) else { return Ok(()) };
        let path = folder.to_owned();
        let mut laying = on_a_thread(folder, move || Laying::begin(&path)).await?;
        let keys = (0..ended.entries).map(|number| layout::piece(&self.database, ended.number, number));
        let read = keys.map(async |key| Ok::<_, Error>((self.store.entry(&key).await?, key)));
        let mut entries = stream::iter(read).buffered(AT_ONCE);
        while let Some((entry, key)) = entries.try_next().await? {
            let Entry::Piece(piece) = entry else { return Err(Error::broken(&key, "the log ends before its end")) };
            laying = on_a_thread(folder, move || laying.lay(&piece, &key)).await?;
        }
        drop(entries);
        on_a_thread(folder, move || laying.mark(cluster::TO_RECOVER)).await
    }
}

/// A log on its way into a folder. Files that it makes are those of whom the folder is by then. Whose that is may do with it what they like: files are made in
/// the very folder that it began with, and never where a link leads.
#[derive(Clone, Debug)]
pub(super) struct Laying {
    folder: PathBuf,
    /// Where the WAL is, held open.
    wal: Arc<File>,
    replay: Replay,
    /// Where the next byte stands in the WAL.
    at: u64,
}

impl Laying {
    /// For a log that begins with the record of the last checkpoint, which is written anew.
    fn begin(folder: &Path) -> Result<Self, Error> {
        let (wal, replay) = (opened(folder)?, Replay::of(folder)?);
        Self { folder: folder.to_owned(), wal, at: replay.from, replay }.cut()
    }

    /// For a log that may come or not, on files that may be read before.
    pub(super) fn behind(folder: &Path) -> Result<Self, Error> {
        let (wal, replay) = (opened(folder)?, Replay::of(folder)?);
        let mut laying = Self { folder: folder.to_owned(), wal, at: replay.from, replay };
        let length = laying.read(replay.from, 4)?.try_into().map(u32::from_le_bytes);
        let short = |_| Error::broken(&folder.to_string_lossy(), "its last checkpoint is not there");
        laying.at = replay.behind(replay.from, length.map_err(short)?.into());
        laying.cut()
    }

    /// What stands behind in that file is none of this log's.
    fn cut(self) -> Result<Self, Error> {
        let (name, within) = self.place(self.at);
        let file = self.open(&name, within == 0)?;
        file.set_len(within).and_then(|()| file.set_len(self.replay.segment)).map_err(self.disk("cut", &name))?;
        Ok(self)
    }

    /// What the files are of.
    pub(super) fn replay(&self) -> Replay {
        self.replay
    }

    /// Where the next byte stands in the WAL.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// The file of a place in the WAL, and where in it that is.
    pub(super) fn place(&self, at: u64) -> (String, u64) {
        (self.replay.name(at / self.replay.segment), at % self.replay.segment)
    }

    fn lay(mut self, piece: &Piece, key: &str) -> Result<Self, Error> {
        if piece.start != self.at || piece.timeline != self.replay.timeline {
            let (timeline, at) = (self.replay.timeline, self.at);
            let why = format!("it begins at {}/{:X}, and {timeline}/{at:X} was to follow", piece.timeline, piece.start);
            return Err(Error::broken(key, why));
        }
        self.write(&piece.bytes)?;
        Ok(self)
    }

    /// Lays what of a piece is not there yet; nothing where there is a gap before it, or it is of another timeline.
    pub(super) fn go_on(mut self, piece: &Piece) -> Result<Option<Self>, Error> {
        let Some(there) = self.at.checked_sub(piece.start).filter(|_| piece.timeline == self.replay.timeline) else { return Ok(None) };
        let new = usize::try_from(there).ok().and_then(|there| piece.bytes.get(there..)).unwrap_or_default();
        self.write(new)?;
        Ok(Some(self))
    }

    fn write(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() {
            let (name, within) = self.place(self.at);
            // a file that is there already under the name of a new one is one of another time
            let file = self.open(&name, within == 0)?;
            let (now, later) = bytes.split_at(bytes.len().min((self.replay.segment - within) as usize));
            file.write_all_at(now, within).map_err(self.disk("write", &name))?;
            self.at += now.len() as u64;
            bytes = later;
        }
        Ok(())
    }

    /// What stands somewhere in one file of the WAL; less where that is shorter.
    pub(super) fn read(&self, from: u64, length: usize) -> Result<Vec<u8>, Error> {
        let ((name, within), flags) = (self.place(from), OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC);
        let mut bytes = vec![0; length];
        let opened = openat(&*self.wal, name.as_str(), flags, Mode::empty()).map(File::from).map_err(io::Error::from);
        let read = opened.and_then(|file| file.read_at(&mut bytes, within)).map_err(self.disk("read", &name))?;
        bytes.truncate(read);
        Ok(bytes)
    }

    /// One that is there, or a new one. That has its name when it is as long as it has to be and its owner's: a server that looks for it and may not open it
    /// ends.
    fn open(&self, name: &str, is_new: bool) -> Result<File, Error> {
        let (flags, mode) = (OFlag::O_WRONLY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC, Mode::S_IRUSR | Mode::S_IWUSR);
        let open = || {
            if !is_new {
                return Ok(File::from(openat(&*self.wal, name, flags, mode)?));
            }
            let file = File::from(openat(&*self.wal, NEW, flags | OFlag::O_CREAT | OFlag::O_TRUNC, mode)?);
            file.set_len(self.replay.segment)?;
            give(&file, &self.wal)?;
            renameat(&*self.wal, NEW, &*self.wal, name)?;
            Ok(file)
        };
        open().map_err(self.disk(if is_new { "make" } else { "open" }, name))
    }

    fn disk(&self, doing: &'static str, name: &str) -> impl FnOnce(io::Error) -> Error + use<> {
        Error::disk(doing, self.folder.join("pg_wal").join(name))
    }

    /// With this file Postgres reads the WAL on although its control file says that it had stopped.
    pub(super) fn mark(self, name: &str) -> Result<(), Error> {
        let path = self.folder.join(name);
        let made = File::create(&path).and_then(|file| give(&file, &self.wal));
        made.map_err(Error::disk("write", path))
    }
}

/// The folder of the WAL, and no other where that is a link.
fn opened(folder: &Path) -> Result<Arc<File>, Error> {
    let (path, flags) = (folder.join("pg_wal"), OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW);
    let opened = fs::OpenOptions::new().read(true).custom_flags(flags.bits()).open(&path);
    opened.map(Arc::new).map_err(Error::disk("open", path))
}

/// Gives a file to whom the other one belongs.
fn give(file: &File, whose: &File) -> io::Result<()> {
    let (is, wanted) = (file.metadata()?, whose.metadata()?);
    if (is.uid(), is.gid()) == (wanted.uid(), wanted.gid()) { Ok(()) } else { fchown(file, Some(wanted.uid()), Some(wanted.gid())) }
}
