//! The roles of a database and what a server keeps beside it: passwords, limits, settings.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, Connection, FromRow, PgConnection};

use super::{Error, Way};
use crate::database::server::{Failed, connect, run, step};

/// A setting of the tenant or of the database, as `pg_db_role_setting` has it.
#[derive(FromRow)]
struct Setting {
    of_role: bool,
    in_database: bool,
    setting: String,
}

#[derive(FromRow)]
struct Made {
    lc_collate: String,
    lc_ctype: String,
    connections: i32,
}

/// Settings that hold lists: each part is quoted by itself.
const LISTS: [&str; 3] = ["search_path", "temp_tablespaces", "local_preload_libraries"];

/// Refuses where somebody who owns or was granted something is not known on the other server: the copy would not be the same.
pub(super) async fn fits(way: &Way<'_>) -> Result<(), Error> {
    let (name, owner) = (way.name, crate::database::setup::owner(way.name));
    let mut inside = connect(way.from, Some(name)).await?;
    let query = sqlx::query_scalar(include_str!("../sql/move_roles.sql"));
    let needed: Vec<String> = query.fetch_all(&mut inside).await.map_err(step("looking who owns what"))?;
    inside.close().await.map_err(step("leaving the database"))?;
    let mut server = connect(way.to, None).await?;
    let query = sqlx::query_scalar("select rolname::text from pg_catalog.pg_roles");
    let known: BTreeSet<String> = query.fetch_all(&mut server).await.map_err(step("looking which roles there are"))?.into_iter().collect();
    let missing: Vec<_> = needed.into_iter().filter(|role| *role != name && *role != owner && !known.contains(role)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::Unfit(format!("the other server has no role {}, which owns something in it or was granted it", missing.join(", "))))
}

/// The database itself, empty and closed, with text in the order that it had.
pub(super) async fn create(from: &str, to: &mut PgConnection, name: &str) -> Result<(), Error> {
    let mut source = connect(from, None).await?;
    let query = sqlx::query_as(include_str!("../sql/move_made.sql")).bind(name);
    let made: Made = query.fetch_one(&mut source).await.map_err(step("looking how the database was made"))?;
    let words = [("database", name), ("collate", &made.lc_collate), ("ctype", &made.lc_ctype)];
    run(to, "creating the database", include_str!("../sql/move_create.sql"), &words).await?;
    let limit = format!("alter role \"{name}\" connection limit {}", made.connections);
    Ok(run(to, "limiting the tenant's connections", &limit, &[]).await?)
}

/// Who may use the row types of tables.
pub(super) async fn row_types(way: &Way<'_>, inside: &mut PgConnection) -> Result<(), Error> {
    let mut source = connect(way.from, Some(way.name)).await?;
    let statements: String = sqlx::query_scalar(include_str!("../sql/move_row_types.sql"))
        .fetch_one(&mut source)
        .await
        .map_err(step("reading grants on row types"))?;
    source.close().await.map_err(step("leaving the database"))?;
    let granted = sqlx::raw_sql(AssertSqlSafe(statements)).execute(inside).await;
    Ok(granted.map(drop).map_err(step("taking grants on row types along"))?)
}

/// The tenant's password as the server keeps it, and all settings; the tenant can't log in yet.
pub(super) async fn take_along(from: &str, to: &mut PgConnection, name: &str) -> Result<(), Error> {
    let mut source = connect(from, None).await?;
    let query = sqlx::query_scalar("select rolpassword from pg_catalog.pg_authid where rolname = $1").bind(name);
    let verifier: Option<String> = query.fetch_one(&mut source).await.map_err(step("reading what the server keeps of the password"))?;
    let settings = sqlx::query_as(include_str!("../sql/move_settings.sql")).bind(name).fetch_all(&mut source).await;
    let settings: Vec<Setting> = settings.map_err(step("reading the settings"))?;
    for setting in &settings {
        let statement = setting.statement(name);
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut *to)
            .await
            .map_err(|source| Failed { step: "taking a setting along", source })?;
    }
    let words = [("tenant", name), ("verifier", verifier.as_deref().unwrap_or_default())];
    Ok(run(to, "taking the password along", include_str!("../sql/move_password.sql"), &words).await?)
}

impl Setting {
    fn statement(&self, database: &str) -> String {
        let (key, value) = self.setting.split_once('=').unwrap_or((&self.setting, ""));
        let whose = match (self.of_role, self.in_database) {
            (true, false) => format!("role {}", ident(database)),
            (true, true) => format!("role {0} in database {0}", ident(database)),
            (false, _) => format!("database {}", ident(database)),
        };
        let key_parts: Vec<String> = key.split('.').map(ident).collect();
        format!("alter {whose} set {} to {}", key_parts.join("."), value_of(key, value))
    }
}

fn value_of(key: &str, value: &str) -> String {
    if !LISTS.contains(&key) {
        return literal(value);
    }
    let parts: Vec<String> = parts(value).iter().map(|part| literal(part)).collect();
    if parts.is_empty() { literal("") } else { parts.join(", ") }
}

/// `"$user", public` as two names.
fn parts(list: &str) -> Vec<String> {
    let (mut parts, mut part, mut quoted, mut any) = (Vec::new(), String::new(), false, false);
    let mut signs = list.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => part.extend(signs.next()),
            '"' => (quoted, any) = (!quoted, true),
            ',' if !quoted => {
                parts.push(std::mem::take(&mut part));
                any = false;
            }
            ' ' if !quoted => {}
            sign => part.push(sign),
        }
    }
    if any || !part.is_empty() {
        parts.push(part);
    }
    parts
}

fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Neither sign can end it: a backslash is one only where it stands doubled in `E''`.
fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_written_so_that_nothing_in_it_is_more_than_its_value() {
        let setting = |of_role, in_database, setting: &str| Setting { of_role, in_database, setting: setting.to_owned() }.statement("shop");
        assert_eq!(setting(true, false, r#"search_path="$user", public"#), r#"alter role "shop" set "search_path" to E'$user', E'public'"#);
        assert_eq!(setting(false, true, "jit=off"), r#"alter database "shop" set "jit" to E'off'"#);
        assert_eq!(
            setting(true, true, r"my.own=it's \ ; drop role shop"),
            r#"alter role "shop" in database "shop" set "my"."own" to E'it''s \\ ; drop role shop'"#
        );
        assert_eq!(setting(true, false, r#"search_path="a; drop ""b""#), r#"alter role "shop" set "search_path" to E'a; drop "b'"#);
    }
}
