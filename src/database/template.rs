//! Template databases: what every database starts with, and its modules, laid once for each server and then copied.
//!
//! Laying it takes a second or more, copying and handing it over a tenth of that.

use aws_lc_rs::digest;
use include_dir::{Dir, include_dir};
use sqlx::{Connection, PgConnection};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{
    modules::{self, Module},
    server::{connect, exists, run, step},
    unmade::Error,
};

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/sql-templates");
/// One at a time in this process; of several processes one wins, by the name.
static LAYING: Mutex<()> = Mutex::const_new(());
/// Postgres' word for a name that is taken (duplicate_database).
const TAKEN: &str = "42P04";

/// The name of the sealed database that has just these modules, made now if there is none yet.
pub(super) async fn with(admin_url: &str, modules: &[Module]) -> Result<String, Error> {
    let name = format!("iasql_template_{}", fingerprint(modules));
    let _turn = LAYING.lock().await;
    let mut server = connect(admin_url, None).await?;
    if !exists(&mut server, &name).await? {
        let raw = format!("iasql_making_{}", Uuid::new_v4().simple());
        let laid = lay(admin_url, &mut server, &raw, modules).await;
        let sealed = match laid {
            Ok(()) => seal(&mut server, &raw, &name).await,
            Err(error) => Err(error),
        };
        if !matches!(sealed, Ok(true)) {
            run(&mut server, "dropping a template that is not needed", r#"drop database if exists :"raw" with (force)"#, &[("raw", &raw)])
                .await?;
        }
        sealed?;
    }
    Ok(name)
}

async fn lay(admin_url: &str, server: &mut PgConnection, raw: &str, modules: &[Module]) -> Result<(), Error> {
    run(server, "making the template's role", include_str!("sql/template_role.sql"), &[]).await?;
    run(server, "creating the template", include_str!("sql/template_create.sql"), &[("raw", raw)]).await?;
    run(server, "opening the template to its role", include_str!("sql/template_open.sql"), &[("raw", raw)]).await?;
    let mut inside = connect(admin_url, Some(raw)).await?;
    run(&mut inside, "becoming the template's owner", "set role iasql_template_owner", &[]).await?;
    let mut transaction = inside.begin().await.map_err(step("beginning"))?;
    for (file, sql) in files() {
        run(&mut transaction, file, sql, &[]).await?;
    }
    transaction.commit().await.map_err(step("committing the templates"))?;
    for module in modules {
        modules::install(&mut inside, module).await?;
    }
    Ok(inside.close().await.map_err(step("leaving the template"))?)
}

/// Gives the database its name, for good; false where another engine was quicker.
async fn seal(server: &mut PgConnection, raw: &str, name: &str) -> Result<bool, Error> {
    match run(server, "sealing the template", include_str!("sql/template_seal.sql"), &[("raw", raw), ("name", name)]).await {
        Ok(()) => Ok(true),
        Err(error) if error.source.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == TAKEN) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut files: Vec<_> = FILES.files().filter(|file| file.path().extension().is_some_and(|end| end == "sql")).collect();
    files.sort_by_key(|file| file.path());
    files.into_iter().filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)))
}

/// Changes with every letter of what is laid.
fn fingerprint(modules: &[Module]) -> String {
    let mut all = digest::Context::new(&digest::SHA256);
    let mut add = |text: &str| {
        all.update(&text.len().to_be_bytes());
        all.update(text.as_bytes());
    };
    files().chain(modules.iter().flat_map(|module| module.files.iter().copied())).for_each(|(name, sql)| {
        add(name);
        add(sql);
    });
    modules.iter().for_each(|module| add(module.name));
    add(include_str!("sql/template_create.sql"));
    all.finish().as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_in_the_order_of_their_names() {
        let names: Vec<_> = files().map(|(name, _)| name).collect();
        assert!(!names.is_empty() && names.is_sorted(), "{names:?}");
    }

    #[test]
    fn a_template_is_named_after_what_is_in_it() {
        let module = |sql| Module { name: "a", needs: vec![], files: vec![("x", sql)] };
        assert_eq!(fingerprint(&[module("1")]), fingerprint(&[module("1")]));
        assert_ne!(fingerprint(&[module("1")]), fingerprint(&[module("2")]));
        assert_ne!(fingerprint(&[module("1")]), fingerprint(&[]));
    }
}
