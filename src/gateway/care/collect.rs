//! Goes through the bucket, one database at a time, and removes what nothing reaches.

use std::time::Duration;

use chrono::Utc;
use tokio::time::sleep;

use super::{Failure, Kept};
use crate::causes::in_one_line;

/// How long the bucket has for others between two databases.
const BREATH: Duration = Duration::from_millis(100);

impl Kept {
    /// Collects every database of the bucket once. Whoever else does so at the same time is no matter (`store/collect.rs`).
    pub(super) async fn collect(&self) -> Result<(), Failure> {
        let Some(bucket) = self.bucket.as_ref().filter(|_| self.here.may_collect()) else { return Ok(()) };
        let store = bucket.store()?;
        for id in store.databases().await? {
            match store.collect(&id, Utc::now()).await {
                Ok(collected) if !collected.manifests.is_empty() || !collected.blobs.is_empty() => {
                    let (versions, blobs) = (collected.manifests.len(), collected.blobs.len());
                    tracing::info!(database = id.as_str(), versions, blobs, "what nothing reached of it is removed");
                    bucket.has_changed(id.as_str());
                }
                Ok(_) => {}
                // one that is broken does not keep the others
                Err(error) => tracing::warn!(database = id.as_str(), error = in_one_line(&error), "could not collect what nothing reaches"),
            }
            sleep(BREATH).await;
        }
        Ok(())
    }
}
