//! The databases of one user's rows in the book.

use uuid::Uuid;

use super::{Rows, failed, refused};
use crate::{
    control::procs::ServedOf,
    served::{Databases, Durability, Entry, Told},
};

impl Databases for Rows {
    fn all(&self) -> Told<'_, Vec<Entry>> {
        Box::pin(async move {
            let rows = self.services.reconciler.procs.served_of(&self.database).await;
            Ok(rows.map_err(failed("list the served databases"))?.into_iter().map(entry).collect())
        })
    }

    fn make<'a>(&'a self, entry: &'a Entry, verifier: &'a str) -> Told<'a, Uuid> {
        Box::pin(async move {
            let Entry { domain, label, owner, role, password_version, idle_seconds, size_limit_bytes, durability, location, hold, .. } =
                entry;
            let (version, idle, limit) = (*password_version, *idle_seconds, *size_limit_bytes);
            let (word, seconds, location) = (durability.word(), durability.seconds(), location.as_deref());
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
            );
            let made = made.await.map_err(failed("make a served database"))?.pop().map(|made| made.id);
            let taken =
                || refused("make a served database", format!("{label}.{domain} is somebody else's already; another name may be free"));
            made.ok_or_else(taken)
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
        size_bytes: row.size_bytes,
    }
}
