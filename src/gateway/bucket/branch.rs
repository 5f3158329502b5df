//! In the bucket, a database that begins as a branch of another one. This node has taken it; where it does not begin it is given back, and whoever comes
//! next takes it anew, wherever that is.

use std::path::Path;

use super::{BucketShelf, Failure};
use crate::{causes::in_one_line, store::Id};

impl BucketShelf {
    /// Makes it of a version of the other one, or of its newest; content where it has a version already.
    pub(in crate::gateway) async fn branch(&self, database: &str, from: &str, number: Option<u64>) -> Result<(), Failure> {
        let begun = async {
            self.wired()?.shelf.branch(&Id::new(database)?, &Id::new(from)?, number).await?;
            self.has_changed(database);
            Ok(())
        };
        self.or_given_back(database, begun.await).await
    }

    /// Makes it of the files of a stopped cluster; content where it has a version already.
    pub(in crate::gateway) async fn begin_with(&self, database: &str, folder: &Path) -> Result<(), Failure> {
        let begun = async {
            let newest = self.wired()?.store.newest(&Id::new(database)?).await?;
            if newest.is_some_and(|newest| newest.content.is_some()) { Ok(()) } else { self.stored_beside(database, folder).await }
        };
        self.or_given_back(database, begun.await).await
    }

    async fn or_given_back(&self, database: &str, begun: Result<(), Failure>) -> Result<(), Failure> {
        if begun.is_err() {
            self.held().remove(database);
            if let Err(error) = self.wired()?.shelf.give_back(&Id::new(database)?).await {
                tracing::debug!(database, error = in_one_line(&error), "its lease ends by itself");
            }
        }
        begun
    }
}
