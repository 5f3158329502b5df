//! A security group: what traffic reaches the things that carry it, and what leaves them.

use aws_sdk_ec2::types::{ResourceType, SecurityGroup as Answer};
use serde::{Deserialize, Serialize};

use super::tags::{Labels, retag, specification, told};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::Tags,
    },
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `ec2.security_group`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SecurityGroup {
    region: String,
    name: Option<String>,
    group_name: Option<String>,
    description: Option<String>,
    vpc: Option<String>,
    tags: Tags,
    group_id: Option<String>,
}

impl Resource for SecurityGroup {
    const TABLE: &'static str = "ec2.security_group";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let groups = aws.ec2().describe_security_groups().max_results(1000).into_paginator().items().send();
        let groups = groups.try_collect().await.map_err(refused("DescribeSecurityGroups"))?;
        Ok(groups.iter().map(|group| Self::shown(group, aws.region())).collect())
    }

    async fn create(mut self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        self.group_name = Some(self.group_name.take().unwrap_or_else(|| made_up(self.name.as_deref().unwrap_or_default(), owner)));
        let made = aws
            .ec2()
            .create_security_group()
            .set_group_name(self.group_name.clone())
            .set_description(self.description.clone())
            .set_vpc_id(self.vpc.clone())
            .tag_specifications(specification(ResourceType::SecurityGroup, self.name.as_deref(), &self.tags, owner))
            .send()
            .await
            .map_err(refused("CreateSecurityGroup"))?;
        self.group_id = Some(made.group_id.ok_or_else(|| empty("CreateSecurityGroup"))?);
        Ok(Observed::of(self).owned(Some(owner.tag.clone())))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let id = was.row.group_id.as_deref().unwrap_or_default();
        let before = Labels { name: was.row.name.as_deref(), tags: &was.row.tags, owner: was.owner.as_deref() };
        retag(aws, id, before, Labels { name: self.name.as_deref(), tags: &self.tags, owner: Some(&owner.tag) }).await?;
        let row = Self { name: self.name, tags: self.tags, ..was.row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let id = self.group_id.unwrap_or_default();
        gone(aws.ec2().delete_security_group().group_id(id).send().await.map_err(refused("DeleteSecurityGroup")))?;
        Ok(None)
    }
}

impl SecurityGroup {
    fn shown(group: &Answer, region: &str) -> Observed<Self> {
        let told = told(group.tags());
        let row = Self {
            region: region.to_owned(),
            name: told.name,
            group_name: group.group_name().map(str::to_owned),
            description: group.description().map(str::to_owned),
            vpc: group.vpc_id().map(str::to_owned),
            tags: told.tags,
            group_id: group.group_id().map(str::to_owned),
        };
        // every VPC has a group of this name, and nobody else may use it
        Observed::of(row).owned(told.owner).implicit(group.group_name() == Some("default"))
    }
}

/// A group name that no other attempt makes up, in the characters that AWS allows and without its own `sg-` in front.
fn made_up(name: &str, owner: &Owner) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || " ._:/()#,@[]+=&;{}!$*-".contains(c);
    let name: String = name.chars().map(|c| if plain(c) { c } else { '-' }).take(240).collect();
    let attempt: String = owner.token.chars().filter(char::is_ascii_hexdigit).take(8).collect();
    if name.to_ascii_lowercase().starts_with("sg-") { format!("_{name}-{attempt}") } else { format!("{name}-{attempt}") }
}

#[cfg(test)]
mod tests {
    use super::made_up;
    use crate::resource::Owner;

    #[test]
    fn a_made_up_group_name_has_only_what_aws_allows() {
        let owner = Owner { tag: "shop/1".to_owned(), token: "0a1b2c3d-4e5f-4789-8abc-def012345678".to_owned() };
        assert_eq!(made_up("web", &owner), "web-0a1b2c3d");
        assert_eq!(made_up("wéb ‑ front", &owner), "w-b - front-0a1b2c3d");
        assert_eq!(made_up("sg-web", &owner), "_sg-web-0a1b2c3d");
        assert_eq!(made_up(&"x".repeat(300), &owner).len(), 249);
    }
}
