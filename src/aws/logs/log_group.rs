//! A log group: streams of messages that are kept for the same time.

use aws_sdk_cloudwatchlogs::types::{LogGroup as Answer, LogGroupClass};
use serde::{Deserialize, Serialize};

use super::tags;
use crate::{
    aws::{Aws, caller, error::refused},
    resource::{Error, Kind, Observed, Owner, Resource, gone},
};

/// Groups in one page, the most that AWS gives.
const PAGE: i32 = 50;

/// A row of `logs.log_group`. It has no tags here, since AWS tells them group by group (`logs.log_group_tagging` has them).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LogGroup {
    region: String,
    name: String,
    log_group_class: Option<String>,
    retention_in_days: Option<i32>,
    kms_key: Option<String>,
    deletion_protection_enabled: Option<bool>,
    arn: Option<String>,
}

impl Resource for LogGroup {
    const TABLE: &'static str = "logs.log_group";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let groups = aws.logs().describe_log_groups().limit(PAGE).into_paginator().items().send();
        let groups = groups.try_collect().await.map_err(refused("DescribeLogGroups"))?;
        Ok(groups.into_iter().map(|group| Self::shown(group, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let asked = aws
            .logs()
            .create_log_group()
            .log_group_name(&self.name)
            .set_log_group_class(self.log_group_class.as_deref().map(LogGroupClass::from))
            .set_kms_key_id(self.kms_key.clone())
            .set_deletion_protection_enabled(self.deletion_protection_enabled)
            // for one question only: whether it was this row that made it, where the answer was lost
            .tags(Owner::KEY, &owner.tag);
        let was = match asked.send().await.map_err(refused("CreateLogGroup")) {
            Err(error) if error.kind == Kind::Taken => self.made_before(error, owner, aws).await?,
            answer => {
                answer?;
                let arn = Some(caller::arn(aws, "logs", &format!("log-group:{}", self.name)).await?);
                Self { retention_in_days: Some(0), arn, ..self.clone() }
            }
        };
        let row = self.changed(was, aws).await?;
        Ok(Observed::of(row))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let row = self.changed(was.row, aws).await?;
        Ok(Observed { row, owner: was.owner, pending: was.pending, implicit: was.implicit })
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        gone(aws.logs().delete_log_group().log_group_name(self.name).send().await.map_err(refused("DeleteLogGroup")))?;
        Ok(None)
    }
}

impl LogGroup {
    /// The group that an earlier try at the same creation made; anybody else's stays his, and the refusal stands.
    async fn made_before(&self, refusal: Error, owner: &Owner, aws: &Aws) -> Result<Self, Error> {
        let found = aws.logs().describe_log_groups().log_group_name_prefix(&self.name).limit(PAGE).into_paginator().items().send();
        let found = found.try_collect().await.map_err(refused("DescribeLogGroups"))?;
        let found = found.into_iter().map(|group| Self::shown(group, aws.region()).row).find(|group| group.name == self.name);
        let Some(found) = found else { return Err(refusal) };
        let told = tags::asked(aws, found.arn.as_deref().unwrap_or_default()).await?;
        if told.owner.as_deref() == Some(&owner.tag) { Ok(found) } else { Err(refusal) }
    }

    /// A call for each thing that differs.
    async fn changed(self, was: Self, aws: &Aws) -> Result<Self, Error> {
        let logs = aws.logs();
        let retention = self.retention_in_days.filter(|days| Some(*days) != was.retention_in_days);
        match retention {
            Some(0) => {
                let asked = logs.delete_retention_policy().log_group_name(&was.name);
                gone(asked.send().await.map_err(refused("DeleteRetentionPolicy")))?;
            }
            Some(days) => {
                let asked = logs.put_retention_policy().log_group_name(&was.name).retention_in_days(days);
                asked.send().await.map_err(refused("PutRetentionPolicy"))?;
            }
            None => {}
        }
        match &self.kms_key {
            key if *key == was.kms_key => {}
            Some(key) => {
                let asked = logs.associate_kms_key().log_group_name(&was.name).kms_key_id(key);
                asked.send().await.map_err(refused("AssociateKmsKey"))?;
            }
            None => {
                logs.disassociate_kms_key().log_group_name(&was.name).send().await.map_err(refused("DisassociateKmsKey"))?;
            }
        }
        let protection = self.deletion_protection_enabled.filter(|on| Some(*on) != was.deletion_protection_enabled);
        if let Some(on) = protection {
            let asked = logs.put_log_group_deletion_protection().log_group_identifier(&was.name).deletion_protection_enabled(on);
            asked.send().await.map_err(refused("PutLogGroupDeletionProtection"))?;
        }
        Ok(Self {
            retention_in_days: retention.or(was.retention_in_days),
            kms_key: self.kms_key,
            deletion_protection_enabled: protection.or(was.deletion_protection_enabled),
            ..was
        })
    }

    fn shown(group: Answer, region: &str) -> Observed<Self> {
        let arn = group.log_group_arn.or_else(|| group.arn.map(|arn| arn.trim_end_matches(":*").to_owned()));
        Observed::of(Self {
            region: region.to_owned(),
            name: group.log_group_name.unwrap_or_default(),
            log_group_class: group.log_group_class.map(|class| class.as_str().to_owned()),
            retention_in_days: Some(group.retention_in_days.unwrap_or(0)),
            kms_key: group.kms_key_id,
            deletion_protection_enabled: group.deletion_protection_enabled,
            arn,
        })
    }
}
