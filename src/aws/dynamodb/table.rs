//! A table: items that are found by a key, and by those of its indexes.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{BillingMode, IndexStatus, SseStatus, TableClass, TableDescription, TableStatus};
use aws_smithy_types::error::operation::BuildError;
use futures::{StreamExt, TryStreamExt, future::try_join3, stream};
use serde::{Deserialize, Serialize};

use super::{
    apart::{forget_by, listed, recover, recovery, retag, tags, time_to_live, unbuilt},
    index::{Indexes, definitions, globals, locals, named, schema, throughput},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::{Tags, all, tell},
    },
    resource::{Error, Observed, Owner, Resource},
};

/// Tables asked about at a time, with up to three questions each: some of them are answered ten times a second only.
const ASIDE: usize = 4;

/// A row of `dynamodb.table`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Table {
    region: String,
    name: String,
    pub(super) attribute_definitions: BTreeMap<String, String>,
    hash_key: String,
    range_key: Option<String>,
    local_secondary_indexes: Indexes,
    pub(super) global_secondary_indexes: Indexes,
    pub(super) billing_mode: String,
    pub(super) read_capacity_units: Option<i64>,
    pub(super) write_capacity_units: Option<i64>,
    pub(super) max_read_request_units: Option<i64>,
    pub(super) max_write_request_units: Option<i64>,
    pub(super) table_class: Option<String>,
    pub(super) stream_view_type: Option<String>,
    pub(super) sse_enabled: Option<bool>,
    pub(super) kms_key: Option<String>,
    pub(super) deletion_protection_enabled: bool,
    time_to_live_attribute_name: Option<String>,
    point_in_time_recovery_enabled: Option<bool>,
    recovery_period_in_days: Option<i32>,
    tags: Tags,
    stream_arn: Option<String>,
    arn: Option<String>,
}

impl Resource for Table {
    const TABLE: &'static str = "dynamodb.table";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let names = aws.dynamodb().list_tables().limit(100).into_paginator().items().send();
        let names = names.try_collect().await.map_err(refused("ListTables"))?;
        let asked = stream::iter(names).map(|name| async move {
            match Self::asked(aws, name).await {
                Err(error) if error.is_absent() => Ok(None),
                table => table.map(Some),
            }
        });
        asked.buffer_unordered(ASIDE).try_filter_map(|table| async { Ok(table) }).try_collect().await
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        const OPERATION: &str = "CreateTable";
        let asked = self.creation(aws.dynamodb().create_table(), owner).map_err(unbuilt(OPERATION))?;
        let made = asked.send().await.map_err(refused(OPERATION))?.table_description.ok_or_else(|| empty(OPERATION))?;
        let made = Self::described(aws.region(), &made).owned(Some(owner.tag.clone()));
        // what is set apart is set when it is there
        let row = Self {
            time_to_live_attribute_name: Some(String::new()),
            point_in_time_recovery_enabled: Some(false),
            tags: self.tags,
            ..made.row
        };
        Ok(Observed { row, ..made })
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        const OPERATION: &str = "UpdateTable";
        let mut now = was.row.clone();
        let before = all(&was.row.tags, None, was.owner.as_deref().unwrap_or_default());
        retag(aws, was.row.arn.as_deref().unwrap_or_default(), &before, &all(&self.tags, None, &owner.tag)).await?;
        now.tags.clone_from(&self.tags);
        let forgets = was.row.time_to_live_attribute_name.clone().unwrap_or_default();
        if let Some(attribute) = self.time_to_live_attribute_name.as_ref().filter(|attribute| **attribute != forgets) {
            now.time_to_live_attribute_name = Some(forget_by(aws, &was.row.name, &forgets, attribute).await?);
        }
        now = self.recoverable(now, aws).await?;
        let asked = aws.dynamodb().update_table().table_name(&was.row.name);
        let Some(asked) = self.next(&was.row, asked).map_err(unbuilt(OPERATION))? else {
            return Ok(Observed { row: now, ..was }.owned(Some(owner.tag.clone())));
        };
        let told = asked.send().await.map_err(refused(OPERATION))?.table_description.ok_or_else(|| empty(OPERATION))?;
        let told = Self::described(aws.region(), &told).owned(Some(owner.tag.clone()));
        Ok(Observed { row: Self { tags: now.tags.clone(), ..told.row.with(&now) }, ..told })
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        match aws.dynamodb().delete_table().table_name(&self.name).send().await.map_err(refused("DeleteTable")) {
            Err(error) if error.is_absent() => Ok(None),
            answer => {
                answer?;
                Ok(Some(Observed::of(self).pending(Some(TableStatus::Deleting.as_str().to_owned()))))
            }
        }
    }
}

impl Table {
    /// A table with all that is set on it: a call for each, since no listing tells more than names.
    async fn asked(aws: &Aws, name: String) -> Result<Observed<Self>, Error> {
        let told = aws.dynamodb().describe_table().table_name(&name).send().await.map_err(refused("DescribeTable"))?;
        let told = Self::described(aws.region(), &told.table.ok_or_else(|| empty("DescribeTable"))?);
        let arn = told.row.arn.as_deref().unwrap_or_default();
        let (tags, forgets, (is_on, days)) = try_join3(tags(aws, arn), time_to_live(aws, &name), recovery(aws, &name)).await?;
        let labels = tell(tags).name_is_a_tag();
        let row = Self {
            time_to_live_attribute_name: Some(forgets),
            point_in_time_recovery_enabled: Some(is_on),
            recovery_period_in_days: days,
            tags: labels.tags,
            ..told.row
        };
        Ok(Observed { row, ..told }.owned(labels.owner))
    }

