//! Makes a user's database, once: a second setup of the same name builds nothing anew.

use std::{sync::Arc, time::Duration};

use serde::Serialize;

use super::{
    Control, Credentials, Cron, DatabaseInfo, Error, FlyWish,
    databases::{Found, address},
    name,
    procs::{self, DatabaseLock},
};
use crate::{
    database::setup,
    password::Password,
    resource::Secret,
    schema::{Schema, Transaction},
};

/// Setups that go on at once on one server, unless its operator says otherwise.
const SETUPS: u64 = 4;
/// How often it is looked whether it is one's turn.
const LOOK: Duration = Duration::from_millis(50);

/// What is asked of a setup.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// The modules to have; all that there are when a new database's setup names none.
    pub modules: Option<Vec<String>>,
    /// The region of rows that name none; `us-east-1` when nobody says otherwise. Only a new database takes it.
    pub region: Option<String>,
    /// Where its credentials are; as before (at first AWS' default chain) when not given.
    pub credentials: Option<Credentials>,
    /// Whose Fly organization it is about; as before (at first its secret's, else the environment's) when not given.
    pub fly: Option<FlyWish>,
    /// Whether to make a new password.
    pub rotate: bool,
    /// When to check it by the clock: five Unix fields in UTC, or `off`; as before when not given.
    pub schedule: Option<String>,
}

/// What came of a setup.
#[derive(Clone, Debug, Serialize)]
pub struct Made {
    /// Whether it was made now.
    pub created: bool,
    /// What it is.
    pub database: DatabaseInfo,
    /// Its password, told this once.
    #[serde(skip)]
    pub password: Option<Secret>,
}

impl Made {
    /// The connection string, with the password where this is the once that it is told.
    pub fn url(&self) -> Secret {
        let database = &self.database;
        Secret::new(address(&database.name, self.password.as_ref().map(Secret::expose), &database.host, database.port))
    }
}

impl Control {
    /// Makes a database, or finishes one whose setup broke off, or adds what is newly asked for to one that is there.
    ///
    /// # Errors
    /// When the name, a module or the schedule makes no sense (then nothing was done), or a step fails (then the next setup goes on).
    pub async fn setup(&self, name: &str, setup: Setup) -> Result<Made, Error> {
        name::check(name)?;
        setup.region.as_deref().map_or(Ok(()), name::check_region)?;
        let schedule = setup.schedule.as_deref().map(|cron| (cron != "off").then_some(cron));
        schedule.flatten().map(str::parse::<Cron>).transpose()?;
        let modules = self.library.chosen(setup.modules.as_deref()).map_err(Error::Module)?;
        // making many at once would only make each of them slow
        let _pace = self.pace.acquire().await;
        self.stays(name).await?;
        self.write_down(name, &setup).await?;
        let found = self.find(name).await?;

        // one setup of a name at a time
        let turn = self.services.http.begin().await?;
        let Some(DatabaseLock { ready, modules: has }) = turn.procs.database_lock(name).await?.pop() else {
            return Err(self.unknown(name).await?);
        };
        let asked: Vec<Arc<Schema>> =
            modules.into_iter().filter(|module| !ready || setup.modules.is_some() && !has.iter().any(|has| has == module.name())).collect();
        if !asked.is_empty() || !ready {
            self.turn_at(&turn, &found.shard.name).await?;
        }
        let (password, has) = self.make_or_extend(&found, ready, &asked, has, setup.rotate).await?;
        turn.procs.database_ready(name, &has).await?;
        turn.commit().await?;

        self.lay_key(&self.open(name).await?).await?;
        if let Some(credentials) = &setup.credentials {
            self.set_credentials(name, credentials).await?;
        }
        if let Some(wish) = &setup.fly {
            self.set_fly(name, wish).await?;
        }
        if let Some(schedule) = schedule {
            self.schedule(name, schedule).await?;
        }
        self.changed.notify_waiters();
        Ok(Made { created: !ready, database: self.database(name).await?, password })
    }

    /// Writes the name down before anything is made under it, so that whatever is made is known to be ours.
    async fn write_down(&self, name: &str, setup: &Setup) -> Result<(), Error> {
        if self.look_exists(name).await? {
            return Ok(());
        }
        let shard = self.shard_with_room().await?;
        let free = setup::is_free(&self.admin_url(shard.url.as_deref()), name).await;
        let free = free.map_err(|source| Error::Setup { name: name.to_owned(), source: Box::new(source) })?;
        // somebody else's setup of this name may have begun between the two looks
        if !free && !self.look_exists(name).await? {
            return Err(Error::Taken(name.to_owned()));
        }
        let region = setup.region.as_deref().unwrap_or("us-east-1");
        Ok(self.services.http.procs.database_note(name, &shard.name, region).await?)
    }

    /// Answers with the new password, where there is one, and for the modules that there are then.
    async fn make_or_extend(
        &self,
        found: &Found,
        ready: bool,
        modules: &[Arc<Schema>],
        has: Vec<String>,
        rotate: bool,
    ) -> Result<(Option<Secret>, Vec<String>), Error> {
        let (url, name) = (&*self.admin_url(found.shard.url.as_deref()), &*found.info.name);
        if !ready {
            let password = Password::random().map_err(Error::Random)?;
            let plan = setup::Plan { name, region: &found.info.region, base: self.library.base(), modules, verifier: &password.verifier };
            let taken = self.take_ready(url, &plan).await?;
            let has = if let Some(has) = taken { has } else { setup::make(url, &plan).await.map_err(failed(found))? };
            return Ok((Some(password.secret), has));
        }
        let has = if modules.is_empty() { has } else { setup::add(url, name, &self.library, modules).await.map_err(failed(found))? };
        if !rotate {
            return Ok((None, has));
        }
        let password = Password::random().map_err(Error::Random)?;
        setup::rotate(url, name, &password.verifier).await.map_err(failed(found))?;
        Ok((Some(password.secret), has))
    }

    /// Waits until one of the turns at making something on a server is free, whichever engine has the others.
    async fn turn_at(&self, turn: &Transaction<procs::Http>, shard: &str) -> Result<(), Error> {
        let at_once = self.number("setups_at_once", SETUPS).await?;
        let at_once = i32::try_from(at_once.max(1)).unwrap_or(i32::MAX);
        while !turn.procs.setup_turn(shard, at_once).await? {
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    async fn look_exists(&self, name: &str) -> Result<bool, Error> {
        Ok(!self.services.http.procs.database_way(name).await?.is_empty())
    }
}

fn failed(found: &Found) -> impl FnOnce(setup::Error) -> Error {
    let name = found.info.name.clone();
    move |source| Error::Setup { name, source: Box::new(source) }
}
