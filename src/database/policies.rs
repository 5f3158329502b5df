//! The tenant's own policies: views in the schema `policy`, read by whoever has the tenant's rights and no others.
//!
//! What runs here is somebody else's code. It runs in a transaction that can only read, over a login that can do nothing of its own, within a
//! time that it can't get around (who does not end by himself is ended), and of what it says little is taken.

use std::{
    str::FromStr,
    time::{Duration, Instant},
};

use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::time::timeout;

use super::{
    Database, Error, is_cut_off,
    server::{Failed, connect, run, step},
    services::{Way, login},
    visit::{Kind, Visit, is_taken, turn},
};

/// How many views are asked, and how many rows of each are told.
const VIEWS: usize = 100;
const ROWS: usize = 10;
/// How long everybody is asked for at first; who needs more than that is asked again, where only such as these wait for each other.
const QUICK: Duration = Duration::from_secs(1);
/// How much longer than the server somebody is waited for who should have ended by himself.
const GRACE: Duration = Duration::from_millis(500);
/// How long connecting, and leaving, may take.
const DOOR: Duration = Duration::from_secs(10);

impl Database {
    /// What the tenant's policies complain about, a sentence each. A policy that can't be asked is a complaint too. `None` where there are
    /// no policies.
    ///
    /// # Errors
    /// [`Error::Later`] where all that can ask have been busy with other tenants, or the server with other things.
    pub async fn complaints(&self) -> Result<Option<Vec<String>>, Error> {
        if self.before.is_some() {
            return Ok(None);
        }
        let policies = self.reconciler.procs.policies().await?;
        if policies.is_empty() {
            return Ok(None);
        }
        let lost = policies.iter().filter(|policy| policy.lost);
        let mut said: Vec<String> =
            lost.map(|policy| format!("{} can't be asked: an upgrade put it aside, see schema_versions.aside", policy.policy)).collect();
        let views: Vec<String> = policies.into_iter().filter(|policy| !policy.lost).map(|policy| policy.policy).collect();
        if views.len() > VIEWS {
            said.push(format!("policy can't be asked: it has more than {VIEWS} views"));
        } else if !views.is_empty() {
            said.extend(self.asked(views).await?);
        }
        Ok(Some(said))
    }

    async fn asked(&self, views: Vec<String>) -> Result<Vec<String>, Error> {
        let seconds = self.setting("policy_seconds").await?.and_then(|value| value.parse().ok()).unwrap_or(5);
        let (admin_url, tenant) = (self.admin_url.clone(), self.name.clone());
        // a visit ends in order, even where nobody waits for it any more
        let visit = tokio::spawn(async move { asked_as_needed(&admin_url, &tenant, &views, Duration::from_secs(seconds)).await });
        Ok(match visit.await {
            Ok(Ok(said)) => said,
            Ok(Err(error)) if passes(&error) => {
                tracing::info!(database = self.name, step = error.step, error = %error.source, "the policies are asked later");
                return Err(Error::Later("asking the policies"));
            }
            Ok(Err(error)) => {
                tracing::warn!(database = self.name, step = error.step, error = %error.source, "the policies could not be asked");
                vec![format!("the policies can't be asked: {error}")]
            }
            Err(_) => vec!["the policies can't be asked".to_owned()],
        })
    }
}

/// Whether it was nobody's fault who is visited: a turn that others have, a server that takes nobody in at the moment.
fn passes(error: &Failed) -> bool {
    // too_many_connections
    let crowded = error.source.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "53300");
    crowded || is_taken(error) || is_cut_off(&error.source)
}

/// Asks quickly; and once more, among those who are slow, who does not end so soon. What only reads may be asked twice.
async fn asked_as_needed(admin_url: &str, tenant: &str, views: &[String], limit: Duration) -> Result<Vec<String>, Failed> {
    match visited(admin_url, tenant, views, (Kind::Short, limit.min(QUICK))).await? {
        Answer { took, .. } if took >= QUICK && limit > QUICK => Ok(visited(admin_url, tenant, views, (Kind::Long, limit)).await?.said),
        answer => Ok(answer.said),
    }
}

async fn visited(admin_url: &str, tenant: &str, views: &[String], (kind, limit): (Kind, Duration)) -> Result<Answer, Failed> {
    let turn = turn(admin_url, kind).await?;
    let mut inside = connect(admin_url, Some(tenant)).await?;
    let visit = Visit::begin(&mut inside, tenant, turn).await?;
    let said = match enter(admin_url, &mut inside, &visit).await {
        Ok(visitor) => ask_all(&mut inside, visitor, views, limit).await,
        Err(error) => Err(error),
    };
    visit.end(&mut inside).await?;
    said
}

/// What the views said, and how long that took them.
struct Answer {
    said: Vec<String>,
    took: Duration,
}

