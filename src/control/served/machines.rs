//! The machines of one user's rows in the book.

use super::{Rows, failed, refused};
use crate::{
    resource::Secret,
    served::{Machine, Machines, Told},
};

impl Machines for Rows {
    fn machines(&self) -> Told<'_, Vec<Machine>> {
        Box::pin(async move {
            let rows = self.services.reconciler.procs.served_machines_of(&self.database).await;
            let (rows, mark) = (rows.map_err(failed("list the machines"))?, self.keys().await.mark());
            // one that nobody can open any more is none of its version, so that it is sealed again
            let can_be_opened = |with: &str| mark.as_deref().is_none_or(|mark| mark == with);
            let known = rows.into_iter().map(|row| {
                let version = if can_be_opened(&row.sealed_with) { row.version } else { uuid::Uuid::nil() };
                Machine { name: row.machine, owner: row.owner, version }
            });
            Ok(known.collect())
        })
    }

    fn set_machine<'a>(&'a self, machine: &'a Machine, key: Option<&'a Secret>) -> Told<'a, ()> {
        const DOING: &str = "have gateways be known on a machine";
        Box::pin(async move {
            let Machine { name, owner, version } = machine;
            let sealed = self.sealed(DOING, &place(name), key).await?;
            let (sealed, mark) = sealed.unzip();
            let procs = &self.services.reconciler.procs;
            let set = procs.served_machine_set(&self.database, owner, name, *version, sealed.as_deref(), mark.as_deref()).await;
            let taken = || refused(DOING, format!("the machine {name} is somebody else's already"));
            if set.map_err(failed(DOING))? { Ok(()) } else { Err(taken()) }
        })
    }

    fn remove_machine<'a>(&'a self, name: &'a str) -> Told<'a, ()> {
        Box::pin(async move {
            let removed = self.services.reconciler.procs.served_machine_remove(&self.database, name).await;
            removed.map_err(failed("have gateways be known on a machine no longer"))
        })
    }
}

/// What a sealed key is sealed as: that of another machine is not opened.
pub(super) fn place(machine: &str) -> String {
    format!("the key of the machine {machine}")
}
