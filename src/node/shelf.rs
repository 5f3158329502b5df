//! Where a database's files go when nobody uses it; and the shelf that is a folder of this machine.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use futures::future::BoxFuture;

use super::copy;

/// Where a database's files go when nobody uses it, and come from.
///
/// 1. A version is whole or not there: a `put` that fails, or whose future is dropped, leaves the newest version as it was. The node drops
///    it when somebody knocks meanwhile.
/// 2. `put` sees the files of a server that has stopped cleanly, and nobody changes them until it is done.
/// 3. Who owns the files, and their modes, is no matter: the node sets both after a `fetch`, of the folder itself too.
/// 4. `take` comes before every start of a server and before every `fetch`. A lease that it took is renewed by the shelf, and let go by the `put`
///    after which nobody runs it. Where it can't be renewed, [`Node::cut`](super::Node::cut) ends the server.
pub trait Shelf: Send + Sync + 'static {
    /// Makes this node the only one who may run the database. False where another had it meanwhile: what of it is on this disk is old then,
    /// and is removed. Where there is but one node there is nothing to take.
    fn take<'a>(&'a self, _database: &'a str) -> BoxFuture<'a, Result<bool, ShelfError>> {
        Box::pin(async { Ok(true) })
    }
    /// Brings the files of the newest version into an empty folder; false where there is none yet. `spare` is a copy of the node's template,
    /// which may become that folder.
    fn fetch<'a>(&'a self, database: &'a str, folder: &'a Path, spare: Option<&'a Path>) -> BoxFuture<'a, Result<bool, ShelfError>>;
    /// Brings the template of a major version of Postgres into a folder that does not exist yet, where other nodes have shared one; false where none has.
    fn template<'a>(&'a self, _major: u32, _folder: &'a Path) -> BoxFuture<'a, Result<bool, ShelfError>> {
        Box::pin(async { Ok(false) })
    }
    /// Whether all is on the shelf that a stopped cluster's server puts there by itself; false: it is to start and stop once more. Asked before `put`; what
    /// can be put there from the folder is.
    fn has_all<'a>(&'a self, _database: &'a str, _folder: &'a Path) -> BoxFuture<'a, Result<bool, ShelfError>> {
        Box::pin(async { Ok(true) })
    }
    /// Makes a stopped cluster's files the newest version; the folder may go afterwards.
    fn put<'a>(&'a self, database: &'a str, folder: &'a Path) -> BoxFuture<'a, Result<(), ShelfError>>;
    /// Makes a stopped cluster's files the newest version of a database that this node goes on having: it may run meanwhile, on others.
    fn put_beside<'a>(&'a self, database: &'a str, folder: &'a Path) -> BoxFuture<'a, Result<(), ShelfError>> {
        self.put(database, folder)
    }
    /// The same for files that stay here, and are woken here again.
    fn save<'a>(&'a self, database: &'a str, folder: &'a Path) -> BoxFuture<'a, Result<(), ShelfError>> {
        self.put(database, folder)
    }
    /// Makes this node the only one who may run a database that only reads what another one has, and brings that one's newest version and what its log has
    /// by now into an empty folder, for a standby; none where nothing of it is there yet. Of the other one nothing is changed, and nothing is taken.
    fn follow<'a>(
        &'a self,
        _database: &'a str,
        _of: &'a str,
        _folder: &'a Path,
        _spare: Option<&'a Path>,
    ) -> BoxFuture<'a, Result<Option<Box<dyn Follow>>, ShelfError>> {
        Box::pin(async { Ok(None) })
    }
    /// Lets another node have a database that was followed; content where it was not.
    fn let_go<'a>(&'a self, _database: &'a str) -> BoxFuture<'a, Result<(), ShelfError>> {
        Box::pin(async { Ok(()) })
    }
    /// Begins a log behind the newest version, for a server that is about to start on these files; they are made a version first where they are not
    /// the newest one. After a `fetch` from a version with a log there is `recovery.signal` among the files, and the log in `pg_wal`. None where
    /// nothing but files is kept.
    fn log<'a>(&'a self, _database: &'a str, _folder: &'a Path) -> BoxFuture<'a, Result<Option<Box<dyn Log>>, ShelfError>> {
        Box::pin(async { Ok(None) })
    }
}

/// What a running database writes, kept piece by piece.
pub trait Log: Send + 'static {
    /// Keeps the next piece, which follows the one before without a gap. It is safe when this returns.
    ///
    /// # Errors
    /// When nothing is ever kept here again, for another node has the database. What only does not work now is tried again in here.
    fn keep(&mut self, piece: Piece) -> BoxFuture<'_, Result<(), ShelfError>>;
}

/// What another database writes, read piece by piece.
pub trait Follow: Send + 'static {
    /// Lays before the standby what has come since. False: other files have come, to which that does not lead, and they are to be brought.
    ///
    /// # Errors
    /// When it does not work now. It can be tried again.
    fn look(&mut self) -> BoxFuture<'_, Result<bool, ShelfError>>;
}

/// Bytes of a server's WAL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// On this timeline.
    pub timeline: u32,
    /// Where the first byte stands in the WAL.
    pub start: u64,
    /// The bytes themselves.
    pub bytes: Vec<u8>,
}

/// Files that could not be put away or brought back.
#[derive(Debug, thiserror::Error)]
#[error("could not {doing}")]
pub struct ShelfError {
    /// What was tried.
    pub doing: String,
    /// What it came from.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// A folder of this machine: the files stay on this disk, or on whichever is mounted there. A folder of it for each database.
#[derive(Clone, Debug)]
pub struct FolderShelf(pub PathBuf);

impl FolderShelf {
    fn fetch_blocking(&self, database: &str, folder: &Path) -> io::Result<bool> {
        let version = self.0.join(database);
        let known = version.try_exists()?;
        if known {
            copy::tree(&version, folder, None)?;
        }
        Ok(known)
    }

    fn put_blocking(&self, database: &str, folder: &Path) -> io::Result<()> {
        // a database's id has no dot
        let (version, aside, old) = (self.0.join(database), self.0.join(format!("{database}.new")), self.0.join(format!("{database}.old")));
        for left in [&aside, &old] {
            copy::remove(left)?;
        }
        fs::create_dir_all(&aside)?;
        copy::tree(folder, &aside, None)?;
        nix::unistd::syncfs(fs::File::open(&aside)?)?;
        if version.try_exists()? {
            fs::rename(&version, &old)?;
        }
        fs::rename(&aside, &version)?;
        copy::remove(&old)
    }
}

impl Shelf for FolderShelf {
    fn fetch<'a>(&'a self, database: &'a str, folder: &'a Path, _spare: Option<&'a Path>) -> BoxFuture<'a, Result<bool, ShelfError>> {
        let (shelf, name, into) = (self.clone(), database.to_owned(), folder.to_owned());
        Box::pin(done(format!("bring back {database}"), move || shelf.fetch_blocking(&name, &into)))
    }

    fn put<'a>(&'a self, database: &'a str, folder: &'a Path) -> BoxFuture<'a, Result<(), ShelfError>> {
        let (shelf, name, from) = (self.clone(), database.to_owned(), folder.to_owned());
        Box::pin(done(format!("put away {database}"), move || shelf.put_blocking(&name, &from)))
    }
}

async fn done<T: Send + 'static>(doing: String, work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, ShelfError> {
    copy::off_thread(work).await.map_err(|error| ShelfError { doing, source: Box::new(error) })
}
