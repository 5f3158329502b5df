//! What an access key of ours may do: a policy for it alone, whose name says of which key it is, how far it reaches, and to which bucket.
//!
//! Where IAM names a user, Tigris means an access key's id (www.tigrisdata.com/docs/iam/policies/).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{error::refused, way::Tigris};
use crate::{
    aws::{canonical_policy, told_policy},
    resource::{Error, Kind, gone},
};

/// What may be done to a bucket and its objects, of what a policy of Tigris' can name (www.tigrisdata.com/docs/iam/policies/supported-actions/).
const READ: [&str; 2] = ["s3:GetObject", "s3:ListBucket"];
const WRITE: [&str; 5] =
    ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListBucketMultipartUploads", "s3:ListMultipartUploadParts", "s3:PutObject"];

/// What a key may do: to this bucket, `read` or `write`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Permit {
    pub(super) bucket: String,
    pub(super) access: String,
}

/// Policies as they are told: where one is found, and which version of it counts.
#[derive(Debug)]
struct Told {
    arn: String,
    version: String,
}

/// The policies of an account, by their names.
#[derive(Debug)]
pub(super) struct Policies(BTreeMap<String, Told>);

impl Permit {
    fn name(&self, id: &str) -> String {
        format!("{id}.{}.{}", self.access, self.bucket)
    }

    fn read(id: &str, name: &str) -> Option<Self> {
        let (access, bucket) = name.strip_prefix(id)?.strip_prefix('.')?.split_once('.')?;
        Some(Self { bucket: bucket.to_owned(), access: access.to_owned() })
    }

