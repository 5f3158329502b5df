//! The bucket behind the node: a database is taken before it runs here, held for as long as it may run, and cut where it can't be held.

mod branch;
mod hold;
mod log;
mod note;
mod orioledb;
mod put;
mod replica;
mod templates;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use chrono::Utc;
use futures::future::BoxFuture;
use tokio::task::JoinHandle;
use uuid::Uuid;

use self::{hold::Held, note::Note, templates::Own};
pub(super) use self::{hold::Outdated, note::holder};

use crate::{
    node::{self, Node, ShelfError},
    store::{self, Bucket, Id, Options, Store},
};

/// A node's way to its bucket. A clone is the same one.
#[derive(Clone)]
pub struct BucketShelf(Arc<Shared>);

struct Shared {
    home: PathBuf,
    bucket: Bucket,
    options: Options,
    /// Whether the node's databases are OrioleDB's, which keep their files there themselves.
    orioledb: bool,
    name: tokio::sync::OnceCell<Uuid>,
    /// Once the node is there.
    wired: OnceLock<Wired>,
    /// What is renewed, by id.
    held: Mutex<HashMap<String, Held>>,
    /// Of which the bucket has the very files that lie here, as it was found when they were taken; whoever starts a server asks once.
    whole: Mutex<HashSet<String>>,
    /// What was stored with another template than this node's, by that one's fingerprint.
    others: tokio::sync::Mutex<HashMap<String, Store>>,
    /// Whose versions are others than were told of.
    changed: Mutex<BTreeSet<String>>,
    /// What is being taken before anybody has asked for it.
    ahead: Mutex<Option<Taking>>,
}

struct Wired {
    store: Store,
    shelf: store::Shelf,
    holder: String,
    node: Node,
    own: Own,
}

/// A database, and what comes of taking it.
type Taking = (Id, JoinHandle<Result<store::Taken, store::Error>>);

/// Why something could not be done.
type Failure = Box<dyn std::error::Error + Send + Sync>;

impl BucketShelf {
    /// For a node with this folder of its own, in which it is noted which version of a database lies on this disk.
    pub fn new(home: impl Into<PathBuf>, bucket: Bucket, options: Options) -> Self {
        Self::over(home.into(), bucket, options, false)
    }

    fn over(home: PathBuf, bucket: Bucket, options: Options, orioledb: bool) -> Self {
        let (wired, held, whole, changed) = (OnceLock::new(), Mutex::default(), Mutex::default(), Mutex::default());
        let (others, name, ahead) = (tokio::sync::Mutex::default(), tokio::sync::OnceCell::new(), Mutex::default());
        Self(Arc::new(Shared { home, bucket, options, orioledb, name, wired, held, whole, changed, others, ahead }))
    }

    /// Tells whose it is, once that node is open. Before that nothing is taken.
    ///
    /// # Errors
    /// When a template can't be read or shared, or the folder not written.
    pub async fn belongs_to(&self, node: Node) -> Result<(), Failure> {
        self.opens_for(node).await?;
        self.shares().await
    }

    /// The same, and its templates are not in the bucket yet: [`BucketShelf::shares`] brings them there, beside what else goes on. No version is stored before.
    ///
    /// # Errors
    /// When a template can't be read, or the folder not written.
    pub async fn opens_for(&self, node: Node) -> Result<(), Failure> {
        let holder = self.holder()?;
        let own = Own::of(&node).await?;
        let store = Store::new(self.0.bucket.clone(), own.templates(), self.0.options.clone());
        let shelf = store::Shelf::new(store.clone(), holder.clone());
        let ahead = self.0.ahead.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((database, taking)) = ahead {
            shelf.take_ahead(database, taking).await;
        }
        drop(self.0.wired.set(Wired { store, shelf, holder, node, own }));
        Ok(())
    }

