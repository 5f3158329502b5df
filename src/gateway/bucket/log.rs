//! A running database's log, as its node hands it over, to the bucket: what fails is tried again until the number is somebody else's.

use std::time::Duration;

use futures::future::BoxFuture;
use tokio::time::sleep;

use super::{BucketShelf, Failure, failed};
use crate::{
    causes::in_one_line,
    node::{self, Piece, ShelfError},
    store::{self, Log},
};

/// How long after a failure the same object is tried again. A node that is cut off for longer than its lease is cut itself.
const AGAIN: Duration = Duration::from_millis(200);

/// The log of a database of this name.
pub(super) struct Kept {
    pub(super) database: String,
    pub(super) log: Log,
    pub(super) shelf: BucketShelf,
}

impl Kept {
    async fn append(&mut self, Piece { timeline, start, bytes }: Piece) -> Result<(), Failure> {
        let entry = self.log.entry(store::Piece { timeline, start, bytes })?;
        let mut told = false;
        loop {
            match self.log.append(&entry).await {
                // one that stood still meanwhile has stored it, but whoever has the database by now has told others more
                Ok(()) if self.shelf.is_held(&self.database) => return Ok(()),
                Ok(()) => return Err("its lease was over before it could be acknowledged".into()),
                Err(lost @ store::Error::Lost(_)) => return Err(lost.into()),
                Err(error) if !told => {
                    tracing::warn!(database = self.database, error = in_one_line(&error), "a piece of its log is tried again");
                    told = true;
                }
                Err(_) => {}
            }
            sleep(AGAIN).await;
        }
    }
}

impl node::Log for Kept {
    fn keep(&mut self, piece: Piece) -> BoxFuture<'_, Result<(), ShelfError>> {
        Box::pin(async move {
            let kept = self.append(piece).await;
            kept.map_err(|failure| failed(&self.database, "keep the log of")(failure))
        })
    }
}
