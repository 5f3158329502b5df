//! A container of a task: what it runs, and with what.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_ecs::types::{
    ContainerCondition, ContainerDefinition as Answer, ContainerDependency, KeyValuePair, LogConfiguration, LogDriver, Secret,
};
use serde::{Deserialize, Serialize};

use super::{
    container_parts::{HealthCheck, Mount, PortMapping, sent_mounts, shown_mounts},
    image,
};
use crate::resource::{Error, Kind};

/// Texts by name.
type Texts = BTreeMap<String, String>;

const GROUP: &str = "awslogs-group";
const REGION: &str = "awslogs-region";
const PREFIX: &str = "awslogs-stream-prefix";

/// A row of `ecs.container_definition`. What is not said is not there, for each revision is compared as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Container {
    pub(super) name: String,
    #[serde(default)]
    image: Option<String>,
    #[serde(default)]
    repository: Option<String>,
    #[serde(default)]
    image_tag: Option<String>,
    essential: bool,
    cpu: i32,
    #[serde(default)]
    memory: Option<i32>,
    #[serde(default)]
    memory_reservation: Option<i32>,
    #[serde(default)]
    entry_point: Option<Vec<String>>,
    #[serde(default)]
    command: Option<Vec<String>>,
    #[serde(default)]
    working_directory: Option<String>,
    #[serde(default)]
    user: Option<String>,
    environment: Texts,
    secrets: Texts,
    pub(super) port_mappings: Vec<PortMapping>,
    mount_points: BTreeMap<String, Mount>,
    depends_on: Texts,
    #[serde(default)]
    health_check: Option<HealthCheck>,
    #[serde(default)]
    log_group: Option<String>,
    #[serde(default)]
    log_stream_prefix: Option<String>,
    #[serde(default)]
    log_driver: Option<String>,
    log_options: Texts,
    docker_labels: Texts,
    readonly_root_filesystem: bool,
    privileged: bool,
    #[serde(default)]
    start_timeout: Option<i32>,
    #[serde(default)]
    stop_timeout: Option<i32>,
}

fn row(error: impl ToString) -> Error {
    Error::new("RegisterTaskDefinition", Kind::Row, error.to_string())
}

/// The last part of a log group's ARN, which may end in `:*`; a name stays as it is.
fn group_name(group: &str) -> &str {
    group.split_once(":log-group:").map_or(group, |(_, name)| name.trim_end_matches(":*"))
}

impl Container {
    /// The same as AWS takes it.
    pub(super) fn sent(&self) -> Result<Answer, Error> {
        let image = match (&self.image, &self.repository) {
            (None, Some(repository)) => image::of(repository, self.image_tag.as_deref()),
            (image, _) => image.clone(),
        };
        let pair = |(name, value): (&String, &String)| KeyValuePair::builder().name(name).value(value).build();
        let secret = |(name, from): (&String, &String)| Secret::builder().name(name).value_from(from).build().map_err(row);
        let first = |(name, condition): (&String, &String)| {
            let first = ContainerDependency::builder().container_name(name).condition(ContainerCondition::from(condition.as_str()));
            first.build().map_err(row)
        };
        Ok(Answer::builder()
            .name(&self.name)
            .set_image(image)
            .essential(self.essential)
            .cpu(self.cpu)
            .set_memory(self.memory)
            .set_memory_reservation(self.memory_reservation)
            .set_entry_point(self.entry_point.clone())
            .set_command(self.command.clone())
            .set_working_directory(self.working_directory.clone())
            .set_user(self.user.clone())
            .set_environment(Some(self.environment.iter().map(pair).collect()))
            .set_secrets(filled(self.secrets.iter().map(secret).collect::<Result<_, _>>()?))
            .set_port_mappings(Some(self.port_mappings.iter().map(PortMapping::sent).collect()))
            .set_mount_points(Some(sent_mounts(&self.mount_points)))
            .set_depends_on(filled(self.depends_on.iter().map(first).collect::<Result<_, _>>()?))
            .set_health_check(self.health_check.as_ref().map(HealthCheck::sent).transpose()?)
            .set_log_configuration(self.logs()?)
            .set_docker_labels(Some(self.docker_labels.clone().into_iter().collect()).filter(|labels: &HashMap<_, _>| !labels.is_empty()))
            .set_readonly_root_filesystem(self.readonly_root_filesystem.then_some(true))
            .set_privileged(self.privileged.then_some(true))
            .set_start_timeout(self.start_timeout)
            .set_stop_timeout(self.stop_timeout)
            .build())
    }

    fn logs(&self) -> Result<Option<LogConfiguration>, Error> {
        let mut options: HashMap<String, String> = self.log_options.clone().into_iter().collect();
        let driver = if let Some(group) = self.log_group.as_deref() {
            options.insert(GROUP.to_owned(), group_name(group).to_owned());
            options.extend(group.split(':').nth(3).map(|region| (REGION.to_owned(), region.to_owned())));
            options.extend(self.log_stream_prefix.clone().map(|prefix| (PREFIX.to_owned(), prefix)));
            Some(LogDriver::Awslogs)
        } else {
            self.log_driver.as_deref().map(LogDriver::from)
        };
        let Some(driver) = driver else { return Ok(None) };
        let options = Some(options).filter(|options| !options.is_empty());
        LogConfiguration::builder().log_driver(driver).set_options(options).build().map(Some).map_err(row)
    }

