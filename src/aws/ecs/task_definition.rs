//! A task definition: which containers run together, and with what. Its revisions never change.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecs::{
    operation::describe_task_definition::DescribeTaskDefinitionOutput,
    types::{
        Compatibility, CpuArchitecture, EphemeralStorage, IpcMode, NetworkMode, OsFamily, PidMode, RuntimePlatform, SortOrder,
        TaskDefinition as Answer, TaskDefinitionField, TaskDefinitionStatus,
    },
};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::{
    ASIDE,
    container::{Container, Surroundings},
    tags::{labels, listed, retag, told},
    volume::{self, Volumes},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        once::Once,
        tags::{Tags, Told},
    },
    resource::{Error, Kind, Observed, Owner, Reads, Resource},
};

/// The revisions of a family that are looked at, from the newest on: others may have registered any number.
const NEWEST: i32 = 10;

/// A row of `ecs.task_definition`, with its rows of `ecs.container_definition`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TaskDefinition {
    region: String,
    family: String,
    requires_compatibilities: Option<Vec<String>>,
    network_mode: Option<String>,
    cpu: Option<i32>,
    memory: Option<i32>,
    execution_role: Option<String>,
    task_role: Option<String>,
    cpu_architecture: Option<String>,
    operating_system_family: Option<String>,
    ephemeral_storage: Option<i32>,
    pid_mode: Option<String>,
    ipc_mode: Option<String>,
    volumes: Volumes,
    container_definitions: Option<Vec<Container>>,
    tags: Tags,
    arn: Option<String>,
    revision: Option<i32>,
}

impl Resource for TaskDefinition {
    const TABLE: &'static str = "ecs.task_definition";
    // each revision must be asked for by itself, and an account may have thousands
    const READS: Reads = Reads::Named;
    type Cloud = Aws;

