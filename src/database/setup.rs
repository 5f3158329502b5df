//! Makes a user's database on a server: its roles, itself, what is ours in it. Every step may be repeated.

use std::sync::Arc;

use sqlx::{Connection, PgConnection};

use super::{
    lay::{lay_modules, modules_of, stamp},
    modules::Library,
    scratch,
    server::{Failed, connect, exists, run, run_again, step},
    services, template,
};
use crate::schema::Schema;

pub use super::unmade::Error;

/// What to make.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// The database, and the role that logs in to it; an identifier.
    pub name: &'a str,
    /// The region of rows that name none.
    pub region: &'a str,
    /// What it starts with.
    pub base: &'a Schema,
    /// The modules to install, in order.
    pub modules: &'a [Arc<Schema>],
    /// What the server keeps instead of the password ([`crate::password::Password`]).
    pub verifier: &'a str,
}

/// Whether nothing on the server has this name yet.
///
/// # Errors
/// When the server does not answer.
pub async fn is_free(admin_url: &str, name: &str) -> Result<bool, Error> {
    let mut server = connect(admin_url, None).await?;
    let query = sqlx::query_scalar(include_str!("sql/is_free.sql")).bind(name).bind(owner(name));
    Ok(query.fetch_one(&mut server).await.map_err(step("looking for the name"))?)
}

/// Makes the database, or what is missing of it, and answers for the modules it has. Nobody but us can log in to it
/// before the last step.
///
/// # Errors
/// When a step fails; doing it all again goes on from there.
pub async fn make(admin_url: &str, plan: &Plan<'_>) -> Result<Vec<String>, Error> {
    let (name, owner) = (plan.name, owner(plan.name));
    services::ensure(admin_url).await?;
    let mut server = connect(admin_url, None).await?;
    scratch::sweep(admin_url, &mut server).await?;
    let words = [("database", name), ("tenant", name), ("owner", &*owner), ("verifier", plan.verifier), ("region", plan.region)];
    run(&mut server, "making the roles", include_str!("sql/roles.sql"), &words).await?;
    if !exists(&mut server, name).await? {
        let template = template::with(admin_url, plan.base, plan.modules).await?;
        run(&mut server, "copying the template", include_str!("sql/copy.sql"), &[("database", name), ("template", &template)]).await?;
    }
    run(&mut server, "closing the database to others", include_str!("sql/close_and_open.sql"), &words).await?;
    let mut inside = connect(admin_url, Some(name)).await?;
    run(&mut inside, "handing the copy over", include_str!("sql/hand_over.sql"), &words).await?;
    harden(&mut inside, name).await?;
    lay_modules(&mut inside, plan.modules, &owner).await?;
    let has = modules_of(&mut inside).await?;
    inside.close().await.map_err(step("leaving the database"))?;
    run(&mut server, "letting our services in", include_str!("sql/let_services_in.sql"), &words).await?;
    run(&mut server, "letting the login in", include_str!("sql/let_in.sql"), &words).await?;
    Ok(has)
}

/// Takes from the tenant what only an administrator can, and gives what only he can give; in a database that has been through it nothing changes.
pub(super) async fn harden(inside: &mut PgConnection, name: &str) -> Result<(), Failed> {
    run_again(inside, "keeping the login within its limits", include_str!("sql/harden.sql"), &[("tenant", name)]).await?;
    run_again(inside, "making a place for policies", include_str!("sql/policy_schema.sql"), &[("tenant", name)]).await?;
    can_seal(inside, &owner(name)).await
}

/// Gives a database what its owner seals secrets with.
pub(super) async fn can_seal(inside: &mut PgConnection, owner: &str) -> Result<(), Failed> {
    run_again(inside, "letting secrets be sealed", include_str!("sql/pgcrypto.sql"), &[("owner", owner)]).await
}

/// Adds modules to a database that is in use; answers for those it has then.
///
/// # Errors
/// When one can't be installed: then it left nothing.
pub async fn add(admin_url: &str, name: &str, library: &Library, modules: &[Arc<Schema>]) -> Result<Vec<String>, Error> {
    services::ensure(admin_url).await?;
    let mut inside = connect(admin_url, Some(name)).await?;
    stamp(&mut inside, library, &owner(name)).await?;
    lay_modules(&mut inside, modules, &owner(name)).await?;
    modules_of(&mut inside).await
}

/// Gives the login another password.
///
/// # Errors
/// When the server refuses.
pub async fn rotate(admin_url: &str, name: &str, verifier: &str) -> Result<(), Error> {
    let mut server = connect(admin_url, None).await?;
    Ok(run(&mut server, "changing the password", include_str!("sql/password.sql"), &[("tenant", name), ("verifier", verifier)]).await?)
}

/// Removes the database and its roles, with whoever is connected. What is not there is removed already.
///
/// # Errors
/// When the server refuses.
pub async fn remove(admin_url: &str, name: &str) -> Result<(), Error> {
    let owner = owner(name);
    let words = [("database", name), ("tenant", name), ("owner", &*owner)];
    let mut server = connect(admin_url, None).await?;
    run(&mut server, "dropping the database", r#"drop database if exists :"database" with (force)"#, &words).await?;
    Ok(run(&mut server, "dropping the roles", include_str!("sql/drop_roles.sql"), &words).await?)
}

/// The role that owns what is ours in a database.
pub fn owner(name: &str) -> String {
    format!("{name}_owner")
}
