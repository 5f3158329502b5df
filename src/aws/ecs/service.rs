//! A service: how many tasks of one definition run, and where.

use aws_sdk_ecs::types::{
    DeploymentCircuitBreaker, DeploymentConfiguration, LaunchType, PropagateTags, SchedulingStrategy, Service as Answer, ServiceField,
};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::{
    ASIDE, cluster,
    network::{Balancer, Network},
    strategy::{self, Strategy},
    tags::{labels, listed, retag, told},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::Tags,
    },
    resource::{Error, Kind, Observed, Owner, Resource, gone},
};

/// Services in one question, the most that AWS takes.
const ONE_CALL: usize = 10;

/// A row of `ecs.service`, with its rows of the three lists of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Service {
    region: String,
    cluster: Option<String>,
    name: String,
    task_definition: Option<String>,
    desired_count: Option<i32>,
    launch_type: Option<String>,
    capacity_provider_strategy: Option<Strategy>,
    platform_version: Option<String>,
    scheduling_strategy: Option<String>,
    #[serde(flatten)]
    network: Network,
    load_balancers: Option<Vec<Balancer>>,
    health_check_grace_period_seconds: Option<i32>,
    #[serde(flatten)]
    deployment: Deployment,
    enable_execute_command: Option<bool>,
    propagate_tags: Option<String>,
    tags: Tags,
    arn: Option<String>,
    status: Option<String>,
    rollout_state: Option<String>,
    running_count: Option<i32>,
}

/// How tasks of one definition take the place of those of another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Deployment {
    minimum_healthy_percent: Option<i32>,
    maximum_percent: Option<i32>,
    deployment_circuit_breaker: Option<bool>,
    rollback: Option<bool>,
}

impl Resource for Service {
    const TABLE: &'static str = "ecs.service";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let found = stream::iter(cluster::arns(aws).await?).map(|cluster| async move { services(aws, cluster).await });
        let found: Vec<Vec<Observed<Self>>> = found.buffer_unordered(ASIDE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        self.listened_to(aws).await?;
        let is_daemon = self.scheduling_strategy.as_deref() == Some("DAEMON");
        let strategy = self.capacity_provider_strategy.as_ref().map(|all| strategy::sent("CreateService", all)).transpose()?;
        let asked = aws
            .ecs()
            .create_service()
            .client_token(&owner.token)
            .set_cluster(self.cluster.clone())
            .service_name(&self.name)
            .set_task_definition(self.task_definition.clone())
            .set_desired_count(self.desired_count.or((!is_daemon).then_some(1)))
            .set_launch_type(self.launch_type.as_deref().map(LaunchType::from))
            .set_capacity_provider_strategy(strategy)
            .set_platform_version(self.platform_version.clone())
            .set_scheduling_strategy(self.scheduling_strategy.as_deref().map(SchedulingStrategy::from))
            .set_network_configuration(self.network.sent("CreateService")?)
            .set_load_balancers(sent(self.load_balancers.as_deref()))
            .set_health_check_grace_period_seconds(self.health_check_grace_period_seconds)
            .set_deployment_configuration(self.deployment.sent())
            .set_enable_execute_command(self.enable_execute_command)
            .set_propagate_tags(self.propagate_tags.as_deref().map(PropagateTags::from))
            .set_tags(listed(labels(&self.tags, Some(&owner.tag))));
        let made = asked.send().await.map_err(refused("CreateService"))?;
        let shown = Self::shown(&made.service.ok_or_else(|| empty("CreateService"))?, aws.region());
        let row = Self { tags: self.tags, ..shown.row };
        Ok(Observed { row, ..shown }.owned(Some(owner.tag.clone())))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let arn = was.row.arn.clone().unwrap_or_default();
        let row = self.clone().deployed(was.row.clone(), &arn, aws).await?;
        retag(aws, &arn, &labels(&row.tags, was.owner.as_deref()), &labels(&self.tags, Some(&owner.tag))).await?;
        let row = Self { tags: self.tags, ..row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        // its tasks go with it, instead of being counted down first
        let asked = aws.ecs().delete_service().set_cluster(self.cluster).service(self.name).force(true);
        match asked.send().await.map_err(refused("DeleteService")) {
            Ok(answer) => {
                let left = answer.service.map(|service| Self::shown(&service, aws.region()));
                Ok(left.filter(|left| left.pending.is_some()))
            }
            Err(error) => gone::<()>(Err(error)).map(|()| None),
        }
    }
}

impl Service {
    /// AWS refuses a target group that no listener or rule leads to yet; until one does, it is waited for.
    async fn listened_to(&self, aws: &Aws) -> Result<(), Error> {
        let groups: Vec<String> = self.load_balancers.iter().flatten().map(|balancer| balancer.target_group.clone()).collect();
        if groups.is_empty() {
            return Ok(());
        }
        let told = aws.elbv2().describe_target_groups().set_target_group_arns(Some(groups)).send().await;
        let told = told.map_err(refused("DescribeTargetGroups"))?;
        match told.target_groups().iter().find(|group| group.load_balancer_arns().is_empty()) {
            Some(group) => {
                let said = format!("no listener leads to the target group {} yet", group.target_group_name().unwrap_or_default());
                Err(Error::new("DescribeTargetGroups", Kind::Held, said))
            }
            None => Ok(()),
        }
    }

