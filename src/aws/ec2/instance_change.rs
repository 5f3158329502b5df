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
    /// By its ARN where it is a reference, else by its name; an observed row says both.
    pub instance_profile: Option<String>,
    pub iam_instance_profile: Option<String>,
    pub monitoring: Option<bool>,
    pub source_dest_check: Option<bool>,
    pub security_groups: Option<Vec<String>>,
}

impl Settings {
    /// These, and where they ask for nothing the other ones.
    pub(super) fn or(&self, other: &Self) -> Self {
        let named = self.instance_profile.as_deref().map(name_of).or_else(|| self.iam_instance_profile.clone());
        let named = named.or_else(|| other.iam_instance_profile.clone());
        let same = other.instance_profile.clone().filter(|arn| named.as_ref() == Some(&name_of(arn)));
        Self {
            instance_profile: self.instance_profile.clone().or(same),
            iam_instance_profile: named,
            monitoring: self.monitoring.or(other.monitoring),
            source_dest_check: self.source_dest_check.or(other.source_dest_check),
            security_groups: self.security_groups.clone().or_else(|| other.security_groups.clone()),
        }
    }

    /// The profile as calls take it. An empty name is none.
    pub(super) fn profile(&self) -> Option<IamInstanceProfileSpecification> {
        let name = self.iam_instance_profile.clone().filter(|name| !name.is_empty() && self.instance_profile.is_none());
        let any = self.instance_profile.is_some() || name.is_some();
        any.then(|| IamInstanceProfileSpecification::builder().set_arn(self.instance_profile.clone()).set_name(name).build())
    }
}

/// The name at the end of an instance profile's ARN, behind its path.
pub(super) fn name_of(arn: &str) -> String {
    arn.rsplit('/').next().unwrap_or_default().to_owned()
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
    let by_arn = news(&should.instance_profile, &is.instance_profile).is_some();
    if by_arn || news(&should.iam_instance_profile, &is.iam_instance_profile).is_some() {
        let instance_profile = should.instance_profile.clone().filter(|_| by_arn);
        give_profile(id, Settings { instance_profile, ..should.clone() }.profile(), aws).await?;
    }
    Ok(())
}

fn news<'a, T: PartialEq>(should: &'a Option<T>, is: &Option<T>) -> Option<&'a T> {
    should.as_ref().filter(|should| is.as_ref() != Some(should))
}

/// `None` takes away the one it has.
async fn give_profile(id: &str, profile: Option<IamInstanceProfileSpecification>, aws: &Aws) -> Result<(), Error> {
    let of_it = Filter::builder().name("instance-id").values(id).build();
    let now = Filter::builder().name("state").values("associating").values("associated").build();
    let found = aws.ec2().describe_iam_instance_profile_associations().filters(of_it).filters(now).send().await;
    let found = found.map_err(refused("DescribeIamInstanceProfileAssociations"))?;
    let association = found.iam_instance_profile_associations().first().and_then(|association| association.association_id());
    match (association, profile) {
        (None, None) => {}
        (Some(association), None) => {
            let call = aws.ec2().disassociate_iam_instance_profile().association_id(association);
            call.send().await.map_err(refused("DisassociateIamInstanceProfile"))?;
        }
        (None, Some(profile)) => {
            let call = aws.ec2().associate_iam_instance_profile().instance_id(id).iam_instance_profile(profile);
            call.send().await.map_err(refused("AssociateIamInstanceProfile"))?;
        }
        (Some(association), Some(profile)) => {
            let call = aws.ec2().replace_iam_instance_profile_association().association_id(association).iam_instance_profile(profile);
            call.send().await.map_err(refused("ReplaceIamInstanceProfileAssociation"))?;
        }
    }
    Ok(())
}
