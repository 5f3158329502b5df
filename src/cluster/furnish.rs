//! What a primary has besides data: the pooler's role, the databases that are wanted, and the jobs' tables where they are preloaded. A template has brought along the
//! role and one database, which only wants a name.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, PgConnection};

use super::{Error, agent::Agent, server, site::POOLER};
use crate::failover::Role;

/// As `sql/spare.sql` calls it.
const SPARE: &str = "iasql spare";

const IS_THERE: &str = "select exists (select from pg_catalog.pg_database where datname = $1)";

impl Agent {
    /// Has all of it, if it leads. What is there already stays as it is.
    pub(super) async fn furnish(&self, databases: BTreeSet<String>) -> Result<(), Error> {
        if self.state().role != Some(Role::Primary) {
            return Err(Error::Refused("it does not lead"));
        }
        let mut session = self.furnisher("postgres").await?;
        let role: bool = has(&mut session, "select exists (select from pg_catalog.pg_roles where rolname = $1)", POOLER).await?;
        if !role {
            say(&mut session, format!("create role {} login", quoted(POOLER))).await?;
        }
        for database in &databases {
            if has(&mut session, IS_THERE, database).await? {
                continue;
            }
            let (name, spare) = (quoted(database), quoted(SPARE));
            if has(&mut session, IS_THERE, SPARE).await? {
                say(&mut session, format!("alter database {spare} rename to {name}")).await?;
            } else {
                say(&mut session, format!("create database {name} owner {}", quoted(POOLER))).await?;
            }
        }
        if let Some(database) = self.jobs(&mut session).await? {
            let mut session = self.furnisher(&database).await?;
            say(&mut session, "create extension if not exists pg_cron".to_owned()).await?;
        }
        self.state().furnished = Some(databases);
        self.has_changed();
        Ok(())
    }

    /// A session that waits for no standby: what it makes is looked for again.
    async fn furnisher(&self, database: &str) -> Result<PgConnection, Error> {
        let mut session = server::session(&self.home, self.port(), database).await.map_err(Error::query("reach the server"))?;
        say(&mut session, "set synchronous_commit = local".to_owned()).await?;
        Ok(session)
    }

    /// In which database the jobs are, where they are preloaded and that is there.
    async fn jobs(&self, session: &mut PgConnection) -> Result<Option<String>, Error> {
        let asked = sqlx::query_scalar(include_str!("sql/jobs_database.sql")).fetch_optional(session).await;
        asked.map_err(Error::query("look where the jobs are"))
    }
}

async fn has(session: &mut PgConnection, question: &'static str, name: &str) -> Result<bool, Error> {
    sqlx::query_scalar(question).bind(name).fetch_one(session).await.map_err(Error::query("look what is there"))
}

async fn say(session: &mut PgConnection, words: String) -> Result<(), Error> {
    // each name in it is quoted
    sqlx::raw_sql(AssertSqlSafe(words)).execute(session).await.map(drop).map_err(Error::query("furnish the primary"))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
