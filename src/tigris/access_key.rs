//! An access key: what a program on Fly signs its calls to Tigris with.

use std::collections::BTreeMap;

use aws_sdk_iam::types::{AccessKeyMetadata, StatusType};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    error::refused,
    key_policy::{Permit, Policies, silent},
    way::Tigris,
};
use crate::{
    aws::{Once, each},
    fly::{Fly, Kept},
    resource::{Cloud, Error, Kind, Observed, Owner, Reads, Resource, Scope, Secret, gone},
};

/// How long a name may be that IAM takes (docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html); of Tigris nobody says it.
const LONGEST: usize = 128;

/// Where keys are made, and where they go.
#[derive(Clone)]
pub(crate) struct Ways {
    pub(super) tigris: Tigris,
    pub(super) fly: Fly,
}

impl Cloud for Ways {
    fn at(&self, _: &str) -> Self {
        self.clone()
    }

    async fn renewed(&self) -> bool {
        false
    }
}

/// A row of `tigris.access_key`. Its secret half never comes here: it goes from Tigris' answer to an app.
///
/// A key that is in no app's secrets has no `app`: nobody can use it, and it is replaced, or removed with its row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AccessKey {
    name: String,
    app: Option<String>,
    bucket: Option<String>,
    access: Option<String>,
    status: Option<String>,
    access_key_id: Option<String>,
}

impl Resource for AccessKey {
    const TABLE: &'static str = "tigris.access_key";
    const SCOPE: Scope = Scope::Global;
    const READS: Reads = Reads::Named;
    const SHOWS_IN: &'static [&'static str] = &["fly.secret", "fly.machine"];
    type Cloud = Ways;

    async fn list(ways: &Ways, named: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        // who has no key here needs none that may see all keys
        if named.is_empty() {
            return Ok(vec![]);
        }
        let keys = told(&ways.tigris).await?;
        if keys.is_empty() {
            return Ok(vec![]);
        }
        // a row that now says another app still has its key in the one before: so all are looked into
        let (kept, policies) = (ways.fly.kept_keys().await?, Policies::all(&ways.tigris).await?);
        each(keys, |key| key.seen(&ways.tigris, &kept, &policies)).await
    }

    async fn create(self, owner: &Owner, ways: &Ways) -> Result<Observed<Self>, Error> {
        const OPERATION: &str = "CreateAccessKey";
        let called = Called::of(&self.name, owner)?;
        let asked = ways.tigris.iam(OPERATION)?.create_access_key().user_name(called).customize();
        let asked = asked.config_override(aws_sdk_iam::config::Builder::new().retry_classifier(Once));
        let made = asked.send().await.map_err(refused(OPERATION)).map_err(without_users)?;
        let made = made.access_key.ok_or_else(|| silent(OPERATION))?;
        let (app, half) = (self.app.clone().unwrap_or_default(), Secret::new(made.secret_access_key));
        if let Err(error) = ways.fly.keep_key(&app, &made.access_key_id, &half).await {
            // a key whose secret nobody has is of no use to anybody; one that stays is found by its name
            drop(removed(&ways.tigris, &made.access_key_id).await);
            return Err(error);
        }
        let status = Some(spelt(made.status.as_str()));
        let was = Self { bucket: None, access: None, status, access_key_id: Some(made.access_key_id), ..self.clone() };
        // what it may do comes last: a key of which something is missing can do nothing
        self.brought(was, &ways.tigris).await.map(|row| Observed::of(row).owned(Some(owner.tag.clone())))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, ways: &Ways) -> Result<Observed<Self>, Error> {
        let row = self.brought(was.row.clone(), &ways.tigris).await?;
        Ok(Observed { row, ..was })
    }

    async fn delete(self, ways: &Ways) -> Result<Option<Observed<Self>>, Error> {
        let id = self.access_key_id.unwrap_or_default();
        if let Some(app) = &self.app {
            ways.fly.forget_key(app, &id).await?;
        }
        Policies::all(&ways.tigris).await?.withdrawn(&ways.tigris, &id, None).await?;
        // the key itself goes last: as long as it is there, the rest is found by it
        removed(&ways.tigris, &id).await?;
        Ok(None)
    }
}

impl AccessKey {
    /// One call where it is to be switched on or off, and some where it is to do something else.
    async fn brought(self, was: Self, tigris: &Tigris) -> Result<Self, Error> {
        const OPERATION: &str = "UpdateAccessKey";
        let (mut row, id) = (was.clone(), was.access_key_id.clone().unwrap_or_default());
        if let Some(status) = self.status.filter(|status| Some(status) != was.status.as_ref()) {
            let asked = tigris.iam(OPERATION)?.update_access_key().access_key_id(&id).status(StatusType::from(status.as_str()));
            asked.send().await.map_err(refused(OPERATION))?;
            row.status = Some(status);
        }
        let Some(bucket) = self.bucket else { return Ok(row) };
        let permit = Permit { bucket, access: self.access.or(was.access).unwrap_or_else(|| "write".to_owned()) };
        if (Some(&permit.bucket), Some(&permit.access)) != (row.bucket.as_ref(), row.access.as_ref()) {
            permit.grant(tigris, &id).await?;
            (row.bucket, row.access) = (Some(permit.bucket), Some(permit.access));
        }
        Ok(row)
    }
}

