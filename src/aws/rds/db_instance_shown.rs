//! How an instance shows, as RDS answers about it.

use aws_sdk_rds::types::DbInstance as Answer;

use super::{
    db_instance::{DbInstance, SKIP},
    password::Password,
    state::pending,
    tags::told,
};
use crate::resource::Observed;

impl DbInstance {
    /// As it is, or will be: what is asked for and still on its way counts as done, else it would be asked for again.
    pub(super) fn shown(instance: Answer, region: &str) -> Observed<Self> {
        let told = told(instance.tag_list());
        let soon = instance.pending_modified_values.unwrap_or_else(|| aws_sdk_rds::types::PendingModifiedValues::builder().build());
        let status = instance.db_instance_status.unwrap_or_default();
        let endpoint_port = instance.endpoint.as_ref().and_then(|endpoint| endpoint.port);
        let groups = instance.vpc_security_groups.into_iter().flatten().filter(|group| group.status() != Some("removing"));
        let mut groups: Vec<String> = groups.filter_map(|group| group.vpc_security_group_id).collect();
        groups.sort_unstable();
        let secret = instance.master_user_secret.and_then(|secret| secret.secret_arn);
        let row = Self {
            region: region.to_owned(),
            name: instance.db_instance_identifier.unwrap_or_default(),
            engine: instance.engine.unwrap_or_default(),
            engine_version: soon.engine_version.or(instance.engine_version),
            db_instance_class: soon.db_instance_class.or(instance.db_instance_class).unwrap_or_default(),
            allocated_storage: soon.allocated_storage.or(instance.allocated_storage),
            storage_type: soon.storage_type.or(instance.storage_type),
            storage_encrypted: instance.storage_encrypted,
            master_username: instance.master_username,
            password: Password::shown(&told.ours, secret.is_some()),
            db_name: instance.db_name,
            port: soon.port.or(endpoint_port).or(instance.db_instance_port.filter(|port| *port != 0)),
            multi_az: soon.multi_az.or(instance.multi_az),
            publicly_accessible: instance.publicly_accessible,
            auto_minor_version_upgrade: instance.auto_minor_version_upgrade,
            backup_retention_period: soon.backup_retention_period.or(instance.backup_retention_period),
            db_subnet_group: instance.db_subnet_group.and_then(|group| group.db_subnet_group_name),
            db_parameter_group: instance.db_parameter_groups.into_iter().flatten().next().and_then(|group| group.db_parameter_group_name),
            vpc_security_groups: Some(groups),
            db_cluster: instance.db_cluster_identifier,
            replicate_source: instance.read_replica_source_db_instance_identifier,
            max_allocated_storage: instance.max_allocated_storage,
            iops: soon.iops.or(instance.iops),
            preferred_backup_window: instance.preferred_backup_window,
            preferred_maintenance_window: instance.preferred_maintenance_window,
            iam_database_authentication_enabled: soon.iam_database_authentication_enabled.or(instance.iam_database_authentication_enabled),
            copy_tags_to_snapshot: instance.copy_tags_to_snapshot,
            deletion_protection: instance.deletion_protection.unwrap_or_default(),
            skip_final_snapshot: told.ours.contains_key(SKIP),
            tags: told.tags,
            endpoint_address: instance.endpoint.and_then(|endpoint| endpoint.address),
            endpoint_port,
            status: Some(status.clone()),
            master_user_secret: secret,
            arn: instance.db_instance_arn,
        };
        Observed::of(row).owned(told.owner).pending(pending(&status))
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_rds::types::PendingModifiedValues;

    use super::*;

    #[test]
    fn what_is_asked_for_and_still_on_its_way_counts_as_done() {
        let soon = PendingModifiedValues::builder().db_instance_class("db.t4g.large").allocated_storage(100).build();
        let instance = Answer::builder()
            .db_instance_class("db.t4g.micro")
            .allocated_storage(20)
            .engine_version("16.4")
            .db_instance_status("modifying");
        let shown = DbInstance::shown(instance.pending_modified_values(soon).build(), "us-east-1");
        assert_eq!((shown.row.db_instance_class.as_str(), shown.row.allocated_storage), ("db.t4g.large", Some(100)));
        assert_eq!((shown.row.engine_version.as_deref(), shown.pending.as_deref()), (Some("16.4"), Some("modifying")));
    }

    #[test]
    fn an_instance_that_came_to_rest_is_waited_for_no_longer() {
        let pending = |status: &str| DbInstance::shown(Answer::builder().db_instance_status(status).build(), "us-east-1").pending;
        assert!(
            ["available", "stopped", "failed", "incompatible-network", "storage-optimization"]
                .into_iter()
                .all(|status| pending(status).is_none())
        );
        assert!(["creating", "backing-up", "deleting", "something-new"].into_iter().all(|status| pending(status).is_some()));
    }
}
