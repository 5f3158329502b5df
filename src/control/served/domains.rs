//! The domains and certificates of one user's rows in the book.

use super::{Rows, certificates, failed, refused};
use crate::{
    control::procs::{ServedCertificatesOf, ServedDomainsOf},
    resource::{Error, Kind, Secret},
    seal::Keyring,
    served::{Certificate, Domain, Domains, Order, Seen, Told},
};

impl Domains for Rows {
    fn domains(&self) -> Told<'_, Vec<Domain>> {
        Box::pin(async move {
            let rows = self.services.reconciler.procs.served_domains_of(&self.database).await;
            let rows = rows.map_err(failed("list the domains"))?;
            Ok(rows.into_iter().map(|ServedDomainsOf { domain, owner, shared }| Domain { name: domain, owner, shared }).collect())
        })
    }

    fn set_domain<'a>(&'a self, domain: &'a Domain) -> Told<'a, ()> {
        const DOING: &str = "have databases below a domain";
        Box::pin(async move {
            let Domain { name, owner, shared } = domain;
            let set = self.services.reconciler.procs.served_domain_set(&self.database, owner, name, *shared).await;
            if set.map_err(failed(DOING))? {
                return Ok(());
            }
            let hint = if *shared { "who has it has it alone" } else { "others have it too, or who has it has it alone" };
            Err(refused(DOING, format!("{name} is somebody else's already: {hint}. Where all who have it say shared, each may")))
        })
    }

    fn remove_domain<'a>(&'a self, name: &'a str) -> Told<'a, ()> {
        const DOING: &str = "have no databases below a domain";
        Box::pin(async move {
            let removed = self.services.reconciler.procs.served_domain_remove(&self.database, name).await;
            if removed.map_err(failed(DOING))? { Ok(()) } else { Err(Error::new(DOING, Kind::Held, format!("{name} still has databases"))) }
        })
    }

    fn certificates(&self) -> Told<'_, Vec<Certificate>> {
        Box::pin(async move {
            let rows = self.services.reconciler.procs.served_certificates_of(&self.database).await;
            let (rows, mark) = (rows.map_err(failed("list the certificates"))?, self.keys().await.mark());
            Ok(rows.into_iter().map(|row| certificate(row, mark.as_deref())).collect())
        })
    }

    fn set_certificate<'a>(&'a self, certificate: &'a Certificate, pem: Option<&'a Secret>) -> Told<'a, ()> {
        const DOING: &str = "show a certificate";
        Box::pin(async move {
            let Certificate { domain, owner, version, seen, .. } = certificate;
            let (version, seen) = (version.unwrap_or_default(), seen.as_ref());
            let (sealed, mark) = self.sealed(DOING, &certificates::place(domain), pem).await?.unzip();
            let procs = &self.services.reconciler.procs;
            let set = procs.served_certificate_set(
                &self.database,
                owner,
                domain,
                version,
                sealed.as_deref(),
                mark.as_deref(),
                seen.map(|seen| seen.fingerprint.as_str()),
                seen.map(|seen| seen.names.as_slice()),
                seen.map(|seen| seen.not_before),
                seen.map(|seen| seen.not_after),
            );
            if set.await.map_err(failed(DOING))? { Ok(()) } else { Err(taken(DOING, domain)) }
        })
    }

    fn order_certificate<'a>(&'a self, domain: &'a str, owner: &'a str, order: &'a Order) -> Told<'a, ()> {
        const DOING: &str = "order a certificate";
        Box::pin(async move {
            let procs = &self.services.reconciler.procs;
            let set = procs.served_order_set(&self.database, owner, domain, &order.issuer, order.contact.as_deref()).await;
            if set.map_err(failed(DOING))? { Ok(()) } else { Err(taken(DOING, domain)) }
        })
    }

    fn remove_certificate<'a>(&'a self, domain: &'a str) -> Told<'a, ()> {
        Box::pin(async move {
            let removed = self.services.reconciler.procs.served_certificate_remove(&self.database, domain).await;
            removed.map_err(failed("show a certificate no longer"))
        })
    }
}

impl Rows {
    pub(super) async fn keys(&self) -> Keyring {
        self.keys.now_or_last().await
    }

    /// Seals it as what stands at this place, and says by what the key is told that it is sealed with.
    pub(super) async fn sealed(
        &self,
        doing: &'static str,
        place: &str,
        secret: Option<&Secret>,
    ) -> Result<Option<(String, String)>, Error> {
        let Some(secret) = secret else { return Ok(None) };
        let keys = self.keys().await;
        let no_key = || refused(doing, "the engine has no key to seal it with: it is started with --key-file or --key-secret".to_owned());
        keys.keep(place, secret).zip(keys.mark()).map(Some).ok_or_else(no_key)
    }
}

fn taken(doing: &'static str, domain: &str) -> Error {
    refused(
        doing,
        format!(
            "somebody else's certificate is shown or ordered for {domain}, or that domain is not yours alone (shared = false): what is shown there is for whoever runs the gateway to say, with --certificate"
        ),
    )
}

/// One that nobody can open any more is none of its version, so that it is sealed again.
fn certificate(row: ServedCertificatesOf, mark: Option<&str>) -> Certificate {
    let can_be_opened = mark.is_none_or(|mark| row.sealed_with.as_deref() == Some(mark));
    let order = row.issuer.zip(row.state).map(|(issuer, state)| Order { issuer, contact: row.contact, state });
    let seen = row.fingerprint.zip(row.names).zip(row.not_before.zip(row.not_after));
    Certificate {
        domain: row.domain,
        owner: row.owner,
        version: row.version.map(|version| if can_be_opened { version } else { uuid::Uuid::nil() }),
        seen: seen.map(|((fingerprint, names), (not_before, not_after))| Seen { fingerprint, names, not_before, not_after }),
        order,
    }
}
