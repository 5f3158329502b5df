//! A database cluster: Aurora, or instances in three zones that RDS keeps alike.

use aws_sdk_rds::{
    operation::modify_db_cluster::builders::{ModifyDBClusterFluentBuilder, ModifyDbClusterInputBuilder},
    types::{DbCluster as Answer, ServerlessV2ScalingConfiguration},
};
use chrono::Utc;
use serde::{Deserialize, Serialize};

use super::{
    db_instance::SKIP,
    password::{Password, Told},
    state::{other, pending},
    tags::{labels, listed, retag, told},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::Tags,
    },
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `rds.db_cluster`, with its rows of `rds.db_cluster_security_group`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DbCluster {
    region: String,
    name: String,
    engine: String,
    engine_version: Option<String>,
    master_username: Option<String>,
    #[serde(flatten)]
    password: Password,
    database_name: Option<String>,
    port: Option<i32>,
    db_subnet_group: Option<String>,
    db_cluster_parameter_group: Option<String>,
    db_cluster_instance_class: Option<String>,
    allocated_storage: Option<i32>,
    storage_type: Option<String>,
    iops: Option<i32>,
    storage_encrypted: Option<bool>,
    serverless_v2_min_capacity: Option<f64>,
    serverless_v2_max_capacity: Option<f64>,
    backup_retention_period: Option<i32>,
    preferred_backup_window: Option<String>,
    preferred_maintenance_window: Option<String>,
    iam_database_authentication_enabled: Option<bool>,
    copy_tags_to_snapshot: Option<bool>,
    vpc_security_groups: Option<Vec<String>>,
    deletion_protection: bool,
    skip_final_snapshot: bool,
    tags: Tags,
    endpoint: Option<String>,
    reader_endpoint: Option<String>,
    status: Option<String>,
    master_user_secret: Option<String>,
    arn: Option<String>,
}