    /// As AWS tells it. An image of ECR can be said in two ways: it is shown in that of `like`, the row for it.
    pub(super) fn shown(container: &Answer, of: &Surroundings, like: Option<&Self>) -> Self {
        let image = container.image().map(str::to_owned);
        let apart = image.as_deref().filter(|_| like.is_some_and(|like| like.repository.is_some())).and_then(image::apart);
        let (image, repository, image_tag) = apart.map_or((image, None, None), |(repository, tag)| (None, Some(repository), tag));
        let text = |pair: &KeyValuePair| Some((pair.name()?.to_owned(), pair.value().unwrap_or_default().to_owned()));
        let first = |first: &ContainerDependency| (first.container_name().to_owned(), first.condition().as_str().to_owned());
        let mut ports: Vec<_> = container.port_mappings().iter().filter_map(|port| PortMapping::shown(port, of.is_own_host)).collect();
        ports.sort_unstable();
        let shown = Self {
            name: container.name().unwrap_or_default().to_owned(),
            image,
            repository,
            image_tag,
            essential: container.essential().unwrap_or(true),
            cpu: container.cpu(),
            memory: container.memory(),
            memory_reservation: container.memory_reservation(),
            entry_point: filled(container.entry_point().to_vec()),
            command: filled(container.command().to_vec()),
            working_directory: container.working_directory().map(str::to_owned),
            user: container.user().map(str::to_owned),
            environment: container.environment().iter().filter_map(text).collect(),
            secrets: container.secrets().iter().map(|secret| (secret.name().to_owned(), secret.value_from().to_owned())).collect(),
            port_mappings: ports,
            mount_points: shown_mounts(container.mount_points()),
            depends_on: container.depends_on().iter().map(first).collect(),
            health_check: container.health_check().map(HealthCheck::shown),
            log_group: None,
            log_stream_prefix: None,
            log_driver: None,
            log_options: Texts::new(),
            docker_labels: container.docker_labels().cloned().unwrap_or_default().into_iter().collect(),
            readonly_root_filesystem: container.readonly_root_filesystem().unwrap_or_default(),
            privileged: container.privileged().unwrap_or_default(),
            start_timeout: container.start_timeout(),
            stop_timeout: container.stop_timeout(),
        };
        container.log_configuration().map_or(shown.clone(), |logs| shown.logging(logs, of))
    }

    fn logging(self, logs: &LogConfiguration, of: &Surroundings) -> Self {
        let mut options: Texts = logs.options().cloned().unwrap_or_default().into_iter().collect();
        if *logs.log_driver() != LogDriver::Awslogs {
            return Self { log_driver: Some(logs.log_driver().as_str().to_owned()), log_options: options, ..self };
        }
        let region = options.remove(REGION).unwrap_or_else(|| of.region.clone());
        let group = options.remove(GROUP).map(|name| format!("arn:{}:logs:{region}:{}:log-group:{name}", of.partition, of.account));
        Self { log_group: group, log_stream_prefix: options.remove(PREFIX), log_options: options, ..self }
    }
}

/// AWS says "none" with an empty list.
fn filled<T>(list: Vec<T>) -> Option<Vec<T>> {
    Some(list).filter(|list| !list.is_empty())
}

/// What containers are shown with.
pub(super) struct Surroundings {
    pub(super) partition: String,
    pub(super) region: String,
    pub(super) account: String,
    /// Whether the container's ports are the host's own.
    pub(super) is_own_host: bool,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn surroundings() -> Surroundings {
        Surroundings { partition: "aws".into(), region: "us-east-1".into(), account: "123456789012".into(), is_own_host: true }
    }

    fn container(other: serde_json::Value) -> Container {
        let mut row = json!({
            "name": "web", "essential": true, "cpu": 0, "environment": { "A": "b" }, "secrets": {}, "mount_points": {}, "depends_on": {},
            "port_mappings": [{ "container_port": 80, "protocol": "tcp" }], "log_options": {}, "docker_labels": {},
            "readonly_root_filesystem": false, "privileged": false,
        });
        row.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        serde_json::from_value(row).unwrap()
    }

    #[test]
    fn a_container_comes_back_as_it_went_out() {
        for other in [
            json!({ "image": "nginx:1.27", "log_driver": "json-file", "log_options": { "max-size": "1m" } }),
            json!({ "repository": "arn:aws:ecr:us-east-1:123456789012:repository/web", "image_tag": "1", "command": ["a"],
                "log_group": "arn:aws:logs:us-east-1:123456789012:log-group:/shop/web", "log_stream_prefix": "web" }),
            json!({ "image": "nginx", "health_check": { "command": ["CMD", "true"], "interval": 30, "timeout": 5, "retries": 3 },
                "mount_points": { "/data": { "source_volume": "data", "read_only": false } }, "depends_on": { "db": "HEALTHY" } }),
        ] {
            let row = container(other);
            assert_eq!(Container::shown(&row.sent().unwrap(), &surroundings(), Some(&row)), row);
        }
    }

    #[test]
    fn what_aws_fills_in_is_no_difference() {
        let row = container(json!({ "image": "nginx" }));
        let mut answer = row.sent().unwrap();
        answer.port_mappings.as_mut().unwrap()[0].host_port = Some(80);
        answer.volumes_from = Some(Vec::new());
        answer.system_controls = Some(Vec::new());
        answer.command = Some(Vec::new());
        assert_eq!(Container::shown(&answer, &surroundings(), None), row);
    }
}
