//! What a database says of its own versions, and how it comes to say it.

use sqlx::{AssertSqlSafe, FromRow, PgConnection};

use super::{
    Error, How, Rights, Schema, Step,
    error::code,
    quoted::{fill, ident},
    script::Cast,
};

const NAMED: &str = "select i.version from schema_versions.installed as i where i.name = $1";
const HOLD: &str = "select i.version from schema_versions.installed as i where i.name = $1 for update";
const FIRST: &str = "insert into schema_versions.installed (name, version) values ($1, 0) on conflict do nothing";
const ONLINE: &str = "insert into schema_versions.online (name, version, position, migration) values ($1, $2, $3, $4)";
const NOT_ONLINE: &str = "delete from schema_versions.online as o where o.name = $1 and o.version >= $2";
const OPEN: &str = "select exists (select from schema_versions.online as o where o.name = $1 and o.version <= $2 and not o.done)";

/// The version of a schema in a database; 0 where it is not there.
///
/// # Errors
/// Where the database can't be asked.
pub async fn installed(connection: &mut PgConnection, schema: &str) -> Result<i32, Error> {
    let has_books = sqlx::query_scalar("select pg_catalog.to_regclass('schema_versions.installed') is not null");
    let asking = "asking for the version";
    if !has_books.fetch_one(&mut *connection).await.map_err(Error::of(asking))? {
        return Ok(0);
    }
    let version: Option<i32> = sqlx::query_scalar(NAMED).bind(schema).fetch_optional(connection).await.map_err(Error::of(asking))?;
    Ok(version.unwrap_or(0))
}

#[derive(FromRow)]
struct Found {
    administrator: String,
    is_superuser: bool,
    has_books: bool,
    roles_missing: Vec<String>,
}

/// Who has a login, and who has rights.
pub(super) fn roles(schema: &Schema) -> (Vec<String>, Vec<String>) {
    let head = &schema.head;
    let logins = head.services.iter().map(|service| head.login(&service.name)).collect();
    let rights = head.services.iter().map(|service| head.rights_role(&service.name));
    (logins, if head.rights == Rights::Service { rights.collect() } else { vec![] })
}

/// Makes what a first version stands on: the bookkeeping and the roles.
pub(super) async fn open(connection: &mut PgConnection, schema: &Schema, how: &How<'_>) -> Result<Cast, Error> {
    let (logins, rights) = roles(schema);
    let all = [logins.clone(), rights].concat();
    let found: Found = sqlx::query_as(include_str!("sql/ground.sql"))
        .bind(&all)
        .fetch_one(&mut *connection)
        .await
        .map_err(Error::of("looking at the database"))?;
    let owner = how.owner.unwrap_or(&found.administrator).to_owned();
    if !found.has_books {
        let sql = fill(include_str!("sql/bookkeeping.sql"), &[("owner", &owner)]);
        let made = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await;
        // of two that come first at once one gets this, and finds what the other one has made
        let again = |error: &sqlx::Error| matches!(code(error).as_deref(), Some("23505" | "42P06" | "42P07"));
        made.map(drop).or_else(|error| if again(&error) { Ok(()) } else { Err(error) }).map_err(Error::of("making schema_versions"))?;
    }
    for role in &found.roles_missing {
        let template = if logins.contains(role) { include_str!("sql/login.sql") } else { include_str!("sql/role.sql") };
        let mut sql = fill(template, &[("role", role)]);
        if !found.is_superuser {
            sql += &format!("grant {} to current_user", ident(role));
        }
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await.map_err(Error::of("making a role"))?;
    }
    Ok(Cast { administrator: found.administrator, is_superuser: found.is_superuser, owner })
}

/// Waits for the turn at this schema, which lasts until the transaction ends; answers with the version.
pub(super) async fn hold(connection: &mut PgConnection, schema: &str) -> Result<i32, Error> {
    let asking = Error::of("waiting for the turn at the schema");
    let found: Option<i32> = sqlx::query_scalar(HOLD).bind(schema).fetch_optional(&mut *connection).await.map_err(&asking)?;
    if let Some(version) = found {
        return Ok(version);
    }
    sqlx::query(FIRST).bind(schema).execute(&mut *connection).await.map_err(&asking)?;
    sqlx::query_scalar(HOLD).bind(schema).fetch_one(connection).await.map_err(asking)
}

/// The transaction as the database knows it.
pub(super) async fn transaction(connection: &mut PgConnection) -> Result<String, Error> {
    let asked = sqlx::query_scalar("select pg_catalog.pg_current_xact_id()::text").fetch_one(connection);
    asked.await.map_err(Error::of("asking for the transaction"))
}

/// Whether an online migration of a version up to this one is not done.
pub(super) async fn is_unfinished(connection: &mut PgConnection, schema: &str, version: i32) -> Result<bool, Error> {
    let asked = sqlx::query_scalar(OPEN).bind(schema).bind(version).fetch_one(connection);
    asked.await.map_err(Error::of("looking for online migrations"))
}

/// Writes a version down that was just made, with the migrations that are to run after it; false where the transaction is another one.
pub(super) async fn note(connection: &mut PgConnection, schema: &Schema, version: i32, transaction: &str) -> Result<bool, Error> {
    let noting = Error::of("writing the version down");
    let note = sqlx::query(include_str!("sql/note.sql")).bind(schema.name()).bind(version).bind(transaction);
    if note.execute(&mut *connection).await.map_err(&noting)?.rows_affected() != 1 {
        return Ok(false);
    }
    let made = schema.versions.iter().find(|made| made.number == version);
    let online =
        made.iter().flat_map(|made| &made.steps).filter_map(|step| if let Step::Online { name, .. } = step { Some(name) } else { None });
    for (position, migration) in (1_i32..).zip(online) {
        let note = sqlx::query(ONLINE).bind(schema.name()).bind(version).bind(position).bind(migration);
        note.execute(&mut *connection).await.map_err(&noting)?;
    }
    Ok(true)
}

/// Takes back what is known of the online migrations from a version on. A batch that runs is waited for.
pub(super) async fn forget_online(connection: &mut PgConnection, schema: &str, version: i32) -> Result<(), Error> {
    let forgotten = sqlx::query(NOT_ONLINE).bind(schema).bind(version).execute(connection).await;
    forgotten.map(drop).map_err(Error::of("forgetting the online migrations"))
}

/// Writes down a version that another one was taken back to; false where the transaction is another one.
pub(super) async fn note_back(connection: &mut PgConnection, schema: &str, version: i32, transaction: &str) -> Result<bool, Error> {
    let noting = Error::of("writing the version down");
    let note = sqlx::query(include_str!("sql/note.sql")).bind(schema).bind(version).bind(transaction);
    let noted = note.execute(&mut *connection).await.map_err(&noting)?.rows_affected() == 1;
    if version == 0 {
        let gone = sqlx::query("delete from schema_versions.installed as i where i.name = $1").bind(schema);
        gone.execute(connection).await.map_err(noting)?;
    }
    Ok(noted)
}
