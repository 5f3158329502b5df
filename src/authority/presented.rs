//! The certificate that a process shows, to whom it serves and whom it asks: another one may be shown while it runs.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::{
    ClientConfig, RootCertStore, ServerConfig, SignatureScheme,
    client::ResolvesClientCert,
    crypto::aws_lc_rs::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::{Error, Leaf};

/// What is shown now.
#[derive(Debug)]
pub struct Presented(RwLock<Arc<CertifiedKey>>);

impl Presented {
    /// This one at first.
    ///
    /// # Errors
    /// Where it is none.
    pub fn new(leaf: &Leaf) -> Result<Arc<Self>, Error> {
        Ok(Arc::new(Self(RwLock::new(read(leaf)?))))
    }

    /// This one from now on. What is under way goes on with the old one.
    ///
    /// # Errors
    /// Where it is none; then the old one stays.
    pub fn replace(&self, leaf: &Leaf) -> Result<(), Error> {
        let read = read(leaf)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    fn now(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// For who serves.
    ///
    /// # Errors
    /// Where TLS has no version in common with itself.
    pub fn server(self: &Arc<Self>) -> Result<Arc<ServerConfig>, Error> {
        let builder = ServerConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions();
        let config = builder.map_err(Error::Tls)?.with_no_client_auth().with_cert_resolver(Arc::clone(self) as _);
        Ok(Arc::new(config))
    }

    /// For who asks those that this authority, in PEM, knows.
    ///
    /// # Errors
    /// Where that is no authority.
    pub fn client(self: &Arc<Self>, authority: &str) -> Result<Arc<ClientConfig>, Error> {
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_slice(authority.as_bytes()).map_err(Error::Pem)?;
        roots.add(certificate).map_err(Error::Tls)?;
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions();
        let builder = builder.map_err(Error::Tls)?.with_root_certificates(roots);
        Ok(Arc::new(builder.with_client_cert_resolver(Arc::clone(self) as _)))
    }
}

fn read(leaf: &Leaf) -> Result<Arc<CertifiedKey>, Error> {
    let chain = vec![CertificateDer::from_pem_slice(leaf.certificate.as_bytes()).map_err(Error::Pem)?];
    let key = PrivateKeyDer::from_pem_slice(leaf.key.expose().as_bytes()).map_err(Error::Pem)?;
    CertifiedKey::from_der(chain, key, &default_provider()).map(Arc::new).map_err(Error::Tls)
}

impl ResolvesServerCert for Presented {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.now())
    }
}

impl ResolvesClientCert for Presented {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.now())
    }

    fn has_certs(&self) -> bool {
        true
    }
}
