//! The bucket behind the node: a database is taken before it runs here, held for as long as it may run, and cut where it can't be held.

use std::{
    collections::{BTreeSet, HashMap},
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Instant,
};

use chrono::Utc;
use futures::future::BoxFuture;
use tokio::time::{sleep, timeout_at};
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::{
    causes::in_one_line,
    node::{self, Node, ShelfError},
    store::{self, Bucket, Id, Options, Store, Template},
};

/// A node's way to its bucket. A clone is the same one.
#[derive(Clone)]
pub struct BucketShelf(Arc<Shared>);

struct Shared {
    home: PathBuf,
    bucket: Bucket,
    options: Options,
    /// Once the node is there.
    wired: OnceLock<Wired>,
    /// What is renewed, by id.
    held: Mutex<HashMap<String, DropGuard>>,
    /// Whose versions are others than were told of.
    changed: Mutex<BTreeSet<String>>,
}

struct Wired {
    store: Store,
    shelf: store::Shelf,
    holder: String,
    node: Node,
}

/// Why something could not be done.
type Failure = Box<dyn std::error::Error + Send + Sync>;

impl BucketShelf {
    /// For a node with this folder of its own, in which it is noted which version of a database lies on this disk.
    pub fn new(home: impl Into<PathBuf>, bucket: Bucket, options: Options) -> Self {
        let (wired, held, changed) = (OnceLock::new(), Mutex::default(), Mutex::default());
        Self(Arc::new(Shared { home: home.into(), bucket, options, wired, held, changed }))
    }

    /// Tells whose it is, once that node is open. Before that nothing is taken.
    ///
    /// # Errors
    /// When the template can't be read or shared, or the folder not written.
    pub async fn belongs_to(&self, node: Node) -> Result<(), Failure> {
        let template = Template::open(node.template()).await?;
        let holder = self.holder()?;
        let store = Store::new(self.0.bucket.clone(), vec![template.clone()], self.0.options.clone());
        store.share_template(&template, &holder).await?;
        let shelf = store::Shelf::new(store.clone(), holder.clone());
        drop(self.0.wired.set(Wired { store, shelf, holder, node }));
        Ok(())
    }

