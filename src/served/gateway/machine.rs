//! A machine on which one database runs, as gateways know it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    resource::{Error, Kind, Observed, Owner, Resource, Scope, Secret},
    served::{self, Served},
};

/// A row of `gateway.machine`. Its key goes out sealed, and never comes back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Machine {
    name: String,
    key: Option<Secret>,
    key_version: Option<Uuid>,
}

impl Resource for Machine {
    const TABLE: &'static str = "gateway.machine";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Served;

    async fn list(served: &Served, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(served.0.machines().await?.into_iter().map(shown).collect())
    }

    async fn create(self, owner: &Owner, served: &Served) -> Result<Observed<Self>, Error> {
        let missing = || Error::new("have gateways be known on a machine", Kind::Row, "there is no key in the row");
        let key = self.key.as_ref().ok_or_else(missing)?;
        let machine = self.machine(owner, self.key_version);
        served.0.set_machine(&machine, Some(key)).await?;
        Ok(shown(machine))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, served: &Served) -> Result<Observed<Self>, Error> {
        if self.key_version != was.row.key_version {
            return self.create(owner, served).await;
        }
        let same = self.machine(owner, was.row.key_version);
        served.0.set_machine(&same, None).await?;
        Ok(shown(same))
    }

    async fn delete(self, served: &Served) -> Result<Option<Observed<Self>>, Error> {
        served.0.remove_machine(&self.name).await?;
        Ok(None)
    }
}

impl Machine {
    fn machine(&self, owner: &Owner, version: Option<Uuid>) -> served::Machine {
        served::Machine { name: self.name.clone(), owner: owner.tag.clone(), version: version.unwrap_or_default() }
    }
}

fn shown(machine: served::Machine) -> Observed<Machine> {
    let served::Machine { name, owner, version } = machine;
    Observed::of(Machine { name, key: None, key_version: Some(version) }).owned(Some(owner))
}
