//! What a container has several of: ports, mounts, and how its health is looked after.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::{ApplicationProtocol, HealthCheck as SentCheck, MountPoint, PortMapping as SentPort, TransportProtocol};
use serde::{Deserialize, Serialize};

use crate::resource::{Error, Kind};

/// A port that it listens on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct PortMapping {
    container_port: i32,
    protocol: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host_port: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    app_protocol: Option<String>,
}

impl PortMapping {
    pub(super) fn names_a_host_port(&self) -> bool {
        self.host_port.is_some()
    }

    pub(super) fn sent(&self) -> SentPort {
        SentPort::builder()
            .container_port(self.container_port)
            .protocol(TransportProtocol::from(self.protocol.as_str()))
            .set_host_port(self.host_port)
            .set_name(self.name.clone())
            .set_app_protocol(self.app_protocol.as_deref().map(ApplicationProtocol::from))
            .build()
    }

    /// Without the host's port where that is any, or always the container's own.
    pub(super) fn shown(port: &SentPort, is_own_host: bool) -> Option<Self> {
        Some(Self {
            container_port: port.container_port()?,
            protocol: port.protocol().map_or("tcp", TransportProtocol::as_str).to_owned(),
            host_port: port.host_port().filter(|port| *port != 0 && !is_own_host),
            name: port.name().map(str::to_owned),
            app_protocol: port.app_protocol().map(|protocol| protocol.as_str().to_owned()),
        })
    }
}

/// A volume that stands at a path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Mount {
    source_volume: String,
    read_only: bool,
}

/// The same as AWS takes them.
pub(super) fn sent_mounts(mounts: &BTreeMap<String, Mount>) -> Vec<MountPoint> {
    let mount = |(path, mount): (&String, &Mount)| {
        MountPoint::builder().container_path(path).source_volume(&mount.source_volume).read_only(mount.read_only).build()
    };
    mounts.iter().map(mount).collect()
}

/// As AWS tells them.
pub(super) fn shown_mounts(mounts: &[MountPoint]) -> BTreeMap<String, Mount> {
    let mount = |mount: &MountPoint| Mount {
        source_volume: mount.source_volume().unwrap_or_default().to_owned(),
        read_only: mount.read_only().unwrap_or_default(),
    };
    mounts.iter().filter_map(|one| Some((one.container_path()?.to_owned(), mount(one)))).collect()
}

/// How its health is looked after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct HealthCheck {
    command: Vec<String>,
    interval: i32,
    timeout: i32,
    retries: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start_period: Option<i32>,
}

impl HealthCheck {
    pub(super) fn sent(&self) -> Result<SentCheck, Error> {
        let check = SentCheck::builder()
            .set_command(Some(self.command.clone()))
            .interval(self.interval)
            .timeout(self.timeout)
            .retries(self.retries)
            .set_start_period(self.start_period);
        check.build().map_err(|error| Error::new("RegisterTaskDefinition", Kind::Row, error.to_string()))
    }

    pub(super) fn shown(check: &SentCheck) -> Self {
        Self {
            command: check.command().to_vec(),
            interval: check.interval().unwrap_or(30),
            timeout: check.timeout().unwrap_or(5),
            retries: check.retries().unwrap_or(3),
            start_period: check.start_period().filter(|seconds| *seconds != 0),
        }
    }
}
