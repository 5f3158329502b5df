//! What is in the cloud and in no row, made rows.

use serde_json::Value;

use super::{Database, Error};

/// What came of one thing that was to be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    /// The resource type.
    pub resource: String,
    /// What it is called in the cloud.
    pub name: String,
    /// Whether it was left as it is.
    pub is_left: bool,
    /// Why it was left, or what of it was.
    pub said: Option<String>,
}

impl Database {
    /// Makes rows of all that was seen and that nobody has a row for, as far as that goes.
    pub async fn adopt_unknown(&self, counter: i64) -> Result<Vec<Adopted>, Error> {
        let all = self.reconciler.procs.adopt_unknown(counter).await?;
        Ok(all.into_iter().map(|it| Adopted { resource: it.resource, name: it.name, is_left: it.is_left, said: it.said }).collect())
    }

    /// Rows of a type that is asked for by its parent's name, one for each parent that was seen and has none: with nothing else in them.
    pub async fn skeletons(&self, resource: &str) -> Result<Vec<Value>, Error> {
        Ok(self.reconciler.procs.skeletons(resource).await?)
    }
}
