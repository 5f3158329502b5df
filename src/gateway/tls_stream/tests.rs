//! A client of another library's stream, and ours on the other side.

use std::{sync::Arc, time::Duration};

use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion,
    crypto::aws_lc_rs::default_provider,
    pki_types::{PrivateKeyDer, ServerName},
    version::{TLS12, TLS13},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    time::timeout,
};
use tokio_rustls::{TlsConnector, client};

use super::*;

const MUCH: usize = 3 << 20;

async fn within<T>(what: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(60), what).await.expect("in time")
}

fn configs(version: &'static SupportedProtocolVersion) -> (Arc<ServerConfig>, Arc<ClientConfig>) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["a.test".to_owned()]).unwrap().self_signed(&key).unwrap();
    let provider = Arc::new(default_provider());
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(&[version]).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let mut server = server.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
    server.alpn_protocols = vec![b"postgresql".to_vec()];
    server.send_tls13_tickets = 0;
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
    let mut client = client.with_root_certificates(roots).with_no_client_auth();
    client.alpn_protocols = vec![b"postgresql".to_vec()];
    (Arc::new(server), Arc::new(client))
}

/// One says it and the other one reads it.
async fn told(from: &mut (impl AsyncWrite + Unpin), to: &mut (impl AsyncRead + Unpin), text: &[u8]) {
    let mut heard = vec![0; text.len()];
    let (said, read) = within(async { tokio::join!(from.write_all(text), to.read_exact(&mut heard)) }).await;
    said.and(read.map(drop)).unwrap();
    assert_eq!(heard, text);
}

/// Both ends of a connection over a line that takes so many bytes at once.
async fn laid(version: &'static SupportedProtocolVersion, room: usize) -> (client::TlsStream<DuplexStream>, TlsStream<DuplexStream>) {
    let ((server, client), (ours, theirs)) = (configs(version), duplex(room));
    let calling = TlsConnector::from(client).connect(ServerName::try_from("a.test").unwrap(), theirs);
    let (called, answered) = within(async { tokio::join!(calling, async { greet(ours).await?.secure(server).await }) }).await;
    (called.unwrap(), answered.unwrap())
}

fn text() -> Vec<u8> {
    (0..MUCH).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

#[tokio::test]
async fn much_goes_both_ways_at_once_whatever_the_line_takes_and_however_it_is_read() {
    for version in [&TLS12, &TLS13] {
        for room in [113, 5_000, 1 << 20] {
            let (client, server) = laid(version, room).await;
            assert_eq!(server.alpn(), Some(&b"postgresql"[..]));
            let (mut from_server, mut to_server) = tokio::io::split(client);
            let (mut from_client, mut to_client) = tokio::io::split(server);
            let there = async { (to_server.write_all(&text()).await.unwrap(), to_server.shutdown().await.unwrap()) };
            let back = async { (to_client.write_all(&text()).await.unwrap(), to_client.shutdown().await.unwrap()) };
            // by bits, so that most of a record stays for the next time
            let read = async {
                let (mut got, mut piece) = (Vec::new(), [0; 777]);
                loop {
                    match from_client.read(&mut piece).await.unwrap() {
                        0 => break got,
                        count => got.extend_from_slice(&piece[..count]),
                    }
                }
            };
            let mut heard = Vec::new();
            let (_, _, got, all) = within(async { tokio::join!(there, back, read, from_server.read_to_end(&mut heard)) }).await;
            assert_eq!(all.unwrap(), MUCH);
            assert!(got == text() && heard == text(), "{version:?} {room}");
        }
    }
}

#[tokio::test]
async fn one_that_says_nothing_holds_no_buffer() {
    let (mut client, mut server) = laid(&TLS13, 1 << 16).await;
    for _ in 0..3 {
        told(&mut client, &mut server, b"select 1").await;
        told(&mut server, &mut client, b"1").await;
        let nothing = timeout(Duration::from_millis(1), server.read(&mut [0])).await;
        assert!(nothing.is_err());
        assert_eq!([server.closed.capacity(), server.opened.capacity(), server.leaving.capacity()], [0; 3]);
    }
}

#[tokio::test]
async fn who_reads_nothing_is_kept_a_piece_for_and_no_more() {
    let (client, mut server) = laid(&TLS13, 1 << 10).await;
    let text = text();
    let written = timeout(Duration::from_millis(200), server.write_all(&text)).await;
    assert!(written.is_err());
    assert!(server.leaving.capacity() <= MOST, "{}", server.leaving.capacity());
    drop(client);
    assert!(within(server.write_all(&text)).await.is_err());
}

#[tokio::test]
async fn keys_are_changed_by_who_wishes_it_and_the_talk_goes_on() {
    let (mut client, mut server) = laid(&TLS13, 1 << 16).await;
    for _ in 0..3 {
        client.get_mut().1.refresh_traffic_keys().unwrap();
        told(&mut client, &mut server, b"asked").await;
        told(&mut server, &mut client, b"answered").await;
    }
}

#[tokio::test]
async fn a_last_word_ends_it_and_a_line_that_is_cut_without_one_is_an_error() {
    let (mut client, mut server) = laid(&TLS13, 1 << 16).await;
    within(client.write_all(b"bye")).await.unwrap();
    within(client.shutdown()).await.unwrap();
    let mut got = Vec::new();
    assert_eq!(within(server.read_to_end(&mut got)).await.unwrap(), 3);
    // the other way is open still
    within(server.write_all(b"later")).await.unwrap();
    within(server.shutdown()).await.unwrap();
    let mut heard = Vec::new();
    assert_eq!(within(client.read_to_end(&mut heard)).await.unwrap(), 5);

    let (client, mut server) = laid(&TLS13, 1 << 16).await;
    drop(client);
    assert_eq!(within(server.read(&mut [0])).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn what_is_no_tls_and_what_was_changed_on_the_way_is_refused_with_an_alert() {
    let (ours, mut theirs) = duplex(1 << 16);
    theirs.write_all(&[0x16, 3, 1, 0, 8, 1, 0, 0, 4, 9, 9, 9, 9]).await.unwrap();
    assert_eq!(within(greet(ours)).await.err().unwrap().kind(), io::ErrorKind::InvalidData);
    let mut told = Vec::new();
    within(theirs.read_to_end(&mut told)).await.unwrap();
    assert_eq!(told.first(), Some(&0x15));

    let (mut client, mut server) = laid(&TLS13, 1 << 16).await;
    // a record that nobody with our keys has made
    client.get_mut().0.write_all(&[&[0x17, 3, 3, 0, 32][..], &[7; 32]].concat()).await.unwrap();
    assert_eq!(within(server.read(&mut [0])).await.unwrap_err().kind(), io::ErrorKind::InvalidData);
    assert!(within(client.read(&mut [0])).await.unwrap_err().to_string().contains("alert"));
    assert!(within(server.write_all(b"1")).await.is_err());
}

#[tokio::test]
async fn a_first_message_without_end_is_given_up() {
    let (ours, mut theirs) = duplex(1 << 16);
    let endless = async {
        // the head of a ClientHello of 16 MB in records
        let record = [&[0x16, 3, 1, 0x40, 0][..], &[1, 0xff, 0xff, 0xff], &[0; 0x4000 - 4]].concat();
        let more = [&[0x16, 3, 1, 0x40, 0][..], &[0; 0x4000]].concat();
        theirs.write_all(&record).await?;
        loop {
            theirs.write_all(&more).await?;
        }
    };
    let (refused, gone): (_, io::Result<()>) = within(async { tokio::join!(greet(ours), endless) }).await;
    assert!(refused.is_err() && gone.is_err());
}
