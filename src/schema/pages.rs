//! The reference of several schemas: a page each, and one that leads to them.

use sqlx::PgConnection;

use super::{Error, How, Schema, reference, reference::index, upgrade};

/// Lays the schemas, those that are needed first, in an empty database and describes each: names of files and their texts.
///
/// # Errors
/// When one of them can't be laid or looked at.
pub async fn pages(connection: &mut PgConnection, chain: &[&Schema]) -> Result<Vec<(String, String)>, Error> {
    let mut pages = vec![("README.md".to_owned(), index(chain.iter().copied()))];
    for schema in chain {
        upgrade(connection, schema, schema.newest(), &How::default()).await?;
        pages.push((format!("{}.md", schema.name()), reference(connection, schema).await?));
    }
    Ok(pages)
}
