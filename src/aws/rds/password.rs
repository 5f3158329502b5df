//! The master user's password: given, kept in a secret, or made by RDS. Its value is in no answer and in no tag; which write it is, is.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::Tags,
    },
    resource::{Error, Secret},
};

/// The tag that says which write of the password it has; RDS keeps no version of it.
const GIVEN: &str = "iasql:master_user_password_version";
/// The tags that say of which secret it is the value, and which write of that.
const KEPT: [&str; 2] = ["iasql:password_secret", "iasql:password_secret_version"];

/// The columns about it, of instances and clusters alike.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Password {
    pub(super) master_user_password: Option<Secret>,
    pub(super) master_user_password_version: Option<Uuid>,
    password_secret: Option<String>,
    password_secret_version: Option<Uuid>,
    manage_master_user_password: Option<bool>,
}

/// What a call is told about it.
#[derive(Default)]
pub(super) struct Told {
    pub(super) value: Option<Secret>,
    pub(super) manage: Option<bool>,
}

impl Password {
    /// As the cloud has it.
    pub(super) fn shown(ours: &Tags, is_made_by_rds: bool) -> Self {
        let version = |key: &str| ours.get(key).and_then(|version| version.parse().ok());
        Self {
            master_user_password: None,
            master_user_password_version: version(GIVEN),
            password_secret: ours.get(KEPT[0]).cloned(),
            password_secret_version: version(KEPT[1]),
            manage_master_user_password: Some(is_made_by_rds),
        }
    }

    /// What is kept of it in tags.
    pub(super) fn labels(&self) -> Tags {
        let given = self.master_user_password_version.map(|version| (GIVEN.to_owned(), version.to_string()));
        let kept = self.password_secret.clone().map(|secret| (KEPT[0].to_owned(), secret));
        let write = self.password_secret_version.map(|version| (KEPT[1].to_owned(), version.to_string()));
        given.into_iter().chain(kept).chain(write).collect()
    }

    /// What a new instance or cluster is told: one way, and where none is named, that RDS shall make one.
    pub(super) async fn first(&self, aws: &Aws) -> Result<Told, Error> {
        let value = self.value(aws).await?;
        let manage = value.is_none().then_some(self.manage_master_user_password.unwrap_or(true));
        Ok(Told { value, manage: manage.filter(|manage| *manage) })
    }

    /// What one that is there is told, where anything differs.
    pub(super) async fn next(&self, was: &Self, aws: &Aws) -> Result<Told, Error> {
        let is_made_by_rds = was.manage_master_user_password == Some(true);
        let is_new = self.labels() != was.labels();
        let value = if is_new { self.value(aws).await? } else { None };
        let manage = match self.manage_master_user_password {
            Some(true) if !is_made_by_rds => Some(true),
            _ => (value.is_some() && is_made_by_rds).then_some(false),
        };
        Ok(Told { value, manage })
    }

    /// What it will be when it was `was`: the same where no way is named, and else one way shuts out the others.
    pub(super) fn after(self, was: &Self) -> Self {
        let is_named = self.master_user_password_version.is_some() || self.password_secret.is_some();
        if is_named || self.manage_master_user_password == Some(true) { self } else { Self { master_user_password: None, ..was.clone() } }
    }

    /// As it is after a change that `shown` answers, which may be silent about tags that are written only now.
    pub(super) fn told(self, shown: &Self) -> Self {
        let manage = self.manage_master_user_password.or(shown.manage_master_user_password);
        Self { master_user_password: None, manage_master_user_password: manage, ..self }
    }

    async fn value(&self, aws: &Aws) -> Result<Option<Secret>, Error> {
        let Some(secret) = self.password_secret.as_deref() else { return Ok(self.master_user_password.clone()) };
        let version = self.password_secret_version.map(|version| version.to_string());
        let asked = aws.secretsmanager().get_secret_value().secret_id(secret).set_version_id(version);
        let answer = asked.send().await.map_err(refused("GetSecretValue"))?;
        Ok(Some(Secret::new(password(&answer.secret_string.ok_or_else(|| empty("GetSecretValue"))?))))
    }
}

/// The password in a secret's value: as RDS itself keeps it, in a JSON object beside the user's name; else the value as it is.
fn password(value: &str) -> String {
    let object = serde_json::from_str::<serde_json::Value>(value).ok();
    let inside = object.as_ref().and_then(|object| object.get("password")).and_then(|password| password.as_str());
    inside.unwrap_or(value).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_a_secrets_value_or_stands_in_it() {
        assert_eq!(password(r#"{"username": "shop", "password": "hunter2hunter2"}"#), "hunter2hunter2");
        assert_eq!(password("hunter2hunter2"), "hunter2hunter2");
        assert_eq!(password("12345678"), "12345678");
    }

    #[test]
    fn one_way_shuts_out_the_others_and_none_leaves_it_as_it_is() {
        let given = Password { master_user_password_version: Some(Uuid::from_u128(1)), ..Password::default() };
        let kept =
            Password { password_secret: Some("arn".to_owned()), password_secret_version: Some(Uuid::from_u128(2)), ..Password::default() };
        assert_eq!(kept.clone().after(&given).labels(), kept.labels());
        assert_eq!(Password::default().after(&kept).labels(), kept.labels());
        let made = Password { manage_master_user_password: Some(true), ..Password::default() };
        assert!(made.after(&kept).labels().is_empty());
    }
}
