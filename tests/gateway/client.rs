//! A client of our own: it does what libpq can't, and what libpq would never do.

use std::{io, num::NonZeroU32, path::Path, sync::Arc};

use aws_lc_rs::{digest, hmac, pbkdf2};
use aws_smithy_types::base64;
use iasql::gateway::startup::{CancelKey, Hello, Startup, encode};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs::default_provider,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{PASSWORD, authority, within};

/// How it comes to TLS.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// It asks first, and waits for the answer.
    Asked,
    /// It begins with TLS, and offers ALPN or does not.
    Direct { alpn: bool },
}

/// A message: its kind and its body.
pub(super) type Message = (u8, Vec<u8>);

pub(super) struct Client(TlsStream<TcpStream>);

/// A line in clear to a gateway of this machine.
pub(super) async fn clear(port: u16) -> TcpStream {
    let stream = within(TcpStream::connect(("127.0.0.1", port))).await.unwrap();
    // as libpq has it: else its second message waits for an answer to the first
    stream.set_nodelay(true).unwrap();
    stream
}

/// All that still comes before the line is closed, or cut.
pub(super) async fn rest(stream: &mut (impl AsyncReadExt + Unpin)) -> Vec<u8> {
    let mut bytes = vec![];
    drop(within(stream.read_to_end(&mut bytes)).await);
    bytes
}

/// What an ErrorResponse has in its field for the SQLSTATE.
pub(super) fn sqlstate(body: &[u8]) -> String {
    let fields = body.split(|byte| *byte == 0);
    let code = fields.filter_map(|field| field.strip_prefix(b"C")).next();
    String::from_utf8_lossy(code.unwrap_or_default()).into_owned()
}

/// The startup packet of ann, with what else is to stand in it.
pub(super) fn startup(minor: u16, more: &[(&str, &str)]) -> Vec<u8> {
    let all = [("user", "ann"), ("database", "shop")].iter().chain(more);
    let parameters = all.map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect();
    encode(&Hello::Startup(Startup { minor, parameters }))
}

impl Client {
    /// Under TLS, with nothing said yet.
    pub(super) async fn secured(port: u16, way: Way) -> io::Result<Self> {
        Self::over(clear(port).await, way).await
    }

    /// The same over a line on which something was said before.
    pub(super) async fn over(stream: TcpStream, way: Way) -> io::Result<Self> {
        Self::calling("12345.db.localhost", stream, way).await
    }

    /// The same to another host.
    pub(super) async fn calling(host: &str, stream: TcpStream, way: Way) -> io::Result<Self> {
        let name = ServerName::try_from(host.to_owned()).unwrap();
        Self::trusting(&authority().certificate(), name, true, stream, way).await
    }

    /// The same without saying a name.
    pub(super) async fn nameless(port: u16) -> io::Result<Self> {
        let name = ServerName::try_from("12345.db.localhost").unwrap();
        Self::trusting(&authority().certificate(), name, false, clear(port).await, Way::Asked).await
    }

    /// The same to who trusts another authority.
    pub(super) async fn trusting(
        root: &Path,
        name: ServerName<'static>,
        says_it: bool,
        mut stream: TcpStream,
        way: Way,
    ) -> io::Result<Self> {
        if way == Way::Asked {
            stream.write_all(&encode(&Hello::Tls)).await?;
            let answer = within(stream.read_u8()).await?;
            if answer != b'S' {
                return Err(io::Error::other(format!("no TLS: {answer}")));
            }
        }
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(root).unwrap()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions().unwrap();
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        if way == (Way::Direct { alpn: true }) {
            config.alpn_protocols = vec![b"postgresql".to_vec()];
        }
        config.enable_sni = says_it;
        within(TlsConnector::from(Arc::new(config)).connect(name, stream)).await.map(Self)
    }

    pub(super) async fn say(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
        self.0.flush().await.unwrap();
    }

