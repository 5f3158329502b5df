//! A database instance: a server that RDS runs.

use aws_sdk_rds::{
    operation::modify_db_instance::builders::{ModifyDBInstanceFluentBuilder, ModifyDbInstanceInputBuilder},
    types::DbInstance as Answer,
};
use chrono::Utc;
use serde::{Deserialize, Serialize};

use super::{
    password::{self, Password},
    state::other,
    tags::{labels, listed, retag},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::Tags,
    },
    resource::{Error, Kind, Observed, Owner, Resource, gone},
};

/// The tag that says that nothing of the instance is kept at its end; RDS asks for that only then.
pub(super) const SKIP: &str = "iasql:skip_final_snapshot";

/// A row of `rds.db_instance`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DbInstance {
    pub(super) region: String,
    pub(super) name: String,
    pub(super) engine: String,
    pub(super) engine_version: Option<String>,
    pub(super) db_instance_class: String,
    pub(super) allocated_storage: Option<i32>,
    pub(super) storage_type: Option<String>,
    pub(super) storage_encrypted: Option<bool>,
    pub(super) master_username: Option<String>,
    #[serde(flatten)]
    pub(super) password: Password,
    pub(super) db_name: Option<String>,
    pub(super) port: Option<i32>,
    pub(super) multi_az: Option<bool>,
    pub(super) publicly_accessible: Option<bool>,
    pub(super) auto_minor_version_upgrade: Option<bool>,
    pub(super) backup_retention_period: Option<i32>,
    pub(super) db_subnet_group: Option<String>,
    pub(super) db_parameter_group: Option<String>,
    pub(super) vpc_security_groups: Option<Vec<String>>,
    pub(super) db_cluster: Option<String>,
    pub(super) replicate_source: Option<String>,
    pub(super) max_allocated_storage: Option<i32>,
    pub(super) iops: Option<i32>,
    pub(super) preferred_backup_window: Option<String>,
    pub(super) preferred_maintenance_window: Option<String>,
    pub(super) iam_database_authentication_enabled: Option<bool>,
    pub(super) copy_tags_to_snapshot: Option<bool>,
    pub(super) deletion_protection: bool,
    pub(super) skip_final_snapshot: bool,
    pub(super) tags: Tags,
    pub(super) endpoint_address: Option<String>,
    pub(super) endpoint_port: Option<i32>,
    pub(super) status: Option<String>,
    pub(super) master_user_secret: Option<String>,
    pub(super) arn: Option<String>,
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
        let mut made = if self.replicate_source.is_some() { self.follower(&tags, aws).await? } else { self.server(&tags, aws).await? };
        made.tag_list = listed(tags);
        Ok(Self::shown(made, aws.region()))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let (name, arn) = (was.row.name.clone(), was.row.arn.clone().unwrap_or_default());
        let before = was.row.labels(was.owner.as_deref());
        let password = self.password.clone().after(&was.row.password);
        let now = Self { password: password.clone(), ..self.clone() };
        let was = now.promoted(was, aws).await?;
        let told = now.password.next(&was.row.password, aws).await?;
        let asked = now.clone().changed(&was.row, told, aws.rds().modify_db_instance());
        let shown = if *asked.as_input() == ModifyDbInstanceInputBuilder::default() {
            was
        } else {
            let asked = asked.db_instance_identifier(name).apply_immediately(true);
            let changed = asked.send().await.map_err(refused("ModifyDBInstance"))?;
            Self::shown(changed.db_instance.ok_or_else(|| empty("ModifyDBInstance"))?, aws.region())
        };
        // after the password itself, so that a tag never tells of one that was not written
        retag(aws, &arn, &before, &now.labels(Some(&owner.tag))).await?;
        let password = password.told(&shown.row.password);
        let row = Self { password, skip_final_snapshot: self.skip_final_snapshot, tags: self.tags, ..shown.row };
        Ok(Observed { row, ..shown }.owned(Some(owner.tag.clone())))
    }

    // what stands in a cluster or follows another has no snapshot of its own
    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let skip = self.skip_final_snapshot || self.db_cluster.is_some() || self.replicate_source.is_some();
        let snapshot = (!skip).then(|| format!("{}-final-{}", self.name, Utc::now().format("%Y%m%d%H%M%S")));
        let asked = aws.rds().delete_db_instance().db_instance_identifier(self.name);
        let asked = asked.skip_final_snapshot(skip).set_final_db_snapshot_identifier(snapshot);
        match asked.send().await.map_err(refused("DeleteDBInstance")) {
            Ok(answer) => Ok(answer.db_instance.map(|instance| Self::shown(instance, aws.region()))),
            Err(error) => gone::<()>(Err(error)).map(|()| None),
        }
    }
}