    fn described(region: &str, table: &TableDescription) -> Observed<Self> {
        let (hash_key, range_key) = named(table.key_schema());
        let mode = table.billing_mode_summary().and_then(|summary| summary.billing_mode()).unwrap_or(&BillingMode::Provisioned);
        let units = table.provisioned_throughput().filter(|_| *mode == BillingMode::Provisioned);
        let most = table.on_demand_throughput();
        let class = table.table_class_summary().and_then(|summary| summary.table_class()).unwrap_or(&TableClass::Standard);
        let stream = table.stream_specification().filter(|stream| stream.stream_enabled());
        let sse = table.sse_description().filter(|sse| !matches!(sse.status(), Some(SseStatus::Disabled | SseStatus::Disabling)));
        let definitions = table.attribute_definitions().iter();
        let row = Self {
            region: region.to_owned(),
            name: table.table_name().unwrap_or_default().to_owned(),
            attribute_definitions: definitions.map(|a| (a.attribute_name().to_owned(), a.attribute_type().as_str().to_owned())).collect(),
            hash_key,
            range_key,
            local_secondary_indexes: locals(table.local_secondary_indexes()),
            global_secondary_indexes: globals(table.global_secondary_indexes()),
            billing_mode: mode.as_str().to_owned(),
            read_capacity_units: units.and_then(|units| units.read_capacity_units()),
            write_capacity_units: units.and_then(|units| units.write_capacity_units()),
            max_read_request_units: Some(most.and_then(|most| most.max_read_request_units()).unwrap_or(-1)),
            max_write_request_units: Some(most.and_then(|most| most.max_write_request_units()).unwrap_or(-1)),
            table_class: Some(class.as_str().to_owned()),
            stream_view_type: Some(
                stream.and_then(|stream| stream.stream_view_type()).map(|view| view.as_str().to_owned()).unwrap_or_default(),
            ),
            sse_enabled: Some(sse.is_some()),
            kms_key: sse.and_then(|sse| sse.kms_master_key_arn()).map(str::to_owned),
            deletion_protection_enabled: table.deletion_protection_enabled().unwrap_or_default(),
            time_to_live_attribute_name: None,
            point_in_time_recovery_enabled: None,
            recovery_period_in_days: None,
            tags: Tags::new(),
            stream_arn: Some(stream.and_then(|_| table.latest_stream_arn()).unwrap_or_default().to_owned()),
            arn: table.table_arn().map(str::to_owned),
        };
        Observed::of(row).pending(busy(table))
    }

    fn creation(
        &self,
        asked: aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder,
        owner: &Owner,
    ) -> Result<aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder, BuildError> {
        let locals: Vec<_> = self.local_secondary_indexes.iter().map(|(name, index)| index.local(name)).collect::<Result<_, _>>()?;
        let globals: Vec<_> = self.global_secondary_indexes.iter().map(|(name, index)| index.global(name)).collect::<Result<_, _>>()?;
        Ok(asked
            .table_name(&self.name)
            .set_attribute_definitions(Some(definitions(&self.attribute_definitions)?))
            .set_key_schema(Some(schema(&self.hash_key, self.range_key.as_deref())?))
            .set_local_secondary_indexes(Some(locals).filter(|indexes| !indexes.is_empty()))
            .set_global_secondary_indexes(Some(globals).filter(|indexes| !indexes.is_empty()))
            .billing_mode(BillingMode::from(self.billing_mode.as_str()))
            .set_provisioned_throughput(throughput(self.read_capacity_units, self.write_capacity_units)?)
            .set_on_demand_throughput(self.on_demand())
            .set_table_class(self.table_class.as_deref().map(TableClass::from))
            .set_stream_specification(self.stream()?)
            .set_sse_specification(self.sse())
            .deletion_protection_enabled(self.deletion_protection_enabled)
            .set_tags(Some(listed(all(&self.tags, None, &owner.tag))?)))
    }

    /// Sets whether it can be set back where that differs; answers `now` with it.
    async fn recoverable(&self, now: Self, aws: &Aws) -> Result<Self, Error> {
        let Some(is_on) = self.point_in_time_recovery_enabled else { return Ok(now) };
        let days = self.recovery_period_in_days;
        if now.point_in_time_recovery_enabled == Some(is_on) && (days.is_none() || days == now.recovery_period_in_days) {
            return Ok(now);
        }
        recover(aws, &now.name, is_on, days).await?;
        let days = days.or(now.recovery_period_in_days).filter(|_| is_on);
        Ok(Self { point_in_time_recovery_enabled: Some(is_on), recovery_period_in_days: days, ..now })
    }

    /// With what a description does not tell, as it is in `apart`.
    fn with(self, apart: &Self) -> Self {
        Self {
            time_to_live_attribute_name: apart.time_to_live_attribute_name.clone(),
            point_in_time_recovery_enabled: apart.point_in_time_recovery_enabled,
            recovery_period_in_days: apart.recovery_period_in_days,
            ..self
        }
    }
}

/// What a table is busy with: itself, one of its indexes, or its encryption. One that AWS put aside, or can't decrypt, waits for nobody.
fn busy(table: &TableDescription) -> Option<String> {
    use TableStatus::{Active, Archived, InaccessibleEncryptionCredentials};
    let itself = table.table_status().filter(|status| !matches!(status, Active | Archived | InaccessibleEncryptionCredentials));
    let indexes = table.global_secondary_indexes().iter();
    let index = indexes.filter_map(|index| index.index_status()).find(|status| **status != IndexStatus::Active);
    let sse = table.sse_description().and_then(|sse| sse.status());
    let sse = sse.filter(|status| matches!(status, SseStatus::Enabling | SseStatus::Disabling | SseStatus::Updating));
    itself.map(TableStatus::as_str).or_else(|| index.map(IndexStatus::as_str)).or_else(|| sse.map(SseStatus::as_str)).map(str::to_owned)
}
