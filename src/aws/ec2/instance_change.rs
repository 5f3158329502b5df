//! What changes about an instance while it runs.

use aws_sdk_ec2::types::{AttributeBooleanValue, Filter, IamInstanceProfileSpecification};
use serde::{Deserialize, Serialize};

use crate::{
    aws::{Aws, error::refused},
    resource::Error,
};

/// What changes about an instance while it runs. `None` asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub iam_instance_profile: Option<String>,
    pub monitoring: Option<bool>,
    pub source_dest_check: Option<bool>,
    pub security_groups: Option<Vec<String>>,
}

impl Settings {
    /// These, and where they ask for nothing the other ones.
    pub(super) fn or(&self, other: &Self) -> Self {
        Self {
            iam_instance_profile: self.iam_instance_profile.clone().or_else(|| other.iam_instance_profile.clone()),
            monitoring: self.monitoring.or(other.monitoring),
            source_dest_check: self.source_dest_check.or(other.source_dest_check),
            security_groups: self.security_groups.clone().or_else(|| other.security_groups.clone()),
        }
    }
}

/// Turns the settings of one instance from `is` into `should`, with a call for each that differs.
pub(super) async fn change(id: &str, is: &Settings, should: &Settings, aws: &Aws) -> Result<(), Error> {
    if let Some(groups) = news(&should.security_groups, &is.security_groups) {
        let call = aws.ec2().modify_instance_attribute().instance_id(id).set_groups(Some(groups.clone()));
        call.send().await.map_err(refused("ModifyInstanceAttribute"))?;
    }
    if let Some(&check) = news(&should.source_dest_check, &is.source_dest_check) {
        let check = AttributeBooleanValue::builder().value(check).build();
        let call = aws.ec2().modify_instance_attribute().instance_id(id).source_dest_check(check);
        call.send().await.map_err(refused("ModifyInstanceAttribute"))?;
    }
    match news(&should.monitoring, &is.monitoring) {
        Some(true) => _ = aws.ec2().monitor_instances().instance_ids(id).send().await.map_err(refused("MonitorInstances"))?,
        Some(false) => _ = aws.ec2().unmonitor_instances().instance_ids(id).send().await.map_err(refused("UnmonitorInstances"))?,
        None => {}
    }
    match news(&should.iam_instance_profile, &is.iam_instance_profile) {
        Some(name) => give_profile(id, name, aws).await,
        None => Ok(()),
    }
}

fn news<'a, T: PartialEq>(should: &'a Option<T>, is: &Option<T>) -> Option<&'a T> {
    should.as_ref().filter(|should| is.as_ref() != Some(should))
}

/// An empty name takes away the one it has.
async fn give_profile(id: &str, name: &str, aws: &Aws) -> Result<(), Error> {
    let of_it = Filter::builder().name("instance-id").values(id).build();
    let now = Filter::builder().name("state").values("associating").values("associated").build();
    let found = aws.ec2().describe_iam_instance_profile_associations().filters(of_it).filters(now).send().await;
    let found = found.map_err(refused("DescribeIamInstanceProfileAssociations"))?;
    let association = found.iam_instance_profile_associations().first().and_then(|association| association.association_id());
    let profile = IamInstanceProfileSpecification::builder().name(name).build();
    match (association, name) {
        (None, "") => {}
        (Some(association), "") => {
            let call = aws.ec2().disassociate_iam_instance_profile().association_id(association);
            call.send().await.map_err(refused("DisassociateIamInstanceProfile"))?;
        }
        (None, _) => {
            let call = aws.ec2().associate_iam_instance_profile().instance_id(id).iam_instance_profile(profile);
            call.send().await.map_err(refused("AssociateIamInstanceProfile"))?;
        }
        (Some(association), _) => {
            let call = aws.ec2().replace_iam_instance_profile_association().association_id(association).iam_instance_profile(profile);
            call.send().await.map_err(refused("ReplaceIamInstanceProfileAssociation"))?;
        }
    }
    Ok(())
}
