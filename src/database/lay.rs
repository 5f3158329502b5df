//! Lays what is missing in a database, in the order of who needs whom.

use std::{sync::Arc, time::Duration};

use sqlx::PgConnection;

use super::{
    modules::Library,
    server::{Failed, run, step},
    unmade::Error,
};
use crate::schema::{self, How, Schema};

/// How long one try waits for a lock, and how long it is tried.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(60);

/// Lays a schema as it is carried, owned by `owner`, on an administrator's connection; one that is there stays as it is.
pub(super) async fn lay(inside: &mut PgConnection, schema: &Schema, owner: &str) -> Result<(), Error> {
    if schema::installed(inside, schema.name()).await? > 0 {
        return Ok(());
    }
    schema::upgrade(inside, schema, schema.newest(), &how(owner)).await?;
    Ok(())
}

/// Lays modules, and notes in the database itself which it has. Once is enough.
pub(super) async fn lay_modules(inside: &mut PgConnection, modules: &[Arc<Schema>], owner: &str) -> Result<(), Error> {
    for module in modules {
        lay(inside, module, owner).await?;
        note(inside, module, owner).await?;
    }
    Ok(())
}

/// Notes in the database itself that it has a module.
pub(super) async fn note(inside: &mut PgConnection, module: &Schema, owner: &str) -> Result<(), Failed> {
    run(inside, "noting a module", include_str!("sql/note_module.sql"), &[("owner", owner), ("module", module.name())]).await
}

/// The modules of a database, in the order they were installed.
pub(super) async fn modules_of(inside: &mut PgConnection) -> Result<Vec<String>, Error> {
    let query = sqlx::query_scalar("select name from iasql.module order by installed_at, name");
    Ok(query.fetch_all(inside).await.map_err(step("reading which modules there are"))?)
}

/// Takes what release 0.1 laid for the first version of it: that release kept no versions.
pub(super) async fn stamp(inside: &mut PgConnection, library: &Library, owner: &str) -> Result<(), Error> {
    let base = library.base();
    if schema::installed(inside, base.name()).await? == 0 {
        schema::adopt(inside, base, 1, &how(owner)).await?;
    }
    for name in modules_of(inside).await? {
        if let Some(module) = library.module(&name)
            && schema::installed(inside, &name).await? == 0
        {
            schema::adopt(inside, module, 1, &how(owner)).await?;
        }
    }
    Ok(())
}

fn how(owner: &str) -> How<'_> {
    How { owner: Some(owner), lock_timeout: LOCK_TIMEOUT, patience: PATIENCE, ..How::default() }
}