/// A key of ours as Tigris tells of it.
struct Told {
    id: String,
    status: String,
    called: Called,
}

/// The keys that were made here, or in another database; those of others are no one's business.
async fn told(tigris: &Tigris) -> Result<Vec<Told>, Error> {
    const OPERATION: &str = "ListAccessKeys";
    let keys = tigris.iam(OPERATION)?.list_access_keys().into_paginator().items().send();
    let keys = keys.try_collect().await.map_err(refused(OPERATION))?;
    let one = |key: AccessKeyMetadata| {
        let status = spelt(key.status.as_ref().map_or("Active", StatusType::as_str));
        Some(Told { called: Called::read(&key.user_name?)?, id: key.access_key_id?, status })
    };
    Ok(keys.into_iter().filter_map(one).collect())
}

impl Told {
    async fn seen(self, tigris: &Tigris, kept: &BTreeMap<String, Kept>, policies: &Policies) -> Result<Option<Observed<AccessKey>>, Error> {
        let app = kept.iter().find(|(_, kept)| kept.has(&self.id)).map(|(app, _)| app.clone());
        // what nobody can use need not be asked about
        let permit = if app.is_some() { policies.permit_of(tigris, &self.id).await? } else { None };
        let row = AccessKey {
            name: self.called.name,
            app,
            bucket: permit.as_ref().map(|permit| permit.bucket.clone()),
            access: permit.map(|permit| permit.access),
            status: Some(self.status),
            access_key_id: Some(self.id),
        };
        Ok(Some(Observed::of(row).owned(Some(self.called.tag))))
    }
}

/// What a key is called there: its row's name, and by which database and row it is ours, for it can carry no tag.
#[derive(Debug, PartialEq, Eq)]
struct Called {
    name: String,
    tag: String,
}

impl Called {
    fn of(name: &str, owner: &Owner) -> Result<String, Error> {
        let (database, row) = owner.tag.rsplit_once('/').unwrap_or_default();
        let called = format!("{name}.{database}.{}", row.replace('-', ""));
        if called.len() <= LONGEST {
            return Ok(called);
        }
        let said = format!(
            "the key's name would be {called}, which has {} characters; {LONGEST} are let through: a shorter name is needed",
            called.len()
        );
        Err(Error::new("CreateAccessKey", Kind::Invalid, said))
    }

    fn read(called: &str) -> Option<Self> {
        let ((name, rest), is_row) = (called.split_once('.')?, |row: &str| row.len() == 32);
        let (database, row) = rest.rsplit_once('.').filter(|(_, row)| is_row(row))?;
        let row = Uuid::parse_str(row).ok()?;
        Some(Self { name: name.to_owned(), tag: format!("{database}/{row}") })
    }
}

/// In IAM's words: Tigris' own client tells of `active` and `inactive`.
fn spelt(status: &str) -> String {
    if status.eq_ignore_ascii_case("inactive") { "Inactive".to_owned() } else { "Active".to_owned() }
}

/// Whoever misses a user is no Tigris.
fn without_users(error: Error) -> Error {
    if !error.is_absent() {
        return error;
    }
    let said = "this IAM makes keys for users only, so it is not Tigris': give the app a key of yours (fly.secret), or let TIGRIS_IAM_ENDPOINT_URL name one that makes keys without";
    Error { kind: Kind::Unsupported, said: said.to_owned(), ..error }
}

async fn removed(tigris: &Tigris, id: &str) -> Result<(), Error> {
    const OPERATION: &str = "DeleteAccessKey";
    gone(tigris.iam(OPERATION)?.delete_access_key().access_key_id(id).send().await.map_err(refused(OPERATION)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(tag: &str) -> Owner {
        Owner { tag: tag.into(), token: "once".into() }
    }

    #[test]
    fn a_keys_name_says_whose_it_is() {
        let tag = "shop_1/0b5e1c1e-3f5a-4a44-9a53-0c7f0a6f8a11";
        let called = Called::of("front-1", &owner(tag)).unwrap();
        assert_eq!(called, "front-1.shop_1.0b5e1c1e3f5a4a449a530c7f0a6f8a11");
        assert_eq!(Called::read(&called), Some(Called { name: "front-1".into(), tag: tag.into() }));
        for theirs in ["ci-access", "backup.script", "a.b.c", "a.b.0b5e1c1e3f5a4a449a530c7f0a6f8a1", ""] {
            assert_eq!(Called::read(theirs), None, "{theirs}");
        }
    }

    #[test]
    fn a_name_that_is_too_long_together_with_the_databases_is_refused_before_any_call() {
        let tag = format!("{}/0b5e1c1e-3f5a-4a44-9a53-0c7f0a6f8a11", "d".repeat(63));
        let refused = Called::of(&"n".repeat(63), &owner(&tag)).unwrap_err();
        assert!(refused.kind == Kind::Invalid && refused.said.contains("a shorter name is needed"), "{refused}");
        assert!(Called::of(&"n".repeat(31), &owner(&tag)).is_ok());
    }

    #[test]
    fn a_status_is_spelt_as_iam_spells_it() {
        assert_eq!(["active", "Active", "inactive", "Inactive"].map(spelt), ["Active", "Active", "Inactive", "Inactive"]);
    }
}
