//! A bucket: a place for objects, under a name that is unique in the world.

use aws_sdk_s3::types::{BucketCannedAcl, Permission};
use futures::try_join;
use serde::{Deserialize, Serialize};

use super::{
    error::{named, refused},
    fork,
    settings::{Change, Settings},
    way::Tigris,
};
use crate::{
    aws::{buckets, each},
    resource::{Error, Kind, Observed, Owner, Resource, Scope, gone},
};

/// Everybody, as S3 names them (docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html).
const EVERYBODY: &str = "http://acs.amazonaws.com/groups/global/AllUsers";

/// A row of `tigris.bucket`. That it is ours stands in what the engine remembers: a bucket is tagged only after it was made, and told bucket by bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bucket {
    name: String,
    regions: Option<Vec<String>>,
    public: Option<bool>,
    snapshots: Option<bool>,
    fork_of: Option<String>,
    fork_snapshot: Option<String>,
    storage_class: Option<String>,
}

impl Resource for Bucket {
    const TABLE: &'static str = "tigris.bucket";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Tigris;

    async fn list(tigris: &Tigris, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let all = buckets(tigris.s3("ListBuckets")?, None).await.map_err(named)?;
        let names = all.into_iter().filter_map(|bucket| bucket.name);
        each(names.collect::<Vec<_>>(), |name| async move { Self::seen(tigris, name).await.map(|row| Some(Observed::of(row))) }).await
    }

    async fn create(self, _: &Owner, tigris: &Tigris) -> Result<Observed<Self>, Error> {
        const OPERATION: &str = "CreateBucket";
        let (headers, public) = (self.headers(), self.public == Some(true));
        let asked = tigris.s3(OPERATION)?.create_bucket().bucket(&self.name).set_acl(public.then_some(BucketCannedAcl::PublicRead));
        let asked = asked.customize().mutate_request(move |request| {
            for (name, value) in headers.clone() {
                request.headers_mut().insert(name, value);
            }
        });
        match asked.send().await.map_err(refused(OPERATION)) {
            Ok(_) => Ok(Observed::of(self)),
            Err(error) => self.made_before(error, tigris).await,
        }
    }

    async fn update(self, was: Observed<Self>, _: &Owner, tigris: &Tigris) -> Result<Observed<Self>, Error> {
        let (mut row, mut change) = (was.row.clone(), Change::default());
        if let Some(public) = self.public.filter(|public| row.public != Some(*public)) {
            row.expose(public, tigris).await?;
        }
        if let Some(regions) = self.regions.filter(|regions| row.regions.as_ref() != Some(regions)) {
            change.regions(&regions);
            row.regions = Some(regions);
        }
        if let Some(snapshots) = self.snapshots.filter(|snapshots| row.snapshots != Some(*snapshots)) {
            change.snapshots(snapshots);
            row.snapshots = Some(snapshots);
        }
        change.make(tigris, &row.name).await?;
        Ok(Observed { row, ..was })
    }

    async fn delete(self, tigris: &Tigris) -> Result<Option<Observed<Self>>, Error> {
        const OPERATION: &str = "DeleteBucket";
        gone(tigris.s3(OPERATION)?.delete_bucket().bucket(&self.name).send().await.map_err(refused(OPERATION)))?;
        Ok(None)
    }
}

impl Bucket {
    /// What is asked for at the creation by headers, each only where a column says so. The first three stand in
    /// www.tigrisdata.com/docs/buckets/snapshots-and-forks/, the others in Tigris' own client (`create.ts` beside those of [`Settings`]).
    fn headers(&self) -> Vec<(&'static str, String)> {
        let regions = self.regions.as_ref().map(|regions| regions.join(",")).filter(|regions| !regions.is_empty());
        let headers = [
            ("x-tigris-enable-snapshot", self.snapshots.filter(|has| *has).map(|has| has.to_string())),
            (fork::SOURCE, self.fork_of.clone()),
            (fork::SNAPSHOT, self.fork_snapshot.clone()),
            ("x-tigris-regions", regions),
            ("x-amz-storage-class", self.storage_class.clone()),
        ];
        headers.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// One bucket as it is.
    async fn seen(tigris: &Tigris, name: String) -> Result<Self, Error> {
        let (settings, public) = try_join!(Settings::of(tigris, &name), is_public(tigris, &name))?;
        let (fork_of, fork_snapshot) = match &settings {
            Some(settings) if settings.is_fork() => fork::of(tigris, &name).await?,
            _ => (None, None),
        };
        Ok(Self {
            name,
            regions: settings.as_ref().map(Settings::regions),
            public: Some(public),
            snapshots: settings.as_ref().map(Settings::has_snapshots),
            fork_of,
            fork_snapshot,
            storage_class: settings.and_then(|settings| settings.storage_class),
        })
    }

    /// A repeated creation finds the bucket of the first, where that one is what was asked for; whatever can change in place is changed then.
    async fn made_before(self, error: Error, tigris: &Tigris) -> Result<Observed<Self>, Error> {
        if !matches!(error.code.as_deref(), Some("BucketAlreadyOwnedByYou" | "BucketAlreadyExists")) {
            return Err(error);
        }
        match Self::seen(tigris, self.name.clone()).await {
            Ok(found) if self.is_like(&found) => Ok(Observed::of(found)),
            Ok(_) => Err(Error { said: "it is there, and is of another class, or began as something else".to_owned(), ..error }),
            Err(unseen) if matches!(unseen.kind, Kind::Denied | Kind::Absent) => Err(taken(error)),
            Err(unseen) => Err(unseen),
        }
    }

    /// As far as it can't change in place.
    fn is_like(&self, found: &Self) -> bool {
        let fits = |should: &Option<String>, is: &Option<String>| should.is_none() || should == is;
        fits(&self.fork_of, &found.fork_of)
            && fits(&self.fork_snapshot, &found.fork_snapshot)
            && fits(&self.storage_class, &found.storage_class)
    }

    /// Tigris has these two of S3's ready-made lists, and no others (www.tigrisdata.com/docs/api/s3/).
    async fn expose(&mut self, public: bool, tigris: &Tigris) -> Result<(), Error> {
        const OPERATION: &str = "PutBucketAcl";
        let acl = if public { BucketCannedAcl::PublicRead } else { BucketCannedAcl::Private };
        tigris.s3(OPERATION)?.put_bucket_acl().bucket(&self.name).acl(acl).send().await.map_err(refused(OPERATION))?;
        self.public = Some(public);
        Ok(())
    }
}

/// Names are one space for all.
fn taken(error: Error) -> Error {
    let said = "a bucket of another account has this name: all accounts of Tigris share one space of names, so another one is needed";
    Error { kind: Kind::Invalid, said: said.to_owned(), ..error }
}

async fn is_public(tigris: &Tigris, name: &str) -> Result<bool, Error> {
    const OPERATION: &str = "GetBucketAcl";
    let answer = tigris.s3(OPERATION)?.get_bucket_acl().bucket(name).send().await.map_err(refused(OPERATION))?;
    let reads = |permission: &Permission| matches!(permission, Permission::Read | Permission::FullControl);
    Ok(answer.grants().iter().any(|grant| {
        grant.permission().is_some_and(reads) && grant.grantee().and_then(|who| who.uri()).is_some_and(|who| who == EVERYBODY)
    }))
}
