//! Databases made in advance on each server: for who asks for all modules, and for the small sets lately asked for.

use std::{sync::Arc, time::Duration};

use super::{Control, Error};
use crate::{
    database::{
        ready::{self, Ready},
        setup::Plan,
    },
    schema::Schema,
};

/// How many are kept of each set on each server, unless the operator says otherwise.
const READY: u64 = 1;
/// A set is worth it that somebody asked for within this time.
const LATELY: Duration = Duration::from_secs(24 * 60 * 60);
/// How many sets that is at most, besides that of all modules.
const SETS: i32 = 4;
/// What is outdated for us may be what another version's engine makes: it has this long to be the only one left.
const OUTDATED: Duration = Duration::from_secs(60 * 60);

/// What every plan for a ready database has in the place of what nobody knows yet.
const NOBODY: &str = "nobody";

impl Control {
    /// A ready database becomes the one that is asked for, where there is one.
    pub(super) async fn take_ready(&self, url: &str, plan: &Plan<'_>) -> Result<Option<Vec<String>>, Error> {
        let names: Vec<String> = plan.modules.iter().map(|module| module.name().to_owned()).collect();
        self.services.http.procs.module_set_asked(&names).await?;
        if self.ready_databases().await? == 0 {
            return Ok(None);
        }
        let installation = self.services.http.procs.installation().await?;
        ready::take(url, &installation, plan).await.map_err(|source| failed(plan.name, source))
    }

    /// Makes one ready database on a server where one is missing, and removes those that nobody will take. Answers whether it made
    /// one: then another may be missing.
    ///
    /// # Errors
    /// When a step fails; the next call clears away what is left of it.
    pub async fn make_ready(&self, shard: &str) -> Result<bool, Error> {
        let Some(url) = self.shard_url(shard).await? else { return Ok(false) };
        let at_most = usize::try_from(self.ready_databases().await?).unwrap_or(usize::MAX);
        let installation = self.services.scheduler.procs.installation().await?;
        let sets = if at_most == 0 { Vec::new() } else { self.sets().await? };
        let plans: Vec<Plan<'_>> = sets.iter().map(|modules| self.plan_for(modules)).collect();
        let found = ready::list(&url, &installation).await.map_err(|source| failed(NOBODY, source))?;
        let wanted: Vec<String> = plans.iter().map(ready::contents).collect();
        let is_wanted = |ready: &Ready| wanted.contains(&ready.contents) || at_most > 0 && ready.age < OUTDATED;
        let outdated: Vec<Ready> = found.iter().filter(|ready| !is_wanted(ready)).cloned().collect();
        ready::clear(&url, &installation, &outdated).await.map_err(|source| failed(NOBODY, source))?;
        let count = |contents: &str| found.iter().filter(|ready| ready.contents == contents).count();
        let Some((plan, _)) = plans.iter().zip(&wanted).find(|(_, contents)| count(contents) < at_most) else { return Ok(false) };
        ready::make(&url, &installation, plan).await.map_err(|source| failed(NOBODY, source))?;
        Ok(true)
    }

    /// The sets of modules that are worth it, each once.
    async fn sets(&self) -> Result<Vec<Vec<Arc<Schema>>>, Error> {
        let lately = self.services.scheduler.procs.module_sets_lately(LATELY.as_secs_f64(), SETS).await?;
        let asked = lately.into_iter().map(|set| self.library.chosen(Some(&set.modules)));
        // a set may name what only another version has
        let mut sets: Vec<_> = std::iter::once(self.library.chosen(None)).chain(asked).flatten().collect();
        let mut seen = Vec::new();
        sets.retain(|set: &Vec<Arc<Schema>>| {
            let names: Vec<String> = set.iter().map(|module| module.name().to_owned()).collect();
            let is_new = !seen.contains(&names);
            seen.push(names);
            is_new
        });
        Ok(sets)
    }

    fn plan_for<'a>(&'a self, modules: &'a [Arc<Schema>]) -> Plan<'a> {
        Plan { name: NOBODY, region: "us-east-1", base: self.library.base(), modules, verifier: "" }
    }

    async fn ready_databases(&self) -> Result<u64, Error> {
        self.number("ready_databases", READY).await
    }

    /// An administrator's way to a server, where there is one of that name.
    pub(super) async fn shard_url(&self, shard: &str) -> Result<Option<String>, Error> {
        let found = self.services.http.procs.shard_list().await?.into_iter().find(|found| found.shard == shard);
        Ok(found.map(|found| self.admin_url(found.shard_url.as_deref())))
    }
}

fn failed(name: &str, source: crate::database::setup::Error) -> Error {
    Error::Setup { name: name.to_owned(), source: Box::new(source) }
}
