//! What a version of a launch template says.

use aws_sdk_ec2::types::{
    LaunchTemplateHttpTokensState, LaunchTemplateIamInstanceProfileSpecificationRequest, LaunchTemplateInstanceMetadataEndpointState,
    LaunchTemplateInstanceMetadataOptionsRequest, LaunchTemplateVersion, LaunchTemplatesMonitoringRequest, RequestLaunchTemplateData,
    ResponseLaunchTemplateData, ShutdownBehavior,
};
use aws_smithy_types::base64;
use serde::{Deserialize, Serialize};

use super::block_device::{BlockDevice, sorted};
use crate::resource::Secret;

/// How the version of the user data stands in the description of a template's version.
const USER_DATA_VERSION: &str = "iasql:user_data_version=";
/// The version of user data that somebody else wrote.
const NOT_OURS: &str = "00000000-0000-0000-0000-000000000000";

/// What a version of a launch template says. A `None` says nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Data {
    image_id: Option<String>,
    instance_type: Option<String>,
    key_pair: Option<String>,
    /// By its ARN where it is a reference, else by its name; never both.
    instance_profile: Option<String>,
    iam_instance_profile: Option<String>,
    ebs_optimized: Option<bool>,
    monitoring: Option<bool>,
    http_tokens: Option<String>,
    http_put_response_hop_limit: Option<i32>,
    http_endpoint: Option<String>,
    disable_api_termination: Option<bool>,
    instance_initiated_shutdown_behavior: Option<String>,
    user_data: Option<Secret>,
    user_data_version: Option<String>,
    security_groups: Option<Vec<String>>,
    block_devices: Option<Vec<BlockDevice>>,
}

impl Data {
    /// As a version shows it; its user data only by their version.
    pub(super) fn shown(version: &LaunchTemplateVersion) -> Self {
        let Some(data) = version.launch_template_data() else { return Self::default() };
        let (metadata, profile) = (data.metadata_options(), data.iam_instance_profile());
        let ours = version.version_description().and_then(|said| said.strip_prefix(USER_DATA_VERSION)).map(str::to_owned);
        let any = data.user_data().filter(|data| !data.is_empty());
        Self {
            image_id: data.image_id().map(str::to_owned),
            instance_type: data.instance_type().map(|kind| kind.as_str().to_owned()),
            key_pair: data.key_name().map(str::to_owned),
            instance_profile: profile.and_then(|it| it.arn()).map(str::to_owned),
            iam_instance_profile: profile.and_then(|it| it.name()).map(str::to_owned),
            ebs_optimized: data.ebs_optimized(),
            monitoring: data.monitoring().and_then(|monitoring| monitoring.enabled()),
            http_tokens: metadata.and_then(|it| it.http_tokens()).map(|tokens| tokens.as_str().to_owned()),
            http_put_response_hop_limit: metadata.and_then(|it| it.http_put_response_hop_limit()),
            http_endpoint: metadata.and_then(|it| it.http_endpoint()).map(|state| state.as_str().to_owned()),
            disable_api_termination: data.disable_api_termination(),
            instance_initiated_shutdown_behavior: data.instance_initiated_shutdown_behavior().map(|it| it.as_str().to_owned()),
            user_data: None,
            user_data_version: any.map(|_| ours.unwrap_or_else(|| NOT_OURS.to_owned())),
            security_groups: groups(data),
            block_devices: Some(sorted(data.block_device_mappings().iter().map(BlockDevice::of_template).collect()))
                .filter(|devices| !devices.is_empty()),
        }
    }

    /// The same with the lists of the other one, where it has none.
    pub(super) fn with_lists_of(self, other: &Self) -> Self {
        Self {
            security_groups: self.security_groups.or_else(|| other.security_groups.clone()),
            block_devices: self.block_devices.or_else(|| other.block_devices.clone()),
            ..self
        }
    }

    /// As it can be read back.
    pub(super) fn public(self) -> Self {
        Self { user_data: None, ..self }
    }

    /// Whether it is the same, but for what can't be read back.
    pub(super) fn is_shown_as(&self, other: &Self) -> bool {
        self.clone().public() == *other
    }

