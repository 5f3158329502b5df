//! What the roles of a schema may do, set against what `access` says.

use sqlx::{AssertSqlSafe, FromRow, PgConnection};

use super::{Drift, Error, Mode, Rights, Schema, book::roles};

/// A grant that is there and should not be, or the other way round.
#[derive(FromRow)]
pub(super) struct Due {
    object: String,
    expected: Option<String>,
    found: Option<String>,
    statement: String,
}

impl From<Due> for Drift {
    fn from(due: Due) -> Self {
        Self { object: due.object, expected: due.expected, found: due.found }
    }
}

/// All of them.
pub(super) async fn due(connection: &mut PgConnection, schema: &Schema) -> Result<Vec<Due>, Error> {
    let (logins, rights) = roles(schema);
    let lines: Vec<_> = if schema.head.rights == Rights::Service { schema.access.iter().collect() } else { vec![] };
    let asked = sqlx::query_as(include_str!("sql/grants.sql"))
        .bind(logins)
        .bind(rights)
        .bind(lines.iter().map(|line| schema.head.rights_role(&line.service)).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| line.schema.clone()).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| line.table.clone()).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| line.mode == Mode::Write).collect::<Vec<_>>())
        .bind(schema.name());
    asked.fetch_all(connection).await.map_err(Error::of("comparing the grants with access"))
}

/// Grants what is missing and revokes what is too much.
pub(super) async fn set(connection: &mut PgConnection, schema: &Schema) -> Result<(), Error> {
    if schema.head.services.is_empty() {
        return Ok(());
    }
    let due = due(connection, schema).await?;
    if due.is_empty() {
        return Ok(());
    }
    let sql: Vec<_> = due.into_iter().map(|due| due.statement).collect();
    sqlx::raw_sql(AssertSqlSafe(sql.join("; "))).execute(connection).await.map(drop).map_err(Error::of("granting what access lists"))
}
