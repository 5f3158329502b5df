//! TLS: which certificate is shown to whom, and which it was that was shown.

use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::digest;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::NoServerSessionStorage,
    version::{TLS12, TLS13},
};
use tokio::net::TcpStream;
use tokio_util::either::Either;

use super::{
    Domain, Error,
    kin::{Kin, RELAY},
    names,
    tls_stream::{TlsStream, greet},
};
use crate::der::Der;

/// What a client of direct TLS offers, so that it speaks to no other kind of server by mistake.
const ALPN: &[u8] = b"postgresql";
/// What a client of the second door offers, or nothing.
const HTTP: &[u8] = b"http/1.1";

/// The certificates of all domains. They may be replaced while sessions run: those keep theirs.
#[derive(Debug)]
pub struct Certificates(RwLock<Arc<[Served]>>);

#[derive(Debug)]
struct Served {
    domain: String,
    config: Arc<ServerConfig>,
    /// The same for the second door.
    web: Arc<ServerConfig>,
    end_point: Option<Arc<[u8]>>,
}

/// The line to a client: under TLS, or in clear where a proxy before us has ended that.
pub(super) type Front = Either<TlsStream<TcpStream>, TcpStream>;

/// A connection under TLS, or one that was.
pub(super) struct Secured {
    pub(super) stream: Front,
    /// What the client named: nothing, or the label before one of our domains if it was one; before any but the first with that domain behind it.
    pub(super) named: Option<Option<String>>,
    /// The hash of the certificate that was sent on this very connection, for channel binding.
    pub(super) end_point: Option<Arc<[u8]>>,
    /// Whether it offered and got ALPN `postgresql`, or is another gateway.
    pub(super) alpn: bool,
    /// Whether it is another gateway.
    pub(super) relayed: bool,
}

impl Secured {
    /// One whose TLS a proxy before us has ended: nothing of it binds here.
    pub(super) fn before(stream: TcpStream) -> Self {
        Self { stream: Front::Right(stream), named: None, end_point: None, alpn: false, relayed: false }
    }
}

impl Certificates {
    /// Reads them. The first is shown to who names none of them.
    ///
    /// # Errors
    /// Where there is no domain, or a key does not fit its certificate.
    pub fn new(domains: &[Domain]) -> Result<Self, Error> {
        read(domains).map(|served| Self(RwLock::new(served)))
    }

    /// Shows these from now on.
    ///
    /// # Errors
    /// As [`new`](Self::new); then the old ones stay.
    pub fn replace(&self, domains: &[Domain]) -> Result<(), Error> {
        let served = read(domains)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = served;
        Ok(())
    }

    fn now(&self) -> Arc<[Served]> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A database's whole host name.
    pub(super) fn host_of(&self, database: &str) -> Option<String> {
        match database.split_once('.') {
            Some(_) => Some(database.to_owned()),
            None => Some(format!("{database}.{}", self.now().first()?.domain)),
        }
    }

    /// The server's side of the handshake.
    pub(super) async fn secure(&self, stream: TcpStream, kin: &Kin) -> std::io::Result<Secured> {
        let greeted = greet(stream).await?;
        let hello = greeted.hello();
        let relayed = hello.alpn().is_some_and(|mut offered| offered.any(|protocol| protocol == RELAY));
        let Shown { config, named, end_point, .. } = self.fitting(hello.server_name())?;
        let stream = greeted.secure(if relayed { Arc::clone(&kin.server) } else { config }).await?;
        let alpn = stream.alpn().is_some();
        Ok(Secured { stream: Front::Left(stream), named, end_point: end_point.filter(|_| !relayed), alpn, relayed })
    }

    /// The same for whoever comes, by whatever name: the first certificate is shown.
    pub(super) async fn secure_first(&self, stream: TcpStream) -> std::io::Result<Secured> {
        let greeted = greet(stream).await?;
        let Shown { config, end_point, .. } = self.fitting(None)?;
        let stream = greeted.secure(config).await?;
        let alpn = stream.alpn().is_some();
        Ok(Secured { stream: Front::Left(stream), named: None, end_point, alpn, relayed: false })
    }

    /// The same at the second door; with the domain that the client's name for us is below, where that is not the first.
    pub(super) async fn secure_web(&self, stream: TcpStream) -> std::io::Result<(TlsStream<TcpStream>, Option<String>)> {
        let greeted = greet(stream).await?;
        let Shown { web, named, .. } = self.fitting(greeted.hello().server_name())?;
        let domain = named.flatten().and_then(|label| Some(label.split_once('.')?.1.to_owned()));
        Ok((greeted.secure(web).await?, domain))
    }

