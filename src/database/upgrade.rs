//! Brings one user's database to the versions that a library has, and leaves what the user made in it as it was.

use std::{sync::Arc, time::Duration};

use sqlx::{Connection, PgConnection};

use super::{
    aside::{self, Aside},
    golden::Goldens,
    lay::{modules_of, note, stamp},
    modules::{BASE, Library},
    server::{connect, run, step},
    services,
    setup::{harden, owner},
    unmade::Error,
};
use crate::schema::{self, How, Progress, Schema};

/// Postgres' words for "something of somebody's hangs on it": dependent_objects_still_exist, feature_not_supported (a view
/// uses the column), and invalid_object_definition.
const HANGS_ON_IT: [&str; 3] = ["2BP01", "0A000", "42P17"];

/// How an upgrade goes about it.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// How long one try waits for a lock: whoever asks for one holds everybody up who comes after.
    pub lock_timeout: Duration,
    /// How long it is tried, before whoever of the tenant's is in the way is sent off.
    pub patience: Duration,
}

impl Default for Manner {
    fn default() -> Self {
        Self { lock_timeout: Duration::from_millis(500), patience: Duration::from_secs(10) }
    }
}

/// What an upgrade did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upgraded {
    /// The versions that were made, in their order: `iasql 2`.
    pub made: Vec<String>,
    /// The user's own views that had to make room and could not be put back; they are kept in `schema_versions.aside`.
    pub kept_aside: Vec<String>,
    /// How many of the tenant's sessions were ended because they were in the way.
    pub ended: usize,
    /// The modules that it has now: those too that the others have come to need.
    pub modules: Vec<String>,
}

impl Upgraded {
    /// Whether nothing was to be done.
    pub fn is_nothing(&self) -> bool {
        self.made.is_empty() && self.kept_aside.is_empty() && self.ended == 0
    }
}

/// Upgrades one database: each version whole or not at all, and compared with a fresh database before it counts.
///
/// # Errors
/// When a version can't be made: the database stays at the one before.
pub async fn upgrade(
    admin_url: &str,
    name: &str,
    library: &Library,
    goldens: &Goldens,
    manner: Manner,
    tell: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Upgraded, Error> {
    services::ensure(admin_url).await?;
    let mut inside = connect(admin_url, Some(name)).await?;
    let owner = owner(name);
    if is_current(&mut inside, library).await? {
        let modules = modules_of(&mut inside).await?;
        inside.close().await.map_err(step("leaving the database"))?;
        return Ok(Upgraded { modules, ..Upgraded::default() });
    }
    stamp(&mut inside, library, &owner).await?;
    let site = Site { admin_url, name, owner: &owner, library, goldens, manner, tell };
    let mut done = Upgraded::default();
    let upgraded = site.all(&mut inside, &mut done).await;
    // whatever came of it: the user's views come back, those too that an upgrade before this one left aside
    let back = aside::put_back(admin_url, &mut inside, name).await;
    upgraded?;
    done.kept_aside = back?;
    done.modules = modules_of(&mut inside).await?;
    run(&mut inside, "letting our services in", include_str!("sql/let_services_in.sql"), &[("database", name)]).await?;
    inside.close().await.map_err(step("leaving the database"))?;
    Ok(done)
}

/// Whether nothing is to be done: most databases, most of the time, so it costs two looks.
async fn is_current(inside: &mut PgConnection, library: &Library) -> Result<bool, Error> {
    let looking = "looking which versions a database has";
    let books =
        sqlx::query_as("select to_regclass('schema_versions.installed') is not null, to_regclass('schema_versions.aside') is not null");
    let (has_books, has_aside): (bool, bool) = books.fetch_one(&mut *inside).await.map_err(step(looking))?;
    if !has_books || has_aside && aside::is_any(inside).await? {
        return Ok(false);
    }
    let state: Vec<(String, Option<i32>)> = sqlx::query_as(include_str!("sql/state.sql")).fetch_all(inside).await.map_err(step(looking))?;
    let newest = |name: &str| if name == BASE { Some(library.base().newest()) } else { library.module(name).map(|module| module.newest()) };
    let has: Vec<String> = state.iter().map(|(name, _)| name.clone()).collect();
    if wanted(library, &has)?.iter().any(|module| !has.iter().any(|has| has == module.name())) {
        return Ok(false);
    }
    // what this library does not have stays as it is
    Ok(state.iter().all(|(name, version)| newest(name).is_none_or(|newest| version.is_some_and(|version| version >= newest))))
}

/// The modules that a database has, and those that these need by now, in the order of who needs whom. What the library does not have stays
/// as it is.
fn wanted(library: &Library, has: &[String]) -> Result<Vec<Arc<Schema>>, Error> {
    let known: Vec<_> = has.iter().filter(|name| library.module(name).is_some()).cloned().collect();
    Ok(library.chosen(Some(&known))?)
}

struct Site<'a> {
    admin_url: &'a str,
    name: &'a str,
    owner: &'a str,
    library: &'a Library,
    goldens: &'a Goldens,
    manner: Manner,
    tell: &'a (dyn Fn(Progress) + Send + Sync),
}

