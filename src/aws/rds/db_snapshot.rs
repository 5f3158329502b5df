//! A snapshot of a database instance.

use aws_sdk_rds::{primitives::DateTimeFormat, types::DbSnapshot as Answer};
use serde::{Deserialize, Serialize};

use super::{
    state::pending,
    tags::{labels, listed, retag, told},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::Tags,
    },
    resource::{Error, Kind, Observed, Owner, Resource, gone},
};

/// A row of `rds.db_snapshot`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DbSnapshot {
    region: String,
    name: String,
    db_instance: Option<String>,
    db_instance_identifier: Option<String>,
    tags: Tags,
    engine: Option<String>,
    engine_version: Option<String>,
    allocated_storage: Option<i32>,
    snapshot_create_time: Option<String>,
    status: Option<String>,
    arn: Option<String>,
}

impl Resource for DbSnapshot {
    const TABLE: &'static str = "rds.db_snapshot";
    type Cloud = Aws;

    // those that RDS takes every day come and go by themselves
    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let found = aws.rds().describe_db_snapshots().snapshot_type("manual").max_records(100).into_paginator().items().send();
        let found = found.try_collect().await.map_err(refused("DescribeDBSnapshots"))?;
        Ok(found.into_iter().map(|snapshot| Self::shown(snapshot, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let tags = labels(&self.tags, Some(&owner.tag));
        let asked = aws
            .rds()
            .create_db_snapshot()
            .db_snapshot_identifier(self.name)
            .set_db_instance_identifier(self.db_instance.or(self.db_instance_identifier))
            .set_tags(listed(tags.clone()));
        let made = asked.send().await.map_err(refused("CreateDBSnapshot"))?;
        let mut made = made.db_snapshot.ok_or_else(|| empty("CreateDBSnapshot"))?;
        made.tag_list = listed(tags);
        Ok(Self::shown(made, aws.region()))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let instance = self.db_instance.or(self.db_instance_identifier);
        if instance.is_some() && instance != was.row.db_instance_identifier {
            let said = "a snapshot is of one instance for ever; take another one under another name";
            return Err(Error::new("CreateDBSnapshot", Kind::Invalid, said));
        }
        let (before, now) = (labels(&was.row.tags, was.owner.as_deref()), labels(&self.tags, Some(&owner.tag)));
        retag(aws, was.row.arn.as_deref().unwrap_or_default(), &before, &now).await?;
        let row = Self { tags: self.tags, db_instance: was.row.db_instance_identifier.clone(), ..was.row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        gone(aws.rds().delete_db_snapshot().db_snapshot_identifier(self.name).send().await.map_err(refused("DeleteDBSnapshot")))?;
        Ok(None)
    }
}

impl DbSnapshot {
    fn shown(snapshot: Answer, region: &str) -> Observed<Self> {
        let told = told(snapshot.tag_list());
        let status = snapshot.status.unwrap_or_default();
        let name = snapshot.db_snapshot_identifier.unwrap_or_default();
        // the last of an instance outlives it, whatever is done with what no row asks for
        let is_last = told.owner.is_none() && is_last(&name);
        let row = Self {
            region: region.to_owned(),
            name,
            // a stranger's is not in the way of the instance's end, so it does not refer to it
            db_instance: snapshot.db_instance_identifier.clone().filter(|_| told.owner.is_some()),
            db_instance_identifier: snapshot.db_instance_identifier,
            tags: told.tags,
            engine: snapshot.engine,
            engine_version: snapshot.engine_version,
            allocated_storage: snapshot.allocated_storage,
            snapshot_create_time: snapshot.snapshot_create_time.and_then(|time| time.fmt(DateTimeFormat::DateTime).ok()),
            status: Some(status.clone()),
            arn: snapshot.db_snapshot_arn,
        };
        Observed::of(row).owned(told.owner).pending(pending(&status)).implicit(is_last)
    }
}

/// Whether this is how a snapshot is named that is taken at an instance's end.
fn is_last(name: &str) -> bool {
    name.rsplit_once("-final-").is_some_and(|(_, time)| time.len() == 14 && time.bytes().all(|digit| digit.is_ascii_digit()))
}