impl DbInstance {
    /// The user's tags, the owner's, and what else is kept in tags.
    fn labels(&self, owner: Option<&str>) -> Tags {
        let skip = self.skip_final_snapshot.then(|| (SKIP.to_owned(), "true".to_owned()));
        labels(&self.tags, owner).into_iter().chain(self.password.labels()).chain(skip).collect()
    }

    /// Makes a server of its own, or one that stands in a cluster.
    async fn server(&self, tags: &Tags, aws: &Aws) -> Result<Answer, Error> {
        let told = if self.db_cluster.is_some() { password::Told::default() } else { self.password.first(aws).await? };
        let own = self.db_cluster.is_none().then_some(self.deletion_protection);
        let asked = aws
            .rds()
            .create_db_instance()
            .db_instance_identifier(&self.name)
            .engine(&self.engine)
            .set_engine_version(self.engine_version.clone())
            .db_instance_class(&self.db_instance_class)
            .set_db_cluster_identifier(self.db_cluster.clone())
            .set_allocated_storage(self.allocated_storage)
            .set_max_allocated_storage(self.max_allocated_storage)
            .set_storage_type(self.storage_type.clone())
            .set_iops(self.iops)
            .set_storage_encrypted(self.storage_encrypted)
            .set_master_username(self.master_username.clone())
            .set_master_user_password(told.value.map(|password| password.expose().to_owned()))
            .set_manage_master_user_password(told.manage)
            .set_db_name(self.db_name.clone())
            .set_port(self.port)
            .set_multi_az(self.multi_az)
            .set_publicly_accessible(self.publicly_accessible)
            .set_auto_minor_version_upgrade(self.auto_minor_version_upgrade)
            .set_backup_retention_period(self.backup_retention_period)
            .set_preferred_backup_window(self.preferred_backup_window.clone())
            .set_preferred_maintenance_window(self.preferred_maintenance_window.clone())
            .set_enable_iam_database_authentication(self.iam_database_authentication_enabled)
            .set_copy_tags_to_snapshot(self.copy_tags_to_snapshot)
            .set_db_subnet_group_name(self.db_subnet_group.clone())
            .set_db_parameter_group_name(self.db_parameter_group.clone())
            .set_vpc_security_group_ids(self.vpc_security_groups.clone())
            .set_deletion_protection(own)
            .set_tags(listed(tags.clone()));
        let made = asked.send().await.map_err(refused("CreateDBInstance"))?;
        made.db_instance.ok_or_else(|| empty("CreateDBInstance"))
    }

    /// Makes one that follows another: what it is not told here, it has of that one.
    async fn follower(&self, tags: &Tags, aws: &Aws) -> Result<Answer, Error> {
        let asked = aws
            .rds()
            .create_db_instance_read_replica()
            .db_instance_identifier(&self.name)
            .set_source_db_instance_identifier(self.replicate_source.clone())
            .db_instance_class(&self.db_instance_class)
            .set_allocated_storage(self.allocated_storage)
            .set_max_allocated_storage(self.max_allocated_storage)
            .set_storage_type(self.storage_type.clone())
            .set_iops(self.iops)
            .set_port(self.port)
            .set_multi_az(self.multi_az)
            .set_publicly_accessible(self.publicly_accessible)
            .set_auto_minor_version_upgrade(self.auto_minor_version_upgrade)
            .set_enable_iam_database_authentication(self.iam_database_authentication_enabled)
            .set_copy_tags_to_snapshot(self.copy_tags_to_snapshot)
            .set_db_subnet_group_name(self.db_subnet_group.clone())
            .set_db_parameter_group_name(self.db_parameter_group.clone())
            .set_vpc_security_group_ids(self.vpc_security_groups.clone())
            .deletion_protection(self.deletion_protection)
            .set_tags(listed(tags.clone()));
        let made = asked.send().await.map_err(refused("CreateDBInstanceReadReplica"))?;
        made.db_instance.ok_or_else(|| empty("CreateDBInstanceReadReplica"))
    }

