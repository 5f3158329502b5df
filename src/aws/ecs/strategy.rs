//! How tasks spread over capacity providers.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::CapacityProviderStrategyItem;
use serde::{Deserialize, Serialize};

use crate::resource::{Error, Kind};

/// The share of each capacity provider, by its name.
pub(super) type Strategy = BTreeMap<String, Share>;

/// How many tasks run there first, and how many of the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Share {
    base: i32,
    weight: i32,
}

/// The same as AWS takes it.
pub(super) fn sent(operation: &'static str, strategy: &Strategy) -> Result<Vec<CapacityProviderStrategyItem>, Error> {
    let item = |(name, share): (&String, &Share)| {
        let item = CapacityProviderStrategyItem::builder().capacity_provider(name).base(share.base).weight(share.weight).build();
        item.map_err(|error| Error::new(operation, Kind::Row, error.to_string()))
    };
    strategy.iter().map(item).collect()
}

/// As AWS tells it.
pub(super) fn shown(items: &[CapacityProviderStrategyItem]) -> Strategy {
    items.iter().map(|item| (item.capacity_provider().to_owned(), Share { base: item.base(), weight: item.weight() })).collect()
}
