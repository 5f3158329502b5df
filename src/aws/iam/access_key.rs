//! An access key: what a program outside of AWS signs its calls with.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::StatusType;
use serde::{Deserialize, Serialize};

use super::{arn::name_of, kept_secret};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
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
        let mut kept = BTreeMap::new();
        for region in named.iter().map(|row| row.secret_region.as_str()).collect::<BTreeSet<_>>() {
            kept.insert(region, kept_secret::all(&aws.at(region)).await?);
        }
        let mut rows = Vec::new();
        for user in named.iter().filter_map(|row| row.user_name.as_deref()).collect::<BTreeSet<_>>() {
            let there = statuses(aws, name_of(Some(user))).await?;
            let of_user = named.iter().filter(|row| row.user_name.as_deref() == Some(user));
            rows.extend(of_user.filter_map(|row| row.found(&there, kept.get(row.secret_region.as_str())?)));
        }
        Ok(rows.into_iter().map(Observed::of).collect())
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let user = name_of(self.user_name.as_deref());
        let made = aws.iam().create_access_key().user_name(user).send().await.map_err(refused("CreateAccessKey"))?;
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

    /// Its key: the one that was kept for it, or the one that it is known to have, as long as it is there.
    fn found(&self, there: &BTreeMap<String, String>, kept: &[kept_secret::Kept]) -> Option<Self> {
        let user = name_of(self.user_name.as_deref());
        let ours = kept.iter().filter(|kept| kept.user_name == user && kept.name == self.name).map(|kept| kept.access_key_id.as_str());
        let ours = ours.filter(|id| there.contains_key(*id)).max();
        let id = self.access_key_id.as_deref().filter(|id| there.contains_key(*id)).or(ours)?;
        let is_kept = kept.iter().any(|kept| kept.access_key_id == id);
        Some(Self {
            status: there.get(id).cloned(),
            ssm_parameter: is_kept.then(|| kept_secret::place(id)),
            access_key_id: Some(id.to_owned()),
            ..self.clone()
        })
    }
}

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
