//! What OrioleDB keeps in a bucket by itself, below a database's name: it is read here, and written only where something of it is missing.
//!
//! What lies where is OrioleDB's (`src/s3/worker.c` and `src/s3/checkpoint.c` of beta 10): `data/<checkpoint>/…` are Postgres' own files,
//! `orioledb_data/<checkpoint>/…` the trees of its tables in parts of a megabyte, `orioledb_undo/…` their undo log and `wal/…` the WAL.
//! `bundle`, `control` and `wal` read what is said there, and are pure; `checkpoint` says what one has and lacks, and `files` which files those are; `restore` makes a data folder of it, and
//! `mend` compares one with the bucket, by the `parts` that its trees are in. By the [`Door`] it writes and
//! reads itself.

mod bundle;
mod checkpoint;
mod control;
mod door;
mod files;
mod mend;
mod parts;
mod restore;
mod wal;

use uuid::Uuid;

use self::checkpoint::Checkpoint;
pub use self::door::{Door, MayWrite};
use super::{Bucket, Error, Id, layout};

/// How many objects are read at a time.
const AT_ONCE: usize = 8;
/// What says in a bucket which checkpoint is the newest; a server with an older one refuses to start.
const NEWEST: &str = "data/orioledb_data/control";
/// What OrioleDB makes in a bucket before it works on it, and removes when it stops.
const LOCK: &str = "data/orioledb_data/s3_lock";
/// OrioleDB's own control file, and its lists of the files that are objects of their own and of those that lie many in one.
const OWN: &str = "orioledb_data/control";
const LISTS: [&str; 2] = ["orioledb_data/file_checksums", "orioledb_data/small_file_checksums"];
/// What each checkpoint has last.
const SERVER: &str = "global/pg_control";

/// The folder in which they lie, in that of the database.
pub const FOLDER: &str = layout::ORIOLEDB;

/// One database's objects.
#[derive(Clone, Debug)]
pub struct Orioledb {
    bucket: Bucket,
    database: Id,
}

/// What the lock has inside that a node's OrioleDB makes: it follows from the node's name in leases, so a lock that is left behind tells whose it was.
pub fn lock_of(holder: &str) -> u64 {
    let (high, _) = Uuid::try_parse(holder).unwrap_or_default().as_u64_pair();
    // zero is none
    high | 1
}

impl Orioledb {
    /// Those of a database. Nothing is asked yet.
    pub fn new(bucket: Bucket, database: Id) -> Self {
        Self { bucket, database }
    }

    fn key(&self, of: &str) -> String {
        format!("{}/{of}", layout::orioledb(&self.database))
    }

    /// The newest checkpoint that is whole. None where none has ever ended, so that nothing can have been committed.
    ///
    /// # Errors
    /// [`Error::Incomplete`] where there are such ones, and of each something is missing.
    async fn newest(&self) -> Result<Option<Checkpoint>, Error> {
        let folders = self.bucket.folders_below(&self.key("data")).await?;
        let mut numbers: Vec<u32> = folders.iter().filter_map(|name| name.parse().ok()).collect();
        numbers.sort_unstable_by(|one, other| other.cmp(one));
        let mut first = None;
        for number in numbers {
            if !self.has_ended(number).await? {
                continue;
            }
            match self.look(number).await? {
                Ok(checkpoint) => return Ok(Some(checkpoint)),
                Err(lacks) => {
                    tracing::warn!(database = %self.database, checkpoint = number, lacks = shown(&lacks), "a checkpoint of OrioleDB is not whole in the bucket");
                    first.get_or_insert((number, lacks));
                }
            }
        }
        let Some((number, lacks)) = first else { return Ok(None) };
        Err(Error::Incomplete { database: self.database.clone(), number, lacks: shown(&lacks) })
    }

    /// The control file of a recovery's checkpoint is not written, and one that was broken off may lack it.
    async fn has_ended(&self, number: u32) -> Result<bool, Error> {
        Ok(self.bucket.made(&self.key(&format!("data/{number}/{SERVER}"))).await?.is_some())
    }

    /// Whether its bucket is one in which a server may work that is known by one of these: removes the lock that such a one has left behind. To be
    /// called with the lease of the database in hand.
    ///
    /// # Errors
    /// [`Error::Locked`] where another has left it, or works there.
    pub async fn unlock(&self, known: &[u64]) -> Result<(), Error> {
        let key = self.key(LOCK);
        let Some(found) = self.bucket.get(&key).await? else { return Ok(()) };
        let lock = found.try_into().map(u64::from_le_bytes).unwrap_or_default();
        if !known.contains(&lock) {
            return Err(Error::Locked { database: self.database.clone(), lock, key });
        }
        tracing::info!(database = %self.database, lock, "the lock of an OrioleDB is removed that was ours and did not stop as it should");
        self.bucket.delete(&key).await
    }

    /// Removes all of it: what the making of a database has left that did not come to its end.
    async fn clear(&self) -> Result<(), Error> {
        for left in self.bucket.list(&layout::orioledb(&self.database)).await? {
            self.bucket.delete(&left.key).await?;
        }
        Ok(())
    }
}

/// A few of them, and how many more.
fn shown(lacks: &[String]) -> String {
    const FEW: usize = 3;
    let few = lacks.iter().take(FEW).map(String::as_str).collect::<Vec<_>>().join(", ");
    if lacks.len() > FEW { format!("{few} and {} more", lacks.len() - FEW) } else { few }
}
