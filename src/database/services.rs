//! The logins of our own services on a server: whoever is reconciler, scheduler or door there comes in as that and nothing more.
//!
//! Their passwords are stored nowhere: each follows from the administrator's, so whoever has that one can work them all out.

use std::{collections::BTreeSet, str::FromStr};

use aws_lc_rs::hmac;
use aws_smithy_types::base64;
use sqlx::{
    AssertSqlSafe, ConnectOptions, PgConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::sync::Mutex;
use url::Url;

use super::server::{Failed, connect, run_again, step};
use crate::password::{random_salt, verifier};

/// Every service of ours that has a login.
pub const SERVICES: [&str; 5] = ["reconciler", "scheduler", "http", "gateway", "visitor"];

/// The logins of the service visitor. Who comes in with one has the rights of whom it visits, so each has one visit at a time.
pub const VISITORS: [&str; 4] = ["visitor", "visitor_2", "visitor_3", "visitor_4"];

/// The servers on which the logins have been seen to be right, by their administrator's address.
static SEEN: Mutex<BTreeSet<String>> = Mutex::const_new(BTreeSet::new());

/// The role of a service.
pub fn login(service: &str) -> String {
    format!("iasql_{service}")
}

/// How a service comes into a database: as itself, or (where the administrator has no password for one to follow from) as the
/// administrator who takes its role.
#[derive(Clone, Debug)]
pub struct Way {
    /// Where to connect, and as whom.
    pub options: PgConnectOptions,
    /// The role to take then.
    pub role: Option<String>,
}

impl Way {
    /// The way of `service` into `database` on the server of `admin_url`.
    ///
    /// # Errors
    /// When the address makes no sense.
    pub fn of(admin_url: &str, database: &str, service: &str) -> Result<Self, Failed> {
        let options = PgConnectOptions::from_str(admin_url).map_err(step("reading the server's address"))?.database(database);
        // a failing statement is logged with its values: keep ours out of the client's log too
        let options = options.application_name(&format!("iasql {service}")).log_statements(tracing::log::LevelFilter::Trace);
        Ok(match password(admin_url, service) {
            Some(password) => Self { options: options.username(&login(service)).password(&password), role: None },
            None => Self { options, role: Some(login(service)) },
        })
    }

    /// The same, as an administrator who takes another role.
    pub(super) fn through(admin_url: &str, database: &str, role: &str) -> Result<Self, Failed> {
        let options = PgConnectOptions::from_str(admin_url).map_err(step("reading the server's address"))?.database(database);
        let options = options.application_name("iasql").log_statements(tracing::log::LevelFilter::Trace);
        Ok(Self { options, role: Some(role.to_owned()) })
    }

    /// Has every connection of a pool take the role.
    pub fn pool(self, pool: PgPoolOptions) -> sqlx::PgPool {
        let Some(role) = self.role else { return pool.connect_lazy_with(self.options) };
        let set = format!("set role \"{role}\"");
        let pool = pool.after_connect(move |connection, _| {
            let set = AssertSqlSafe(set.clone());
            Box::pin(async move { sqlx::Executor::execute(connection, set).await.map(drop) })
        });
        pool.connect_lazy_with(self.options)
    }
}

/// The server in an administrator's address, whichever database that names.
pub(super) fn server_of(admin_url: &str) -> &str {
    admin_url.rsplit_once('/').map_or(admin_url, |(server, _)| server)
}

/// Makes the logins, and gives them their passwords where they have others. Once for each server is enough.
///
/// # Errors
/// When the server refuses.
pub async fn ensure(admin_url: &str) -> Result<(), Failed> {
    let mut seen = SEEN.lock().await;
    let server = server_of(admin_url).to_owned();
    if seen.contains(&server) {
        return Ok(());
    }
    let mut connection = connect(admin_url, None).await?;
    let wrong = wrong(&mut connection, admin_url).await;
    for service in wrong {
        give(&mut connection, admin_url, service).await?;
    }
    seen.insert(server);
    Ok(())
}

/// The services whose logins are missing or have another password.
async fn wrong(connection: &mut PgConnection, admin_url: &str) -> Vec<&'static str> {
    let names: Vec<String> = logins().map(login).collect();
    let query = sqlx::query_as(include_str!("sql/service_passwords.sql")).bind(&names);
    // who may not look gives them anew, which does no harm
    let kept: Vec<(String, Option<String>)> = query.fetch_all(connection).await.unwrap_or_default();
    let right = |service: &str| {
        let kept = kept.iter().find(|(name, _)| *name == login(service));
        match (kept, password(admin_url, service)) {
            (Some((_, Some(kept))), Some(password)) => salt(kept).is_some_and(|salt| verifier(&password, &salt) == *kept),
            (kept, password) => kept.is_some() && password.is_none(),
        }
    };
    logins().filter(|service| !right(service)).collect()
}

/// What every login of ours is for.
fn logins() -> impl Iterator<Item = &'static str> {
    SERVICES.into_iter().chain(VISITORS.into_iter().filter(|visitor| !SERVICES.contains(visitor)))
}

/// The salt in what the server keeps.
fn salt(verifier: &str) -> Option<Vec<u8>> {
    let (_, salt) = verifier.split('$').nth(1)?.split_once(':')?;
    base64::decode(salt).ok()
}

async fn give(connection: &mut PgConnection, admin_url: &str, service: &str) -> Result<(), Failed> {
    let kept = match password(admin_url, service) {
        Some(password) => verifier(&password, &random_salt().map_err(|_| step("making a salt")(sqlx::Error::WorkerCrashed))?),
        // no password: nobody logs in as this
        None => String::new(),
    };
    let name = login(service);
    let words = [("service", &*name), ("verifier", &*kept)];
    run_again(connection, "giving a service its login", include_str!("sql/service_role.sql"), &words).await
}

fn password(admin_url: &str, service: &str) -> Option<String> {
    derived(admin_url, &format!("login of {service}"))
}

/// 40 hexadecimal digits for a purpose, which follow from the administrator's password; `None` where the address has none.
pub fn derived(admin_url: &str, purpose: &str) -> Option<String> {
    let url = Url::parse(admin_url).ok()?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, url.password()?.as_bytes());
    let sum = hmac::sign(&key, format!("iasql {purpose}").as_bytes());
    Some(sum.as_ref().iter().take(20).map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_services_password_follows_from_the_administrators_and_is_another_one() {
        let one = password("postgres://admin:secret@localhost/postgres", "http").unwrap();
        assert_eq!(one, password("postgres://other:secret@elsewhere/shop", "http").unwrap());
        assert_ne!(one, password("postgres://admin:secret@localhost/postgres", "reconciler").unwrap());
        assert_ne!(one, password("postgres://admin:secret2@localhost/postgres", "http").unwrap());
        assert_eq!(password("postgres://admin@localhost/postgres", "http"), None);
    }

    #[test]
    fn the_salt_is_found_in_a_verifier() {
        let kept = verifier("pencil", b"0123456789abcdef");
        assert_eq!(salt(&kept).as_deref(), Some(&b"0123456789abcdef"[..]));
    }
}
