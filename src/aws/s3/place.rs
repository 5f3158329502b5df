//! Where the buckets are: all of them by one listing, and the way to one of them.

use std::collections::HashMap;

use aws_sdk_s3::{Client, types::Bucket};
use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    aws::{Aws, error::refused},
    resource::{Cloud, Error, Kind},
};

/// Buckets in one page, the most that AWS gives.
const PAGE: usize = 10_000;
/// Questions in flight at a time.
pub(super) const ASIDE: usize = 16;

/// Every bucket of the account with its region; remembered for [`at`].
pub(super) async fn all(aws: &Aws) -> Result<HashMap<String, String>, Error> {
    let mut seen = aws.buckets().lock().await;
    *seen = located(aws).await?;
    Ok(seen.clone())
}

/// Those of `named` that exist, with their regions; lists only where one of them was not seen before.
pub(super) async fn of(aws: &Aws, named: impl Iterator<Item = &str> + Clone) -> Result<HashMap<String, String>, Error> {
    let mut seen = aws.buckets().lock().await;
    if named.clone().any(|name| !seen.contains_key(name)) {
        *seen = located(aws).await?;
    }
    Ok(named.filter_map(|name| seen.get_key_value(name)).map(|(name, region)| (name.clone(), region.clone())).collect())
}

/// The way to one bucket: the same account in the bucket's region.
pub(super) async fn at(aws: &Aws, bucket: &str) -> Result<Aws, Error> {
    let seen = aws.buckets().lock().await.get(bucket).cloned();
    let region = match seen {
        Some(region) => region,
        None => location(aws, bucket).await?,
    };
    Ok(remember(aws, bucket, &region).await)
}

/// Notes where a bucket is, and goes there.
pub(super) async fn remember(aws: &Aws, bucket: &str, region: &str) -> Aws {
    aws.buckets().lock().await.insert(bucket.to_owned(), region.to_owned());
    aws.at(region)
}

/// Asks S3 where one bucket is. The oldest region answers for all of them.
pub(super) async fn location(aws: &Aws, bucket: &str) -> Result<String, Error> {
    let answer = aws.at("us-east-1").s3().get_bucket_location().bucket(bucket).send().await.map_err(refused("GetBucketLocation"))?;
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html: two regions have names of their own
    Ok(match answer.location_constraint().map(|constraint| constraint.as_str()) {
        None | Some("") => "us-east-1".to_owned(),
        Some("EU") => "eu-west-1".to_owned(),
        Some(region) => region.to_owned(),
    })
}

/// One listing; an endpoint that leaves the regions out is asked again for those of this region, and one by one for the rest.
async fn located(aws: &Aws) -> Result<HashMap<String, String>, Error> {
    let (told, untold) = split(listed(aws.s3(), None).await?);
    if untold.is_empty() {
        return Ok(told);
    }
    let (_, here) = split(listed(aws.s3(), Some(aws.region())).await?);
    let elsewhere: Vec<String> = untold.into_iter().filter(|name| !here.contains(name)).collect();
    let asked = stream::iter(elsewhere).map(|name| async { location(aws, &name).await.map(|region| (name, region)) });
    let asked: Vec<_> = asked.buffer_unordered(ASIDE).try_collect().await?;
    Ok(told.into_iter().chain(here.into_iter().map(|name| (name, aws.region().to_owned()))).chain(asked).collect())
}

/// Those with a region, and the names of those without.
fn split(buckets: Vec<Bucket>) -> (HashMap<String, String>, Vec<String>) {
    let mut told = HashMap::new();
    let mut untold = Vec::new();
    for bucket in buckets {
        match (bucket.name, bucket.bucket_region) {
            (Some(name), Some(region)) => _ = told.insert(name, region),
            (Some(name), None) => untold.push(name),
            (None, _) => {}
        }
    }
    (told, untold)
}

/// All buckets of the account, or those in one region.
pub(crate) async fn listed(s3: &Client, region: Option<&str>) -> Result<Vec<Bucket>, Error> {
    let asked = s3.list_buckets().max_buckets(PAGE as i32).set_bucket_region(region.map(str::to_owned));
    let mut pages = asked.into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(refused("ListBuckets"))?;
        if page.buckets().len() >= PAGE && page.continuation_token().is_none() {
            // what a cut list lacks is not gone
            return Err(Error::new("ListBuckets", Kind::Broken, "the list ends at a full page without saying whether there is more"));
        }
        all.extend(page.buckets.unwrap_or_default());
    }
    Ok(all)
}
