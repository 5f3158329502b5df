//! From a folder to the bucket: what differs from the template goes up in blobs while it is found, and the manifest comes last.

use std::path::{Path, PathBuf};

use object_store::PutPayload;
use tokio::sync::mpsc;
use tokio_util::bytes::Bytes;
use uuid::Uuid;

use super::{
    Error, Id, Store, Writer,
    cluster::Cluster,
    delta::{self, Delta, Side},
    layout,
    manifest::{Content, Kind, Manifest, Pack, Role},
    template::{self, Template},
    walk::{Found, Keep, walk},
};
use crate::postgres::Engine;

/// How many packs may wait for their upload: with the blob that is being filled, about 40 MB are in memory at most.
const WAITING: usize = 2;

/// A folder that was looked at: what is kept of it, and what it is told apart from.
pub(super) struct Seen {
    folder: PathBuf,
    cluster: Option<Cluster>,
    found: Vec<Found>,
    template: Template,
}

impl Writer {
    /// Stores a stopped cluster's folder as the newest version. What is killed half-way leaves the version before as it was.
    ///
    /// # Errors
    /// Where the folder is no stopped cluster, or more than the quota (nothing is stored then), the store does not answer, or the lease is lost.
    pub async fn put(&mut self, folder: &Path, roles: Vec<Role>) -> Result<&Manifest, Error> {
        let quota = self.store.options().quota;
        self.put_within(folder, roles, quota).await
    }

    /// The same with a quota of this database's own, in bytes.
    ///
    /// # Errors
    /// As with [`Writer::put`].
    pub async fn put_within(&mut self, folder: &Path, roles: Vec<Role>, quota: Option<u64>) -> Result<&Manifest, Error> {
        let seen = self.store.look_at(folder).await?;
        self.store_seen(seen, roles, quota).await
    }

    /// Stores any folder, whole, against a template that need not be a cluster: for what is no Postgres of ours.
    ///
    /// # Errors
    /// As with [`Writer::put`].
    pub async fn put_plain(&mut self, folder: &Path, template: &Template) -> Result<&Manifest, Error> {
        let quota = self.store.options().quota;
        self.put_whole(folder, template, quota).await
    }

    pub(super) async fn put_whole(&mut self, folder: &Path, template: &Template, quota: Option<u64>) -> Result<&Manifest, Error> {
        let (path, template) = (folder.to_owned(), template.clone());
        let seen = on_a_thread(folder, move || {
            let found = walk(&path, &|_| Keep::Whole)?;
            Ok(Seen { folder: path, cluster: None, found, template })
        });
        self.store_seen(seen.await?, vec![], quota).await
    }

    async fn store_seen(&mut self, seen: Seen, roles: Vec<Role>, quota: Option<u64>) -> Result<&Manifest, Error> {
        let known = self.known();
        let (store, database, epoch) = (self.store.clone(), self.database.clone(), self.epoch());
        let content = self.holding(store.content(&database, epoch, seen, roles, quota, known)).await?;
        self.commit(Kind::Version, Some(content)).await
    }

    /// What the newest version stands on, and the next one need not bring again.
    pub(super) fn known(&self) -> Vec<Pack> {
        self.last.content.as_ref().map(|content| content.packs.clone()).unwrap_or_default()
    }
}

impl Store {
    /// Looks at a stopped cluster's folder.
    pub(super) async fn look_at(&self, folder: &Path) -> Result<Seen, Error> {
        let (store, path) = (self.clone(), folder.to_owned());
        let seen = on_a_thread(folder, move || {
            let cluster = Cluster::look(&path)?;
            let template = store.template_for(cluster.engine, cluster.major)?;
            let found = walk(&path, &|name| cluster.keep(name))?;
            Ok(Seen { folder: path, cluster: Some(cluster), found, template })
        });
        seen.await
    }

    /// Uploads what was seen, for a writer of this epoch: what it then has to commit.
    pub(super) async fn content(
        &self,
        database: &Id,
        epoch: u64,
        seen: Seen,
        roles: Vec<Role>,
        quota: Option<u64>,
        known: Vec<Pack>,
    ) -> Result<Content, Error> {
        let size = seen.found.iter().filter_map(|found| found.size).sum();
        if let Some(quota) = quota.filter(|quota| size > *quota) {
            return Err(Error::Quota { database: database.clone(), size, quota });
        }
        let (engine, major, template) = (Engine::of(&seen.folder), template::major(&seen.folder), seen.template.fingerprint().to_owned());
        let Delta { packs, entries, gone } = self.upload(database, epoch, seen, known).await?;
        Ok(Content { engine, major, template, size, roles, packs, entries, gone })
    }

    /// Finds the difference on a thread of its own, and uploads each blob as soon as it is whole.
    async fn upload(&self, database: &Id, epoch: u64, seen: Seen, known: Vec<Pack>) -> Result<Delta, Error> {
        let (sender, packed) = mpsc::channel::<(String, Vec<u8>)>(WAITING);
        let (whose, place) = (database.clone(), seen.folder.clone());
        let finding = on_a_thread(&place, move || {
            let whole = |_: &str| Keep::Whole;
            let of_cluster = |path: &str| seen.cluster.as_ref().map_or(Keep::Whole, |cluster| cluster.keep(path));
            let side = Side { folder: &seen.folder, found: &seen.found, keeps: if seen.cluster.is_some() { &of_cluster } else { &whole } };
            let mut name = || layout::blob(&whose, epoch, Uuid::new_v4());
            // who waits for it has gone only where an upload failed, and then says so himself
            let mut sink = |blob: &str, bytes| sender.blocking_send((blob.to_owned(), bytes)).map_err(|_| Error::Thread(blob.to_owned()));
            delta::pack(&side, &seen.template, &known, &mut name, &mut sink)
        });
        let (found, uploaded) = futures::join!(finding, self.make_blobs(packed));
        uploaded?;
        found
    }

    /// Ends at the first one that fails, and the receiver with it: who still packs is not kept waiting.
    async fn make_blobs(&self, mut packed: mpsc::Receiver<(String, Vec<u8>)>) -> Result<(), Error> {
        let mut blob: Option<(String, Vec<Vec<u8>>)> = None;
        while let Some((key, bytes)) = packed.recv().await {
            if let Some((full, parts)) = blob.take_if(|(filled, _)| *filled != key) {
                self.make_blob(&full, parts).await?;
            }
            blob.get_or_insert_with(|| (key, vec![])).1.push(bytes);
        }
        match blob {
            Some((key, parts)) => self.make_blob(&key, parts).await,
            None => Ok(()),
        }
    }

    async fn make_blob(&self, key: &str, parts: Vec<Vec<u8>>) -> Result<(), Error> {
        let payload: PutPayload = parts.into_iter().map(Bytes::from).collect();
        // its name is by chance and nobody else's: where it is there, an attempt whose answer was lost has made it
        self.bucket().put_parts(key, payload).await.map(drop)
    }
}

/// Reads or writes files on a thread where that holds up nobody.
pub(super) async fn on_a_thread<T: Send + 'static>(
    folder: &Path,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Thread(folder.display().to_string()))?
}
