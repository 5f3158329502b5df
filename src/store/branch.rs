//! How a database begins with a version of another one: without a file being copied, and with a hold on each database whose blobs it stands on.

use std::collections::BTreeSet;

use super::{
    Error, Id, Store, Writer, layout,
    manifest::{Content, Kind, Manifest},
};

impl Store {
    /// Makes a new database of a version of another one (the newest where none is named), without copying a file: it stands on the other's blobs, which stay.
    /// What only a log has is not in it.
    ///
    /// # Errors
    /// Where the version is not there, the new name is in use, or the store does not answer.
    pub async fn branch(&self, from: &Id, number: Option<u64>, to: &Id, holder: &str) -> Result<Manifest, Error> {
        let number = self.to_branch_off(from, number).await?;
        let mut writer = self.take_now(to, holder).await?;
        let made = writer.branch_off(from, number).await.cloned();
        let given_back = writer.give_back().await;
        let made = made?;
        given_back.map(|()| made)
    }

    /// The number of the version that is meant: nothing is begun for one that is not there.
    pub(super) async fn to_branch_off(&self, from: &Id, number: Option<u64>) -> Result<u64, Error> {
        self.alive(from).await?;
        let newest = self.newest(from).await?.ok_or_else(|| Error::Empty(from.clone()))?;
        if newest.kind == Kind::Gone {
            return Err(Error::Deleted(from.clone()));
        }
        if newest.content.is_none() {
            return Err(Error::Empty(from.clone()));
        }
        // a takeover is as good as the version that it stands for, and stays for longer
        let number = number.unwrap_or(newest.number);
        self.kept(from, number).await.map(|_| number)
    }

    /// Puts a hold of this database on all versions of `owner` on which `from` stands, and so on the blobs that it has of it: whoever branched off
    /// a branch goes on when that is gone.
    async fn hold_as(&self, from: &Id, database: &Id, owner: &Id) -> Result<(), Error> {
        let held = self.bucket().list(&format!("{}/{from}", layout::holds(owner))).await?;
        let numbers: Vec<_> = held.iter().filter_map(|hold| layout::number(&hold.key)).collect();
        for number in &numbers {
            self.bucket().create(&layout::hold(owner, database, *number), vec![]).await?;
            self.kept(owner, *number).await?;
        }
        // its own holds go when it goes
        if numbers.is_empty() { Err(Error::Deleted(from.clone())) } else { Ok(()) }
    }
}

impl Writer {
    /// Makes a version of another database the first one of this. What it holds on to when it fails it holds on to: it may be tried again, by somebody
    /// else who is not to lose it then, and all of it goes when this database goes.
    ///
    /// # Errors
    /// [`Error::Taken`] where there is one already; where that version is about to go, the store does not answer, or the lease is lost.
    pub(super) async fn branch_off(&mut self, from: &Id, number: u64) -> Result<&Manifest, Error> {
        if self.last.content.is_some() {
            return Err(Error::Taken(self.database.clone()));
        }
        let (store, database) = (self.store.clone(), self.database.clone());
        store.bucket().create(&layout::hold(from, &database, number), vec![]).await?;
        let content = store.kept(from, number).await?.content;
        let owners: BTreeSet<_> = content.iter().flat_map(Content::blobs).filter_map(layout::owner).collect();
        for owner in owners.iter().filter(|owner| ![from, &database].contains(owner)) {
            store.hold_as(from, &database, owner).await?;
        }
        self.commit(Kind::Branched, content).await?;
        if !owners.contains(from) {
            // none of its blobs is that one's own
            store.let_go(&database, std::slice::from_ref(from)).await?;
        }
        Ok(&self.last)
    }
}
