//! A user of the pool, as members know it: with which password or certificate a session there is begun.

use std::{
    num::NonZeroU32,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use aws_smithy_types::base64;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{
    Error,
    file::{Book, Hidden, Pooling, User},
};
use crate::gateway::{
    backend::Unbegun,
    login::nonce,
    refusal::framed,
    scram::{self, Keys},
};

/// The most that is read of a message of an exchange of proofs, in bytes; a refusal is no longer.
const LONGEST: usize = 16 << 10;

/// A user, for as long as the file says nothing else.
pub(super) struct Login {
    pub(super) name: String,
    /// What its clients prove to know.
    pub(super) verifier: String,
    pub(super) database: String,
    pub(super) pooling: Pooling,
    password: Option<Hidden>,
    /// Without an authority nobody is believed, and so nobody is reached but by a socket.
    pub(super) tls: Option<Arc<ClientConfig>>,
    /// What follows from the password and this salt: all members have the same.
    salted: Mutex<Option<(String, Arc<Keys>)>>,
}

impl Login {
    /// All whom the book lets in. Members are reached as it says, where nobody says otherwise.
    pub(super) fn of(book: &Book, reaches: Option<Arc<ClientConfig>>) -> Result<Vec<Arc<Self>>, Error> {
        let roots = book.ca.as_deref().map(roots).transpose()?;
        let login = |user: &User| {
            let own = || roots.as_ref().map(|roots| config(roots.clone(), user.certificate.as_deref())).transpose();
            let tls = reaches.clone().map_or_else(own, |reaches| Ok(Some(reaches)))?;
            Ok(Arc::new(Self {
                name: user.name.clone(),
                verifier: user.verifier.expose().to_owned(),
                database: book.database.clone(),
                pooling: user.pooling,
                password: user.password.clone(),
                tls,
                salted: Mutex::default(),
            }))
        };
        book.users.iter().map(login).collect()
    }

    /// Proves to a member who we are, as far as it asks: until it says that we are let in, or is about to.
    pub(super) async fn prove(&self, line: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Result<(), Unbegun> {
        let (kind, offered) = asked(line).await?;
        match kind {
            // the certificate was enough, or whoever reaches the socket is
            0 => return Ok(()),
            10 if offered.split(|byte| *byte == 0).any(|name| name == scram::PLAIN.as_bytes()) => {}
            _ => return Err(Unbegun::Asked),
        }
        let nonce = nonce()?;
        let first = Keys::first(&nonce);
        let length = u32::try_from(first.len()).map_err(|_| Unbegun::Asked)?;
        let initial = [scram::PLAIN.as_bytes(), &[0], &length.to_be_bytes(), first.as_bytes()].concat();
        line.write_all(&framed(b'p', &initial)).await?;
        line.flush().await?;
        let (11, challenge) = asked(line).await? else { return Err(Unbegun::Asked) };
        let keys = self.keys(&challenge).ok_or(Unbegun::Asked)?;
        let (last, proof) = keys.last(&nonce, &challenge).map_err(|_| Unbegun::Asked)?;
        line.write_all(&framed(b'p', last.as_bytes())).await?;
        line.flush().await?;
        // it proves that it has a verifier of the password, too
        match asked(line).await? {
            (12, answer) if answer == proof.as_bytes() => Ok(()),
            _ => Err(Unbegun::Asked),
        }
    }

    /// The keys that fit a challenge. They take a while, and are the same each time.
    fn keys(&self, challenge: &[u8]) -> Option<Arc<Keys>> {
        let challenge = std::str::from_utf8(challenge).ok()?;
        let field = |name: &str| challenge.split(',').find_map(|field| field.strip_prefix(name));
        let (salt, rounds) = (field("s=")?, field("i=")?);
        let by = format!("{rounds}:{salt}");
        let mut salted = self.salted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, keys)) = salted.as_ref().filter(|(known, _)| *known == by) {
            return Some(Arc::clone(keys));
        }
        let rounds: NonZeroU32 = rounds.parse().ok()?;
        let keys = Arc::new(Keys::of(self.password.as_ref()?.expose(), &base64::decode(salt).ok()?, rounds));
        *salted = Some((by, Arc::clone(&keys)));
        Some(keys)
    }
}

/// What an authentication request asks, which the next message is.
async fn asked(line: &mut (impl AsyncRead + Unpin)) -> Result<(u32, Vec<u8>), Unbegun> {
    let mut head = [0; 5];
    line.read_exact(&mut head).await?;
    let [of, length @ ..] = head;
    let length = usize::try_from(u32::from_be_bytes(length)).ok().and_then(|length| length.checked_sub(4));
    let mut body = vec![0; length.filter(|length| *length <= LONGEST).ok_or(Unbegun::Asked)?];
    line.read_exact(&mut body).await?;
    match (of, body.split_first_chunk::<4>()) {
        (b'E', _) => Err(Unbegun::Refused([&head[..], &body].concat())),
        (b'R', Some((kind, rest))) => Ok((u32::from_be_bytes(*kind), rest.to_vec())),
        _ => Err(Unbegun::Asked),
    }
}

fn roots(path: &Path) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    let unread = |source| Error::Pem { path: path.to_owned(), source };
    for certificate in CertificateDer::pem_file_iter(path).map_err(unread)? {
        roots.add(certificate.map_err(unread)?).map_err(|source| Error::Certificate { path: path.to_owned(), source })?;
    }
    Ok(roots)
}

fn config(roots: RootCertStore, own: Option<&Path>) -> Result<Arc<ClientConfig>, Error> {
    let refused = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Certificate { path, source }
    };
    let none = Path::new("the authorities");
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions();
    let builder = builder.map_err(refused(none))?.with_root_certificates(roots);
    let Some(own) = own else { return Ok(Arc::new(builder.with_no_client_auth())) };
    let unread = |source| Error::Pem { path: own.to_owned(), source };
    let chain = CertificateDer::pem_file_iter(own).map_err(unread)?.collect::<Result<_, _>>().map_err(unread)?;
    let key = PrivateKeyDer::from_pem_file(own).map_err(unread)?;
    builder.with_client_auth_cert(chain, key).map(Arc::new).map_err(refused(own))
}
