//! A key: what AWS encrypts with.

use aws_sdk_kms::types::{KeyManagerType, KeyMetadata, KeyState};
use futures::{StreamExt, TryStreamExt, future::try_join3, stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    details,
    tags::{WINDOW, asked, listed, retag},
};
use crate::{
    aws::{
        Aws,
        canonical_policy::canonical,
        error::{empty, refused},
        once::Once,
        tags::{Tags, Told},
    },
    resource::{Error, Kind, Observed, Owner, Resource},
};

/// Keys that are asked about at a time; AWS allows hundreds of questions a second.
const ASIDE: usize = 16;

/// A row of `kms.key`. A key that waits for its deletion is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Key {
    region: String,
    name: Option<String>,
    description: Option<String>,
    key_usage: Option<String>,
    key_spec: Option<String>,
    multi_region: Option<bool>,
    policy: Option<Value>,
    enabled: Option<bool>,
    enable_key_rotation: Option<bool>,
    rotation_period_in_days: Option<i32>,
    pending_window_in_days: Option<i32>,
    tags: Tags,
    key_id: Option<String>,
    arn: Option<String>,
}

impl Resource for Key {
    const TABLE: &'static str = "kms.key";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        // ListKeys tells ids and no more
        let keys = aws.kms().list_keys().limit(1000).into_paginator().items().send();
        let keys = keys.try_collect().await.map_err(refused("ListKeys"))?;
        let ids = keys.into_iter().filter_map(|key| key.key_id.zip(key.key_arn));
        let rows = stream::iter(ids).map(|(id, arn)| async move { closed(Self::asked(aws, &id).await, (&id, &arn), aws.region()) });
        let rows: Vec<_> = rows.buffer_unordered(ASIDE).try_collect().await?;
        readable(rows.into_iter().flatten())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let asked = aws
            .kms()
            .create_key()
            .set_description(self.description.clone())
            .set_key_usage(self.key_usage.as_deref().map(Into::into))
            .set_key_spec(self.key_spec.as_deref().map(Into::into))
            .set_multi_region(self.multi_region)
            .set_policy(self.policy.as_ref().map(ToString::to_string))
            .set_tags(Some(listed("CreateKey", self.labels(Some(&owner.tag)))?));
        let asked = asked.customize().config_override(aws_sdk_kms::config::Builder::new().retry_classifier(Once));
        let made = asked.send().await.map_err(refused("CreateKey"))?;
        let made = made.key_metadata.ok_or_else(|| empty("CreateKey"))?;
        let told = Told { name: self.name.clone(), tags: self.tags.clone(), owner: Some(owner.tag.clone()), ..Told::default() };
        let Observed { row, .. } =
            Self::shown(&made, told, self.policy.clone().map(canonical), (self.enable_key_rotation.map(|_| false), None), aws.region());
        let was = Self { pending_window_in_days: self.pending_window_in_days, ..row };
        Ok(Observed::of(self.switched(was, aws).await?).owned(Some(owner.tag.clone())))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let id = was.row.id().to_owned();
        let description = self.description.clone().filter(|description| Some(description) != was.row.description.as_ref());
        if let Some(description) = &description {
            let asked = aws.kms().update_key_description().key_id(&id).description(description);
            asked.send().await.map_err(refused("UpdateKeyDescription"))?;
        }
        let policy = self.policy.clone().map(canonical).filter(|policy| Some(policy) != was.row.policy.as_ref());
        if let Some(policy) = &policy {
            aws.kms()
                .put_key_policy()
                .key_id(&id)
                .policy_name(details::POLICY)
                .policy(policy.to_string())
                .send()
                .await
                .map_err(refused("PutKeyPolicy"))?;
        }
        let row = self.clone().switched(was.row.clone(), aws).await?;
        let row = Self {
            name: self.name,
            description: description.or(was.row.description.clone()),
            policy: policy.or(was.row.policy.clone()),
            pending_window_in_days: self.pending_window_in_days.or(was.row.pending_window_in_days),
            tags: self.tags,
            ..row
        };
        retag(aws, &id, &was.row.labels(was.owner.as_deref()), &row.labels(Some(&owner.tag))).await?;
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let id = self.id();
        let asked = aws.kms().schedule_key_deletion().key_id(id).set_pending_window_in_days(self.pending_window_in_days);
        match asked.send().await.map_err(refused("ScheduleKeyDeletion")) {
            Err(error) if error.is_absent() => Ok(None),
            // what waits for its deletion already is refused
            Err(error) if error.kind == Kind::Held && Self::asked(aws, id).await?.is_none() => Ok(None),
            answer => answer.map(|_| None),
        }
    }
}

impl Key {
    fn id(&self) -> &str {
        self.key_id.as_deref().unwrap_or_default()
    }