    /// Makes one that followed another a server of its own, where it shall follow none.
    async fn promoted(&self, was: Observed<Self>, aws: &Aws) -> Result<Observed<Self>, Error> {
        if self.replicate_source.is_some() && self.replicate_source != was.row.replicate_source {
            let said = "an instance that is there can't begin to follow another; delete its row and insert it again";
            return Err(Error::new("CreateDBInstanceReadReplica", Kind::Invalid, said));
        }
        if self.replicate_source == was.row.replicate_source {
            return Ok(was);
        }
        let asked = aws.rds().promote_read_replica().db_instance_identifier(&was.row.name);
        let promoted = asked.send().await.map_err(refused("PromoteReadReplica"))?;
        let shown = Self::shown(promoted.db_instance.ok_or_else(|| empty("PromoteReadReplica"))?, aws.region());
        // it may be told to follow nobody and not show that yet
        Ok(Observed { row: Self { replicate_source: None, ..shown.row }, ..shown })
    }

    /// Asks for what differs and can change in place.
    fn changed(self, was: &Self, told: password::Told, asked: ModifyDBInstanceFluentBuilder) -> ModifyDBInstanceFluentBuilder {
        let engine_version = other(self.engine_version, was.engine_version.as_ref());
        let own = self.db_cluster.is_none().then_some(self.deletion_protection);
        asked
            .set_allow_major_version_upgrade(engine_version.as_ref().map(|_| true))
            .set_engine_version(engine_version)
            .set_db_instance_class(other(Some(self.db_instance_class), Some(&was.db_instance_class)))
            .set_allocated_storage(other(self.allocated_storage, was.allocated_storage.as_ref()))
            .set_max_allocated_storage(other(self.max_allocated_storage, was.max_allocated_storage.as_ref()))
            .set_storage_type(other(self.storage_type, was.storage_type.as_ref()))
            .set_iops(other(self.iops, was.iops.as_ref()))
            .set_master_user_password(told.value.map(|password| password.expose().to_owned()))
            .set_manage_master_user_password(told.manage)
            .set_db_port_number(other(self.port, was.port.as_ref()))
            .set_multi_az(other(self.multi_az, was.multi_az.as_ref()))
            .set_publicly_accessible(other(self.publicly_accessible, was.publicly_accessible.as_ref()))
            .set_auto_minor_version_upgrade(other(self.auto_minor_version_upgrade, was.auto_minor_version_upgrade.as_ref()))
            .set_backup_retention_period(other(self.backup_retention_period, was.backup_retention_period.as_ref()))
            .set_preferred_backup_window(other(self.preferred_backup_window, was.preferred_backup_window.as_ref()))
            .set_preferred_maintenance_window(other(self.preferred_maintenance_window, was.preferred_maintenance_window.as_ref()))
            .set_enable_iam_database_authentication(other(
                self.iam_database_authentication_enabled,
                was.iam_database_authentication_enabled.as_ref(),
            ))
            .set_copy_tags_to_snapshot(other(self.copy_tags_to_snapshot, was.copy_tags_to_snapshot.as_ref()))
            .set_db_parameter_group_name(other(self.db_parameter_group, was.db_parameter_group.as_ref()))
            .set_vpc_security_group_ids(other(self.vpc_security_groups, was.vpc_security_groups.as_ref()))
            .set_deletion_protection(other(own, Some(&was.deletion_protection)))
    }
}
