//! A database instance: a server that RDS runs.

use aws_sdk_rds::{
    operation::modify_db_instance::builders::{ModifyDBInstanceFluentBuilder, ModifyDbInstanceInputBuilder},
    types::DbInstance as Answer,
};
use chrono::Utc;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::tags::{labels, listed, retag, told};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::Tags,
    },
    resource::{Error, Observed, Owner, Resource, Secret, gone},
};

/// The tag that says which write of the password the instance has; RDS keeps no version of it.
const PASSWORD: &str = "iasql:master_user_password_version";
/// The tag that says that nothing of the instance is kept at its end; RDS asks for that only then.
const SKIP: &str = "iasql:skip_final_snapshot";

/// A row of `rds.db_instance`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DbInstance {
    region: String,
    name: String,
    engine: String,
    engine_version: Option<String>,
    db_instance_class: String,
    allocated_storage: Option<i32>,
    storage_type: Option<String>,
    storage_encrypted: Option<bool>,
    master_username: Option<String>,
    master_user_password: Option<Secret>,
    master_user_password_version: Option<Uuid>,
    db_name: Option<String>,
    port: Option<i32>,
    multi_az: Option<bool>,
    publicly_accessible: Option<bool>,
    auto_minor_version_upgrade: Option<bool>,
    backup_retention_period: Option<i32>,
    db_subnet_group: Option<String>,
    db_parameter_group: Option<String>,
    vpc_security_groups: Option<Vec<String>>,
    deletion_protection: bool,
    skip_final_snapshot: bool,
    tags: Tags,
    endpoint_address: Option<String>,
    endpoint_port: Option<i32>,
    status: Option<String>,
    master_user_secret: Option<String>,
    arn: Option<String>,
}