impl Resource for DbCluster {
    const TABLE: &'static str = "rds.db_cluster";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let clusters = aws.rds().describe_db_clusters().max_records(100).into_paginator().items().send();
        let clusters = clusters.try_collect().await.map_err(refused("DescribeDBClusters"))?;
        Ok(clusters.into_iter().map(|cluster| Self::shown(cluster, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let tags = self.labels(Some(&owner.tag));
        let told = self.password.first(aws).await?;
        let capacity = self.capacity();
        let asked = aws
            .rds()
            .create_db_cluster()
            .db_cluster_identifier(self.name)
            .engine(self.engine)
            .set_engine_version(self.engine_version)
            .set_master_username(self.master_username)
            .set_master_user_password(told.value.map(|password| password.expose().to_owned()))
            .set_manage_master_user_password(told.manage)
            .set_database_name(self.database_name)
            .set_port(self.port)
            .set_db_subnet_group_name(self.db_subnet_group)
            .set_db_cluster_parameter_group_name(self.db_cluster_parameter_group)
            .set_db_cluster_instance_class(self.db_cluster_instance_class)
            .set_allocated_storage(self.allocated_storage)
            .set_storage_type(self.storage_type)
            .set_iops(self.iops)
            .set_storage_encrypted(self.storage_encrypted)
            .set_serverless_v2_scaling_configuration(capacity)
            .set_backup_retention_period(self.backup_retention_period)
            .set_preferred_backup_window(self.preferred_backup_window)
            .set_preferred_maintenance_window(self.preferred_maintenance_window)
            .set_enable_iam_database_authentication(self.iam_database_authentication_enabled)
            .set_copy_tags_to_snapshot(self.copy_tags_to_snapshot)
            .set_vpc_security_group_ids(self.vpc_security_groups)
            .deletion_protection(self.deletion_protection)
            .set_tags(listed(tags.clone()));
        let made = asked.send().await.map_err(refused("CreateDBCluster"))?;
        let mut made = made.db_cluster.ok_or_else(|| empty("CreateDBCluster"))?;
        made.tag_list = listed(tags);
        Ok(Self::shown(made, aws.region()))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let (name, arn) = (was.row.name.clone(), was.row.arn.clone().unwrap_or_default());
        let before = was.row.labels(was.owner.as_deref());
        let password = self.password.clone().after(&was.row.password);
        let told = password.next(&was.row.password, aws).await?;
        let now = Self { password: password.clone(), ..self.clone() };
        let asked = now.clone().changed(&was.row, told, aws.rds().modify_db_cluster());
        let shown = if *asked.as_input() == ModifyDbClusterInputBuilder::default() {
            was
        } else {
            let changed = asked.db_cluster_identifier(name).apply_immediately(true).send().await.map_err(refused("ModifyDBCluster"))?;
            Self::shown(changed.db_cluster.ok_or_else(|| empty("ModifyDBCluster"))?, aws.region())
        };
        // after the password itself, so that a tag never tells of one that was not written
        retag(aws, &arn, &before, &now.labels(Some(&owner.tag))).await?;
        let password = password.told(&shown.row.password);
        let row = Self { password, skip_final_snapshot: self.skip_final_snapshot, tags: self.tags, ..shown.row };
        Ok(Observed { row, ..shown }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let snapshot = (!self.skip_final_snapshot).then(|| format!("{}-final-{}", self.name, Utc::now().format("%Y%m%d%H%M%S")));
        let asked = aws.rds().delete_db_cluster().db_cluster_identifier(self.name);
        let asked = asked.skip_final_snapshot(self.skip_final_snapshot).set_final_db_snapshot_identifier(snapshot);
        match asked.send().await.map_err(refused("DeleteDBCluster")) {
            Ok(answer) => Ok(answer.db_cluster.map(|cluster| {
                let shown = Self::shown(cluster, aws.region());
                let pending = shown.pending.clone().or_else(|| Some("deleting".to_owned()));
                shown.pending(pending)
            })),
            Err(error) => gone::<()>(Err(error)).map(|()| None),
        }
    }
}

impl DbCluster {
    /// The user's tags, the owner's, and what else is kept in tags.
    fn labels(&self, owner: Option<&str>) -> Tags {
        let skip = self.skip_final_snapshot.then(|| (SKIP.to_owned(), "true".to_owned()));
        labels(&self.tags, owner).into_iter().chain(self.password.labels()).chain(skip).collect()
    }

    fn capacity(&self) -> Option<ServerlessV2ScalingConfiguration> {
        let (least, most) = (self.serverless_v2_min_capacity?, self.serverless_v2_max_capacity?);
        Some(ServerlessV2ScalingConfiguration::builder().min_capacity(least).max_capacity(most).build())
    }

    /// Asks for what differs and can change in place.
    fn changed(self, was: &Self, told: Told, asked: ModifyDBClusterFluentBuilder) -> ModifyDBClusterFluentBuilder {
        let capacity = other(self.capacity(), was.capacity().as_ref());
        let engine_version = other(self.engine_version, was.engine_version.as_ref());
        asked
            .set_allow_major_version_upgrade(engine_version.as_ref().map(|_| true))
            .set_engine_version(engine_version)
            .set_master_user_password(told.value.map(|password| password.expose().to_owned()))
            .set_manage_master_user_password(told.manage)
            .set_port(other(self.port, was.port.as_ref()))
            .set_db_cluster_parameter_group_name(other(self.db_cluster_parameter_group, was.db_cluster_parameter_group.as_ref()))
            .set_db_cluster_instance_class(other(self.db_cluster_instance_class, was.db_cluster_instance_class.as_ref()))
            .set_allocated_storage(other(self.allocated_storage, was.allocated_storage.as_ref()))
            .set_storage_type(other(self.storage_type, was.storage_type.as_ref()))
            .set_iops(other(self.iops, was.iops.as_ref()))
            .set_serverless_v2_scaling_configuration(capacity)
            .set_backup_retention_period(other(self.backup_retention_period, was.backup_retention_period.as_ref()))
            .set_preferred_backup_window(other(self.preferred_backup_window, was.preferred_backup_window.as_ref()))
            .set_preferred_maintenance_window(other(self.preferred_maintenance_window, was.preferred_maintenance_window.as_ref()))
            .set_enable_iam_database_authentication(other(
                self.iam_database_authentication_enabled,
                was.iam_database_authentication_enabled.as_ref(),
            ))
            .set_copy_tags_to_snapshot(other(self.copy_tags_to_snapshot, was.copy_tags_to_snapshot.as_ref()))
            .set_vpc_security_group_ids(other(self.vpc_security_groups, was.vpc_security_groups.as_ref()))
            .set_deletion_protection(other(Some(self.deletion_protection), Some(&was.deletion_protection)))
    }

    /// As it is, or will be: what is asked for and still on its way counts as done, else it would be asked for again.
    fn shown(cluster: Answer, region: &str) -> Observed<Self> {
        let told = told(cluster.tag_list());
        let soon = cluster.pending_modified_values.unwrap_or_else(|| aws_sdk_rds::types::ClusterPendingModifiedValues::builder().build());
        let status = cluster.status.unwrap_or_default();
        let groups = cluster.vpc_security_groups.into_iter().flatten().filter(|group| group.status() != Some("removing"));
        let mut groups: Vec<String> = groups.filter_map(|group| group.vpc_security_group_id).collect();
        groups.sort_unstable();
        let secret = cluster.master_user_secret.and_then(|secret| secret.secret_arn);
        let capacity = cluster.serverless_v2_scaling_configuration;
        let row = Self {
            region: region.to_owned(),
            name: cluster.db_cluster_identifier.unwrap_or_default(),
            engine: cluster.engine.unwrap_or_default(),
            engine_version: soon.engine_version.or(cluster.engine_version),
            master_username: cluster.master_username,
            password: Password::shown(&told.ours, secret.is_some()),
            database_name: cluster.database_name,
            port: cluster.port,
            db_subnet_group: cluster.db_subnet_group,
            db_cluster_parameter_group: cluster.db_cluster_parameter_group,
            db_cluster_instance_class: cluster.db_cluster_instance_class,
            allocated_storage: soon.allocated_storage.or(cluster.allocated_storage),
            storage_type: soon.storage_type.or(cluster.storage_type),
            iops: soon.iops.or(cluster.iops),
            storage_encrypted: cluster.storage_encrypted,
            serverless_v2_min_capacity: capacity.as_ref().and_then(|capacity| capacity.min_capacity),
            serverless_v2_max_capacity: capacity.as_ref().and_then(|capacity| capacity.max_capacity),
            backup_retention_period: soon.backup_retention_period.or(cluster.backup_retention_period),
            preferred_backup_window: cluster.preferred_backup_window,
            preferred_maintenance_window: cluster.preferred_maintenance_window,
            iam_database_authentication_enabled: soon.iam_database_authentication_enabled.or(cluster.iam_database_authentication_enabled),
            copy_tags_to_snapshot: cluster.copy_tags_to_snapshot,
            vpc_security_groups: Some(groups),
            deletion_protection: cluster.deletion_protection.unwrap_or_default(),
            skip_final_snapshot: told.ours.contains_key(SKIP),
            tags: told.tags,
            endpoint: cluster.endpoint,
            reader_endpoint: cluster.reader_endpoint,
            status: Some(status.clone()),
            master_user_secret: secret,
            arn: cluster.db_cluster_arn,
        };
        Observed::of(row).owned(told.owner).pending(pending(&status))
    }
}
