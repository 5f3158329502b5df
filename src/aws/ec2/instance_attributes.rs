//! What AWS tells of an instance only when it is asked for that one: whether it is protected, and what its shutdown means.
//!
//! So it is read only of those instances whose row says something about it. A tag of the instance notes which.

use std::collections::HashMap;

use aws_sdk_ec2::types::{Instance, InstanceAttributeName as Name, ShutdownBehavior};
use serde::{Deserialize, Serialize};

use crate::{
    aws::{Aws, error::refused},
    resource::Error,
};

/// The tag that notes what was asked for.
const ASKED: &str = "iasql:attributes";
const PROTECTION: &str = "disable_api_termination";
const SHUTDOWN: &str = "instance_initiated_shutdown_behavior";

/// What must be read one by one. `None` asks for nothing, and was not read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Attributes {
    pub(super) disable_api_termination: Option<bool>,
    pub(super) instance_initiated_shutdown_behavior: Option<String>,
}

impl Attributes {
    /// The tag that has them read again.
    pub(super) fn tag(&self) -> Option<(String, String)> {
        let asked =
            [self.disable_api_termination.map(|_| PROTECTION), self.instance_initiated_shutdown_behavior.as_ref().map(|_| SHUTDOWN)];
        let asked: Vec<_> = asked.into_iter().flatten().collect();
        (!asked.is_empty()).then(|| (ASKED.to_owned(), asked.join(" ")))
    }

    pub(super) fn shutdown(&self) -> Option<ShutdownBehavior> {
        self.instance_initiated_shutdown_behavior.as_deref().map(ShutdownBehavior::from)
    }
}

/// The attributes by the instance's id, of those whose tag says so. One that has gone meanwhile has none.
pub(super) async fn attributes(instances: &[&Instance], aws: &Aws) -> Result<HashMap<String, Attributes>, Error> {
    let mut all = HashMap::new();
    for instance in instances {
        let asked = instance.tags().iter().find(|tag| tag.key() == Some(ASKED)).and_then(|tag| tag.value()).unwrap_or_default();
        let id = instance.instance_id().unwrap_or_default();
        let mut attributes = Attributes::default();
        for name in asked.split(' ') {
            match read(id, name, &mut attributes, aws).await {
                Err(error) if !error.is_absent() => return Err(error),
                _ => {}
            }
        }
        all.insert(id.to_owned(), attributes);
    }
    Ok(all)
}

async fn read(id: &str, name: &str, attributes: &mut Attributes, aws: &Aws) -> Result<(), Error> {
    let attribute = match name {
        PROTECTION => Name::DisableApiTermination,
        SHUTDOWN => Name::InstanceInitiatedShutdownBehavior,
        _ => return Ok(()),
    };
    let call = aws.ec2().describe_instance_attribute().instance_id(id).attribute(attribute);
    let answer = call.send().await.map_err(refused("DescribeInstanceAttribute"))?;
    match name {
        PROTECTION => attributes.disable_api_termination = answer.disable_api_termination.and_then(|it| it.value),
        _ => attributes.instance_initiated_shutdown_behavior = answer.instance_initiated_shutdown_behavior.and_then(|it| it.value),
    }
    Ok(())
}

/// Sets those that differ, each in a call of its own. What was never read is set too.
pub(super) async fn change(id: &str, is: &Attributes, should: &Attributes, aws: &Aws) -> Result<(), Error> {
    if let Some(protected) = should.disable_api_termination.filter(|protected| is.disable_api_termination != Some(*protected)) {
        set(id, Name::DisableApiTermination, &protected.to_string(), aws).await?;
    }
    let shutdown = should.instance_initiated_shutdown_behavior.as_deref();
    if let Some(shutdown) = shutdown.filter(|shutdown| is.instance_initiated_shutdown_behavior.as_deref() != Some(*shutdown)) {
        set(id, Name::InstanceInitiatedShutdownBehavior, shutdown, aws).await?;
    }
    Ok(())
}

async fn set(id: &str, name: Name, value: &str, aws: &Aws) -> Result<(), Error> {
    let call = aws.ec2().modify_instance_attribute().instance_id(id).attribute(name).value(value);
    call.send().await.map_err(refused("ModifyInstanceAttribute"))?;
    Ok(())
}
