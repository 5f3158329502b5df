//! Template databases: what every database starts with, and its modules, laid once for each server and then copied.
//!
//! Laying it takes a second or more, copying and handing it over a tenth of that.

use std::sync::Arc;

use aws_lc_rs::digest;
use sqlx::{Connection, PgConnection};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{
    lay::{lay, lay_modules},
    scratch::Claim,
    server::{connect, exists, run, step},
    setup::{can_seal, owner},
    unmade::Error,
};
use crate::schema::Schema;

/// One at a time in this process; of several processes one wins, by the name.
static LAYING: Mutex<()> = Mutex::const_new(());
/// Postgres' word for a name that is taken (duplicate_database).
const TAKEN: &str = "42P04";

/// The name of the sealed database that has just these modules, made now if there is none yet.
pub(super) async fn with(admin_url: &str, base: &Schema, modules: &[Arc<Schema>]) -> Result<String, Error> {
    let name = format!("iasql_template_{}", fingerprint(base, modules));
    let _turn = LAYING.lock().await;
    let mut server = connect(admin_url, None).await?;
    if !exists(&mut server, &name).await? {
        let raw = format!("iasql_making_{}", Uuid::new_v4().simple());
        let _claim = Claim::of(admin_url, &raw).await?;
        let laid = make(admin_url, &mut server, &raw, base, modules).await;
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

async fn make(admin_url: &str, server: &mut PgConnection, raw: &str, base: &Schema, modules: &[Arc<Schema>]) -> Result<(), Error> {
    run(server, "making the template's role", include_str!("sql/template_role.sql"), &[]).await?;
    run(server, "creating the template", include_str!("sql/template_create.sql"), &[("raw", raw)]).await?;
    run(server, "opening the template to its role", include_str!("sql/template_open.sql"), &[("raw", raw)]).await?;
    let (mut inside, owner) = (connect(admin_url, Some(raw)).await?, owner("iasql_template"));
    can_seal(&mut inside, &owner).await?;
    lay(&mut inside, base, &owner).await?;
    lay_modules(&mut inside, modules, &owner).await?;
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

/// Changes with every letter of what is laid.
fn fingerprint(base: &Schema, modules: &[Arc<Schema>]) -> String {
    let mut all = digest::Context::new(&digest::SHA256);
    let mut add = |text: &str| {
        all.update(&text.len().to_be_bytes());
        all.update(text.as_bytes());
    };
    for schema in std::iter::once(base).chain(modules.iter().map(AsRef::as_ref)) {
        add(schema.name());
        add(&schema.newest().to_string());
        schema.files().all().for_each(|(name, text)| {
            add(name);
            add(text);
        });
    }
    add(include_str!("sql/template_create.sql"));
    add(include_str!("sql/pgcrypto.sql"));
    all.finish().as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;
    use crate::schema::Files;

    fn schema(text: &str) -> Schema {
        let files = [
            (
                "schema",
                "about A test.
",
            ),
            (
                "versions/0001",
                "about One.
",
            ),
            ("versions/0002", text),
        ];
        let files: Files = files.map(|(name, text)| (name.to_owned(), text.to_owned())).into_iter().collect();
        Schema::from_files("a", "a", files).unwrap()
    }

    #[test]
    fn a_template_is_named_after_what_is_in_it() {
        let (base, one, two) = (
            schema(
                "about Two.
",
            ),
            Arc::new(schema(
                "about Two.
",
            )),
            Arc::new(schema(
                "about 2.
",
            )),
        );
        assert_eq!(fingerprint(&base, from_ref(&one)), fingerprint(&base, from_ref(&one)));
        assert_ne!(fingerprint(&base, from_ref(&one)), fingerprint(&base, &[two]));
        assert_ne!(fingerprint(&base, from_ref(&one)), fingerprint(&base, &[]));
        assert_ne!(fingerprint(&base, from_ref(&one)), fingerprint(&base, &[Arc::new(one.up_to(1))]));
    }
}
