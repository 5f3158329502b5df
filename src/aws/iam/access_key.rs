//! An access key: what a program outside of AWS signs its calls with.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::StatusType;
use serde::{Deserialize, Serialize};

use super::{
    arn::name_of,
    kept_secret::{self, Kept},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        once::Once,
    },
    resource::{Cloud, Error, Observed, Owner, Reads, Resource, Scope, gone},
};

/// A row of `iam.access_key`. Its secret half never comes here: it goes from IAM's answer into a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AccessKey {
    user_name: Option<String>,
    name: String,
    status: Option<String>,
    secret_region: String,
    ssm_parameter: Option<String>,
    access_key_id: Option<String>,
}

impl Resource for AccessKey {
    const TABLE: &'static str = "iam.access_key";
    const SCOPE: Scope = Scope::Global;
    const READS: Reads = Reads::Named;
    type Cloud = Aws;

    async fn list(aws: &Aws, named: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let mut there = BTreeMap::new();
        for user in named.iter().filter_map(|row| row.user_name.as_deref()).collect::<BTreeSet<_>>() {
            there.insert(name_of(Some(user)), (user, statuses(aws, name_of(Some(user))).await?));
        }
        let mut rows = Vec::new();
        for region in named.iter().map(|row| row.secret_region.as_str()).collect::<BTreeSet<_>>() {
            let kept = kept_secret::all(&aws.at(region)).await?;
            rows.extend(kept.into_iter().filter_map(|kept| Self::kept(kept, region, &there)));
        }
        // a key whose secret is no longer kept is a key still
        let kept: BTreeSet<_> = rows.iter().map(|row| row.access_key_id.clone()).collect();
        let bare = named.iter().filter(|row| row.access_key_id.is_some() && !kept.contains(&row.access_key_id));
        let bare: Vec<_> = bare.filter_map(|row| row.bare(&there)).collect();
        Ok(rows.into_iter().chain(bare).map(Observed::of).collect())
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let user = name_of(self.user_name.as_deref());
        let asked = aws.iam().create_access_key().user_name(user).customize();
        let asked = asked.config_override(aws_sdk_iam::config::Builder::new().retry_classifier(Once));
        let made = asked.send().await.map_err(refused("CreateAccessKey"))?;
        let made = made.access_key.ok_or_else(|| empty("CreateAccessKey"))?;
        let id = made.access_key_id.clone();
        if let Err(error) = kept_secret::keep(&aws.at(&self.secret_region), &made, &self.name).await {
            // a key whose secret nobody has is of no use to anybody
            removed(aws, user, &id).await?;
            return Err(error);
        }
        let was = Self {
            status: Some(made.status.as_str().to_owned()),
            ssm_parameter: Some(kept_secret::place(&id)),
            access_key_id: Some(id),
            ..self.clone()
        };
        self.switched(was, aws).await.map(Observed::of)
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let row = self.switched(was.row.clone(), aws).await?;
        Ok(Observed { row, ..was })
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let id = self.access_key_id.unwrap_or_default();
        removed(aws, name_of(self.user_name.as_deref()), &id).await?;
        kept_secret::forget(&aws.at(&self.secret_region), &id).await?;
        Ok(None)
    }
}

impl AccessKey {
    /// One call where it is to be switched on or off.
    async fn switched(self, was: Self, aws: &Aws) -> Result<Self, Error> {
        let Some(status) = self.status.filter(|status| Some(status) != was.status.as_ref()) else { return Ok(was) };
        let asked = aws.iam().update_access_key().user_name(name_of(was.user_name.as_deref()));
        let asked = asked.set_access_key_id(was.access_key_id.clone()).status(StatusType::from(status.as_str()));
        asked.send().await.map_err(refused("UpdateAccessKey"))?;
        Ok(Self { status: Some(status), ..was })
    }

    /// A key whose secret is kept, as long as it is there.
    fn kept(kept: Kept, region: &str, there: &There<'_>) -> Option<Self> {
        let (user, statuses) = there.get(kept.user_name.as_str())?;
        Some(Self {
            user_name: Some((*user).to_owned()),
            name: kept.name,
            status: Some(statuses.get(&kept.access_key_id)?.clone()),
            secret_region: region.to_owned(),
            ssm_parameter: Some(kept_secret::place(&kept.access_key_id)),
            access_key_id: Some(kept.access_key_id),
        })
    }

    fn bare(&self, there: &There<'_>) -> Option<Self> {
        let (_, statuses) = there.get(name_of(self.user_name.as_deref()))?;
        let status = statuses.get(self.access_key_id.as_deref()?)?.clone();
        Some(Self { status: Some(status), ssm_parameter: None, ..self.clone() })
    }
}

/// The users that are asked about, by name: each one's ARN, and the status of each of its keys.
type There<'a> = BTreeMap<&'a str, (&'a str, BTreeMap<String, String>)>;

/// The keys that a user has, with their status; none where there is no such user.
async fn statuses(aws: &Aws, user: &str) -> Result<BTreeMap<String, String>, Error> {
    let keys = aws.iam().list_access_keys().user_name(user).into_paginator().items().send();
    match keys.try_collect().await.map_err(refused("ListAccessKeys")) {
        Err(error) if error.is_absent() => Ok(BTreeMap::new()),
        keys => Ok(keys?.into_iter().filter_map(|key| Some((key.access_key_id?, key.status?.as_str().to_owned()))).collect()),
    }
}

async fn removed(aws: &Aws, user: &str, id: &str) -> Result<(), Error> {
    gone(aws.iam().delete_access_key().user_name(user).access_key_id(id).send().await.map_err(refused("DeleteAccessKey")))
}