    /// The next message; `None` where the line is closed.
    pub(super) async fn hear(&mut self) -> Option<Message> {
        let kind = within(self.0.read_u8()).await.ok()?;
        let length = within(self.0.read_u32()).await.ok()?;
        let mut body = vec![0; usize::try_from(length).unwrap() - 4];
        within(self.0.read_exact(&mut body)).await.ok()?;
        Some((kind, body))
    }

    /// The messages up to one of this kind.
    pub(super) async fn hear_until(&mut self, kind: u8) -> Vec<Message> {
        let mut heard = vec![];
        while heard.last().is_none_or(|(last, _)| *last != kind) {
            match self.hear().await {
                Some((b'E', body)) if kind != b'E' && kind != b'Z' => panic!("{}", String::from_utf8_lossy(&body)),
                Some(message) => heard.push(message),
                None => panic!("the line is closed after {:?}", heard.iter().map(|(kind, _)| char::from(*kind)).collect::<String>()),
            }
        }
        heard
    }

    /// Asks, and hears all of the answer.
    pub(super) async fn ask(&mut self, sql: &str) -> Vec<Message> {
        self.begin(sql).await;
        self.hear_until(b'Z').await
    }

    /// Asks, and does not wait for the answer.
    pub(super) async fn begin(&mut self, sql: &str) {
        let length = u32::try_from(sql.len() + 5).unwrap();
        self.say(&[&b"Q"[..], &length.to_be_bytes(), sql.as_bytes(), &[0]].concat()).await;
    }

    /// Sends the startup packet and proves to be ann; gives what it heard up to the first ReadyForQuery.
    pub(super) async fn enter(&mut self, packet: &[u8]) -> Vec<Message> {
        self.say(packet).await;
        let mut heard = self.hear_until(b'R').await;
        self.prove().await;
        heard.extend(self.hear_until(b'Z').await);
        heard
    }

    async fn prove(&mut self) {
        self.prove_with(PASSWORD).await;
    }

    /// SCRAM-SHA-256 (RFC 5802, 3), written a second time.
    pub(super) async fn prove_with(&mut self, password: &str) {
        let first = "n=,r=abc";
        let message = format!("n,,{first}");
        let length = u32::try_from(message.len()).unwrap();
        self.password(&[b"SCRAM-SHA-256\0", &length.to_be_bytes()[..], message.as_bytes()].concat()).await;
        let challenge = String::from_utf8(self.hear_until(b'R').await.pop().unwrap().1.split_off(4)).unwrap();
        let field = |name: &str| challenge.split(',').find_map(|field| field.strip_prefix(name)).unwrap();
        let rounds: NonZeroU32 = field("i=").parse().unwrap();
        let mut salted = [0; 32];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &base64::decode(field("s=")).unwrap(), password.as_bytes(), &mut salted);
        let sign = |key: &[u8], text: &str| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes());
        let key = sign(&salted, "Client Key");
        let last = format!("c=biws,r={}", field("r="));
        let stored = digest::digest(&digest::SHA256, key.as_ref());
        let signature = sign(stored.as_ref(), &format!("{first},{challenge},{last}"));
        let proof: Vec<u8> = key.as_ref().iter().zip(signature.as_ref()).map(|(one, other)| one ^ other).collect();
        self.password(format!("{last},p={}", base64::encode(proof)).as_bytes()).await;
    }

    pub(super) async fn password(&mut self, body: &[u8]) {
        let length = u32::try_from(body.len() + 4).unwrap();
        self.say(&[&b"p"[..], &length.to_be_bytes(), body].concat()).await;
    }

    /// A session of ann, ready.
    pub(super) async fn inside(port: u16) -> Self {
        let mut client = Self::secured(port, Way::Asked).await.unwrap();
        client.enter(&startup(0, &[])).await;
        client
    }
}

/// The key with which a session's statements are cancelled, in what was heard at its beginning.
pub(super) fn key(heard: &[Message]) -> CancelKey {
    let (_, body) = heard.iter().find(|(kind, _)| *kind == b'K').expect("a key");
    let (process, secret) = body.split_first_chunk().unwrap();
    CancelKey { process: u32::from_be_bytes(*process), secret: secret.to_vec() }
}
