//! What an instance must be stopped for: stop it, change it, start it again, one step each time it is looked at.
//!
//! 1. Nothing is remembered but a tag on the instance, set before it is stopped and taken away after it is started.
//! 2. While the tag is there the instance's type is shown with a note, so the plan is not empty and the next step comes,
//!    whoever was killed in between.
//! 3. An instance that was stopped by somebody else is changed and stays stopped.
//! 4. One that should be running or stopped is started or stopped: that is a step of its own, after the others.

use aws_sdk_ec2::types::{AttributeBooleanValue, AttributeValue, InstanceType, Tag};

use crate::{
    aws::{Aws, error::refused, tags::Tags},
    resource::Error,
};

const START_AGAIN: &str = "iasql:start_again";
const NOTE: &str = " (stopped to be changed)";

/// Whether it was stopped for a change, or is about to be.
pub(super) fn is_under_way(ours: &Tags) -> bool {
    ours.contains_key(START_AGAIN)
}

/// How the type of an instance is shown meanwhile.
pub(super) fn noted(instance_type: &str) -> String {
    format!("{instance_type}{NOTE}")
}

/// An instance, as far as a restart is about it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Machine {
    /// The instance's id.
    pub(super) id: String,
    /// The state that AWS calls it by.
    pub(super) state: Option<String>,
    /// Its type, with the note while it is restarted.
    pub(super) instance_type: Option<String>,
    /// Whether it is EBS-optimized.
    pub(super) ebs_optimized: Option<bool>,
}

/// What is asked of it. `None` asks for nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    /// Its type.
    pub(super) instance_type: Option<&'a str>,
    /// Whether it is EBS-optimized.
    pub(super) ebs_optimized: Option<bool>,
    /// `running` or `stopped`.
    pub(super) state: Option<&'a str>,
}

/// The next step from `is` towards what is wanted, if there is any; answers what it is then, and what it is busy with
/// because of that.
pub(super) async fn restart(wanted: Wanted<'_>, mut is: Machine, aws: &Aws) -> Result<(Machine, Option<&'static str>), Error> {
    let shown = is.instance_type.clone().unwrap_or_default();
    let real = shown.strip_suffix(NOTE).unwrap_or(&shown);
    let under_way = real != shown;
    let retype = wanted.instance_type.filter(|should| *should != real);
    let optimize = wanted.ebs_optimized.filter(|should| is.ebs_optimized != Some(*should));
    let differs = retype.is_some() || optimize.is_some();
    match (is.state.as_deref(), wanted.state) {
        (Some("running"), Some("stopped")) => {
            aws.ec2().stop_instances().instance_ids(&is.id).send().await.map_err(refused("StopInstances"))?;
            Ok((is, Some("stopping")))
        }
        (Some("running"), _) if differs => {
            stop(&is.id, retype, aws).await?;
            is.instance_type = Some(noted(real));
            Ok((is, Some("stopping")))
        }
        (Some("stopped"), state) if differs || under_way || state == Some("running") => {
            alter(&is.id, retype, optimize, aws).await?;
            is.instance_type = Some(retype.unwrap_or(real).to_owned());
            is.ebs_optimized = optimize.or(is.ebs_optimized);
            let starts = under_way && state != Some("stopped") || state == Some("running");
            if starts {
                aws.ec2().start_instances().instance_ids(&is.id).send().await.map_err(refused("StartInstances"))?;
            }
            if under_way {
                untag(&is.id, aws).await?;
            }
            Ok((is, starts.then_some("pending")))
        }
        _ if under_way && !differs => {
            untag(&is.id, aws).await?;
            is.instance_type = Some(real.to_owned());
            Ok((is, None))
        }
        _ => Ok((is, None)),
    }
}

async fn stop(id: &str, retype: Option<&str>, aws: &Aws) -> Result<(), Error> {
    if let Some(retype) = retype {
        // a type that does not exist is not worth stopping for
        let call = aws.ec2().describe_instance_types().instance_types(InstanceType::from(retype));
        call.send().await.map_err(refused("DescribeInstanceTypes"))?;
    }
    let tag = Tag::builder().key(START_AGAIN).value("true").build();
    aws.ec2().create_tags().resources(id).tags(tag).send().await.map_err(refused("CreateTags"))?;
    aws.ec2().stop_instances().instance_ids(id).send().await.map_err(refused("StopInstances"))?;
    Ok(())
}

/// AWS takes one attribute a call.
async fn alter(id: &str, retype: Option<&str>, optimize: Option<bool>, aws: &Aws) -> Result<(), Error> {
    if let Some(retype) = retype {
        let call = aws.ec2().modify_instance_attribute().instance_id(id).instance_type(AttributeValue::builder().value(retype).build());
        call.send().await.map_err(refused("ModifyInstanceAttribute"))?;
    }
    if let Some(optimize) = optimize {
        let call =
            aws.ec2().modify_instance_attribute().instance_id(id).ebs_optimized(AttributeBooleanValue::builder().value(optimize).build());
        call.send().await.map_err(refused("ModifyInstanceAttribute"))?;
    }
    Ok(())
}

async fn untag(id: &str, aws: &Aws) -> Result<(), Error> {
    let tag = Tag::builder().key(START_AGAIN).build();
    aws.ec2().delete_tags().resources(id).tags(tag).send().await.map_err(refused("DeleteTags"))?;
    Ok(())
}
