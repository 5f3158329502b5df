//! In the bucket, a database that begins as a branch of another one. This node has taken it; where it does not begin it is given back, and whoever comes
//! next takes it anew, wherever that is.

use std::path::Path;

use super::{BucketShelf, Failure};
use crate::store::Id;

impl BucketShelf {
    /// Makes it of a version of the other one, or of its newest; content where it has a version already.
    pub(in crate::gateway) async fn branch(&self, database: &str, from: &str, number: Option<u64>) -> Result<(), Failure> {
        let begun = async {
            self.ours(database).await?;
            self.wired()?.shelf.branch(&Id::new(database)?, &Id::new(from)?, number).await?;
            self.has_changed(database);
            Ok(())
        };
        self.or_given_back(database, begun.await).await
    }

    /// Makes it of the files of a stopped cluster; content where it has a version already.
    pub(in crate::gateway) async fn begin_with(&self, database: &str, folder: &Path) -> Result<(), Failure> {
        let begun = async {
            self.ours(database).await?;
            let newest = self.wired()?.store.newest(&Id::new(database)?).await?;
            if newest.is_some_and(|newest| newest.content.is_some()) { Ok(()) } else { self.stored_beside(database, folder).await }
        };
        self.or_given_back(database, begun.await).await
    }

    /// What nobody waited for may have been given back in between.
    async fn ours(&self, database: &str) -> Result<(), Failure> {
        let has = self.is_held(database);
        if has { Ok(()) } else { self.taken(database).await.map(drop) }
    }

    async fn or_given_back(&self, database: &str, begun: Result<(), Failure>) -> Result<(), Failure> {
        if begun.is_err() {
            self.gone_from(database).await?;
        }
        begun
    }
}