impl Resource for DbInstance {
    const TABLE: &'static str = "rds.db_instance";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let instances = aws.rds().describe_db_instances().max_records(100).into_paginator().items().send();
        let instances = instances.try_collect().await.map_err(refused("DescribeDBInstances"))?;
        Ok(instances.into_iter().map(|instance| Self::shown(instance, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let tags = self.labels(Some(&owner.tag));
        // without a password RDS makes one, and keeps it in a secret
        let made_up = self.master_user_password.is_none().then_some(true);
        let asked = aws
            .rds()
            .create_db_instance()
            .db_instance_identifier(self.name)
            .engine(self.engine)
            .set_engine_version(self.engine_version)
            .db_instance_class(self.db_instance_class)
            .set_allocated_storage(self.allocated_storage)
            .set_storage_type(self.storage_type)
            .set_storage_encrypted(self.storage_encrypted)
            .set_master_username(self.master_username)
            .set_master_user_password(self.master_user_password.map(|password| password.expose().to_owned()))
            .set_manage_master_user_password(made_up)
            .set_db_name(self.db_name)
            .set_port(self.port)
            .set_multi_az(self.multi_az)
            .set_publicly_accessible(self.publicly_accessible)
            .set_auto_minor_version_upgrade(self.auto_minor_version_upgrade)
            .set_backup_retention_period(self.backup_retention_period)
            .set_db_subnet_group_name(self.db_subnet_group)
            .set_db_parameter_group_name(self.db_parameter_group)
            .set_vpc_security_group_ids(self.vpc_security_groups)
            .deletion_protection(self.deletion_protection)
            .set_tags(listed(tags.clone()));
        let made = asked.send().await.map_err(refused("CreateDBInstance"))?;
        let mut made = made.db_instance.ok_or_else(|| empty("CreateDBInstance"))?;
        made.tag_list = listed(tags);
        Ok(Self::shown(made, aws.region()))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let (name, arn) = (was.row.name.clone(), was.row.arn.clone().unwrap_or_default());
        let before = was.row.labels(was.owner.as_deref());
        let version = self.master_user_password_version.or(was.row.master_user_password_version);
        let now = Self { master_user_password_version: version, ..self.clone() }.labels(Some(&owner.tag));
        let asked = self.clone().changed(&was.row, aws.rds().modify_db_instance());
        let shown = if *asked.as_input() == ModifyDbInstanceInputBuilder::default() {
            was
        } else {
            let asked = asked.db_instance_identifier(name).apply_immediately(true);
            let changed = asked.send().await.map_err(refused("ModifyDBInstance"))?;
            Self::shown(changed.db_instance.ok_or_else(|| empty("ModifyDBInstance"))?, aws.region())
        };
        // after the password itself, so that a tag never tells of one that was not written
        retag(aws, &arn, &before, &now).await?;
        let row =
            Self { master_user_password_version: version, skip_final_snapshot: self.skip_final_snapshot, tags: self.tags, ..shown.row };
        Ok(Observed { row, ..shown }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let snapshot = (!self.skip_final_snapshot).then(|| format!("{}-final-{}", self.name, Utc::now().format("%Y%m%d%H%M%S")));
        let asked = aws.rds().delete_db_instance().db_instance_identifier(self.name);
        let asked = asked.skip_final_snapshot(self.skip_final_snapshot).set_final_db_snapshot_identifier(snapshot);
        match asked.send().await.map_err(refused("DeleteDBInstance")) {
            Ok(answer) => Ok(answer.db_instance.map(|instance| Self::shown(instance, aws.region()))),
            Err(error) => gone::<()>(Err(error)).map(|()| None),
        }
    }
}

impl DbInstance {
    /// The user's tags, the owner's, and what else is kept in tags.
    fn labels(&self, owner: Option<&str>) -> Tags {
        let version = self.master_user_password_version.map(|version| (PASSWORD.to_owned(), version.to_string()));
        let skip = self.skip_final_snapshot.then(|| (SKIP.to_owned(), "true".to_owned()));
        labels(&self.tags, owner).into_iter().chain(version).chain(skip).collect()
    }

    /// Asks for what differs and can change in place.
    fn changed(self, was: &Self, asked: ModifyDBInstanceFluentBuilder) -> ModifyDBInstanceFluentBuilder {
        let version = other(self.master_user_password_version, was.master_user_password_version.as_ref());
        let password = self.master_user_password.filter(|_| version.is_some());
        let no_longer_made_up = password.as_ref().and(was.master_user_secret.as_ref()).map(|_| false);
        let engine_version = other(self.engine_version, was.engine_version.as_ref());
        asked
            .set_allow_major_version_upgrade(engine_version.as_ref().map(|_| true))
            .set_engine_version(engine_version)
            .set_db_instance_class(other(Some(self.db_instance_class), Some(&was.db_instance_class)))
            .set_allocated_storage(other(self.allocated_storage, was.allocated_storage.as_ref()))
            .set_storage_type(other(self.storage_type, was.storage_type.as_ref()))
            .set_master_user_password(password.map(|password| password.expose().to_owned()))
            .set_manage_master_user_password(no_longer_made_up)
            .set_db_port_number(other(self.port, was.port.as_ref()))
            .set_multi_az(other(self.multi_az, was.multi_az.as_ref()))
            .set_publicly_accessible(other(self.publicly_accessible, was.publicly_accessible.as_ref()))
            .set_auto_minor_version_upgrade(other(self.auto_minor_version_upgrade, was.auto_minor_version_upgrade.as_ref()))
            .set_backup_retention_period(other(self.backup_retention_period, was.backup_retention_period.as_ref()))
            .set_db_parameter_group_name(other(self.db_parameter_group, was.db_parameter_group.as_ref()))
            .set_vpc_security_group_ids(other(self.vpc_security_groups, was.vpc_security_groups.as_ref()))
            .set_deletion_protection(other(Some(self.deletion_protection), Some(&was.deletion_protection)))
    }

    /// As it is, or will be: what is asked for and still on its way counts as done, else it would be asked for again.
    fn shown(instance: Answer, region: &str) -> Observed<Self> {
        let told = told(instance.tag_list());
        let soon = instance.pending_modified_values.unwrap_or_else(|| aws_sdk_rds::types::PendingModifiedValues::builder().build());
        let status = instance.db_instance_status.unwrap_or_default();
        let endpoint_port = instance.endpoint.as_ref().and_then(|endpoint| endpoint.port);
        let groups = instance.vpc_security_groups.into_iter().flatten().filter(|group| group.status() != Some("removing"));
        let mut groups: Vec<String> = groups.filter_map(|group| group.vpc_security_group_id).collect();
        groups.sort_unstable();
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
            master_user_password: None,
            master_user_password_version: told.ours.get(PASSWORD).and_then(|version| version.parse().ok()),
            db_name: instance.db_name,
            port: soon.port.or(endpoint_port).or(instance.db_instance_port.filter(|port| *port != 0)),
            multi_az: soon.multi_az.or(instance.multi_az),
            publicly_accessible: instance.publicly_accessible,
            auto_minor_version_upgrade: instance.auto_minor_version_upgrade,
            backup_retention_period: soon.backup_retention_period.or(instance.backup_retention_period),
            db_subnet_group: instance.db_subnet_group.and_then(|group| group.db_subnet_group_name),
            db_parameter_group: instance.db_parameter_groups.into_iter().flatten().next().and_then(|group| group.db_parameter_group_name),
            vpc_security_groups: Some(groups),
            deletion_protection: instance.deletion_protection.unwrap_or_default(),
            skip_final_snapshot: told.ours.contains_key(SKIP),
            tags: told.tags,
            endpoint_address: instance.endpoint.and_then(|endpoint| endpoint.address),
            endpoint_port,
            status: Some(status.clone()),
            master_user_secret: instance.master_user_secret.and_then(|secret| secret.secret_arn),
            arn: instance.db_instance_arn,
        };
        let pending = (!is_settled(&status)).then_some(status);
        Observed::of(row).owned(told.owner).pending(pending)
    }
}

/// What is asked for, where it differs.
fn other<T: PartialEq>(now: Option<T>, was: Option<&T>) -> Option<T> {
    now.filter(|now| Some(now) != was)
}

/// Whether RDS has come to rest, for better or worse; every other status is on the way to one of these.
///
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html#Overview.DBInstance.Status>
fn is_settled(status: &str) -> bool {
    let ends = [
        "available",
        "failed",
        "insufficient-capacity",
        "restore-error",
        "stopped",
        "storage-full",
        "storage-optimization",
        "upgrade-failed",
    ];
    ends.contains(&status) || status.starts_with("incompatible-") || status.starts_with("inaccessible-encryption-credentials")
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
