//! One table of one account, driven as the engine drives it.

use iasql::{
    aws::register,
    resource::{Change, Error, Owner, Registry},
};
use serde_json::{Value, json};

use crate::support::Account;

/// One table of one account; every value is a row as `Resource` says.
pub(crate) struct Table {
    registry: Registry,
    table: &'static str,
    /// Whose what it makes is.
    pub(crate) owner: Owner,
}

impl Table {
    pub(crate) fn of(account: &Account, table: &'static str) -> Self {
        let owner =
            Owner { tag: "shop/0b9d4a52-0000-4000-8000-000000000001".to_owned(), token: "5c5e6f52-9e0c-4e4e-8f4e-000000000001".to_owned() };
        Self { registry: register(Registry::default(), &account.aws), table, owner }
    }

    pub(crate) async fn list(&self, named: &[Value]) -> Vec<Value> {
        self.list_in("us-east-1", named).await
    }

    pub(crate) async fn list_in(&self, region: &str, named: &[Value]) -> Vec<Value> {
        let driver = self.registry.driver(self.table).expect("a table that is registered");
        let mut rows = driver.list(region, named.to_vec()).await.expect("a list");
        rows.sort_by_key(ToString::to_string);
        rows
    }

    pub(crate) async fn create(&self, desired: Value) -> Result<Value, Error> {
        self.apply("us-east-1", Change::Create { desired }).await.map(|row| row.expect("what was made"))
    }

    pub(crate) async fn update(&self, desired: Value, observed: Value) -> Result<Value, Error> {
        self.apply("us-east-1", Change::Update { desired, observed }).await.map(|row| row.expect("what was changed"))
    }

    pub(crate) async fn delete(&self, observed: Value) -> Result<Option<Value>, Error> {
        self.apply("us-east-1", Change::Delete { observed }).await
    }

    async fn apply(&self, region: &str, change: Change) -> Result<Option<Value>, Error> {
        let driver = self.registry.driver(self.table).expect("a table that is registered");
        driver.apply(region, change, &self.owner).await
    }
}

/// The same row with other values in some of its columns.
pub(crate) fn with(row: &Value, other: Value) -> Value {
    let mut row = row.clone();
    let (Some(columns), Value::Object(other)) = (row.as_object_mut(), other) else { panic!("rows are objects") };
    columns.extend(other);
    row
}

/// A row as the cloud shows it: with what is said about it, and nothing of that set.
pub(crate) fn seen(row: &Value) -> Value {
    with(row, json!({ "owner": null, "pending": null, "implicit": false }))
}