impl Site<'_> {
    async fn all(&self, inside: &mut PgConnection, done: &mut Upgraded) -> Result<(), Error> {
        let base = self.library.base();
        if schema::installed(inside, base.name()).await? < base.newest() {
            // before it: where this ends in between, the next upgrade comes here again
            harden(inside, self.name).await?;
        }
        self.one(inside, base, done).await?;
        let has = modules_of(inside).await?;
        for module in wanted(self.library, &has)? {
            self.one(inside, &module, done).await?;
            if !has.iter().any(|has| has == module.name()) {
                note(inside, &module, self.owner).await?;
            }
        }
        Ok(())
    }

    async fn one(&self, inside: &mut PgConnection, schema: &Arc<Schema>, done: &mut Upgraded) -> Result<(), Error> {
        let from = schema::installed(inside, schema.name()).await?;
        for version in from + 1..=schema.newest() {
            let golden = self.goldens.of(self.admin_url, self.library, schema, version).await?;
            let tenant = [(self.owner, ":owner"), (self.name, ":tenant")];
            let Manner { lock_timeout, patience } = self.manner;
            let how = How { owner: Some(self.owner), names: &tenant, golden: Some(&golden), lock_timeout, patience, tell: self.tell };
            self.version(inside, schema, version, &how, done).await?;
            done.made.push(format!("{} {version}", schema.name()));
        }
        Ok(())
    }

    /// One version, with what stands in its way out of the way.
    async fn version(
        &self,
        inside: &mut PgConnection,
        schema: &Schema,
        version: i32,
        how: &How<'_>,
        done: &mut Upgraded,
    ) -> Result<(), Error> {
        let mut room_made = false;
        loop {
            let Err(error) = schema::upgrade(inside, schema, version, how).await else { return Ok(()) };
            match &error {
                schema::Error::InTheWay { .. } if done.ended == 0 => {
                    done.ended = self.end_blockers(inside).await?;
                    if done.ended == 0 {
                        return Err(error.into());
                    }
                }
                _ if !room_made && error.code().is_some_and(|code| HANGS_ON_IT.contains(&&*code)) => {
                    let Aside::Made = aside::make_room(inside, self.name).await? else { return Err(error.into()) };
                    room_made = true;
                }
                _ => return Err(error.into()),
            }
        }
    }

    /// Ends the tenant's sessions that hold locks on what is ours; answers for how many.
    async fn end_blockers(&self, inside: &mut PgConnection) -> Result<usize, Error> {
        let query = sqlx::query_scalar(include_str!("sql/end_blockers.sql")).bind(self.name);
        let ended: i64 = query.fetch_one(inside).await.map_err(step("ending sessions that are in the way"))?;
        Ok(usize::try_from(ended).unwrap_or_default())
    }
}