    /// One call for whatever differs besides tags, none where nothing does.
    async fn deployed(self, was: Self, arn: &str, aws: &Aws) -> Result<Self, Error> {
        fn other<T: PartialEq>(now: Option<T>, was: Option<&T>) -> Option<T> {
            now.filter(|now| Some(now) != was)
        }
        let soon = Self {
            task_definition: self.task_definition.or(was.task_definition.clone()),
            desired_count: self.desired_count.or(was.desired_count),
            capacity_provider_strategy: self.capacity_provider_strategy.or(was.capacity_provider_strategy.clone()),
            platform_version: self.platform_version.or(was.platform_version.clone()),
            network: self.network.over(&was.network),
            load_balancers: self.load_balancers.or(was.load_balancers.clone()),
            health_check_grace_period_seconds: self.health_check_grace_period_seconds.or(was.health_check_grace_period_seconds),
            deployment: self.deployment.over(&was.deployment),
            enable_execute_command: self.enable_execute_command.or(was.enable_execute_command),
            propagate_tags: self.propagate_tags.or(was.propagate_tags.clone()),
            ..was.clone()
        };
        if soon == was {
            return Ok(was);
        }
        let strategy = other(soon.capacity_provider_strategy.clone(), was.capacity_provider_strategy.as_ref());
        let strategy = strategy.map(|all| strategy::sent("UpdateService", &all)).transpose()?;
        let network = if soon.network == was.network { None } else { soon.network.sent("UpdateService")? };
        let balancers = other(soon.load_balancers.clone(), was.load_balancers.as_ref());
        let asked = aws
            .ecs()
            .update_service()
            .set_cluster(was.cluster.clone())
            .service(arn)
            .set_task_definition(other(soon.task_definition.clone(), was.task_definition.as_ref()))
            .set_desired_count(other(soon.desired_count, was.desired_count.as_ref()))
            .set_capacity_provider_strategy(strategy)
            .set_platform_version(other(soon.platform_version.clone(), was.platform_version.as_ref()))
            .set_network_configuration(network)
            .set_load_balancers(sent(balancers.as_deref()))
            .set_health_check_grace_period_seconds(other(
                soon.health_check_grace_period_seconds,
                was.health_check_grace_period_seconds.as_ref(),
            ))
            .set_deployment_configuration(if soon.deployment == was.deployment { None } else { soon.deployment.sent() })
            .set_enable_execute_command(other(soon.enable_execute_command, was.enable_execute_command.as_ref()))
            .set_propagate_tags(other(soon.propagate_tags.as_deref(), was.propagate_tags.as_deref().as_ref()).map(PropagateTags::from));
        match asked.send().await.map_err(refused("UpdateService")) {
            Err(error) if error.kind == Kind::Invalid && balancers.is_some() => {
                soon.listened_to(aws).await?;
                Err(error)
            }
            asked => asked.map(|_| soon),
        }
    }

