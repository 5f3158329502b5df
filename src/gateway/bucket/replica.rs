//! In the bucket, a database that only reads what another one has: it has a lease of its own, below its own id, and nothing else there. Below the other one's
//! nothing is changed.

use std::{fs, path::Path};

use futures::future::BoxFuture;

use super::{BucketShelf, Failure, failed};
use crate::{
    node::{self, ShelfError},
    store::{self, Came, Id},
};

/// What another one of this name writes.
struct Reading {
    of: String,
    follower: store::Follower,
}

impl BucketShelf {
    /// Takes the replica, and brings the other one's files; nothing where those are in no version yet.
    pub(super) async fn followed(
        &self,
        database: &str,
        of: &str,
        folder: &Path,
        spare: Option<&Path>,
    ) -> Result<Option<Box<dyn node::Follow>>, Failure> {
        let (wired, id, other, began) = (self.wired()?, Id::new(database)?, Id::new(of)?, self.now());
        wired.shelf.take(&id, 0).await?;
        self.hold(database, id.clone(), wired.shelf.until(&id).await.unwrap_or(began));
        // the store builds beside it, and has it in this place when all of it is there
        fs::remove_dir(folder)?;
        let followed = match wired.store.follow(&other, None, folder, spare).await {
            Err(store::Error::OtherTemplate { wanted }) => {
                let store = self.store_of_another(&wanted).await?;
                wired.store.follow(&other, Some(&store), folder, None).await?
            }
            followed => followed?,
        };
        Ok(followed.map(|follower| Box::new(Reading { of: of.to_owned(), follower }) as Box<dyn node::Follow>))
    }
}

impl node::Follow for Reading {
    fn look(&mut self) -> BoxFuture<'_, Result<bool, ShelfError>> {
        Box::pin(async move {
            match self.follower.look().await {
                Ok(Came::Nothing | Came::Log(_)) => Ok(true),
                Ok(Came::Files) => Ok(false),
                Err(error) => Err(failed(&self.of, "read the log of")(error.into())),
            }
        })
    }
}