    /// One key with all that is set on it; `None` for one that is gone or on its way out.
    async fn asked(aws: &Aws, id: &str) -> Result<Option<Observed<Self>>, Error> {
        let key = match aws.kms().describe_key().key_id(id).send().await.map_err(refused("DescribeKey")) {
            Err(error) if error.is_absent() => return Ok(None),
            answer => answer?.key_metadata.ok_or_else(|| empty("DescribeKey"))?,
        };
        if matches!(key.key_state(), Some(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion)) {
            return Ok(None);
        }
        if key.key_manager() == Some(&KeyManagerType::Aws) {
            return Ok(Some(Self::shown(&key, Told::default(), None, (None, None), aws.region()).implicit(true)));
        }
        let (told, policy, rotation) = try_join3(asked(aws, id), details::policy(aws, id), details::rotation(aws, &key)).await?;
        Ok(Some(Self::shown(&key, told, policy, rotation, aws.region())))
    }

    /// Switches it and its rotation on and off. While it is off, its rotation can't be changed.
    async fn switched(self, was: Self, aws: &Aws) -> Result<Self, Error> {
        let id = was.id();
        let enabled = self.enabled.filter(|enabled| Some(*enabled) != was.enabled);
        if enabled == Some(true) {
            aws.kms().enable_key().key_id(id).send().await.map_err(refused("EnableKey"))?;
        }
        let rotates = self.enable_key_rotation.filter(|rotates| *rotates != was.enable_key_rotation.unwrap_or_default());
        let period = self.rotation_period_in_days.filter(|days| Some(*days) != was.rotation_period_in_days);
        if rotates == Some(false) {
            aws.kms().disable_key_rotation().key_id(id).send().await.map_err(refused("DisableKeyRotation"))?;
        } else if rotates.is_some() || period.is_some() {
            let asked = aws.kms().enable_key_rotation().key_id(id).set_rotation_period_in_days(self.rotation_period_in_days);
            asked.send().await.map_err(refused("EnableKeyRotation"))?;
        }
        if enabled == Some(false) {
            aws.kms().disable_key().key_id(id).send().await.map_err(refused("DisableKey"))?;
        }
        Ok(Self {
            enabled: enabled.or(was.enabled),
            enable_key_rotation: rotates.or(was.enable_key_rotation),
            rotation_period_in_days: period.or(was.rotation_period_in_days),
            ..was
        })
    }

    /// The user's tags, its name, the owner's where there is one, and what else is kept in a tag.
    fn labels(&self, owner: Option<&str>) -> Tags {
        let name = self.name.clone().map(|name| ("Name".to_owned(), name));
        let owner = owner.map(|owner| (Owner::KEY.to_owned(), owner.to_owned()));
        let window = self.pending_window_in_days.map(|days| (WINDOW.to_owned(), days.to_string()));
        self.tags.clone().into_iter().chain(name).chain(owner).chain(window).collect()
    }

    fn shown(
        key: &KeyMetadata,
        told: Told,
        policy: Option<Value>,
        (enable_key_rotation, rotation_period_in_days): (Option<bool>, Option<i32>),
        region: &str,
    ) -> Observed<Self> {
        let busy = key.key_state().filter(|state| matches!(state, KeyState::Creating | KeyState::Updating));
        let row = Self {
            region: region.to_owned(),
            name: told.name,
            description: Some(key.description().unwrap_or_default().to_owned()),
            key_usage: key.key_usage().map(|usage| usage.as_str().to_owned()),
            key_spec: key.key_spec().map(|spec| spec.as_str().to_owned()),
            multi_region: Some(key.multi_region().unwrap_or_default()),
            policy,
            enabled: Some(key.enabled()),
            enable_key_rotation,
            rotation_period_in_days,
            pending_window_in_days: told.ours.get(WINDOW).and_then(|days| days.parse().ok()),
            tags: told.tags,
            key_id: Some(key.key_id().to_owned()),
            arn: key.arn().map(str::to_owned),
        };
        Observed::of(row).owned(told.owner).pending(busy.map(|state| state.as_str().to_owned()))
    }
}

/// A key in a list: what was read of it, or the refusal of a key that does not let itself be read, with what is known of it.
type Listed = Result<Observed<Key>, (Error, Observed<Key>)>;

/// A key's own policy may keep us from reading it: then it is there, and is nobody's business.
fn closed(answer: Result<Option<Observed<Key>>, Error>, (id, arn): (&str, &str), region: &str) -> Result<Option<Listed>, Error> {
    match answer {
        Err(error) if error.kind == Kind::Denied => {
            let key = KeyMetadata::builder().key_id(id).arn(arn).build();
            let key = key.map_err(|error| Error::new("ListKeys", Kind::Broken, error.to_string()))?;
            Ok(Some(Err((error, Key::shown(&key, Told::default(), None, (None, None), region).implicit(true)))))
        }
        answer => Ok(answer?.map(Ok)),
    }
}

/// Where no key of the account's own lets itself be read, it is not the keys but we who lack the rights.
fn readable(keys: impl Iterator<Item = Listed>) -> Result<Vec<Observed<Key>>, Error> {
    let (mut read, mut denied, mut refusal) = (Vec::new(), Vec::new(), None);
    for key in keys {
        match key {
            Ok(key) => read.push(key),
            Err((error, key)) => {
                refusal = Some(error);
                denied.push(key);
            }
        }
    }
    match refusal.filter(|_| read.iter().all(|key| key.implicit)) {
        Some(error) => Err(error),
        None => Ok(read.into_iter().chain(denied).collect()),
    }
}
