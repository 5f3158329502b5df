//! What is changed next in a table: DynamoDB takes one kind of change in a call, and one call after the other.

use aws_sdk_dynamodb::{
    operation::update_table::builders::UpdateTableFluentBuilder as Asked,
    types::{
        BillingMode, DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate, OnDemandThroughput, SseSpecification, SseType,
        StreamSpecification, StreamViewType, TableClass, UpdateGlobalSecondaryIndexAction,
    },
};
use aws_smithy_types::error::operation::BuildError;

use super::{
    index::{Index, definitions, throughput},
    table::Table,
};

impl Table {
    /// Asks for the first thing that differs, and answers `None` when nothing does. The rest stays in the plan until that is done.
    pub(super) fn next(&self, was: &Self, asked: Asked) -> Result<Option<Asked>, BuildError> {
        if self.deletion_protection_enabled != was.deletion_protection_enabled {
            return Ok(Some(asked.deletion_protection_enabled(self.deletion_protection_enabled)));
        }
        if self.is_paid_otherwise(was) {
            return self.paid(was, asked).map(Some);
        }
        if differs(self.max_read_request_units.as_ref(), was.max_read_request_units.as_ref())
            || differs(self.max_write_request_units.as_ref(), was.max_write_request_units.as_ref())
        {
            return Ok(Some(asked.set_on_demand_throughput(self.on_demand())));
        }
        if let Some(class) = self.table_class.as_ref().filter(|class| was.table_class.as_ref() != Some(*class)) {
            return Ok(Some(asked.table_class(TableClass::from(class.as_str()))));
        }
        if differs(self.sse_enabled.as_ref(), was.sse_enabled.as_ref()) || differs(self.kms_key.as_ref(), was.kms_key.as_ref()) {
            return Ok(Some(asked.set_sse_specification(self.sse())));
        }
        if differs(self.stream_view_type.as_ref(), was.stream_view_type.as_ref()) {
            // another stream begins when the first has ended
            let ends = was.stream_view_type.as_ref().is_some_and(|view| !view.is_empty());
            let stream = if ends { Some(StreamSpecification::builder().stream_enabled(false).build()?) } else { self.stream()? };
            return Ok(Some(asked.set_stream_specification(stream)));
        }
        self.reindexed(was, asked)
    }

    fn is_paid_otherwise(&self, was: &Self) -> bool {
        self.billing_mode != was.billing_mode
            || differs(self.read_capacity_units.as_ref(), was.read_capacity_units.as_ref())
            || differs(self.write_capacity_units.as_ref(), was.write_capacity_units.as_ref())
            || self.kept(was).any(|(_, index, before)| index != before)
    }

    /// The indexes that stay, as they should be and as they are.
    fn kept<'a>(&'a self, was: &'a Self) -> impl Iterator<Item = (&'a String, &'a Index, &'a Index)> {
        let both =
            self.global_secondary_indexes.iter().filter_map(|(name, index)| Some((name, index, was.global_secondary_indexes.get(name)?)));
        both.filter(|(_, index, before)| index.is_like(before))
    }

    fn paid(&self, was: &Self, asked: Asked) -> Result<Asked, BuildError> {
        let asked = asked.billing_mode(BillingMode::from(self.billing_mode.as_str()));
        let mut asked = asked.set_provisioned_throughput(throughput(self.read_capacity_units, self.write_capacity_units)?);
        for (name, index, before) in self.kept(was) {
            let units = throughput(index.read_capacity_units, index.write_capacity_units)?;
            if let Some(units) = units.filter(|_| index != before) {
                let update = UpdateGlobalSecondaryIndexAction::builder().index_name(name).provisioned_throughput(units).build()?;
                asked = asked.global_secondary_index_updates(GlobalSecondaryIndexUpdate::builder().update(update).build());
            }
        }
        Ok(asked)
    }

    /// An index that goes comes before one that comes, for one of another shape has the same name.
    fn reindexed(&self, was: &Self, asked: Asked) -> Result<Option<Asked>, BuildError> {
        let goes = was
            .global_secondary_indexes
            .iter()
            .find(|(name, index)| self.global_secondary_indexes.get(*name).is_none_or(|should| !should.is_like(index)));
        let update = if let Some((name, _)) = goes {
            let action = DeleteGlobalSecondaryIndexAction::builder().index_name(name).build()?;
            GlobalSecondaryIndexUpdate::builder().delete(action)
        } else {
            let comes = self.global_secondary_indexes.iter().find(|(name, _)| !was.global_secondary_indexes.contains_key(*name));
            let Some((name, index)) = comes else { return Ok(None) };
            GlobalSecondaryIndexUpdate::builder().create(index.creation(name)?)
        };
        let asked = asked.set_attribute_definitions(Some(definitions(&self.attribute_definitions)?));
        Ok(Some(asked.global_secondary_index_updates(update.build())))
    }

    pub(super) fn on_demand(&self) -> Option<OnDemandThroughput> {
        let most = (self.max_read_request_units, self.max_write_request_units);
        (most != (None, None))
            .then(|| OnDemandThroughput::builder().set_max_read_request_units(most.0).set_max_write_request_units(most.1).build())
    }

    pub(super) fn sse(&self) -> Option<SseSpecification> {
        let is_on = self.sse_enabled?;
        let kind = is_on.then_some(SseType::Kms);
        Some(SseSpecification::builder().enabled(is_on).set_sse_type(kind).set_kms_master_key_id(self.kms_key.clone()).build())
    }

    pub(super) fn stream(&self) -> Result<Option<StreamSpecification>, BuildError> {
        let view = self.stream_view_type.as_ref().filter(|view| !view.is_empty());
        let stream = view.map(|view| StreamViewType::from(view.as_str()));
        stream.map(|view| StreamSpecification::builder().stream_enabled(true).stream_view_type(view).build()).transpose()
    }
}

/// A value that is not asked for differs from none.
fn differs<T: PartialEq>(should: Option<&T>, is: Option<&T>) -> bool {
    should.is_some() && should != is
}
