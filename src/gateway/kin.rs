//! TLS between the gateways and nodes of one registry: each shows the same public key (RFC 7250), which follows from the secret that all of them have, and
//! believes nobody who shows another. So a node needs no certificate, and no client can say that it is a gateway.

use std::sync::Arc;

use aws_lc_rs::{
    hmac,
    signature::{Ed25519KeyPair, KeyPair},
};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme,
    client::{
        AlwaysResolvesClientRawPublicKeys,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{
        WebPkiSupportedAlgorithms,
        aws_lc_rs::{default_provider, sign::any_eddsa_type},
        verify_tls13_signature_with_raw_key,
    },
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
    server::{
        AlwaysResolvesServerRawPublicKeys, NoServerSessionStorage,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    sign::CertifiedKey,
    version::TLS13,
};

use crate::resource::Secret;

/// What a gateway offers that leads its client on: whoever hears it leads nobody on, so nobody is led in circles.
pub(super) const RELAY: &[u8] = b"iasql-relay";

/// Both sides of a connection among them.
pub(super) struct Kin {
    pub(super) server: Arc<ServerConfig>,
    pub(super) client: Arc<ClientConfig>,
}

impl Kin {
    /// Those who have this secret.
    ///
    /// # Errors
    /// None as yet: 32 bytes are always a key.
    pub(super) fn of(secret: &Secret) -> Result<Self, Error> {
        let seed = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes()), b"iasql key between gateways");
        let broken = |_| Error::General("no key could be made of the secret between gateways".to_owned());
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_ref()).map_err(|error| Error::General(error.to_string()))?;
        let key = any_eddsa_type(&PrivatePkcs8KeyDer::from(pair.to_pkcs8v1().map_err(broken)?.as_ref()))?;
        let shown = key.public_key().ok_or_else(|| Error::General(format!("{:?} has no public form", pair.public_key())))?;
        let shown = CertificateDer::from(shown.to_vec());
        let provider = Arc::new(default_provider());
        let same = Arc::new(Same { shown: shown.clone(), algorithms: provider.signature_verification_algorithms });
        let ours = Arc::new(CertifiedKey::new(vec![shown], key));
        let client = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(&[&TLS13])?;
        let client = client.dangerous().with_custom_certificate_verifier(Arc::clone(&same) as Arc<dyn ServerCertVerifier>);
        let mut client = client.with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(Arc::clone(&ours))));
        let server = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[&TLS13])?.with_client_cert_verifier(same);
        let mut server = server.with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(ours)));
        (client.alpn_protocols, server.alpn_protocols) = (vec![RELAY.to_vec()], vec![RELAY.to_vec()]);
        server.session_storage = Arc::new(NoServerSessionStorage {});
        server.send_tls13_tickets = 0;
        Ok(Self { server: Arc::new(server), client: Arc::new(client) })
    }
}

/// Believes whoever has the key that is shown here, whatever they are called.
#[derive(Debug)]
struct Same {
    shown: CertificateDer<'static>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Same {
    fn is(&self, shown: &CertificateDer<'_>) -> Result<(), Error> {
        if *shown == self.shown { Ok(()) } else { Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)) }
    }

    fn signed(&self, text: &[u8], by: &CertificateDer<'_>, signature: &DigitallySignedStruct) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature_with_raw_key(text, &SubjectPublicKeyInfoDer::from(by.as_ref()), signature, &self.algorithms)
    }
}

/// Nothing older is offered, or taken.
fn older() -> Error {
    Error::General("gateways speak TLS 1.3 among each other".to_owned())
}

impl ServerCertVerifier for Same {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.is(shown).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(older())
    }

    fn verify_tls13_signature(
        &self,
        text: &[u8],
        by: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed(text, by, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

impl ClientCertVerifier for Same {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(&self, shown: &CertificateDer<'_>, _: &[CertificateDer<'_>], _: UnixTime) -> Result<ClientCertVerified, Error> {
        self.is(shown).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(older())
    }

    fn verify_tls13_signature(
        &self,
        text: &[u8],
        by: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed(text, by, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio_rustls::{TlsAcceptor, TlsConnector};

    use super::*;

    /// What the server reads of what a client says who has another secret, or the same.
    async fn met(server: &str, client: &str) -> std::io::Result<[u8; 2]> {
        let of = |secret: &str| Kin::of(&Secret::new(secret)).unwrap();
        let (ours, theirs) = duplex(1 << 14);
        let calling = tokio::spawn({
            let connector = TlsConnector::from(of(client).client);
            async move {
                let mut line = connector.connect("shop.db.localhost".try_into().unwrap(), theirs).await?;
                line.write_all(b"hi").await?;
                line.read(&mut [0]).await
            }
        });
        let accepted = TlsAcceptor::from(of(server).server).accept(ours).await;
        let mut said = [0; 2];
        let read = match accepted {
            Ok(mut line) => line.read_exact(&mut said).await.map(|_| said),
            Err(error) => Err(error),
        };
        drop(calling.await.unwrap());
        read
    }

    #[tokio::test]
    async fn who_has_the_secret_is_believed_and_nobody_else() {
        assert_eq!(met("one", "one").await.unwrap(), *b"hi");
        assert!(met("one", "other").await.is_err());
    }

    #[tokio::test]
    async fn who_shows_no_key_is_not_let_in() {
        let (ours, theirs) = duplex(1 << 14);
        let kin = Kin::of(&Secret::new("one")).unwrap();
        let same = Same { shown: CertificateDer::from(vec![]), algorithms: default_provider().signature_verification_algorithms };
        let client = ClientConfig::builder_with_provider(Arc::new(default_provider())).with_protocol_versions(&[&TLS13]).unwrap();
        let mut client = client.dangerous().with_custom_certificate_verifier(Arc::new(same)).with_no_client_auth();
        client.alpn_protocols = vec![RELAY.to_vec()];
        let calling = tokio::spawn(async move {
            drop(TlsConnector::from(Arc::new(client)).connect("shop.db.localhost".try_into().unwrap(), theirs).await);
        });
        assert!(TlsAcceptor::from(kin.server).accept(ours).await.is_err());
        calling.await.unwrap();
    }
}
