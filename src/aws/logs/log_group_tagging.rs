//! The tags of a log group.

use serde::{Deserialize, Serialize};

use super::tags::{asked, retag};
use crate::{
    aws::{Aws, one_by_one, tags::Tags},
    resource::{Error, Observed, Owner, Reads, Resource, gone},
};

/// A row of `logs.log_group_tagging`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LogGroupTagging {
    region: String,
    log_group: String,
    tags: Tags,
}

impl Resource for LogGroupTagging {
    const TABLE: &'static str = "logs.log_group_tagging";
    const READS: Reads = Reads::Named;
    type Cloud = Aws;

    async fn list(aws: &Aws, named: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        one_by_one::each(named.to_vec(), |row| async move {
            let tags = asked(aws, &row.log_group).await?.tags;
            Ok((!tags.is_empty()).then(|| Observed::of(Self { tags, ..row })))
        })
        .await
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        retag(aws, &self.log_group, &Tags::new(), &self.tags).await?;
        Ok(Observed::of(self))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        retag(aws, &was.row.log_group, &was.row.tags, &self.tags).await?;
        Ok(Observed::of(self))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        gone(retag(aws, &self.log_group, &self.tags, &Tags::new()).await)?;
        Ok(None)
    }
}
