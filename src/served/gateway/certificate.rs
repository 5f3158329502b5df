//! What the gateway shows who comes to a domain: written down, or noted here to be ordered by a gateway.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    resource::{Error, Kind, Observed, Owner, Resource, Scope, Secret},
    served::{self, Order, Seen, Served, Unfit, look},
};

/// A row of `gateway.certificate`. Its key goes out sealed, and never comes back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Certificate {
    domain: String,
    pem: Option<Secret>,
    pem_version: Option<Uuid>,
    issuer: Option<String>,
    contact: Option<String>,
    state: Option<String>,
    not_before: Option<DateTime<Utc>>,
    not_after: Option<DateTime<Utc>>,
    fingerprint: Option<String>,
    names: Option<Vec<String>>,
}

impl Resource for Certificate {
    const TABLE: &'static str = "gateway.certificate";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Served;

    async fn list(served: &Served, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(served.0.certificates().await?.into_iter().map(shown).collect())
    }

    async fn create(self, owner: &Owner, served: &Served) -> Result<Observed<Self>, Error> {
        if self.issuer.is_some() {
            return self.ordered(None, owner, served).await;
        }
        let missing = || Error::new("show a certificate", Kind::Row, "there is no key in the row");
        let pem = self.pem.as_ref().ok_or_else(missing)?;
        let seen = self.looked_at(pem)?;
        let certificate = self.certificate(owner, Some(self.pem_version.unwrap_or_default()), Some(seen), None);
        served.0.set_certificate(&certificate, Some(pem)).await?;
        Ok(shown(certificate))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, served: &Served) -> Result<Observed<Self>, Error> {
        if self.issuer.is_some() {
            return self.ordered(Some(was.row), owner, served).await;
        }
        if self.pem_version != was.row.pem_version {
            return self.create(owner, served).await;
        }
        let same = self.certificate(owner, was.row.pem_version, was.row.seen(), None);
        served.0.set_certificate(&same, None).await?;
        Ok(shown(same))
    }

    async fn delete(self, served: &Served) -> Result<Option<Observed<Self>>, Error> {
        served.0.remove_certificate(&self.domain).await?;
        Ok(None)
    }
}

impl Certificate {
    /// Has it ordered; what is shown until then is as it was.
    async fn ordered(self, was: Option<Self>, owner: &Owner, served: &Served) -> Result<Observed<Self>, Error> {
        let contact = self.contact.clone().or_else(|| was.as_ref()?.contact.clone());
        let same = |was: &&Self| was.issuer == self.issuer && was.state.as_deref() == Some("valid");
        let state = was.as_ref().filter(same).map_or("wanted", |_| "valid").to_owned();
        let order = Order { issuer: self.issuer.clone().unwrap_or_default(), contact, state };
        served.0.order_certificate(&self.domain, &owner.tag, &order).await?;
        Ok(shown(self.certificate(owner, None, was.as_ref().and_then(Self::seen), Some(order))))
    }

    fn certificate(&self, owner: &Owner, version: Option<Uuid>, seen: Option<Seen>, order: Option<Order>) -> served::Certificate {
        served::Certificate { domain: self.domain.clone(), owner: owner.tag.clone(), version, seen, order }
    }

    /// As it says itself, where clients would take it.
    fn looked_at(&self, pem: &Secret) -> Result<Seen, Error> {
        let unfit = |unfit: Unfit| Error::new("show a certificate", Kind::Invalid, format!("the certificate of {}: {unfit}", self.domain));
        look(pem, &self.domain, Utc::now()).map_err(unfit)
    }

    /// As it was seen; `None` where there was nothing to see.
    fn seen(&self) -> Option<Seen> {
        let (fingerprint, names) = (self.fingerprint.clone()?, self.names.clone()?);
        Some(Seen { fingerprint, names, not_before: self.not_before?, not_after: self.not_after? })
    }
}

fn shown(certificate: served::Certificate) -> Observed<Certificate> {
    let served::Certificate { domain, owner, version, seen, order } = certificate;
    let (issuer, contact, state) = order.map_or((None, None, None), |order| (Some(order.issuer), order.contact, Some(order.state)));
    let row = Certificate {
        domain,
        pem: None,
        pem_version: version,
        issuer,
        contact,
        state,
        not_before: seen.as_ref().map(|seen| seen.not_before),
        not_after: seen.as_ref().map(|seen| seen.not_after),
        fingerprint: seen.as_ref().map(|seen| seen.fingerprint.clone()),
        names: seen.map(|seen| seen.names),
    };
    Observed::of(row).owned(Some(owner))
}