    fn fitting(&self, host: Option<&str>) -> std::io::Result<Shown> {
        let all = self.now();
        let of = |host| {
            let mut found = all.iter().enumerate().filter_map(|(at, served)| Some((at, served, names::label(host, &served.domain)?)));
            let (at, served, label) = found.next()?;
            // no label has a dot, so nobody takes one for the other
            Some((served, if at == 0 { label } else { format!("{label}.{}", served.domain) }))
        };
        let first = || all.first().ok_or_else(|| std::io::Error::other("no certificate"));
        let (served, label) = match host.and_then(of) {
            Some((served, label)) => (served, Some(label)),
            None => (first()?, None),
        };
        let (config, web) = (Arc::clone(&served.config), Arc::clone(&served.web));
        Ok(Shown { config, web, named: host.map(|_| label), end_point: served.end_point.clone() })
    }
}

/// What is shown to a client, and whom it named.
struct Shown {
    config: Arc<ServerConfig>,
    web: Arc<ServerConfig>,
    named: Option<Option<String>>,
    end_point: Option<Arc<[u8]>>,
}

fn read(domains: &[Domain]) -> Result<Arc<[Served]>, Error> {
    let served: Arc<[Served]> = domains.iter().map(served).collect::<Result<_, _>>()?;
    if served.is_empty() { Err(Error::NoDomain) } else { Ok(served) }
}

fn served(domain: &Domain) -> Result<Served, Error> {
    let unread = |source| Error::Pem { domain: domain.name.clone(), source };
    let refused = |source| Error::Certificate { domain: domain.name.clone(), source };
    let pem = domain.pem.expose().as_bytes();
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(unread)?;
    let key = PrivateKeyDer::from_pem_slice(pem).map_err(unread)?;
    let end_point = chain.first().and_then(|first| end_point(first)).map(Arc::from);
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider())).with_protocol_versions(&[&TLS13, &TLS12]);
    let mut config = builder.map_err(refused)?.with_no_client_auth().with_single_cert(chain, key).map_err(refused)?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    // no client of Postgres resumes, and none of these would say which certificate it was
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    let mut web = config.clone();
    web.alpn_protocols = vec![HTTP.to_vec()];
    Ok(Served { domain: domain.name.to_ascii_lowercase(), config: Arc::new(config), web: Arc::new(web), end_point })
}

/// The certificate's hash for `tls-server-end-point` (RFC 5929, 4.1): by the algorithm of its signature, by SHA-256 where that is MD5 or
/// SHA-1. `None` where the signature has none of its own (Ed25519), or one that is written elsewhere (PSS): libpq binds to neither.
fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
    const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04];
    let (_, body) = Der(certificate).any()?;
    let mut body = Der(body);
    body.skip(1)?;
    let (_, algorithm) = body.any()?;
    let (_, id) = Der(algorithm).any()?;
    let hash = match (id.strip_prefix(RSA), id.strip_prefix(ECDSA)) {
        (Some([4 | 5 | 11]), _) | (_, Some([1] | [3, 2])) => &digest::SHA256,
        (Some([12]), _) | (_, Some([3, 3])) => &digest::SHA384,
        (Some([13]), _) | (_, Some([3, 4])) => &digest::SHA512,
        (Some([14]), _) | (_, Some([3, 1])) => &digest::SHA224,
        _ => return None,
    };
    Some(digest::digest(hash, certificate).as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};

    use super::*;
    use crate::resource::Secret;

    #[test]
    fn the_hash_is_by_the_algorithm_of_the_signature() {
        let made = |key: &KeyPair| CertificateParams::new(vec!["a".to_owned()]).unwrap().self_signed(key).unwrap();
        let length = |key: &KeyPair| end_point(made(key).der()).map(|hash| hash.len());
        assert_eq!(length(&KeyPair::generate().unwrap()), Some(32));
        assert_eq!(length(&KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap()), Some(48));
        assert_eq!(length(&KeyPair::generate_for(&PKCS_ED25519).unwrap()), None);
    }

    #[test]
    fn what_is_no_certificate_has_no_hash() {
        for bytes in [&[][..], &[0x30], &[0x30, 0x85, 1, 1, 1, 1, 1], &[0x30, 0x02, 0x30, 0x7f], &[0xff; 40]] {
            assert_eq!(end_point(bytes), None);
        }
    }

    #[test]
    fn a_key_that_belongs_to_another_certificate_is_refused() {
        let (one, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let certificate = CertificateParams::new(vec!["*.a".to_owned()]).unwrap().self_signed(&one).unwrap();
        let domain = |key: &KeyPair| Domain { name: "a".into(), pem: Secret::new(format!("{}{}", key.serialize_pem(), certificate.pem())) };
        assert!(matches!(Certificates::new(&[domain(&other)]), Err(Error::Certificate { .. })));
        assert!(matches!(Certificates::new(&[]), Err(Error::NoDomain)));
        let served = Certificates::new(&[domain(&one)]).unwrap();
        assert!(served.replace(&[domain(&other)]).is_err());
        assert_eq!(served.now().len(), 1);
    }
}
