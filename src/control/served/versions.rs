//! The versions and pins of one user's rows in the book.

use uuid::Uuid;

use super::{Rows, failed, refused};
use crate::served::{Told, Version, VersionPin, Versions};

impl Versions for Rows {
    fn versions(&self) -> Told<'_, Vec<Version>> {
        Box::pin(async move {
            let rows = self.services.reconciler.procs.served_versions_of(&self.database).await;
            let version = |row: crate::control::procs::ServedVersionsOf| Version {
                domain: row.domain,
                label: row.label,
                number: row.number,
                kind: row.kind,
                made_at: row.made_at,
                made_by: row.made_by,
                size_bytes: row.size_bytes,
                stored_bytes: row.stored_bytes,
            };
            Ok(rows.map_err(failed("list the versions"))?.into_iter().map(version).collect())
        })
    }

    fn pins(&self) -> Told<'_, Vec<VersionPin>> {
        Box::pin(async move {
            let rows = self.services.reconciler.procs.served_pins_of(&self.database).await;
            let pin = |row: crate::control::procs::ServedPinsOf| VersionPin {
                pin: row.pin,
                id: row.id,
                domain: row.domain,
                name: row.name,
                owner: row.owner,
                number: row.number,
                state: row.state,
            };
            Ok(rows.map_err(failed("list the pins"))?.into_iter().map(pin).collect())
        })
    }

    fn make_pin<'a>(&'a self, pin: &'a VersionPin) -> Told<'a, Uuid> {
        Box::pin(async move {
            let VersionPin { id, name, owner, number, .. } = pin;
            let made = self.services.reconciler.procs.served_pin_make(&self.database, owner, *id, name, *number).await;
            let made = made.map_err(failed("pin a version"))?.pop().map(|made| made.pin);
            made.ok_or_else(|| refused("pin a version", format!("there is another pin {name} on that database; another name may be free")))
        })
    }

    fn change_pin<'a>(&'a self, id: Uuid, owner: &'a str) -> Told<'a, ()> {
        Box::pin(async move { self.services.reconciler.procs.served_pin_change(id, owner).await.map_err(failed("change a pin")) })
    }

    fn remove_pin(&self, id: Uuid) -> Told<'_, ()> {
        Box::pin(async move { self.services.reconciler.procs.served_pin_remove(id).await.map_err(failed("remove a pin")) })
    }
}
