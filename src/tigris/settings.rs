//! What Tigris knows of a bucket beyond S3, read and changed by calls of its own.
//!
//! They are no documented API: they are what Tigris' own client does (github.com/tigrisdata/storage, `packages/storage/src/lib/bucket/`: `info.ts`, `update.ts` and
//! `set/type.ts`, as of August 2026). What can be set by them, www.tigrisdata.com/docs/buckets/settings/ says.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::way::{Own, Tigris};
use crate::resource::{Error, Kind};

/// What is read: everything else that is told stays unread, and as it is.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Settings {
    /// With commas in between; empty for everywhere.
    object_regions: Option<String>,
    pub(super) storage_class: Option<String>,
    /// 1: with snapshots.
    r#type: Option<u8>,
    #[serde(rename = "ForkInfo")]
    fork: Option<ForkInfo>,
}

#[derive(Debug, Deserialize)]
struct ForkInfo {
    #[serde(rename = "Parents")]
    parents: Option<Vec<Value>>,
}

/// How a change ends.
#[derive(Deserialize)]
struct Ended {
    status: String,
    message: Option<String>,
}

impl Settings {
    /// Those of one bucket; nothing where an emulator of S3 knows none.
    pub(super) async fn of(tigris: &Tigris, bucket: &str) -> Result<Option<Self>, Error> {
        const OPERATION: &str = "GetBucketMetadata";
        let said = tigris.own(Own { operation: OPERATION, method: "GET", bucket, query: "?metadata", body: None }).await?;
        let strange = |_| Error::new(OPERATION, Kind::Broken, "Tigris' answer is no bucket's");
        said.map(serde_json::from_value).transpose().map_err(strange)
    }

    /// Sorted.
    pub(super) fn regions(&self) -> Vec<String> {
        let all = self.object_regions.as_deref().unwrap_or_default().split(',').map(str::trim);
        let mut all: Vec<String> = all.filter(|region| !region.is_empty()).map(str::to_owned).collect();
        all.sort();
        all
    }

    pub(super) fn has_snapshots(&self) -> bool {
        self.r#type == Some(1)
    }

    pub(super) fn is_fork(&self) -> bool {
        self.fork.as_ref().and_then(|fork| fork.parents.as_ref()).is_some_and(|parents| !parents.is_empty())
    }
}

/// A change of some of them: what it does not name stays as it is.
#[derive(Default)]
pub(super) struct Change(Map<String, Value>);

impl Change {
    pub(super) fn regions(&mut self, regions: &[String]) {
        self.0.insert("object_regions".to_owned(), regions.join(",").into());
    }

    pub(super) fn snapshots(&mut self, has: bool) {
        self.0.insert("type".to_owned(), u8::from(has).into());
    }

    /// Makes it, where there is anything to change.
    pub(super) async fn make(self, tigris: &Tigris, bucket: &str) -> Result<(), Error> {
        const OPERATION: &str = "PatchBucket";
        if self.0.is_empty() {
            return Ok(());
        }
        let call = Own { operation: OPERATION, method: "PATCH", bucket, query: "", body: Some(self.0.into()) };
        let ended = tigris.own(call).await?.map(serde_json::from_value::<Ended>);
        match ended {
            Some(Ok(Ended { status, .. })) if status == "success" => Ok(()),
            Some(Ok(Ended { message, .. })) => {
                Err(Error::new(OPERATION, Kind::Invalid, message.unwrap_or_else(|| "no reason was given".to_owned())))
            }
            _ => Err(Error::new(OPERATION, Kind::Broken, "the answer does not say whether it was done")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(said: Value) -> Settings {
        serde_json::from_value(said).unwrap()
    }

    #[test]
    fn regions_are_read_sorted_and_an_empty_text_is_everywhere() {
        assert_eq!(told(json!({ "object_regions": "fra, ams" })).regions(), ["ams", "fra"]);
        assert_eq!(told(json!({ "object_regions": "" })).regions(), Vec::<String>::new());
        assert_eq!(told(json!({ "name": "a" })).regions(), Vec::<String>::new());
    }

    #[test]
    fn a_bucket_is_a_fork_where_it_has_parents_and_no_parent_where_it_has_children() {
        let fork = |parents| told(json!({ "type": 1, "ForkInfo": { "HasChildren": true, "Parents": parents } }));
        assert!(fork(json!([{ "BucketName": "a", "Snapshot": "1" }])).is_fork());
        assert!(!fork(json!([])).is_fork() && !fork(json!(null)).is_fork() && fork(json!(null)).has_snapshots());
        assert!(!told(json!({ "type": 0 })).has_snapshots());
    }
}
