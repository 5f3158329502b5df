//! The databases of one user's rows in the book.

use uuid::Uuid;

use super::{Rows, failed, refused};
use crate::{
    control::procs::ServedOf,
    resource::Error,
    served::{Branch, Databases, Durability, Engine, Entry, Told},
};

const MAKE: &str = "make a served database";

impl Rows {
    /// Why one is not made: there is nothing that it could be a branch or a replica of, or its name is somebody else's.
    async fn why_not(&self, entry: &Entry) -> Result<Error, Error> {
        let Entry { domain, label, role, engine, .. } = entry;
        let taken = || format!("{label}.{domain} is somebody else's already; another name may be free");
        let (of, is_to_be) = match (&entry.branch, &entry.replica_of) {
            (Some(Branch { of, .. }), _) => (of, "to begin as a branch"),
            (None, Some(of)) => (of, "to be a replica"),
            (None, None) => return Ok(refused(MAKE, taken())),
        };
        let (own, began) =
            (self.all().await?.into_iter().find(|own| own.domain == *domain && own.label == *of), format!("{label} is {is_to_be} of {of}"));
        let why = match own {
            None => format!("{began}, and none of your databases below {domain} has that name"),
            Some(Entry { replica_of: Some(first), .. }) => {
                format!("{began}, which is a replica itself and has no files of its own: let it be one of {first}")
            }
            Some(own) if own.role != *role => {
                format!("{began}, whose role is {}: that is the login in its files, so role has to be the same", own.role)
            }
            Some(own) if own.engine != *engine => {
                format!("{began}, whose engine is {}: its files are of that, so engine has to be the same", own.engine.word())
            }
            Some(_) => taken(),
        };
        Ok(refused(MAKE, why))
    }
}

impl Databases for Rows {
    fn all(&self) -> Told<'_, Vec<Entry>> {
        Box::pin(async move {
            let rows = self.services.reconciler.procs.served_of(&self.database).await;
            Ok(rows.map_err(failed("list the served databases"))?.into_iter().map(entry).collect())
        })
    }

    fn make<'a>(&'a self, entry: &'a Entry, verifier: &'a str) -> Told<'a, Uuid> {
        Box::pin(async move {
            let Entry { domain, label, owner, role, password_version, durability, hold, engine, machine, branch, .. } = entry;
            let (version, idle, limit) = (*password_version, entry.idle_seconds, entry.size_limit_bytes);
            let (word, seconds, location) = (durability.word(), durability.seconds(), entry.location.as_deref());
            let (branch_of, branch_version) = branch.as_ref().map_or((None, None), |branch| (Some(&*branch.of), branch.number));
            let procs = &self.services.reconciler.procs;
            let made = procs.served_make(
                &self.database,
                owner,
                domain,
                label,
                role,
                verifier,
                version,
                idle,
                limit,
                word,
                seconds,
                location,
                *hold,
                engine.word(),
                machine.as_deref(),
                branch_of,
                branch_version,
                entry.replica_of.as_deref(),
            );
            let made = made.await.map_err(failed(MAKE))?.pop().map(|made| made.id);
            match made {
                Some(made) => Ok(made),
                None => Err(self.why_not(entry).await?),
            }
        })
    }

    fn change<'a>(&'a self, entry: &'a Entry, verifier: Option<&'a str>) -> Told<'a, ()> {
        Box::pin(async move {
            let Entry { id, owner, password_version, idle_seconds, size_limit_bytes, durability, location, hold, .. } = entry;
            let (version, idle, limit) = (verifier.map(|_| *password_version), *idle_seconds, *size_limit_bytes);
            let (word, seconds, location) = (durability.word(), durability.seconds(), location.as_deref());
            let procs = &self.services.reconciler.procs;
            let changed = procs.served_change(*id, &self.database, owner, verifier, version, idle, limit, word, seconds, location, *hold);
            changed.await.map_err(failed("change a served database"))
        })
    }

    fn remove(&self, id: Uuid) -> Told<'_, ()> {
        Box::pin(async move { self.services.reconciler.procs.served_remove(id).await.map_err(failed("remove a served database")) })
    }
}

fn entry(row: ServedOf) -> Entry {
    Entry {
        durability: Durability::of(&row.durability, row.durability_seconds),
        id: row.id,
        domain: row.domain,
        label: row.label,
        owner: row.owner,
        role: row.role,
        password_version: row.password_version,
        idle_seconds: row.idle_seconds,
        size_limit_bytes: row.size_limit_bytes,
        location: row.location,
        hold: row.hold,
        engine: Engine::named(&row.engine),
        machine: row.machine,
        branch: row.branch_of.map(|of| Branch { of, number: row.branch_version }),
        replica_of: row.replica_of,
        size_bytes: row.size_bytes,
    }
}