    /// Whether nobody else has ever had the database: then it may be made. Where another node made it and has not put it away yet, it is there
    /// and nowhere else.
    pub(super) async fn is_new(&self, database: &str) -> Result<bool, Failure> {
        let (wired, id) = (self.wired()?, Id::new(database)?);
        let Some(newest) = wired.store.newest(&id).await? else { return Ok(true) };
        for number in 1..=newest.number {
            let manifest = wired.store.manifest(&id, number).await?;
            if manifest.is_some_and(|manifest| manifest.by != wired.holder || manifest.content.is_some()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Removes all of a database that nobody is to have any more; false where another gateway still has it, or may still write. Doing it twice is doing
    /// it once.
    pub(super) async fn remove(&self, database: &str) -> Result<bool, Failure> {
        let (wired, id) = (self.wired()?, Id::new(database)?);
        self.held().remove(database);
        if let Err(error) = wired.shelf.give_back(&id).await {
            tracing::debug!(database, error = in_one_line(&error), "its lease ends by itself");
        }
        let is_there = match wired.store.newest(&id).await? {
            Some(newest) => newest.kind != store::Kind::Gone,
            None => false,
        };
        if is_there {
            wired.store.delete(&id).await?;
            // it was kept for long enough since its row was deleted
            let over = Utc::now() + self.0.options.grace;
            if !wired.store.collect(&id, over).await?.database {
                return Ok(false);
            }
        }
        fs::remove_file(self.note(database)).or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
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

    /// The node's name in leases: its own for as long as its folder is there.
    fn holder(&self) -> io::Result<String> {
        let file = self.0.home.join("holder");
        if let Ok(holder) = fs::read_to_string(&file) {
            return Ok(holder);
        }
        let holder = Uuid::new_v4().to_string();
        write(&file, &holder)?;
        Ok(holder)
    }

    fn note(&self, database: &str) -> PathBuf {
        self.0.home.join("versions").join(database)
    }

    async fn write_down(&self, database: &str, id: &Id) -> Result<(), Failure> {
        if let Some(number) = self.wired()?.shelf.number(id).await {
            write(&self.note(database), &number.to_string())?;
        }
        Ok(())
    }

    async fn taken(&self, database: &str) -> Result<bool, Failure> {
        let (wired, id, began) = (self.wired()?, Id::new(database)?, Instant::now());
        let noted = fs::read_to_string(self.note(database)).ok().and_then(|note| note.parse().ok()).unwrap_or(0);
        let is_newest = wired.shelf.take(&id, noted).await?;
        // what was never put away is on this disk and nowhere else, whoever else has taken it meanwhile
        let is_ours = is_newest || wired.store.newest(&id).await?.is_none_or(|newest| newest.content.is_none());
        if is_ours {
            self.write_down(database, &id).await?;
        }
        self.hold(database, id, began);
        Ok(is_ours)
    }

    async fn brought(&self, database: &str, folder: &Path) -> Result<bool, Failure> {
        let (wired, id, began) = (self.wired()?, Id::new(database)?, Instant::now());
        // the store builds beside it, and has it in this place when all of it is there; whose it is the node has decided
        let found = fs::metadata(folder)?;
        let owner = Some((found.uid(), found.gid()));
        fs::remove_dir(folder)?;
        let brought = match wired.shelf.fetch(&id, folder, owner).await {
            Err(store::Error::OtherTemplate { wanted }) => {
                let template = self.template_of_another(&wired.store, &wanted).await?;
                let store = Store::new(self.0.bucket.clone(), vec![template], self.0.options.clone());
                store.fetch(&id, folder, owner).await?.is_some()
            }
            brought => brought?,
        };
        self.write_down(database, &id).await?;
        self.hold(database, id, began);
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
            Err(store::Error::OtherTemplate { wanted }) => {
                let template = self.template_of_another(&wired.store, &wanted).await?;
                fetch(&Store::new(self.0.bucket.clone(), vec![template], self.0.options.clone())).await
            }
            Err(store::Error::NoVersion { .. }) => Ok(None),
            fetched => fetched,
        };
        Ok(fetched?.map(|manifest| manifest.number))
    }

    /// All versions, the oldest first.
    pub(super) async fn versions(&self, database: &str) -> Result<Vec<store::Version>, Failure> {
        Ok(self.wired()?.store.versions(&Id::new(database)?).await?)
    }

    /// What a database was stored with that comes from another node.
    async fn template_of_another(&self, store: &Store, fingerprint: &str) -> Result<Template, Failure> {
        let folders = self.0.home.join("templates-of-others");
        fs::create_dir_all(&folders)?;
        let folder = folders.join(fingerprint);
        if folder.exists() {
            return Ok(Template::open(folder).await?);
        }
        match store.fetch_template(fingerprint, &folder, None).await {
            // somebody else who knocked had it brought in between
            Err(_) if folder.exists() => Ok(Template::open(folder).await?),
            brought => Ok(brought?),
        }
    }

    async fn stored(&self, database: &str, folder: &Path) -> Result<(), Failure> {
        let (wired, id) = (self.wired()?, Id::new(database)?);
        // its server has stopped: nothing has to be cut
        self.held().remove(database);
        wired.shelf.put(&id, folder, Vec::new()).await?;
        self.has_changed(database);
        self.write_down(database, &id).await?;
        if let Err(error) = wired.shelf.give_back(&id).await {
            tracing::warn!(database, error = in_one_line(&error), "its lease ends by itself");
        }
        Ok(())
    }

    /// It is ours before and after, and is held meanwhile.
    async fn stored_beside(&self, database: &str, folder: &Path) -> Result<(), Failure> {
        let (wired, id) = (self.wired()?, Id::new(database)?);
        wired.shelf.put_beside(&id, folder, Vec::new()).await?;
        self.write_down(database, &id).await
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, DropGuard>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Renews from now on, in the place of whoever did before.
    fn hold(&self, database: &str, id: Id, since: Instant) {
        let ended = CancellationToken::new();
        let renewing = ended.clone().run_until_cancelled_owned(self.clone().renew(database.to_owned(), id, since + self.0.options.lease));
        self.held().insert(database.to_owned(), ended.drop_guard());
        tokio::spawn(renewing);
    }

    /// Renews until that fails for too long; then the server is killed before somebody else may start another.
    async fn renew(self, database: String, id: Id, mut until: Instant) {
        let Ok(wired) = self.wired() else { return };
        let (every, margin) = (self.0.options.lease / 4, self.0.options.lease / 5);
        loop {
            sleep(every).await;
            match timeout_at((until - margin).into(), wired.shelf.renew(&id)).await {
                Ok(Ok(renewed)) => until = renewed,
                Ok(Err(store::Error::Lost(_))) | Err(_) => break,
                Ok(Err(error)) => {
                    tracing::warn!(database, error = in_one_line(&error), "its lease could not be renewed");
                    if Instant::now() + every >= until - margin {
                        break;
                    }
                }
            }
        }
        tracing::error!(database, "its lease can't be held: it is ended before another node may run it");
        if let Err(error) = wired.node.cut(&database).await {
            tracing::error!(database, error = in_one_line(&error), "it could not be ended");
        }
    }
}

impl node::Shelf for BucketShelf {
    fn take<'a>(&'a self, database: &'a str) -> BoxFuture<'a, Result<bool, ShelfError>> {
        Box::pin(async move { self.taken(database).await.map_err(failed(database, "take")) })
    }

    fn fetch<'a>(&'a self, database: &'a str, folder: &'a Path) -> BoxFuture<'a, Result<bool, ShelfError>> {
        Box::pin(async move { self.brought(database, folder).await.map_err(failed(database, "bring")) })
    }

    fn put<'a>(&'a self, database: &'a str, folder: &'a Path) -> BoxFuture<'a, Result<(), ShelfError>> {
        Box::pin(async move { self.stored(database, folder).await.map_err(failed(database, "store")) })
    }

    fn put_beside<'a>(&'a self, database: &'a str, folder: &'a Path) -> BoxFuture<'a, Result<(), ShelfError>> {
        Box::pin(async move { self.stored_beside(database, folder).await.map_err(failed(database, "store")) })
    }
}

fn failed<'a>(database: &'a str, doing: &'a str) -> impl Fn(Failure) -> ShelfError + 'a {
    move |source| ShelfError { doing: format!("{doing} the database {database}"), source }
}

/// Whole or not at all.
fn write(file: &Path, text: &str) -> io::Result<()> {
    file.parent().map_or(Ok(()), fs::create_dir_all)?;
    let new = file.with_extension("new");
    fs::write(&new, text)?;
    fs::rename(new, file)
}
