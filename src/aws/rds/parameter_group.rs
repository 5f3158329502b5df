//! Groups of parameters, for instances and for clusters: the same but for the names of the calls.

use std::{future::Future, marker::PhantomData};

use futures::{StreamExt, TryStreamExt, future::try_join, stream};
use serde::{Deserialize, Serialize};

use super::{
    parameters::{self, Group, Parameter},
    tags::{ASIDE, asked, labels, retag},
};
use crate::{
    aws::{
        Aws,
        tags::{Tags, Told},
    },
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `rds.db_parameter_group` or `rds.db_cluster_parameter_group`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
pub(crate) struct ParameterGroup<Of> {
    region: String,
    pub(super) name: String,
    pub(super) family: String,
    pub(super) description: Option<String>,
    parameters: Option<Vec<Parameter>>,
    pub(super) tags: Tags,
    arn: Option<String>,
    #[serde(skip)]
    of: PhantomData<Of>,
}

/// What the cloud says of a group by itself: its parameters and its tags have to be asked for.
pub(crate) struct Said {
    pub(super) name: Option<String>,
    pub(super) family: Option<String>,
    pub(super) description: Option<String>,
    pub(super) arn: Option<String>,
}

/// Whose parameters they are.
pub(crate) trait Of: Clone + std::fmt::Debug + PartialEq + Send + Sync + Sized + 'static {
    const TABLE: &'static str;

    /// How the calls for single parameters name the group.
    fn group(name: &str) -> Group<'_>;
    /// All groups of the region.
    fn all(aws: &Aws) -> impl Future<Output = Result<Vec<Said>, Error>> + Send;
    /// Makes one, without any parameter set.
    fn make(aws: &Aws, row: &ParameterGroup<Self>, owner: &Owner) -> impl Future<Output = Result<Said, Error>> + Send;
    /// Removes one.
    fn remove(aws: &Aws, name: &str) -> impl Future<Output = Result<(), Error>> + Send;
}

impl<O: Of> Resource for ParameterGroup<O> {
    const TABLE: &'static str = O::TABLE;
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let rows = stream::iter(O::all(aws).await?).map(|group| Self::asked(aws, group));
        rows.buffer_unordered(ASIDE).try_collect().await
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let made = O::make(aws, &self, owner).await?;
        let set = self.parameters.unwrap_or_default();
        parameters::write(aws, O::group(&self.name), &[], &set).await?;
        let told = Told { tags: self.tags, owner: Some(owner.tag.clone()), ..Told::default() };
        Ok(Self::shown(made, set, told, aws.region()))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let before = was.row.parameters.clone().unwrap_or_default();
        let now = self.parameters.unwrap_or_else(|| before.clone());
        parameters::write(aws, O::group(&was.row.name), &before, &now).await?;
        let (unlabelled, labelled) = (labels(&was.row.tags, was.owner.as_deref()), labels(&self.tags, Some(&owner.tag)));
        retag(aws, was.row.arn.as_deref().unwrap_or_default(), &unlabelled, &labelled).await?;
        let row = Self { parameters: Some(now), tags: self.tags, ..was.row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        gone(O::remove(aws, &self.name).await)?;
        Ok(None)
    }
}

impl<O: Of> ParameterGroup<O> {
    /// A group with its parameters and tags: a call for each, since no listing tells them. AWS' own groups have neither.
    async fn asked(aws: &Aws, group: Said) -> Result<Observed<Self>, Error> {
        let name = group.name.clone().unwrap_or_default();
        if name.starts_with("default.") {
            return Ok(Self::shown(group, Vec::new(), Told::default(), aws.region()).implicit(true));
        }
        let arn = group.arn.clone().unwrap_or_default();
        let (set, told) = try_join(parameters::set(aws, O::group(&name)), asked(aws, &arn)).await?;
        Ok(Self::shown(group, set, told, aws.region()))
    }

    fn shown(group: Said, set: Vec<Parameter>, told: Told, region: &str) -> Observed<Self> {
        let row = Self {
            region: region.to_owned(),
            name: group.name.unwrap_or_default(),
            family: group.family.unwrap_or_default(),
            description: group.description,
            parameters: Some(set),
            tags: told.tags,
            arn: group.arn,
            of: PhantomData,
        };
        Observed::of(row).owned(told.owner)
    }
}
