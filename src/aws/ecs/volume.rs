//! A volume of a task: of the host, or of EFS.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::{
    EfsAuthorizationConfig, EfsAuthorizationConfigIam, EfsTransitEncryption, EfsVolumeConfiguration, HostVolumeProperties, Volume as Sent,
};
use serde::{Deserialize, Serialize};

use crate::resource::{Error, Kind};

/// Volumes by name.
pub(super) type Volumes = BTreeMap<String, Volume>;

/// Where one is: empty at each start where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Volume {
    #[serde(skip_serializing_if = "Option::is_none")]
    host_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_system_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    root_directory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transit_encryption: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_point_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iam: Option<String>,
}

/// The same as AWS takes them.
pub(super) fn sent(volumes: &Volumes) -> Result<Vec<Sent>, Error> {
    volumes.iter().map(|(name, volume)| volume.sent(name)).collect()
}

/// As AWS tells them, in full.
pub(super) fn shown(volumes: &[Sent]) -> Volumes {
    volumes.iter().filter_map(|volume| Some((volume.name()?.to_owned(), Volume::shown(volume)))).collect()
}

impl Volume {
    fn sent(&self, name: &str) -> Result<Sent, Error> {
        let host = self.host_path.as_ref().map(|path| HostVolumeProperties::builder().source_path(path).build());
        let access = EfsAuthorizationConfig::builder()
            .set_access_point_id(self.access_point_id.clone())
            .set_iam(self.iam.as_deref().map(EfsAuthorizationConfigIam::from))
            .build();
        let is_plain = self.access_point_id.is_none() && self.iam.as_deref().is_none_or(|iam| iam == "DISABLED");
        let efs = self.file_system_id.as_ref().map(|id| {
            EfsVolumeConfiguration::builder()
                .file_system_id(id)
                .set_root_directory(self.root_directory.clone())
                .set_transit_encryption(self.transit_encryption.as_deref().map(EfsTransitEncryption::from))
                .set_authorization_config(Some(access).filter(|_| !is_plain))
                .build()
                .map_err(|error| Error::new("RegisterTaskDefinition", Kind::Row, error.to_string()))
        });
        Ok(Sent::builder().name(name).set_host(host).set_efs_volume_configuration(efs.transpose()?).build())
    }

    fn shown(volume: &Sent) -> Self {
        let host_path = volume.host().and_then(|host| host.source_path()).map(str::to_owned);
        let Some(efs) = volume.efs_volume_configuration() else { return Self { host_path, ..Self::default() } };
        let access = efs.authorization_config();
        let said = |said: Option<&str>, usual: &str| Some(said.unwrap_or(usual).to_owned());
        Self {
            host_path: None,
            file_system_id: Some(efs.file_system_id().to_owned()),
            root_directory: said(efs.root_directory(), "/"),
            transit_encryption: said(efs.transit_encryption().map(EfsTransitEncryption::as_str), "DISABLED"),
            access_point_id: access.and_then(|access| access.access_point_id()).map(str::to_owned),
            iam: said(access.and_then(|access| access.iam()).map(EfsAuthorizationConfigIam::as_str), "DISABLED"),
        }
    }
}
