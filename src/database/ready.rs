//! Databases made in advance: sealed, of nobody yet, and taken by a change of name.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::{
    lay::modules_of,
    server::{connect, run, step},
    setup::{self, Plan, owner},
    template::fingerprint,
    unmade::Error,
};

/// Nobody logs in to a database that is of nobody.
const NO_LOGIN: &str = "md500000000000000000000000000000000";
/// How often another one is tried where somebody else was quicker.
const TRIES: usize = 4;

/// What tells a ready database's name: whose it is, what is in it, since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The database.
    pub name: String,
    /// What is in it, as its plan's [`contents`].
    pub contents: String,
    /// For how long it has been ready.
    pub age: Duration,
}

/// Changes with every letter of what a plan lays.
pub fn contents(plan: &Plan<'_>) -> String {
    fingerprint(plan.base, plan.modules)
}

/// The ready databases of an installation on a server, the oldest first.
///
/// # Errors
/// When the server does not answer.
pub async fn list(admin_url: &str, installation: &str) -> Result<Vec<Ready>, Error> {
    let mut server = connect(admin_url, None).await?;
    let names = named(&mut server, &format!("{}\\_%", prefix(installation))).await?;
    Ok(names.into_iter().filter_map(|name| read(name, installation)).collect())
}

/// Makes one more.
///
/// # Errors
/// When a step fails; what is left of it goes with [`clear`].
pub async fn make(admin_url: &str, installation: &str, plan: &Plan<'_>) -> Result<(), Error> {
    let random = Uuid::new_v4().simple().to_string();
    let raw = format!("{}_{}", making(installation), &random[..16]);
    setup::make(admin_url, &Plan { name: &raw, verifier: NO_LOGIN, ..plan.clone() }).await?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let name = format!("{}_{}_{now:08x}{}", prefix(installation), contents(plan), &random[..4]);
    let mut server = connect(admin_url, None).await?;
    let (raw_owner, owner) = (owner(&raw), owner(&name));
    let words = [("raw", &*raw), ("raw_owner", &*raw_owner), ("name", &*name), ("owner", &*owner)];
    Ok(run(&mut server, "sealing a ready database", include_str!("sql/ready_seal.sql"), &words).await?)
}

/// Gives one that has what the plan asks for the plan's name and password, and answers for its modules; `None` where there is none.
/// What is begun and breaks off goes on with [`setup::make`].
///
/// # Errors
/// When the server does not answer, or a step fails after it has its name.
pub async fn take(admin_url: &str, installation: &str, plan: &Plan<'_>) -> Result<Option<Vec<String>>, Error> {
    let mut server = connect(admin_url, None).await?;
    let mut ready = named(&mut server, &format!("{}\\_{}\\_%", prefix(installation), contents(plan))).await?.into_iter();
    let owned = owner(plan.name);
    for _ in 0..TRIES {
        let Some(name) = ready.next() else { break };
        let ready_owner = owner(&name);
        let words = [("ready", &*name), ("ready_owner", &*ready_owner), ("database", plan.name), ("owner", &*owned)];
        // somebody else may have taken it at this moment, or the name may be there already
        if run(&mut server, "taking a ready database", include_str!("sql/ready_take.sql"), &words).await.is_ok() {
            return hand_over(admin_url, &mut server, plan).await.map(Some);
        }
    }
    Ok(None)
}

async fn hand_over(admin_url: &str, server: &mut PgConnection, plan: &Plan<'_>) -> Result<Vec<String>, Error> {
    let owner = owner(plan.name);
    let words = [("database", plan.name), ("tenant", plan.name), ("owner", &*owner), ("region", plan.region), ("verifier", plan.verifier)];
    let mut inside = connect(admin_url, Some(plan.name)).await?;
    run(&mut inside, "naming the database", include_str!("sql/ready_name.sql"), &words).await?;
    let has = modules_of(&mut inside).await?;
    inside.close().await.map_err(step("leaving the database"))?;
    run(server, "making the roles", include_str!("sql/roles.sql"), &words).await?;
    Ok(has)
}

/// Removes what somebody began to make and never ended, and these.
///
/// # Errors
/// When the server refuses.
pub async fn clear(admin_url: &str, installation: &str, outdated: &[Ready]) -> Result<(), Error> {
    let mut server = connect(admin_url, None).await?;
    let left = named(&mut server, &format!("{}\\_%", making(installation))).await?;
    for name in left.iter().chain(outdated.iter().map(|ready| &ready.name)) {
        setup::remove(admin_url, name).await?;
    }
    // a crash between the two leaves roles whose database is gone, or not there yet
    let query = sqlx::query_scalar(include_str!("sql/ready_roles.sql")).bind(making(installation)).bind(prefix(installation));
    let roles: Vec<String> = query.fetch_all(&mut server).await.map_err(step("looking for what is left"))?;
    for role in roles {
        run(&mut server, "dropping a role that is left", r#"drop role if exists :"role""#, &[("role", &role)]).await?;
    }
    Ok(())
}

async fn named(server: &mut PgConnection, like: &str) -> Result<Vec<String>, Error> {
    let query = sqlx::query_scalar("select datname::text from pg_catalog.pg_database where datname like $1 order by datname").bind(like);
    Ok(query.fetch_all(server).await.map_err(step("looking for ready databases"))?)
}

fn prefix(installation: &str) -> String {
    format!("iasql_ready_{installation}")
}

fn making(installation: &str) -> String {
    format!("iasql_readying_{installation}")
}

fn read(name: String, installation: &str) -> Option<Ready> {
    let (contents, made) = name.strip_prefix(&prefix(installation))?.strip_prefix('_')?.split_once('_')?;
    let made = UNIX_EPOCH + Duration::from_secs(u64::from_str_radix(made.get(..8)?, 16).ok()?);
    let contents = contents.to_owned();
    Some(Ready { contents, age: made.elapsed().unwrap_or_default(), name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ready_database_is_known_by_its_name() {
        let ready = read("iasql_ready_ab12cd34_0011223344556677_686f70e0beef".into(), "ab12cd34").unwrap();
        assert_eq!(ready.contents, "0011223344556677");
        assert!(ready.age > Duration::from_secs(3600));
        assert_eq!(read("iasql_ready_ffffffff_0011223344556677_686f70e0beef".into(), "ab12cd34"), None);
    }
}