    /// Begins to take the only database of which this disk has files: whoever had this machine started is about to ask for it.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub fn takes_ahead(&self) -> Result<(), Failure> {
        if let [database] = &note::all(&self.0.home)[..] {
            // no template is needed for it, and they are read meanwhile
            let store = Store::new(self.0.bucket.clone(), vec![], self.0.options.clone());
            let (id, holder) = (Id::new(database)?, self.holder()?);
            let taken = id.clone();
            let taking = tokio::spawn(async move { store.take(&taken, &holder).await });
            *self.0.ahead.lock().unwrap_or_else(PoisonError::into_inner) = Some((id, taking));
        }
        Ok(())
    }

    /// Whether a database that is taken has no version: then it may be made. What a lost node had made of it and never stored is on that one's disk
    /// only, so it is made anew, and empty: what `pause` says of all that was not put away.
    pub(super) async fn is_new(&self, database: &str) -> Result<bool, Failure> {
        let (wired, id) = (self.wired()?, Id::new(database)?);
        let Some(newest) = wired.store.newest(&id).await? else { return Ok(true) };
        let is_new = newest.content.is_none();
        if is_new && newest.number > 1 {
            tracing::warn!(database, "it was begun before, and nothing of it was ever stored: it is made anew");
        }
        Ok(is_new)
    }

    /// Writes down that a database was made here whose files are on this disk only, so that older ones of another node are not taken for it.
    ///
    /// # Errors
    /// When the bucket does not answer, or somebody else has the database.
    pub(super) async fn made(&self, database: &str) -> Result<(), Failure> {
        let (wired, id) = (self.wired()?, Id::new(database)?);
        wired.shelf.made(&id).await?;
        self.write_down(database, &id, false).await
    }

    /// Removes all of a database that nobody is to have any more; false where another gateway still has it, or may still write. Doing it twice is doing
    /// it once.
    pub(super) async fn remove(&self, database: &str) -> Result<bool, Failure> {
        let (wired, id) = (self.wired()?, Id::new(database)?);
        self.gone_from(database).await?;
        // another gateway may be at it, and not come to its end
        if !wired.store.is_gone(&id).await? {
            wired.store.delete(&id).await?;
            // it was kept for long enough since its row was deleted
            let over = Utc::now() + self.0.options.grace;
            if !wired.store.collect(&id, over).await?.database {
                return Ok(false);
            }
        }
        note::forget(&self.note(database))?;
        Ok(true)
    }

    /// The databases whose versions are others than were told of; they are taken out.
    pub(super) fn changed(&self) -> BTreeSet<String> {
        std::mem::take(&mut *self.0.changed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes that a database has other versions than were told of.
    pub(super) fn has_changed(&self, database: &str) {
        self.0.changed.lock().unwrap_or_else(PoisonError::into_inner).insert(database.to_owned());
    }

    /// The databases in it.
    pub(super) fn store(&self) -> Result<&Store, Failure> {
        Ok(&self.wired()?.store)
    }

    fn wired(&self) -> Result<&Wired, Failure> {
        self.0.wired.get().ok_or_else(|| "the node is not open yet".into())
    }

    /// Who has a database as its lease says, and where that one is reached. No node is needed for that.
    pub(super) async fn holder_of(&self, database: &str) -> Result<Option<(String, Option<String>)>, Failure> {
        let store = Store::new(self.0.bucket.clone(), vec![], self.0.options.clone());
        Ok(store.holder(&Id::new(database)?).await?)
    }

    /// The name that the bucket has of its own.
    pub(super) async fn name(&self) -> Result<Uuid, Failure> {
        Ok(*self.0.name.get_or_try_init(|| self.0.bucket.name()).await?)
    }

    /// Where other gateways reach this one, if they do.
    pub(super) fn address(&self) -> Option<&str> {
        self.0.options.address.as_deref()
    }

    /// The node's name in leases.
    pub(super) fn holder(&self) -> io::Result<String> {
        holder(&self.0.home)
    }

    fn note(&self, database: &str) -> PathBuf {
        note::place(&self.0.home, database)
    }

    async fn write_down(&self, database: &str, id: &Id, stored: bool) -> Result<(), Failure> {
        if let Some(number) = self.wired()?.shelf.number(id).await {
            Note { number, stored }.write(&self.note(database))?;
        }
        Ok(())
    }

    async fn taken(&self, database: &str) -> Result<bool, Failure> {
        let (wired, id, began) = (self.wired()?, Id::new(database)?, self.now());
        let noted = Note::read(&self.note(database));
        let is_newest = wired.shelf.take(&id, noted.number).await?;
        self.hold(database, id.clone(), wired.shelf.until(&id).await.unwrap_or(began));
        self.unlock(wired, &id).await?;
        let is_ours = is_newest || self.is_nowhere_else(wired, &id, noted.number).await?;
        if is_ours {
            // whoever took it will run it: what was stored is changed from now on
            self.write_down(database, &id, false).await?;
        } else {
            // of files that are removed next
            note::forget(&self.note(database))?;
        }
        self.is_whole(database, is_ours && noted.stored);
        // what came before this gateway was killed may not have been told
        self.has_changed(database);
        self.tell_of_the_lost(wired, database, &id).await;
        Ok(is_ours)
    }

    async fn tell_of_the_lost(&self, wired: &Wired, database: &str, id: &Id) {
        let (Some(by), entries) = wired.shelf.found(id).await else { return };
        tracing::warn!(
            database,
            by,
            entries,
            "the node that had it is lost: it goes on with its newest stored version and what its log has; commits that are in neither are lost"
        );
    }

    /// Notes whether the bucket has the very files that lie here; says what was noted before.
    fn is_whole(&self, database: &str, whole: bool) -> bool {
        let mut known = self.0.whole.lock().unwrap_or_else(PoisonError::into_inner);
        if whole { !known.insert(database.to_owned()) } else { known.remove(database) }
    }

    async fn brought(&self, database: &str, folder: &Path, spare: Option<&Path>) -> Result<bool, Failure> {
        let (wired, id) = (self.wired()?, Id::new(database)?);
        if self.0.orioledb {
            return self.restored(wired, database, &id, folder).await;
        }
        // the store builds beside it, and has it in this place when all of it is there
        fs::remove_dir(folder)?;
        let brought = match wired.shelf.bring(&id, None, folder, spare).await {
            Err(store::Error::OtherTemplate { wanted }) => {
                let store = self.store_of_another(&wanted).await?;
                wired.shelf.bring(&id, Some(&store), folder, None).await?
            }
            brought => brought?,
        };
        self.write_down(database, &id, false).await?;
        let (_, entries) = wired.shelf.found(&id).await;
        self.is_whole(database, brought && entries == 0);
        Ok(brought)
    }

    /// The files of a version, or of the newest, in an empty folder; its number, or none where there is none.
    pub(super) async fn version(&self, database: &str, number: Option<u64>, folder: &Path) -> Result<Option<u64>, Failure> {
        let (wired, id) = (self.wired()?, Id::new(database)?);
        fs::remove_dir(folder)?;
        let fetch = async |store: &Store| match number {
            Some(number) => store.fetch_version(&id, number, folder, None).await.map(Some),
            None => store.fetch(&id, folder, None).await,
        };
        let fetched = match fetch(&wired.store).await {
            Err(store::Error::OtherTemplate { wanted }) => fetch(&self.store_of_another(&wanted).await?).await,
            Err(store::Error::NoVersion { .. }) => Ok(None),
            fetched => fetched,
        };
        Ok(fetched?.map(|manifest| manifest.number))
    }

    /// All versions, the oldest first.
    pub(super) async fn versions(&self, database: &str) -> Result<Vec<store::Version>, Failure> {
        Ok(self.wired()?.store.versions(&Id::new(database)?).await?)
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl node::Shelf for BucketShelf {
    fn take<'a>(&'a self, database: &'a str) -> BoxFuture<'a, Result<bool, ShelfError>> {
        Box::pin(async move { self.taken(database).await.map_err(failed(database, "take")) })
    }

    fn fetch<'a>(&'a self, database: &'a str, folder: &'a Path, spare: Option<&'a Path>) -> BoxFuture<'a, Result<bool, ShelfError>> {
        Box::pin(async move { self.brought(database, folder, spare).await.map_err(failed(database, "bring")) })
    }

    fn template<'a>(&'a self, major: u32, folder: &'a Path) -> BoxFuture<'a, Result<bool, ShelfError>> {
        Box::pin(async move {
            let store = Store::new(self.0.bucket.clone(), vec![], self.0.options.clone());
            let found = store.fetch_shared_template(major, folder).await;
            let failed = |error| ShelfError { doing: "bring the template that other nodes have".to_owned(), source: Box::new(error) };
            found.map(|template| template.is_some()).map_err(failed)
        })
    }

    fn has_all<'a>(&'a self, database: &'a str, folder: &'a Path) -> BoxFuture<'a, Result<bool, ShelfError>> {
        Box::pin(async move { self.is_complete(database, folder).await.map_err(failed(database, "look into the bucket for")) })
    }

    fn put<'a>(&'a self, database: &'a str, folder: &'a Path) -> BoxFuture<'a, Result<(), ShelfError>> {
        Box::pin(async move { self.stored(database, folder).await.map_err(failed(database, "store")) })
    }

    fn put_beside<'a>(&'a self, database: &'a str, folder: &'a Path) -> BoxFuture<'a, Result<(), ShelfError>> {
        Box::pin(async move { self.stored_beside(database, folder).await.map_err(failed(database, "store")) })
    }

    fn save<'a>(&'a self, database: &'a str, folder: &'a Path) -> BoxFuture<'a, Result<(), ShelfError>> {
        Box::pin(async move { self.saved(database, folder).await.map_err(failed(database, "store")) })
    }

    fn follow<'a>(
        &'a self,
        database: &'a str,
        of: &'a str,
        folder: &'a Path,
        spare: Option<&'a Path>,
    ) -> BoxFuture<'a, Result<Option<Box<dyn node::Follow>>, ShelfError>> {
        Box::pin(async move { self.followed(database, of, folder, spare).await.map_err(failed(database, "bring")) })
    }

    fn let_go<'a>(&'a self, database: &'a str) -> BoxFuture<'a, Result<(), ShelfError>> {
        Box::pin(async move { self.gone_from(database).await.map_err(failed(database, "let go of")) })
    }

    fn log<'a>(&'a self, database: &'a str, folder: &'a Path) -> BoxFuture<'a, Result<Option<Box<dyn node::Log>>, ShelfError>> {
        Box::pin(async move {
            let log = self.logged(database, folder).await.map_err(failed(database, "begin the log of"))?;
            Ok(Some(Box::new(log) as Box<dyn node::Log>))
        })
    }
}

fn failed<'a>(database: &'a str, doing: &'a str) -> impl Fn(Failure) -> ShelfError + 'a {
    move |source| ShelfError { doing: format!("{doing} the database {database}"), source }
}
