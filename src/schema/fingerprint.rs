//! What the catalog holds of a schema, object by object, so that two databases can be compared.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use sqlx::{Acquire, AssertSqlSafe, PgConnection};

use super::{Error, Schema, book::roles, quoted::fill};

/// What the first question answers where the second one is to be asked.
const RARE: &str = "rare";

/// Every object and its definition. Names of roles are those that were asked for, and nothing in it is of one database only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// `table queue.task`, and what it is.
    pub objects: BTreeMap<String, String>,
    /// Those that should have a comment and have none.
    pub silent: BTreeSet<String>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// `table queue.task`
    pub object: String,
    /// What it should be; `None`: it should not be there.
    pub expected: Option<String>,
    /// What it is; `None`: it is not there.
    pub found: Option<String>,
}

impl Fingerprint {
    /// In what this differs from what it should be.
    pub fn differences(&self, expected: &Self) -> Vec<Drift> {
        let lost = expected.objects.iter().filter(|(object, definition)| self.objects.get(*object) != Some(definition));
        let lost = lost.map(|(object, definition)| (object, Some(definition.clone()), self.objects.get(object).cloned()));
        let extra = self.objects.iter().filter(|(object, _)| !expected.objects.contains_key(*object));
        let extra = extra.map(|(object, definition)| (object, None, Some(definition.clone())));
        lost.chain(extra).map(|(object, expected, found)| Drift { object: object.clone(), expected, found }).collect()
    }

    fn take(&mut self, rows: Vec<Row>) {
        self.silent.extend(rows.iter().filter(|(.., is_silent)| *is_silent).map(|(object, ..)| object.clone()));
        self.objects.extend(rows.into_iter().map(|(object, definition, _)| (object, definition)));
    }

    /// The same with the roles of a schema as they should be, whatever they are.
    pub(super) fn with_fresh_roles(mut self, schema: &Schema) -> Self {
        let (logins, rights) = roles(schema);
        let fresh = |login: &str| format!("login={login} super=f createrole=f createdb=f replication=f bypassrls=f in= members= settings=");
        self.objects.extend(logins.iter().map(|role| (format!("role {role}"), fresh("t"))));
        self.objects.extend(rights.iter().map(|role| (format!("role {role}"), fresh("f"))));
        self
    }
}

/// What the catalog holds of a schema now. `names` are roles that are shown under another name: `("shop_owner", ":owner")`.
///
/// # Errors
/// Where the database can't be asked.
pub async fn fingerprint(connection: &mut PgConnection, schema: &Schema, names: &[(&str, &str)]) -> Result<Fingerprint, Error> {
    let reading = "reading the catalog";
    let mut inside = connection.begin().await.map_err(Error::of(reading))?;
    let settings = fill(include_str!("sql/settings.sql"), &[("lock_timeout", "2s")]);
    sqlx::raw_sql(AssertSqlSafe(settings)).execute(&mut *inside).await.map_err(Error::of(reading))?;
    let found = read(&mut inside, schema, names).await?;
    inside.rollback().await.map_err(Error::of(reading))?;
    Ok(found)
}

/// The same in a transaction that has its settings.
pub(super) async fn read(connection: &mut PgConnection, schema: &Schema, names: &[(&str, &str)]) -> Result<Fingerprint, Error> {
    let mut found = Fingerprint::default();
    found.take(ask(connection, include_str!("sql/fingerprint.sql"), schema, names).await?);
    if found.objects.remove(RARE).is_some() {
        found.take(ask(connection, include_str!("sql/fingerprint_rare.sql"), schema, names).await?);
    }
    Ok(found)
}

/// Object, definition, and whether it should have a comment and has none.
type Row = (String, String, bool);

async fn ask(connection: &mut PgConnection, sql: &'static str, schema: &Schema, names: &[(&str, &str)]) -> Result<Vec<Row>, Error> {
    let head = &schema.head;
    let (logins, rights) = roles(schema);
    let names: BTreeMap<_, _> = names.iter().copied().collect();
    let asked = sqlx::query_as(sql)
        .bind(std::iter::once(&head.name).chain(&head.also).collect::<Vec<_>>())
        .bind(&head.owns)
        .bind(&head.varies)
        .bind(names.keys().collect::<Vec<_>>())
        .bind(names.values().collect::<Vec<_>>())
        .bind([logins, rights].concat());
    asked.fetch_all(connection).await.map_err(Error::of("reading the catalog"))
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.expected, &self.found) {
            (Some(_), None) => write!(f, "{} is missing", self.object),
            (None, _) => write!(f, "{} should not be there", self.object),
            (Some(expected), Some(found)) => {
                let (should, is) = apart(expected, found);
                write!(f, "{} has `{is}` and should have `{should}`", self.object)
            }
        }
    }
}

/// The first stretch in which two texts differ, with a little before it.
fn apart(one: &str, other: &str) -> (String, String) {
    let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let part = |text: &str| text.chars().skip(same.saturating_sub(20)).take(80).collect::<String>().replace('\n', " ");
    (part(one), part(other))
}
