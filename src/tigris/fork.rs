//! Of what a bucket is a fork: headers of an answer that has no body (www.tigrisdata.com/docs/buckets/snapshots-and-forks/).

use std::{
    error::Error as StdError,
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeDeserializationInterceptorContextRef};

use super::{error::refused, way::Tigris};
use crate::resource::Error;

/// The bucket that it is a fork of.
pub(super) const SOURCE: &str = "x-tigris-fork-source-bucket";
/// The snapshot that it began as.
pub(super) const SNAPSHOT: &str = "x-tigris-fork-source-bucket-snapshot";

/// The bucket, and the version of its snapshot.
pub(super) type Fork = (Option<String>, Option<String>);

/// Notes what an answer's headers say of it.
#[derive(Clone, Debug, Default)]
struct Note(Arc<Mutex<Fork>>);

impl Intercept for Note {
    fn name(&self) -> &'static str {
        "fork"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), Box<dyn StdError + Send + Sync>> {
        let said = |name| context.response().headers().get(name).filter(|said| !said.is_empty()).map(str::to_owned);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (said(SOURCE), said(SNAPSHOT));
        Ok(())
    }
}

/// Of what this bucket is a fork.
pub(super) async fn of(tigris: &Tigris, bucket: &str) -> Result<Fork, Error> {
    const OPERATION: &str = "HeadBucket";
    let note = Note::default();
    let asked = tigris.s3(OPERATION)?.head_bucket().bucket(bucket).customize().interceptor(note.clone());
    asked.send().await.map_err(refused(OPERATION))?;
    let said = note.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(said)
}
