//! A public repository: a place for container images that everybody may pull.

use std::collections::HashMap;

use aws_sdk_ecrpublic::types::{Repository as Answer, RepositoryCatalogData, RepositoryCatalogDataInput, Tag};
use serde::{Deserialize, Serialize};

use super::tags::{labels, told};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        one_by_one,
        tags::{Tags, difference},
    },
    resource::{Cloud, Error, Observed, Owner, Reads, Resource, Scope, gone},
};

/// The one region that serves the public registry, which is one for all regions.
///
/// <https://docs.aws.amazon.com/general/latest/gr/ecr-public.html>
const REGION: &str = "us-east-1";

/// A row of `ecr.public_repository`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PublicRepository {
    name: String,
    #[serde(flatten)]
    catalog: Catalog,
    force_delete: bool,
    tags: Tags,
    repository_uri: Option<String>,
    arn: Option<String>,
}

/// What the gallery says of a repository. `None` asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Catalog {
    description: Option<String>,
    about_text: Option<String>,
    usage_text: Option<String>,
    architectures: Option<Vec<String>>,
    operating_systems: Option<Vec<String>>,
}

impl Resource for PublicRepository {
    const TABLE: &'static str = "ecr.public_repository";
    const SCOPE: Scope = Scope::Global;
    const READS: Reads = Reads::Named;
    type Cloud = Aws;

    async fn list(aws: &Aws, named: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        if named.is_empty() {
            return Ok(Vec::new());
        }
        let there = aws.at(REGION);
        let all = there.ecrpublic().describe_repositories().max_results(1000).into_paginator().items().send();
        let all: Vec<Answer> = all.try_collect().await.map_err(refused("DescribeRepositories"))?;
        let all: HashMap<_, _> = all.into_iter().map(|found| (found.repository_name.clone().unwrap_or_default(), found)).collect();
        let found = named.iter().filter_map(|row| all.get(&row.name).cloned());
        one_by_one::each(found.collect::<Vec<_>>(), |found| read(found, &there)).await
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let asked = aws.at(REGION).ecrpublic().create_repository().repository_name(&self.name);
        let asked = asked.set_catalog_data((self.catalog != Catalog::default()).then(|| self.catalog.clone().asked()));
        let asked = asked.set_tags(Some(listed(labels(&self.tags, Some(&owner.tag), self.force_delete))));
        let made = asked.send().await.map_err(refused("CreateRepository"))?;
        let found = made.repository.ok_or_else(|| empty("CreateRepository"))?;
        let catalog = self.catalog.or(Catalog::of(made.catalog_data));
        Ok(Observed::of(Self { catalog, repository_uri: found.repository_uri, arn: found.repository_arn, ..self })
            .owned(Some(owner.tag.clone())))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let there = aws.at(REGION);
        let catalog = self.catalog.or(was.row.catalog.clone());
        if catalog != was.row.catalog {
            // whatever is left out of it would be emptied
            let asked = there.ecrpublic().put_repository_catalog_data().repository_name(&was.row.name);
            let asked = asked.catalog_data(catalog.clone().asked());
            asked.send().await.map_err(refused("PutRepositoryCatalogData"))?;
        }
        let before = labels(&was.row.tags, was.owner.as_deref(), was.row.force_delete);
        let arn = was.row.arn.as_deref().unwrap_or_default();
        retag(&there, arn, &before, &labels(&self.tags, Some(&owner.tag), self.force_delete)).await?;
        let row = Self { catalog, force_delete: self.force_delete, tags: self.tags, ..was.row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.at(REGION).ecrpublic().delete_repository().repository_name(self.name).force(self.force_delete);
        gone(asked.send().await.map_err(refused("DeleteRepository")))?;
        Ok(None)
    }
}

async fn read(found: Answer, there: &Aws) -> Result<Option<Observed<PublicRepository>>, Error> {
    let name = found.repository_name.unwrap_or_default();
    let arn = found.repository_arn.unwrap_or_default();
    let catalog = there.ecrpublic().get_repository_catalog_data().repository_name(&name).send().await;
    let catalog = match catalog.map_err(refused("GetRepositoryCatalogData")) {
        Err(error) if error.code.as_deref() == Some("RepositoryCatalogDataNotFoundException") => None,
        answer => answer?.catalog_data,
    };
    let tags = there.ecrpublic().list_tags_for_resource().resource_arn(&arn).send().await.map_err(refused("ListTagsForResource"))?;
    let tags = tags.tags.unwrap_or_default().into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
    let (told, force_delete) = told(tags);
    let row = PublicRepository {
        name,
        catalog: Catalog::of(catalog),
        force_delete,
        tags: told.tags,
        repository_uri: found.repository_uri,
        arn: Some(arn),
    };
    Ok(Some(Observed::of(row).owned(told.owner)))
}

impl Catalog {
    /// As AWS tells it: what it does not tell is empty.
    fn of(data: Option<RepositoryCatalogData>) -> Self {
        let data = data.unwrap_or_else(|| RepositoryCatalogData::builder().build());
        let sorted = |list: Option<Vec<String>>| {
            let mut list = list.unwrap_or_default();
            list.sort_unstable();
            Some(list)
        };
        Self {
            description: Some(data.description.unwrap_or_default()),
            about_text: Some(data.about_text.unwrap_or_default()),
            usage_text: Some(data.usage_text.unwrap_or_default()),
            architectures: sorted(data.architectures),
            operating_systems: sorted(data.operating_systems),
        }
    }

    /// These, and where they ask for nothing the other ones.
    fn or(&self, other: Self) -> Self {
        let this = self.clone();
        Self {
            description: this.description.or(other.description),
            about_text: this.about_text.or(other.about_text),
            usage_text: this.usage_text.or(other.usage_text),
            architectures: this.architectures.or(other.architectures),
            operating_systems: this.operating_systems.or(other.operating_systems),
        }
    }

    fn asked(self) -> RepositoryCatalogDataInput {
        RepositoryCatalogDataInput::builder()
            .set_description(self.description)
            .set_about_text(self.about_text)
            .set_usage_text(self.usage_text)
            .set_architectures(self.architectures)
            .set_operating_systems(self.operating_systems)
            .build()
    }
}

fn listed(tags: Tags) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

async fn retag(aws: &Aws, arn: &str, was: &Tags, now: &Tags) -> Result<(), Error> {
    let (set, unset) = difference(was, now);
    if !set.is_empty() {
        let asked = aws.ecrpublic().tag_resource().resource_arn(arn).set_tags(Some(listed(set)));
        asked.send().await.map_err(refused("TagResource"))?;
    }
    if !unset.is_empty() {
        let asked = aws.ecrpublic().untag_resource().resource_arn(arn).set_tag_keys(Some(unset));
        asked.send().await.map_err(refused("UntagResource"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_told_is_empty_and_what_is_not_asked_for_stays() {
        let told =
            Catalog::of(Some(RepositoryCatalogData::builder().about_text("# Web").architectures("x86-64").architectures("ARM").build()));
        assert_eq!(
            (told.description.as_deref(), told.architectures.as_deref()),
            (Some(""), Some(&["ARM".to_owned(), "x86-64".to_owned()][..]))
        );
        let asked = Catalog { description: Some("A shop".to_owned()), ..Catalog::default() };
        let both = asked.or(told.clone());
        assert_eq!(both, Catalog { description: Some("A shop".to_owned()), ..told });
        assert_eq!(both.asked().about_text(), Some("# Web"), "an update says all of it, for what is left out is emptied");
    }
}