    /// Whether it says something of everything of which the other one does.
    pub(super) fn says_all_of(&self, other: &Self) -> bool {
        let said = |data: &Self| {
            let texts = [&data.image_id, &data.instance_type, &data.key_pair, &data.http_tokens];
            let more = [&data.http_endpoint, &data.instance_initiated_shutdown_behavior, &data.user_data_version];
            let flags = [data.ebs_optimized, data.monitoring, data.disable_api_termination];
            let mut said: Vec<bool> = texts.into_iter().chain(more).map(Option::is_some).collect();
            said.extend(flags.map(|flag| flag.is_some()));
            said.push(data.http_put_response_hop_limit.is_some());
            said.push(data.profile().is_some());
            said
        };
        said(self).into_iter().zip(said(other)).all(|(here, there)| here || !there)
    }

    /// What the version's description says, so that user data can be told by it.
    pub(super) fn description(&self) -> Option<String> {
        self.user_data_version.as_ref().map(|version| format!("{USER_DATA_VERSION}{version}"))
    }

    pub(super) fn request(&self) -> RequestLaunchTemplateData {
        RequestLaunchTemplateData::builder()
            .set_image_id(self.image_id.clone())
            .set_instance_type(self.instance_type.as_deref().map(Into::into))
            .set_key_name(self.key_pair.clone())
            .set_iam_instance_profile(self.profile())
            .set_ebs_optimized(self.ebs_optimized)
            .set_monitoring(self.monitoring.map(|on| LaunchTemplatesMonitoringRequest::builder().enabled(on).build()))
            .set_metadata_options(self.metadata())
            .set_disable_api_termination(self.disable_api_termination)
            .set_instance_initiated_shutdown_behavior(self.instance_initiated_shutdown_behavior.as_deref().map(ShutdownBehavior::from))
            .set_user_data(self.user_data.as_ref().map(|data| base64::encode(data.expose())))
            .set_security_group_ids(self.security_groups.clone())
            .set_block_device_mappings(self.block_devices.as_ref().map(|devices| devices.iter().map(BlockDevice::templated).collect()))
            .build()
    }

    fn profile(&self) -> Option<LaunchTemplateIamInstanceProfileSpecificationRequest> {
        let (arn, name) = (self.instance_profile.clone(), self.iam_instance_profile.clone());
        let any = arn.is_some() || name.is_some();
        any.then(|| LaunchTemplateIamInstanceProfileSpecificationRequest::builder().set_arn(arn).set_name(name).build())
    }

    fn metadata(&self) -> Option<LaunchTemplateInstanceMetadataOptionsRequest> {
        let any = self.http_tokens.is_some() || self.http_put_response_hop_limit.is_some() || self.http_endpoint.is_some();
        any.then(|| {
            LaunchTemplateInstanceMetadataOptionsRequest::builder()
                .set_http_tokens(self.http_tokens.as_deref().map(LaunchTemplateHttpTokensState::from))
                .set_http_put_response_hop_limit(self.http_put_response_hop_limit)
                .set_http_endpoint(self.http_endpoint.as_deref().map(LaunchTemplateInstanceMetadataEndpointState::from))
                .build()
        })
    }
}

fn groups(data: &ResponseLaunchTemplateData) -> Option<Vec<String>> {
    let mut groups = data.security_group_ids().to_vec();
    groups.sort_unstable();
    (!groups.is_empty()).then_some(groups)
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{LaunchTemplateVersion, ResponseLaunchTemplateData};

    use super::{Data, NOT_OURS};

    fn version(description: &str, user_data: &str) -> LaunchTemplateVersion {
        let data = ResponseLaunchTemplateData::builder().user_data(user_data).build();
        LaunchTemplateVersion::builder().version_description(description).launch_template_data(data).build()
    }

    #[test]
    fn user_data_are_told_by_the_description_of_their_version() {
        let version_of = |description, user_data| Data::shown(&version(description, user_data)).user_data_version;
        assert_eq!(version_of("iasql:user_data_version=7", "IyEvYmluL3No").as_deref(), Some("7"));
        assert_eq!(version_of("by hand", "IyEvYmluL3No").as_deref(), Some(NOT_OURS));
        assert_eq!(version_of("iasql:user_data_version=7", ""), None);
    }

    #[test]
    fn a_template_that_unsays_something_does_not_say_all() {
        let is = Data { image_id: Some("ami-1".into()), ..Data::default() };
        assert!(is.says_all_of(&Data::default()) && !Data::default().says_all_of(&is));
    }
}
