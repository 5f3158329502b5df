//! A database that was made before there were versions: what stands in it is taken for one.

use sqlx::PgConnection;

use super::{Error, How, Schema, book};

const NOTE: &str = "insert into schema_versions.installed (name, version) values ($1, $2) on conflict do nothing";

/// Writes down that a schema is there at a version, without looking; one that has a version already keeps it.
///
/// # Errors
/// Where it can't be written down.
pub async fn adopt(connection: &mut PgConnection, schema: &Schema, version: i32, how: &How<'_>) -> Result<(), Error> {
    book::open(connection, schema, how).await?;
    let noted = sqlx::query(NOTE).bind(schema.name()).bind(version).execute(connection).await;
    noted.map(drop).map_err(Error::of("writing down which version is there"))
}
