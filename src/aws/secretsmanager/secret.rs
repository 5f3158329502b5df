//! A secret: a value that is kept encrypted, with a version for each time it was written.

use std::collections::HashMap;

use aws_sdk_secretsmanager::{operation::describe_secret::DescribeSecretOutput, types::SecretListEntry};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    tags::{is_ours, labels, listed, retag, told},
    versions::{CURRENT, brought_back},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::Tags,
    },
    resource::{Error, Kind, Observed, Owner, Resource, gone},
};

/// The key of an account that is used where no other is named; AWS leaves it out of its answers.
const FIRST_KEY: &str = "alias/aws/secretsmanager";

/// A row of `secretsmanager.secret`. Its value goes out and never comes back: the version tells whether it is still ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Secret {
    region: String,
    name: String,
    description: Option<String>,
    kms_key_id: Option<String>,
    value: Option<crate::resource::Secret>,
    value_version: Option<Uuid>,
    recovery_window_in_days: Option<i32>,
    tags: Tags,
    arn: Option<String>,
}

impl Resource for Secret {
    const TABLE: &'static str = "secretsmanager.secret";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let mut pages = aws.secretsmanager().list_secrets().max_results(100).into_paginator().send();
        let mut all = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(refused("ListSecrets"))?;
            all.extend(
                page.secret_list().iter().filter(|entry| entry.deleted_date().is_none()).map(|entry| Self::listed(entry, aws.region())),
            );
        }
        Ok(all)
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let tags = labels(&self.tags, Some(&owner.tag), self.recovery_window_in_days);
        let asked = aws
            .secretsmanager()
            .create_secret()
            .name(&self.name)
            .set_description(self.description.clone())
            .set_kms_key_id(self.kms_key_id.clone());
        let asked = asked.set_secret_string(self.plain()).client_request_token(self.token(owner)).set_tags(listed(tags));
        let made = asked.send().await.map_err(refused("CreateSecret"));
        // a name may be kept by a secret that is on its way out: AWS refuses it (InvalidRequestException; the local cloud:
        // ResourceExistsException), or finds by its token what was made of the same value before, and lets it go on its way
        let may_leave = made.as_ref().map_or_else(|error| matches!(error.kind, Kind::Invalid | Kind::Taken), |_| self.value.is_some());
        if may_leave && let Some(leaving) = self.leaving(aws).await? {
            return self.restored(leaving, owner, aws).await;
        }
        let made = made?;
        let arn = made.arn.ok_or_else(|| empty("CreateSecret"))?;
        let (description, kms_key_id) =
            (Some(self.description.unwrap_or_default()), Some(self.kms_key_id.unwrap_or_else(|| FIRST_KEY.to_owned())));
        let value_version = made.version_id.and_then(|version| version.parse().ok());
        let row = Self { description, kms_key_id, value: None, value_version, arn: Some(arn), ..self };
        Ok(Observed::of(row).owned(Some(owner.tag.clone())))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let arn = was.row.arn.clone().unwrap_or_default();
        let row = self.clone().written(was.row.clone(), &arn, aws).await?;
        let row =
            Self { recovery_window_in_days: self.recovery_window_in_days.or(was.row.recovery_window_in_days), tags: self.tags, ..row };
        let before = labels(&was.row.tags, was.owner.as_deref(), was.row.recovery_window_in_days);
        retag(aws, &arn, &before, &labels(&row.tags, Some(&owner.tag), row.recovery_window_in_days)).await?;
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.secretsmanager().delete_secret().secret_id(self.arn.as_ref().unwrap_or(&self.name));
        let asked = match self.recovery_window_in_days {
            Some(0) => asked.force_delete_without_recovery(true),
            days => asked.set_recovery_window_in_days(days.map(i64::from)),
        };
        match gone(asked.send().await.map_err(refused("DeleteSecret"))) {
            // on its way out already (InvalidRequestException): an earlier attempt's answer was lost
            Err(error) if error.kind == Kind::Invalid && self.leaving(aws).await?.is_some() => Ok(None),
            done => done.map(|_| None),
        }
    }
}

impl Secret {
    fn plain(&self) -> Option<String> {
        self.value.as_ref().map(|value| value.expose().to_owned())
    }

    /// Becomes the version's id, so that a repeated write makes no second version.
    fn token(&self, owner: &Owner) -> String {
        self.value_version.map_or_else(|| owner.token.clone(), |version| version.to_string())
    }

