//! What the gateway shows who comes to a domain.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    resource::{Error, Kind, Observed, Owner, Resource, Scope, Secret},
    served::{self, Served, pem},
};

/// A row of `gateway.certificate`. Its key goes out sealed, and never comes back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Certificate {
    domain: String,
    pem: Option<Secret>,
    pem_version: Option<Uuid>,
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
        let missing = || Error::new("show a certificate", Kind::Row, "there is no key in the row");
        let pem = self.pem.as_ref().ok_or_else(missing)?;
        let seen = self.seen(pem, owner)?;
        served.0.set_certificate(&seen, Some(pem)).await?;
        Ok(shown(seen))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, served: &Served) -> Result<Observed<Self>, Error> {
        if self.pem_version != was.row.pem_version {
            return self.create(owner, served).await;
        }
        let was = was.row;
        let same = served::Certificate {
            domain: was.domain,
            owner: owner.tag.clone(),
            version: was.pem_version.unwrap_or_default(),
            fingerprint: was.fingerprint.unwrap_or_default(),
            names: was.names.unwrap_or_default(),
            not_before: was.not_before.unwrap_or_default(),
            not_after: was.not_after.unwrap_or_default(),
        };
        served.0.set_certificate(&same, None).await?;
        Ok(shown(same))
    }

    async fn delete(self, served: &Served) -> Result<Option<Observed<Self>>, Error> {
        served.0.remove_certificate(&self.domain).await?;
        Ok(None)
    }
}

impl Certificate {
    /// As it says itself, where clients would take it.
    fn seen(&self, pem: &Secret, owner: &Owner) -> Result<served::Certificate, Error> {
        let unfit =
            |unfit: pem::Unfit| Error::new("show a certificate", Kind::Invalid, format!("the certificate of {}: {unfit}", self.domain));
        let pem::Shown { fingerprint, facts } = pem::look(pem, &self.domain, Utc::now()).map_err(unfit)?;
        Ok(served::Certificate {
            domain: self.domain.clone(),
            owner: owner.tag.clone(),
            version: self.pem_version.unwrap_or_default(),
            fingerprint,
            names: facts.names,
            not_before: facts.not_before,
            not_after: facts.not_after,
        })
    }
}

fn shown(certificate: served::Certificate) -> Observed<Certificate> {
    let served::Certificate { domain, owner, version, fingerprint, names, not_before, not_after } = certificate;
    let row = Certificate {
        domain,
        pem: None,
        pem_version: Some(version),
        not_before: Some(not_before),
        not_after: Some(not_after),
        fingerprint: Some(fingerprint),
        names: Some(names),
    };
    Observed::of(row).owned(Some(owner))
}
