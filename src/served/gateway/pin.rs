//! A pin on a version of a database: noted here, carried out by a gateway.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    resource::{Error, Kind, Observed, Owner, Resource, Scope},
    served::{self, Served},
};

/// A row of `gateway.pin`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pin {
    domain: String,
    /// As the id that its files are kept under.
    database: String,
    name: String,
    version: Option<i64>,
    state: Option<String>,
    pin_id: Option<String>,
}

impl Resource for Pin {
    const TABLE: &'static str = "gateway.pin";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Served;

    async fn list(served: &Served, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(served.0.pins().await?.into_iter().map(shown).collect())
    }

    async fn create(self, owner: &Owner, served: &Served) -> Result<Observed<Self>, Error> {
        let pin = served::VersionPin {
            pin: Uuid::nil(),
            id: read(Some(&self.database))?,
            domain: self.domain,
            name: self.name,
            owner: owner.tag.clone(),
            number: self.version,
            state: "wanted".to_owned(),
        };
        let made = served.0.make_pin(&pin).await?;
        Ok(shown(served::VersionPin { pin: made, ..pin }))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, served: &Served) -> Result<Observed<Self>, Error> {
        served.0.change_pin(read(was.row.pin_id.as_deref())?, &owner.tag).await?;
        Ok(Observed::of(was.row).owned(Some(owner.tag.clone())))
    }

    async fn delete(self, served: &Served) -> Result<Option<Observed<Self>>, Error> {
        served.0.remove_pin(read(self.pin_id.as_deref())?).await?;
        Ok(None)
    }
}

fn read(id: Option<&str>) -> Result<Uuid, Error> {
    id.and_then(|id| id.parse().ok()).ok_or_else(|| Error::new("read a pin", Kind::Row, "its id, or its database's, is none"))
}

fn shown(pin: served::VersionPin) -> Observed<Pin> {
    let served::VersionPin { pin, id, domain, name, owner, number, state } = pin;
    let row = Pin { domain, database: id.to_string(), name, version: number, state: Some(state), pin_id: Some(pin.to_string()) };
    Observed::of(row).owned(Some(owner))
}
