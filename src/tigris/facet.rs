//! What is set on one bucket by calls that Tigris has as S3 has them: the same, in another table and on another way.

use serde::{Deserialize, Serialize};

use super::{error::named, way::Tigris};
use crate::{
    aws::{Facet, each},
    resource::{Error, Observed, Owner, Reads, Resource, Scope, gone},
};

/// A table of Tigris', and what it is in S3.
pub(super) trait Table: Clone + Send + Sync + 'static {
    /// The table, qualified.
    const NAME: &'static str;
    /// Its rows.
    type Row: Facet;
}

/// A row of such a table.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub(super) struct Set<T: Table>(T::Row);

impl<T: Table> Resource for Set<T> {
    const TABLE: &'static str = T::NAME;
    const SCOPE: Scope = Scope::Global;
    const READS: Reads = Reads::Named;
    type Cloud = Tigris;

    async fn list(tigris: &Tigris, rows: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let s3 = tigris.s3("ListBuckets")?;
        each(rows.to_vec(), |row| async move { Ok(row.0.read(s3).await.map_err(named)?.map(|row| Observed::of(Self(row)))) }).await
    }

    async fn create(self, _: &Owner, tigris: &Tigris) -> Result<Observed<Self>, Error> {
        self.set(None, tigris).await
    }

    async fn update(self, was: Observed<Self>, _: &Owner, tigris: &Tigris) -> Result<Observed<Self>, Error> {
        self.set(Some(was.row.0), tigris).await
    }

    async fn delete(self, tigris: &Tigris) -> Result<Option<Observed<Self>>, Error> {
        // a bucket that is gone took this with it
        gone(self.0.reset(tigris.s3("DeleteBucket")?).await.map_err(named))?;
        Ok(None)
    }
}

impl<T: Table> Set<T> {
    async fn set(self, was: Option<T::Row>, tigris: &Tigris) -> Result<Observed<Self>, Error> {
        let row = self.0.set(was, tigris.s3("PutBucket")?).await.map_err(named)?;
        Ok(Observed::of(Self(row)))
    }
}
