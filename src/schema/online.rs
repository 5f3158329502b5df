//! A migration that runs after its version, batch by batch, each in a transaction that also writes down how far it is.

use sqlx::{AssertSqlSafe, FromRow, PgConnection};

use super::{
    Error, Progress,
    quoted::ident,
    script::{Piece, Who},
    upgrade::Work,
};

/// How many rows a batch has.
const SIZE: i32 = 1000;

#[derive(FromRow)]
struct Open {
    version: i32,
    position: i32,
    migration: String,
    cursor: Option<String>,
    rows: i64,
}

/// Does the next batch of the oldest migration that is not done; answers with how far it is now, or with nothing where all are done.
///
/// Whoever does a batch holds the migration's row, so two at once take turns and none does the other's batch again.
pub(super) async fn batch(inside: &mut PgConnection, work: &Work<'_>) -> Result<Option<(i64, Progress)>, Error> {
    let name = work.schema.name();
    let open = sqlx::query_as(include_str!("sql/online_next.sql")).bind(name).bind(work.schema.newest());
    let open: Option<Open> = open.fetch_optional(&mut *inside).await.map_err(Error::of("looking for online migrations"))?;
    let Some(open) = open else { return Ok(None) };
    work.become_one(inside, Who::Owner).await?;
    let sql = format!("select b.rows, b.next from {}.{}($1, $2) as b", ident(name), ident(&open.migration));
    let done = sqlx::query_as(AssertSqlSafe(sql.clone())).bind(&open.cursor).bind(SIZE).fetch_one(&mut *inside).await;
    let piece = Piece { who: Who::Owner, file: format!("online/{}.sql", open.migration), sql };
    let (rows, next): (i64, Option<String>) =
        done.map_err(|source| Error::without_line(work.failed(open.version, "finished", &piece, source)))?;
    work.become_one(inside, Who::Administrator).await?;
    let note = sqlx::query(include_str!("sql/online_note.sql")).bind(name).bind(open.version).bind(open.position);
    let note = note.bind(&next).bind(open.rows + rows).execute(inside);
    note.await.map_err(Error::of("writing down how far an online migration is"))?;
    let schema = name.to_owned();
    Ok(Some((rows, Progress::Online { schema, migration: open.migration, rows: open.rows + rows, done: next.is_none() })))
}
