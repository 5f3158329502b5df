//! A cluster: where services run.

use aws_sdk_ecs::types::{Cluster as Answer, ClusterField, ClusterSetting, ClusterSettingName};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::{
    ASIDE,
    strategy::{self, Strategy},
    tags::{labels, listed, retag, told},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::Tags,
    },
    resource::{Error, Observed, Owner, Resource, gone},
};

/// Clusters in one question, the most that AWS takes.
const ONE_CALL: usize = 100;

/// A row of `ecs.cluster`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cluster {
    region: String,
    name: String,
    container_insights: Option<String>,
    capacity_providers: Option<Vec<String>>,
    default_capacity_provider_strategy: Option<Strategy>,
    tags: Tags,
    arn: Option<String>,
    status: Option<String>,
}

impl Resource for Cluster {
    const TABLE: &'static str = "ecs.cluster";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let some: Vec<Vec<String>> = arns(aws).await?.chunks(ONE_CALL).map(<[String]>::to_vec).collect();
        let found = stream::iter(some).map(|some| async move {
            let asked = aws.ecs().describe_clusters().set_clusters(Some(some)).include(ClusterField::Tags).include(ClusterField::Settings);
            asked.send().await.map_err(refused("DescribeClusters"))
        });
        let found: Vec<_> = found.buffer_unordered(ASIDE).try_collect().await?;
        let clusters = found.iter().flat_map(|answer| answer.clusters());
        // the deleted ones are shown for a while
        Ok(clusters.filter(|cluster| cluster.status() != Some("INACTIVE")).map(|cluster| Self::shown(cluster, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let strategy = self.default_capacity_provider_strategy.as_ref().map(|all| strategy::sent("CreateCluster", all)).transpose()?;
        let asked = aws
            .ecs()
            .create_cluster()
            .cluster_name(&self.name)
            .set_settings(settings(self.container_insights.as_deref()))
            .set_capacity_providers(self.capacity_providers.clone())
            .set_default_capacity_provider_strategy(strategy)
            .set_tags(listed(labels(&self.tags, Some(&owner.tag))));
        let made = asked.send().await.map_err(refused("CreateCluster"))?;
        let made = made.cluster.ok_or_else(|| empty("CreateCluster"))?;
        let shown = Self::shown(&made, aws.region());
        // AWS answers with neither where it is not asked for them
        let container_insights = self.container_insights.or(shown.row.container_insights);
        let row = Self { container_insights, tags: self.tags, ..shown.row };
        Ok(Observed { row, ..shown }.owned(Some(owner.tag.clone())))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let arn = was.row.arn.clone().unwrap_or_default();
        let insights = self.container_insights.filter(|insights| Some(insights) != was.row.container_insights.as_ref());
        if insights.is_some() {
            let asked = aws.ecs().update_cluster().cluster(&arn).set_settings(settings(insights.as_deref()));
            asked.send().await.map_err(refused("UpdateCluster"))?;
        }
        let providers = self.capacity_providers.or(was.row.capacity_providers.clone());
        let strategy = self.default_capacity_provider_strategy.or(was.row.default_capacity_provider_strategy.clone());
        if providers != was.row.capacity_providers || strategy != was.row.default_capacity_provider_strategy {
            let sent = strategy::sent("PutClusterCapacityProviders", strategy.as_ref().unwrap_or(&Strategy::new()))?;
            let asked = aws.ecs().put_cluster_capacity_providers().cluster(&arn);
            let asked = asked.set_capacity_providers(Some(providers.clone().unwrap_or_default()));
            asked.set_default_capacity_provider_strategy(Some(sent)).send().await.map_err(refused("PutClusterCapacityProviders"))?;
        }
        retag(aws, &arn, &labels(&was.row.tags, was.owner.as_deref()), &labels(&self.tags, Some(&owner.tag))).await?;
        let row = Self {
            container_insights: insights.or(was.row.container_insights.clone()),
            capacity_providers: providers,
            default_capacity_provider_strategy: strategy,
            tags: self.tags,
            ..was.row
        };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.ecs().delete_cluster().cluster(self.arn.unwrap_or(self.name));
        match asked.send().await.map_err(refused("DeleteCluster")) {
            Ok(answer) => {
                let left = answer.cluster.map(|cluster| Self::shown(&cluster, aws.region()));
                Ok(left.filter(|left| left.pending.is_some()))
            }
            Err(error) => gone::<()>(Err(error)).map(|()| None),
        }
    }
}

impl Cluster {
    fn shown(cluster: &Answer, region: &str) -> Observed<Self> {
        let told = told(cluster.tags());
        let status = cluster.status().map(str::to_owned);
        let insights = cluster.settings().iter().find(|setting| setting.name() == Some(&ClusterSettingName::ContainerInsights));
        let mut providers = cluster.capacity_providers().to_vec();
        providers.sort_unstable();
        let row = Self {
            region: region.to_owned(),
            name: cluster.cluster_name().unwrap_or_default().to_owned(),
            container_insights: insights.and_then(|setting| setting.value()).map(str::to_owned),
            capacity_providers: Some(providers),
            default_capacity_provider_strategy: Some(strategy::shown(cluster.default_capacity_provider_strategy())),
            tags: told.tags,
            arn: cluster.cluster_arn().map(str::to_owned),
            status: status.clone(),
        };
        Observed::of(row).owned(told.owner).pending(status.filter(|status| matches!(status.as_str(), "PROVISIONING" | "DEPROVISIONING")))
    }
}

fn settings(insights: Option<&str>) -> Option<Vec<ClusterSetting>> {
    let setting = |value| ClusterSetting::builder().name(ClusterSettingName::ContainerInsights).value(value).build();
    insights.map(|value| vec![setting(value)])
}

/// The ARNs of all clusters of the region.
pub(super) async fn arns(aws: &Aws) -> Result<Vec<String>, Error> {
    let found = aws.ecs().list_clusters().max_results(100).into_paginator().items().send();
    found.try_collect().await.map_err(refused("ListClusters"))
}