    /// ACTIVE is at rest: a deployment goes on by itself, and nothing hinders another one meanwhile.
    fn shown(service: &Answer, region: &str) -> Observed<Self> {
        let told = told(service.tags());
        let status = service.status().map(str::to_owned);
        let newest = service.deployments().iter().find(|deployment| deployment.status() == Some("PRIMARY"));
        let row = Self {
            region: region.to_owned(),
            cluster: service.cluster_arn().map(str::to_owned),
            name: service.service_name().unwrap_or_default().to_owned(),
            task_definition: service.task_definition().map(str::to_owned),
            desired_count: Some(service.desired_count()),
            launch_type: service.launch_type().map(|kind| kind.as_str().to_owned()),
            capacity_provider_strategy: Some(strategy::shown(service.capacity_provider_strategy())).filter(|all| !all.is_empty()),
            platform_version: service.platform_version().map(str::to_owned),
            scheduling_strategy: service.scheduling_strategy().map(|strategy| strategy.as_str().to_owned()),
            network: Network::shown(service.network_configuration()),
            load_balancers: Some(service.load_balancers().iter().filter_map(Balancer::shown).collect()),
            health_check_grace_period_seconds: service.health_check_grace_period_seconds(),
            deployment: Deployment::shown(service.deployment_configuration()),
            enable_execute_command: Some(service.enable_execute_command()),
            propagate_tags: service.propagate_tags().map(|whose| whose.as_str().to_owned()),
            tags: told.tags,
            arn: service.service_arn().map(str::to_owned),
            status: status.clone(),
            rollout_state: newest.and_then(|deployment| deployment.rollout_state()).map(|state| state.as_str().to_owned()),
            running_count: Some(service.running_count()),
        };
        Observed::of(row).owned(told.owner).pending(status.filter(|status| status == "DRAINING"))
    }
}

impl Deployment {
    fn over(&self, was: &Self) -> Self {
        Self {
            minimum_healthy_percent: self.minimum_healthy_percent.or(was.minimum_healthy_percent),
            maximum_percent: self.maximum_percent.or(was.maximum_percent),
            deployment_circuit_breaker: self.deployment_circuit_breaker.or(was.deployment_circuit_breaker),
            rollback: self.rollback.or(was.rollback),
        }
    }

    fn sent(&self) -> Option<DeploymentConfiguration> {
        let breaker = self
            .deployment_circuit_breaker
            .map(|on| DeploymentCircuitBreaker::builder().enable(on).rollback(on && self.rollback.unwrap_or_default()).build());
        let sent = DeploymentConfiguration::builder()
            .set_minimum_healthy_percent(self.minimum_healthy_percent)
            .set_maximum_percent(self.maximum_percent)
            .set_deployment_circuit_breaker(breaker);
        (*self != Self::default()).then(|| sent.build())
    }

    fn shown(deployment: Option<&DeploymentConfiguration>) -> Self {
        let Some(deployment) = deployment else { return Self::default() };
        let breaker = deployment.deployment_circuit_breaker();
        Self {
            minimum_healthy_percent: deployment.minimum_healthy_percent(),
            maximum_percent: deployment.maximum_percent(),
            deployment_circuit_breaker: Some(breaker.is_some_and(DeploymentCircuitBreaker::enable)),
            rollback: Some(breaker.is_some_and(DeploymentCircuitBreaker::rollback)),
        }
    }
}

fn sent(balancers: Option<&[Balancer]>) -> Option<Vec<aws_sdk_ecs::types::LoadBalancer>> {
    balancers.map(|all| all.iter().map(Balancer::sent).collect())
}

/// The services of one cluster, ten in a question; none where the cluster is gone.
async fn services(aws: &Aws, cluster: String) -> Result<Vec<Observed<Service>>, Error> {
    let found = aws.ecs().list_services().cluster(&cluster).max_results(100).into_paginator().items().send();
    let arns: Vec<String> = match found.try_collect().await.map_err(refused("ListServices")) {
        Err(error) if error.is_absent() => return Ok(Vec::new()),
        found => found?,
    };
    let mut all = Vec::new();
    for some in arns.chunks(ONE_CALL) {
        let asked = aws.ecs().describe_services().cluster(&cluster).set_services(Some(some.to_vec())).include(ServiceField::Tags);
        let answer = asked.send().await.map_err(refused("DescribeServices"))?;
        // the deleted ones are shown for a while
        let here = answer.services().iter().filter(|service| service.status() != Some("INACTIVE"));
        all.extend(here.map(|service| Service::shown(service, aws.region())));
    }
    Ok(all)
}
