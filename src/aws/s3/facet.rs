//! What is set on one bucket, apart from the bucket itself, and how any such thing is a resource.

use aws_sdk_s3::Client;
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Serialize, de::DeserializeOwned};

use super::place;
use crate::{
    aws::Aws,
    resource::{Cloud, Error, Observed, Owner, Reads, Resource, Scope, gone},
};

/// What is set on one bucket, one row for a bucket. S3 is asked for it bucket by bucket, in the bucket's own region.
pub(crate) trait Facet: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The table, qualified.
    const TABLE: &'static str;

    /// The bucket's name.
    fn bucket(&self) -> &str;

    /// How the bucket has it now: `None` where it has nothing else than what it had at first. `self` is a row that somebody manages.
    fn read(&self, s3: &Client) -> impl Future<Output = Result<Option<Self>, Error>> + Send;

    /// Sets it, where `was` is what stood there; answers what stands there then.
    fn set(self, was: Option<Self>, s3: &Client) -> impl Future<Output = Result<Self, Error>> + Send;

    /// Sets it back to how it was at first.
    fn reset(self, s3: &Client) -> impl Future<Output = Result<(), Error>> + Send;
}

impl<F: Facet> Resource for F {
    const TABLE: &'static str = F::TABLE;
    const SCOPE: Scope = Scope::Global;
    const READS: Reads = Reads::Named;
    type Cloud = Aws;

    async fn list(aws: &Aws, named: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let places = place::of(aws, named.iter().map(Facet::bucket)).await?;
        let there = named.iter().filter_map(|row| Some((row.clone(), aws.at(places.get(row.bucket())?)))).collect::<Vec<_>>();
        let asked = stream::iter(there).map(|(row, aws)| async move { set_there(row.read(aws.s3()).await) });
        asked.buffer_unordered(place::ASIDE).try_filter_map(|row| async { Ok(row.map(Observed::of)) }).try_collect().await
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let there = place::at(aws, self.bucket()).await?;
        self.set(None, there.s3()).await.map(Observed::of)
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let there = place::at(aws, self.bucket()).await?;
        let row = self.set(Some(was.row), there.s3()).await?;
        Ok(Observed::of(row))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        // a bucket that is gone took this with it
        match place::at(aws, self.bucket()).await {
            Ok(there) => gone(self.reset(there.s3()).await)?,
            Err(error) => gone::<()>(Err(error))?,
        }
        Ok(None)
    }
}

/// Nothing set, and no bucket at all, read the same.
fn set_there<T>(answer: Result<Option<T>, Error>) -> Result<Option<T>, Error> {
    match answer {
        Err(error) if error.is_absent() => Ok(None),
        answer => answer,
    }
}
