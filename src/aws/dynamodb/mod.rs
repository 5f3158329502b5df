//! DynamoDB: tables.

mod apart;
mod change;
mod index;
pub(super) mod table;