/// A visitor's connection, and the number by which it can be ended.
struct Visitor {
    connection: PgConnection,
    pid: i32,
    name: String,
}

/// Comes in as the visitor. An administrator who only took the visitor's role would be himself again with one word of the tenant's.
async fn enter(admin_url: &str, inside: &mut PgConnection, visit: &Visit<'_>) -> Result<Visitor, Failed> {
    let (tenant, name) = (visit.tenant, login(visit.service));
    let way = Way::of(admin_url, tenant, visit.service)?;
    let options = if way.role.is_some() {
        PgConnectOptions::from_str(admin_url).map_err(step("reading the server's address"))?.database(tenant).username(&name)
    } else {
        way.options
    };
    // the policies are theirs, and so are the functions that these call by their bare names
    let options = options.options([("search_path", "public"), ("lock_timeout", "2s"), ("client_min_messages", "error")]);
    let options = options.options([("client_connection_check_interval", "1s"), ("default_transaction_read_only", "on")]);
    let connected = timeout(DOOR, options.log_statements(tracing::log::LevelFilter::Trace).connect()).await;
    let mut connection = connected.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(step("visiting as the user"))?;
    let query = sqlx::query_as("select session_user::text, pg_catalog.pg_backend_pid()");
    let (who, pid): (String, i32) = query.fetch_one(&mut connection).await.map_err(step("visiting as the user"))?;
    if who != name {
        return Err(step("visiting as the user")(sqlx::Error::Protocol(format!("this is {who}"))));
    }
    visit.is_alone(inside, pid).await?;
    run(&mut connection, "becoming the user", r#"set role :"tenant""#, &[("tenant", tenant)]).await?;
    Ok(Visitor { connection, pid, name })
}

async fn ask_all(inside: &mut PgConnection, mut visitor: Visitor, views: &[String], limit: Duration) -> Result<Answer, Failed> {
    let (started, mut said) = (Instant::now(), Vec::new());
    for view in views {
        let left = limit.saturating_sub(started.elapsed());
        if left.is_zero() {
            said.push(format!("policy.{view} can't be asked: the others took all the time there is (policy_seconds)"));
            continue;
        }
        match timeout(left + GRACE, ask(&mut visitor.connection, view, left)).await {
            Ok(Ok(rows)) => said.extend(rows),
            Ok(Err(error)) => {
                tracing::info!(view, error = %short(&error), "a policy broke its connection");
                said.push(format!("policy.{view} can't be asked: it broke its connection"));
                break;
            }
            Err(_) => {
                said.push(format!("policy.{view} can't be asked: it did not end within {} seconds (policy_seconds)", limit.as_secs()));
                break;
            }
        }
    }
    let took = started.elapsed();
    leave(inside, visitor).await?;
    Ok(Answer { said, took })
}

/// Rather a part of one too many: what is ended after these has used up all of it, and is known by that to be slow.
fn milliseconds(left: Duration) -> u128 {
    left.as_nanos().div_ceil(1_000_000).max(1)
}

/// What one view says; its own errors are among that, shortened by the server.
async fn ask(connection: &mut PgConnection, view: &str, left: Duration) -> Result<Vec<String>, sqlx::Error> {
    let mut reading = connection.begin_with("begin read only").await?;
    let milliseconds = milliseconds(left).to_string();
    sqlx::query("select pg_catalog.set_config('statement_timeout', $1, true)").bind(milliseconds).execute(&mut *reading).await?;
    let rows = sqlx::query_scalar("select said from iasql.complaints_of($1, $2) said").bind(view).bind(ROWS as i32 + 1);
    let mut said: Vec<String> = rows.persistent(false).fetch_all(&mut *reading).await?;
    reading.rollback().await?;
    if said.len() > ROWS {
        said.truncate(ROWS);
        said.push(format!("policy.{view}: and more"));
    }
    Ok(said)
}

/// Ends the visitor's connection, whatever still runs in it.
async fn leave(inside: &mut PgConnection, visitor: Visitor) -> Result<(), Failed> {
    let ended = sqlx::query(include_str!("sql/end_visitor.sql")).bind(visitor.pid).bind(&visitor.name).execute(inside).await;
    // the socket closes with it
    drop(visitor);
    ended.map(drop).map_err(step("ending a visit"))
}

fn short(error: &sqlx::Error) -> String {
    error.to_string().chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ended_when_its_time_is_over_has_used_up_all_of_it() {
        let begun = Duration::from_micros(300);
        assert!(Duration::from_millis(u64::try_from(milliseconds(QUICK - begun)).expect("a number")) + begun >= QUICK);
        assert_eq!((milliseconds(QUICK), milliseconds(Duration::from_nanos(1)), milliseconds(Duration::ZERO)), (1000, 1, 1));
    }
}