    async fn list(aws: &Aws, named: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let mut families: BTreeMap<String, Vec<Self>> = BTreeMap::new();
        for row in named {
            families.entry(row.family.clone()).or_default().push(row.clone());
        }
        let found = stream::iter(families).map(|(family, named)| async move { revisions(aws, family, named).await });
        let found: Vec<_> = found.buffer_unordered(ASIDE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let containers = self.container_definitions.iter().flatten();
        if self.is_own_host() && containers.clone().any(|container| container.port_mappings.iter().any(|port| port.names_a_host_port())) {
            let said = "in this network mode a port mapping names no host_port: it is always the container's own";
            return Err(Error::new("RegisterTaskDefinition", Kind::Invalid, said));
        }
        let containers = containers.map(Container::sent).collect::<Result<_, _>>()?;
        let platform = RuntimePlatform::builder()
            .set_cpu_architecture(self.cpu_architecture.as_deref().map(CpuArchitecture::from))
            .set_operating_system_family(self.operating_system_family.as_deref().map(OsFamily::from));
        let names_a_platform = self.cpu_architecture.is_some() || self.operating_system_family.is_some();
        let compatible =
            self.requires_compatibilities.as_ref().map(|all| all.iter().map(|one| Compatibility::from(one.as_str())).collect());
        let asked = aws
            .ecs()
            .register_task_definition()
            .family(&self.family)
            .set_requires_compatibilities(compatible)
            .set_network_mode(self.network_mode.as_deref().map(NetworkMode::from))
            .set_cpu(self.cpu.map(|units| units.to_string()))
            .set_memory(self.memory.map(|mebibytes| mebibytes.to_string()))
            .set_execution_role_arn(self.execution_role.clone())
            .set_task_role_arn(self.task_role.clone())
            .set_runtime_platform(names_a_platform.then(|| platform.build()))
            .set_ephemeral_storage(self.ephemeral_storage.map(|size| EphemeralStorage::builder().size_in_gib(size).build()))
            .set_pid_mode(self.pid_mode.as_deref().map(PidMode::from))
            .set_ipc_mode(self.ipc_mode.as_deref().map(IpcMode::from))
            .set_volumes(Some(volume::sent(&self.volumes)?).filter(|volumes| !volumes.is_empty()))
            .set_container_definitions(Some(containers))
            .set_tags(listed(labels(&self.tags, Some(&owner.tag))));
        let asked = asked.customize().config_override(aws_sdk_ecs::config::Builder::new().retry_classifier(Once));
        let made = asked.send().await.map_err(refused("RegisterTaskDefinition"))?;
        let made = made.task_definition.ok_or_else(|| empty("RegisterTaskDefinition"))?;
        let told = Told { tags: self.tags.clone(), owner: Some(owner.tag.clone()), ..Told::default() };
        Ok(Self::shown(&made, told, Some(&self), aws.region()))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let arn = was.row.arn.as_deref().unwrap_or_default();
        retag(aws, arn, &labels(&was.row.tags, was.owner.as_deref()), &labels(&self.tags, Some(&owner.tag))).await?;
        let row = Self { tags: self.tags, ..was.row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    // what runs of it goes on
    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let arn = self.arn.unwrap_or_default();
        let asked = aws.ecs().deregister_task_definition().task_definition(&arn).send().await;
        match asked.map_err(refused("DeregisterTaskDefinition")) {
            // AWS has no code of its own for one that is not there
            Err(error) if error.kind == Kind::Invalid && described(aws, arn).await?.is_none() => Ok(None),
            asked => asked.map(|_| None),
        }
    }
}

impl TaskDefinition {
    /// Whether the containers' ports are the host's own.
    fn is_own_host(&self) -> bool {
        self.network_mode.as_deref().is_some_and(|mode| matches!(mode, "awsvpc" | "host"))
    }

    fn shown(answer: &Answer, told: Told, like: Option<&Self>, region: &str) -> Observed<Self> {
        let arn = answer.task_definition_arn().unwrap_or_default();
        let part = |place: usize| arn.split(':').nth(place).unwrap_or_default().to_owned();
        let mut compatible: Vec<String> = answer.requires_compatibilities().iter().map(|one| one.as_str().to_owned()).collect();
        compatible.sort_unstable();
        let platform = answer.runtime_platform();
        let row = Self {
            region: region.to_owned(),
            family: answer.family().unwrap_or_default().to_owned(),
            requires_compatibilities: Some(compatible),
            network_mode: answer.network_mode().map(|mode| mode.as_str().to_owned()),
            cpu: answer.cpu().and_then(|units| units.parse().ok()),
            memory: answer.memory().and_then(|mebibytes| mebibytes.parse().ok()),
            execution_role: answer.execution_role_arn().map(str::to_owned),
            task_role: answer.task_role_arn().map(str::to_owned),
            cpu_architecture: platform.and_then(|platform| platform.cpu_architecture()).map(|one| one.as_str().to_owned()),
            operating_system_family: platform.and_then(|platform| platform.operating_system_family()).map(|one| one.as_str().to_owned()),
            ephemeral_storage: answer.ephemeral_storage().map(EphemeralStorage::size_in_gib),
            pid_mode: answer.pid_mode().map(|mode| mode.as_str().to_owned()),
            ipc_mode: answer.ipc_mode().map(|mode| mode.as_str().to_owned()),
            volumes: volume::shown(answer.volumes()),
            container_definitions: None,
            tags: told.tags,
            arn: Some(arn.to_owned()),
            revision: Some(answer.revision()),
        };
        let of = Surroundings { partition: part(1), region: region.to_owned(), account: part(4), is_own_host: row.is_own_host() };
        let like = |name: Option<&str>| {
            like.and_then(|like| like.container_definitions.iter().flatten().find(|container| Some(container.name.as_str()) == name))
        };
        let containers = answer.container_definitions().iter().map(|container| Container::shown(container, &of, like(container.name())));
        Observed::of(Self { container_definitions: Some(containers.collect()), ..row }).owned(told.owner)
    }
}

/// Those revisions of a family that are active and somebody's, or else the newest one.
async fn revisions(aws: &Aws, family: String, named: Vec<TaskDefinition>) -> Result<Vec<Observed<TaskDefinition>>, Error> {
    let asked = aws.ecs().list_task_definitions().family_prefix(family).sort(SortOrder::Desc).max_results(NEWEST);
    let newest = asked.status(TaskDefinitionStatus::Active).send().await.map_err(refused("ListTaskDefinitions"))?;
    let known = named.iter().filter_map(|row| row.arn.clone());
    let arns: BTreeSet<String> = newest.task_definition_arns().iter().cloned().chain(known).collect();
    let answers = stream::iter(arns).map(|arn| async move { described(aws, arn).await });
    let answers: Vec<_> = answers.buffer_unordered(ASIDE).try_collect().await?;
    let mut found: Vec<Observed<TaskDefinition>> = answers.iter().flatten().filter_map(|answer| seen(answer, named.first(), aws)).collect();
    found.sort_by_key(|revision| std::cmp::Reverse(revision.row.revision));
    let (owned, foreign): (Vec<_>, Vec<_>) = found.into_iter().partition(|revision| revision.owner.is_some());
    // what others registered before is history, and never goes
    Ok(if owned.is_empty() { foreign.into_iter().take(1).collect() } else { owned })
}

fn seen(answer: &DescribeTaskDefinitionOutput, like: Option<&TaskDefinition>, aws: &Aws) -> Option<Observed<TaskDefinition>> {
    answer.task_definition().map(|definition| TaskDefinition::shown(definition, told(answer.tags()), like, aws.region()))
}

/// One revision; `None` where it is active no longer, or never was.
async fn described(aws: &Aws, arn: String) -> Result<Option<DescribeTaskDefinitionOutput>, Error> {
    let asked = aws.ecs().describe_task_definition().task_definition(arn).include(TaskDefinitionField::Tags).send().await;
    match asked.map_err(refused("DescribeTaskDefinition")) {
        // AWS has no code of its own for one that is not there
        Err(error) if error.kind == Kind::Invalid => Ok(None),
        told => Ok(Some(told?)
            .filter(|told| told.task_definition().and_then(|definition| definition.status()) == Some(&TaskDefinitionStatus::Active))),
    }
}
