//! What a database looks like from outside: each table with all that is in it, each schema of ours as the catalog has it.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use futures::TryStreamExt;
use sqlx::{Connection, PgConnection};

use super::Error;
use crate::{
    database::{
        lay::modules_of,
        modules::Library,
        server::{connect, run, step},
        setup::owner,
    },
    schema::{self, Fingerprint, Schema},
};

/// A look at a database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Table or sequence, and how many rows it has, with a sum over them in whatever order they come.
    rows: BTreeMap<String, (u64, u64)>,
    schemas: BTreeMap<String, Fingerprint>,
}

impl Look {
    /// Reads all of a database that nobody else is in.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn at(admin_url: &str, name: &str, library: &Library) -> Result<Self, Error> {
        let mut inside = connect(admin_url, Some(name)).await?;
        run(&mut inside, "choosing how values are written", include_str!("../sql/move_written.sql"), &[]).await?;
        let query = sqlx::query_as(include_str!("../sql/move_tables.sql"));
        let tables: Vec<(String, String)> = query.fetch_all(&mut inside).await.map_err(step("looking which tables there are"))?;
        let mut look = Self::default();
        for (table, copy) in tables {
            look.rows.insert(table, sum(&mut inside, &copy).await?);
        }
        let owner = owner(name);
        let names = [(owner.as_str(), ":owner"), (name, ":tenant")];
        let modules = modules_of(&mut inside).await?;
        let modules = modules.iter().filter_map(|name| library.module(name));
        for schema in std::iter::once(library.base().as_ref()).chain(modules.map(AsRef::as_ref)) {
            let schema: &Schema = schema;
            look.schemas.insert(schema.name().to_owned(), schema::fingerprint(&mut inside, schema, &names).await?);
        }
        inside.close().await.map_err(step("leaving the database"))?;
        Ok(look)
    }

    /// The schemas of ours, as the catalog has them.
    pub fn schemas(&self) -> &BTreeMap<String, Fingerprint> {
        &self.schemas
    }

    /// In what this is not as it was before.
    pub(super) fn differences(&self, before: &Self) -> Vec<String> {
        let all = before.rows.keys().chain(self.rows.keys().filter(|table| !before.rows.contains_key(*table)));
        let count = |rows: Option<&(u64, u64)>| rows.map_or_else(|| "is missing".to_owned(), |(count, _)| format!("has {count} rows"));
        let rows = all.filter(|table| before.rows.get(*table) != self.rows.get(*table)).map(|table| {
            format!("{table} {} in the copy, and {} where it was", count(self.rows.get(table)), count(before.rows.get(table)))
        });
        let nothing = Fingerprint::default();
        let drifts = self.schemas.iter().flat_map(|(name, found)| found.differences(before.schemas.get(name).unwrap_or(&nothing)));
        rows.chain(drifts.map(|drift| drift.to_string())).collect()
    }
}

/// COPY plans nothing and calls nothing of a tenant's: a SELECT by an administrator would, where an index of theirs calls a function.
async fn sum(inside: &mut PgConnection, copy: &str) -> Result<(u64, u64), Error> {
    let reading = "reading a table";
    let mut stream = inside.copy_out_raw(copy).await.map_err(step(reading))?;
    let (mut rows, mut all, mut line) = (0, 0_u64, Vec::new());
    while let Some(bytes) = stream.try_next().await.map_err(step(reading))? {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            line.extend_from_slice(part);
            if line.ends_with(b"\n") {
                let hash = digest(&SHA256, &line);
                let hash = hash.as_ref().first_chunk().copied().map_or(0, u64::from_be_bytes);
                (rows, all) = (rows + 1, all.wrapping_add(hash));
                line.clear();
            }
        }
    }
    Ok((rows, all))
}