    /// One call for whatever differs besides tags, none where nothing does; one more where an old version is brought back.
    async fn written(self, was: Self, arn: &str, aws: &Aws) -> Result<Self, Error> {
        let description = self.description.clone().filter(|description| Some(description) != was.description.as_ref());
        let kms_key_id = self.kms_key_id.clone().filter(|key| Some(key) != was.kms_key_id.as_ref());
        let version = self.value_version.filter(|version| self.value.is_some() && Some(*version) != was.value_version);
        let unwritten = match version {
            Some(version) if !brought_back(aws, arn, &version.to_string()).await? => Some(version.to_string()),
            _ => None,
        };
        if description.is_some() || kms_key_id.is_some() || unwritten.is_some() {
            let asked =
                aws.secretsmanager().update_secret().secret_id(arn).set_description(description.clone()).set_kms_key_id(kms_key_id.clone());
            let asked = asked.set_secret_string(unwritten.as_ref().and_then(|_| self.plain())).set_client_request_token(unwritten);
            asked.send().await.map_err(refused("UpdateSecret"))?;
        }
        Ok(Self {
            description: description.or(was.description),
            kms_key_id: kms_key_id.or(was.kms_key_id),
            value_version: version.or(was.value_version),
            ..was
        })
    }

    /// The secret of this name, if it is deleted and can still be restored.
    async fn leaving(&self, aws: &Aws) -> Result<Option<DescribeSecretOutput>, Error> {
        match aws.secretsmanager().describe_secret().secret_id(&self.name).send().await.map_err(refused("DescribeSecret")) {
            Err(error) if error.is_absent() => Ok(None),
            found => found.map(|found| Some(found).filter(|found| found.deleted_date().is_some())),
        }
    }

    /// A name stays taken until a deleted secret can no longer be restored; one that was ours is restored and brought up to date.
    async fn restored(self, leaving: DescribeSecretOutput, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let was = Self::described(&leaving, aws.region());
        if !is_ours(was.owner.as_deref(), owner) {
            let said =
                "a secret of this name, that is not of this database, was deleted and can still be restored; it keeps the name until then";
            return Err(Error::new("CreateSecret", Kind::Taken, said));
        }
        let arn = was.row.arn.clone().unwrap_or_default();
        aws.secretsmanager().restore_secret().secret_id(arn).send().await.map_err(refused("RestoreSecret"))?;
        self.update(was, owner, aws).await
    }

    fn listed(entry: &SecretListEntry, region: &str) -> Observed<Self> {
        let kept_elsewhere = entry.primary_region().is_some_and(|primary| primary != region);
        let row =
            Self::shown(region, entry.name(), entry.arn(), entry.description(), entry.kms_key_id(), entry.secret_versions_to_stages());
        // what another service or another region's secret made goes with its maker
        Self::labelled(row, entry.tags()).implicit(entry.owning_service().is_some() || kept_elsewhere)
    }

    fn described(secret: &DescribeSecretOutput, region: &str) -> Observed<Self> {
        let row =
            Self::shown(region, secret.name(), secret.arn(), secret.description(), secret.kms_key_id(), secret.version_ids_to_stages());
        Self::labelled(row, secret.tags())
    }

    fn shown(
        region: &str,
        name: Option<&str>,
        arn: Option<&str>,
        description: Option<&str>,
        key: Option<&str>,
        stages: Option<&HashMap<String, Vec<String>>>,
    ) -> Self {
        let current = stages.into_iter().flatten().find(|(_, stages)| stages.iter().any(|stage| stage == CURRENT));
        Self {
            region: region.to_owned(),
            name: name.unwrap_or_default().to_owned(),
            description: Some(description.unwrap_or_default().to_owned()),
            kms_key_id: Some(key.unwrap_or(FIRST_KEY).to_owned()),
            value: None,
            value_version: current.and_then(|(version, _)| version.parse().ok()),
            recovery_window_in_days: None,
            tags: Tags::new(),
            arn: arn.map(str::to_owned),
        }
    }

    fn labelled(row: Self, tags: &[aws_sdk_secretsmanager::types::Tag]) -> Observed<Self> {
        let (told, days) = told(tags);
        Observed::of(Self { recovery_window_in_days: days, tags: told.tags, ..row }).owned(told.owner)
    }
}