    fn document(&self) -> Value {
        let more = if self.access == "write" { &WRITE[..] } else { &[] };
        let (bucket, actions) = (format!("arn:aws:s3:::{}", self.bucket), [&READ[..], more].concat());
        let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": [bucket, format!("{bucket}/*")] });
        json!({ "Version": "2012-10-17", "Statement": [statement] })
    }

    /// Has a key do this and, of what we let it do, nothing else.
    pub(super) async fn grant(&self, tigris: &Tigris, id: &str) -> Result<(), Error> {
        let (policies, name) = (Policies::all(tigris).await?, self.name(id));
        let arn = match policies.0.get(&name) {
            Some(told) if self.is_said_by(tigris, told).await? => told.arn.clone(),
            told => {
                if let Some(told) = told {
                    withdraw(tigris, id, &told.arn).await?;
                }
                self.made(tigris, &name).await?
            }
        };
        const OPERATION: &str = "AttachUserPolicy";
        let asked = tigris.iam(OPERATION)?.attach_user_policy().user_name(id).policy_arn(arn);
        asked.send().await.map_err(refused(OPERATION))?;
        policies.withdrawn(tigris, id, Some(&name)).await
    }

    /// A policy that says it; answers where it is found.
    async fn made(&self, tigris: &Tigris, name: &str) -> Result<String, Error> {
        const OPERATION: &str = "CreatePolicy";
        let asked = tigris.iam(OPERATION)?.create_policy().policy_name(name).policy_document(self.document().to_string());
        match asked.send().await.map_err(refused(OPERATION)) {
            Ok(answer) => answer.policy.and_then(|policy| policy.arn).ok_or_else(|| silent(OPERATION)),
            // its answer was lost, and the client has asked once more
            Err(error) if error.kind == Kind::Taken => Policies::all(tigris).await?.0.remove(name).map(|told| told.arn).ok_or(error),
            Err(error) => Err(error),
        }
    }

    async fn is_said_by(&self, tigris: &Tigris, told: &Told) -> Result<bool, Error> {
        const OPERATION: &str = "GetPolicyVersion";
        let asked = tigris.iam(OPERATION)?.get_policy_version().policy_arn(&told.arn).version_id(&told.version);
        let answer = asked.send().await.map_err(refused(OPERATION))?;
        let document = answer.policy_version.and_then(|version| version.document).unwrap_or_default();
        Ok(told_policy(OPERATION, &document).is_ok_and(|document| document == canonical_policy(self.document())))
    }
}

impl Policies {
    /// All that an account has.
    pub(super) async fn all(tigris: &Tigris) -> Result<Self, Error> {
        const OPERATION: &str = "ListPolicies";
        let all = tigris.iam(OPERATION)?.list_policies().into_paginator().items().send();
        let all = all.try_collect().await.map_err(refused(OPERATION))?;
        let version = |version: Option<String>| version.filter(|version| !version.is_empty()).unwrap_or_else(|| "v1".to_owned());
        let one = |policy: aws_sdk_iam::types::Policy| {
            Some((policy.policy_name?, Told { arn: policy.arn?, version: version(policy.default_version_id) }))
        };
        Ok(Self(all.into_iter().filter_map(one).collect()))
    }

    /// What a key may do by a policy of ours, where just one is attached to it and says what its name says.
    pub(super) async fn permit_of(&self, tigris: &Tigris, id: &str) -> Result<Option<Permit>, Error> {
        const OPERATION: &str = "ListUserPolicies";
        let names = tigris.iam(OPERATION)?.list_user_policies().user_name(id).into_paginator().items().send();
        let names: Vec<String> = names.try_collect().await.map_err(refused(OPERATION))?;
        let ours: Vec<_> = names.iter().filter_map(|name| Some((Permit::read(id, name)?, self.0.get(name)?))).collect();
        match &ours[..] {
            [(permit, told)] if permit.is_said_by(tigris, told).await? => Ok(Some(permit.clone())),
            _ => Ok(None),
        }
    }

    /// Takes away what we let a key do, but for one policy.
    pub(super) async fn withdrawn(&self, tigris: &Tigris, id: &str, but: Option<&str>) -> Result<(), Error> {
        let ours = self.0.iter().filter(|(name, _)| Permit::read(id, name).is_some() && Some(name.as_str()) != but);
        for (_, told) in ours {
            withdraw(tigris, id, &told.arn).await?;
        }
        Ok(())
    }
}

/// A policy that is attached can't be deleted.
async fn withdraw(tigris: &Tigris, id: &str, arn: &str) -> Result<(), Error> {
    const OPERATIONS: [&str; 2] = ["DetachUserPolicy", "DeletePolicy"];
    let asked = tigris.iam(OPERATIONS[0])?.detach_user_policy().user_name(id).policy_arn(arn);
    gone(asked.send().await.map_err(refused(OPERATIONS[0])))?;
    let asked = tigris.iam(OPERATIONS[1])?.delete_policy().policy_arn(arn);
    gone(asked.send().await.map_err(refused(OPERATIONS[1])))
}

/// An answer of success without what it is about.
pub(super) fn silent(operation: &'static str) -> Error {
    Error::new(operation, Kind::Broken, "Tigris answered without saying what it made")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policys_name_says_of_which_key_it_is_and_what_it_permits() {
        let permit = Permit { bucket: "shop.files-1".into(), access: "write".into() };
        let name = permit.name("tid_a_B");
        assert_eq!(Permit::read("tid_a_B", &name), Some(permit));
        assert_eq!(Permit::read("tid_a", &name), None, "another key's");
        assert_eq!(Permit::read("tid_a_B", "theirs"), None);
    }

    #[test]
    fn who_reads_changes_nothing() {
        let said = |access: &str| Permit { bucket: "shop".into(), access: access.into() }.document().to_string();
        let (read, write) = (said("read"), said("write"));
        assert!(!read.contains("Put") && !read.contains("Delete") && write.contains("s3:PutObject"), "{read}");
        assert!([&read, &write].iter().all(|it| !it.contains(r#""*""#) && it.contains(r#"["arn:aws:s3:::shop","arn:aws:s3:::shop/*"]"#)));
    }
}
