//! The indexes of a table, and how its keys are told.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex, GlobalSecondaryIndexDescription, KeySchemaElement,
    KeyType, LocalSecondaryIndex, LocalSecondaryIndexDescription, Projection, ProjectionType, ProvisionedThroughput, ScalarAttributeType,
};
use aws_smithy_types::error::operation::BuildError;
use serde::{Deserialize, Serialize};

/// Indexes by name.
pub(super) type Indexes = BTreeMap<String, Index>;

/// One index, as `dynamodb.canonical_indexes(jsonb)` spells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Index {
    hash_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    range_key: Option<String>,
    projection_type: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    non_key_attributes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) read_capacity_units: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) write_capacity_units: Option<i64>,
}

impl Index {
    /// Whether one can be turned into the other in place.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let shape = |index: &Self| Self { read_capacity_units: None, write_capacity_units: None, ..index.clone() };
        shape(self) == shape(other)
    }

    fn told(keys: &[KeySchemaElement], projection: Option<&Projection>, units: (Option<i64>, Option<i64>)) -> Self {
        let (hash_key, range_key) = named(keys);
        let mut non_key_attributes = projection.map(|projection| projection.non_key_attributes().to_vec()).unwrap_or_default();
        non_key_attributes.sort();
        let kind = projection.and_then(Projection::projection_type).unwrap_or(&ProjectionType::All);
        let projection_type = kind.as_str().to_owned();
        Self { hash_key, range_key, projection_type, non_key_attributes, read_capacity_units: units.0, write_capacity_units: units.1 }
    }

    fn keys(&self) -> Result<Vec<KeySchemaElement>, BuildError> {
        schema(&self.hash_key, self.range_key.as_deref())
    }

    fn projection(&self) -> Projection {
        let attributes = Some(self.non_key_attributes.clone()).filter(|attributes| !attributes.is_empty());
        let kind = ProjectionType::from(self.projection_type.as_str());
        Projection::builder().projection_type(kind).set_non_key_attributes(attributes).build()
    }

    pub(super) fn local(&self, name: &str) -> Result<LocalSecondaryIndex, BuildError> {
        LocalSecondaryIndex::builder().index_name(name).set_key_schema(Some(self.keys()?)).projection(self.projection()).build()
    }

    pub(super) fn global(&self, name: &str) -> Result<GlobalSecondaryIndex, BuildError> {
        let index = GlobalSecondaryIndex::builder().index_name(name).set_key_schema(Some(self.keys()?)).projection(self.projection());
        index.set_provisioned_throughput(throughput(self.read_capacity_units, self.write_capacity_units)?).build()
    }

    pub(super) fn creation(&self, name: &str) -> Result<CreateGlobalSecondaryIndexAction, BuildError> {
        let index = CreateGlobalSecondaryIndexAction::builder().index_name(name).set_key_schema(Some(self.keys()?));
        let index = index.projection(self.projection());
        index.set_provisioned_throughput(throughput(self.read_capacity_units, self.write_capacity_units)?).build()
    }
}

pub(super) fn globals(all: &[GlobalSecondaryIndexDescription]) -> Indexes {
    let told = |index: &GlobalSecondaryIndexDescription| {
        let units = index.provisioned_throughput().map(|units| (units.read_capacity_units(), units.write_capacity_units()));
        let (read, write) = units.unwrap_or_default();
        // what is paid per request is told with none
        Index::told(index.key_schema(), index.projection(), (read.filter(|units| *units > 0), write.filter(|units| *units > 0)))
    };
    all.iter().map(|index| (index.index_name().unwrap_or_default().to_owned(), told(index))).collect()
}

pub(super) fn locals(all: &[LocalSecondaryIndexDescription]) -> Indexes {
    let told = |index: &LocalSecondaryIndexDescription| Index::told(index.key_schema(), index.projection(), (None, None));
    all.iter().map(|index| (index.index_name().unwrap_or_default().to_owned(), told(index))).collect()
}

/// The partition key and the sort key.
pub(super) fn named(keys: &[KeySchemaElement]) -> (String, Option<String>) {
    let key = |kind: &KeyType| keys.iter().find(|key| key.key_type() == kind).map(|key| key.attribute_name().to_owned());
    (key(&KeyType::Hash).unwrap_or_default(), key(&KeyType::Range))
}

pub(super) fn schema(hash_key: &str, range_key: Option<&str>) -> Result<Vec<KeySchemaElement>, BuildError> {
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    let range_key = range_key.map(|range_key| key(range_key, KeyType::Range));
    std::iter::once(key(hash_key, KeyType::Hash)).chain(range_key).collect()
}

pub(super) fn definitions(attributes: &BTreeMap<String, String>) -> Result<Vec<AttributeDefinition>, BuildError> {
    let defined = |(name, kind): (&String, &String)| {
        AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::from(kind.as_str())).build()
    };
    attributes.iter().map(defined).collect()
}

pub(super) fn throughput(read: Option<i64>, write: Option<i64>) -> Result<Option<ProvisionedThroughput>, BuildError> {
    let units = read.zip(write);
    units.map(|(read, write)| ProvisionedThroughput::builder().read_capacity_units(read).write_capacity_units(write).build()).transpose()
}
