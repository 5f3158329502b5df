//! What a user made on top of ours: put aside while an upgrade changes what it stands on, and put back afterwards.
//!
//! Nothing privileged runs anything of theirs. It is put back over a connection that has the tenant's rights and no others.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgPoolOptions};

use super::{
    server::{Failed, run, step},
    services::Way,
    setup::owner,
    visit::{Kind, Visit, turn},
};

/// How long putting one thing back may take: it is somebody else's code.
const LIMIT: &str = "30s";

/// What came of making room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aside {
    /// Something was put aside.
    Made,
    /// Nothing of the user's is in the way.
    Nothing,
}

/// Drops the tenant's views and functions that stand on ours, and writes down how to make them again, in one transaction.
pub(super) async fn make_room(inside: &mut PgConnection, tenant: &str) -> Result<Aside, Failed> {
    let before = left(inside).await?.len();
    let words = [("tenant", tenant), ("owner", &*owner(tenant))];
    if let Err(error) = run(inside, "putting the user's own views aside", include_str!("sql/make_room.sql"), &words).await {
        run(inside, "leaving them as they are", "rollback", &[]).await?;
        return Err(error);
    }
    Ok(if left(inside).await?.len() > before { Aside::Made } else { Aside::Nothing })
}

/// Makes again what was put aside, as the tenant; answers for what could not be, which stays written down.
pub(super) async fn put_back(admin_url: &str, inside: &mut PgConnection, tenant: &str) -> Result<Vec<String>, Failed> {
    let aside = left(inside).await?;
    if aside.is_empty() {
        return Ok(Vec::new());
    }
    let turn = turn(admin_url, Kind::Long).await?;
    let visit = Visit::begin(inside, tenant, turn).await?;
    let back = put_back_as(&visit, admin_url, inside, &aside).await;
    visit.end(inside).await?;
    back
}

/// Whether something waits to be put back.
pub(super) async fn is_any(inside: &mut PgConnection) -> Result<bool, Failed> {
    let query = sqlx::query_scalar("select exists (select from schema_versions.aside)");
    query.fetch_one(inside).await.map_err(step("looking for what was put aside"))
}

struct Left {
    position: i32,
    name: String,
    statements: Vec<String>,
}

async fn left(inside: &mut PgConnection) -> Result<Vec<Left>, Failed> {
    let query = sqlx::query_scalar("select to_regclass('schema_versions.aside') is not null");
    if !query.fetch_one(&mut *inside).await.map_err(step("looking for what was put aside"))? {
        return Ok(Vec::new());
    }
    let query = sqlx::query_as::<_, (i32, String, Vec<String>)>(include_str!("sql/aside_left.sql"));
    let rows = query.fetch_all(inside).await.map_err(step("reading what was put aside"))?;
    Ok(rows.into_iter().map(|(position, name, statements)| Left { position, name, statements }).collect())
}

async fn put_back_as(visit: &Visit<'_>, admin_url: &str, inside: &mut PgConnection, aside: &[Left]) -> Result<Vec<String>, Failed> {
    let mut way = Way::of(admin_url, visit.tenant, visit.service)?;
    way.options = way.options.options([("search_path", "pg_catalog,pg_temp"), ("statement_timeout", LIMIT), ("lock_timeout", "2s")]);
    let pool = way.pool(PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(10)));
    let mut visitor = pool.acquire().await.map_err(step("visiting as the user"))?;
    let query = sqlx::query_scalar("select pg_catalog.pg_backend_pid()");
    visit.is_alone(inside, query.fetch_one(&mut *visitor).await.map_err(step("visiting as the user"))?).await?;
    run(&mut visitor, "becoming the user", r#"set role :"tenant""#, &[("tenant", visit.tenant)]).await?;
    let mut kept = Vec::new();
    for one in aside {
        let made = again(&mut visitor, &one.statements).await;
        let said = made.err().filter(|error| !is_there(error)).map(|error| message(&error));
        // what is back is forgotten; what is not stays, with the reason
        let noted = if said.is_some() {
            "update schema_versions.aside set said = $2 where position = $1"
        } else {
            "delete from schema_versions.aside where position = $1 and $2::text is null"
        };
        let noted = sqlx::query(noted).bind(one.position).bind(&said);
        noted.execute(&mut *inside).await.map_err(step("noting what was put back"))?;
        kept.extend(said.map(|said| format!("{}: {said}", one.name)));
    }
    drop(visitor);
    pool.close().await;
    Ok(kept)
}

/// Whether an earlier visit put it back, and ended before that was noted.
fn is_there(error: &sqlx::Error) -> bool {
    // duplicate_table, duplicate_function
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "42P07" || code == "42723")
}

fn message(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

/// All of it or nothing.
async fn again(visitor: &mut PgConnection, statements: &[String]) -> Result<(), sqlx::Error> {
    let mut transaction = visitor.begin().await?;
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}
