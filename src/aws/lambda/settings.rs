//! How a function runs: all that one call changes.

use aws_sdk_lambda::{
    operation::update_function_configuration::builders::UpdateFunctionConfigurationFluentBuilder,
    types::{DeadLetterConfig, EphemeralStorage, FunctionConfiguration, TracingConfig, VpcConfig},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::environment::Variables;

/// The columns that are about how a function runs. `None` asks for nothing, but for the key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub role: String,
    pub runtime: Option<String>,
    pub handler: Option<String>,
    pub description: Option<String>,
    pub memory_size: Option<i32>,
    pub timeout: Option<i32>,
    pub ephemeral_storage_size: Option<i32>,
    pub environment: Option<Variables>,
    pub environment_version: Option<Uuid>,
    pub kms_key: Option<String>,
    pub layers: Option<Vec<String>>,
    pub dead_letter_target_arn: Option<String>,
    pub tracing_mode: Option<String>,
    pub subnets: Option<Vec<String>>,
    pub security_groups: Option<Vec<String>>,
}

impl Settings {
    /// As a function has them; which version its variables have, `mark` says.
    pub(super) fn of(function: FunctionConfiguration, mark: Option<&str>) -> Self {
        let variables = function.environment.and_then(|environment| environment.variables).unwrap_or_default();
        let vpc = function.vpc_config;
        let (subnets, groups) = vpc.map(|vpc| (vpc.subnet_ids, vpc.security_group_ids)).unwrap_or_default();
        Self {
            role: function.role.unwrap_or_default(),
            runtime: function.runtime.map(|runtime| runtime.as_str().to_owned()),
            handler: function.handler,
            description: Some(function.description.unwrap_or_default()),
            memory_size: function.memory_size,
            timeout: function.timeout,
            ephemeral_storage_size: function.ephemeral_storage.map(|storage| storage.size),
            environment: None,
            environment_version: mark.and_then(|mark| Variables::of(variables).version(mark)),
            kms_key: function.kms_key_arn,
            layers: Some(function.layers.into_iter().flatten().filter_map(|layer| layer.arn).collect()),
            dead_letter_target_arn: Some(function.dead_letter_config.and_then(|letters| letters.target_arn).unwrap_or_default()),
            tracing_mode: function.tracing_config.and_then(|tracing| tracing.mode).map(|mode| mode.as_str().to_owned()),
            subnets: sorted(subnets),
            security_groups: sorted(groups),
        }
    }

    /// These as the cloud shows them, and where they ask for nothing the other ones.
    pub(super) fn over(self, was: &Self) -> Self {
        Self {
            role: self.role,
            runtime: self.runtime.or_else(|| was.runtime.clone()),
            handler: self.handler.or_else(|| was.handler.clone()),
            description: self.description.or_else(|| was.description.clone()),
            memory_size: self.memory_size.or(was.memory_size),
            timeout: self.timeout.or(was.timeout),
            ephemeral_storage_size: self.ephemeral_storage_size.or(was.ephemeral_storage_size),
            environment: None,
            environment_version: self.environment_version.or(was.environment_version),
            kms_key: self.kms_key,
            layers: self.layers.or_else(|| was.layers.clone()),
            dead_letter_target_arn: self.dead_letter_target_arn.or_else(|| was.dead_letter_target_arn.clone()),
            tracing_mode: self.tracing_mode.or_else(|| was.tracing_mode.clone()),
            subnets: self.subnets.or_else(|| was.subnets.clone()),
            security_groups: self.security_groups.or_else(|| was.security_groups.clone()),
        }
    }

    /// The subnets and groups as AWS takes them; both go out together.
    pub(super) fn network(&self) -> Option<VpcConfig> {
        let (subnets, groups) = (self.subnets.clone(), self.security_groups.clone());
        (subnets.is_some() || groups.is_some()).then(|| {
            VpcConfig::builder()
                .set_subnet_ids(Some(subnets.unwrap_or_default()))
                .set_security_group_ids(Some(groups.unwrap_or_default()))
                .build()
        })
    }

    /// Asks for what differs.
    pub(super) fn changed(&self, was: &Self, asked: UpdateFunctionConfigurationFluentBuilder) -> UpdateFunctionConfigurationFluentBuilder {
        let all = self.clone().over(was);
        let network = (all.subnets != was.subnets || all.security_groups != was.security_groups).then(|| all.network()).flatten();
        let rewritten = self.environment_version.is_some() && self.environment_version != was.environment_version;
        let variables = self.environment.as_ref().filter(|_| rewritten);
        let letters = other(&self.dead_letter_target_arn, &was.dead_letter_target_arn);
        let tracing = other(&self.tracing_mode, &was.tracing_mode);
        // AWS leaves out a key that there is not
        let key = (self.kms_key != was.kms_key).then(|| self.kms_key.clone().unwrap_or_default());
        asked
            .set_role(Some(self.role.clone()).filter(|role| *role != was.role))
            .set_runtime(other(&self.runtime, &was.runtime).map(|runtime| runtime.as_str().into()))
            .set_handler(other(&self.handler, &was.handler))
            .set_description(other(&self.description, &was.description))
            .set_memory_size(other(&self.memory_size, &was.memory_size))
            .set_timeout(other(&self.timeout, &was.timeout))
            .set_ephemeral_storage(storage(other(&self.ephemeral_storage_size, &was.ephemeral_storage_size)))
            .set_environment(variables.map(Variables::asked))
            .set_kms_key_arn(key)
            .set_layers(other(&self.layers, &was.layers))
            .set_dead_letter_config(dead_letters(letters))
            .set_tracing_config(traced(tracing))
            .set_vpc_config(network)
    }
}

/// What is asked for, where it differs.
fn other<T: Clone + PartialEq>(now: &Option<T>, was: &Option<T>) -> Option<T> {
    now.clone().filter(|_| now != was)
}

/// As AWS takes it.
pub(super) fn storage(size: Option<i32>) -> Option<EphemeralStorage> {
    size.and_then(|size| EphemeralStorage::builder().size(size).build().ok())
}

/// As AWS takes it.
pub(super) fn dead_letters(target: Option<String>) -> Option<DeadLetterConfig> {
    target.map(|target| DeadLetterConfig::builder().target_arn(target).build())
}

/// As AWS takes it.
pub(super) fn traced(mode: Option<String>) -> Option<TracingConfig> {
    mode.map(|mode| TracingConfig::builder().mode(mode.as_str().into()).build())
}

fn sorted(ids: Option<Vec<String>>) -> Option<Vec<String>> {
    let mut ids = ids.unwrap_or_default();
    ids.sort_unstable();
    Some(ids)
}
