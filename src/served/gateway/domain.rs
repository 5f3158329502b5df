//! A domain below which the gateway serves databases.

use serde::{Deserialize, Serialize};

use crate::{
    resource::{Error, Observed, Owner, Resource, Scope},
    served::{self, Served},
};

/// A row of `gateway.domain`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Domain {
    name: String,
    shared: bool,
}

impl Resource for Domain {
    const TABLE: &'static str = "gateway.domain";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Served;

    async fn list(served: &Served, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(served.0.domains().await?.into_iter().map(shown).collect())
    }

    async fn create(self, owner: &Owner, served: &Served) -> Result<Observed<Self>, Error> {
        let domain = served::Domain { name: self.name, owner: owner.tag.clone(), shared: self.shared };
        served.0.set_domain(&domain).await?;
        Ok(shown(domain))
    }

    async fn update(self, _: Observed<Self>, owner: &Owner, served: &Served) -> Result<Observed<Self>, Error> {
        self.create(owner, served).await
    }

    async fn delete(self, served: &Served) -> Result<Option<Observed<Self>>, Error> {
        served.0.remove_domain(&self.name).await?;
        Ok(None)
    }
}

fn shown(domain: served::Domain) -> Observed<Domain> {
    let served::Domain { name, owner, shared } = domain;
    Observed::of(Domain { name, shared }).owned(Some(owner))
}
