//! What the gateway's DNS says to whom.

use std::time::{Duration, Instant};

use domain::{
    base::{Message, MessageBuilder, Name, Rtype, iana::Rcode},
    rdata::{AllRecordData, Txt},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

use super::*;

type Answer = Message<Vec<u8>>;

fn question(name: &str, kind: Rtype) -> Vec<u8> {
    let mut builder = MessageBuilder::new_vec();
    builder.header_mut().set_rd(true);
    let mut builder = builder.question();
    builder.push((Name::<Vec<u8>>::vec_from_str(name).expect("a name"), kind)).expect("room");
    builder.finish()
}

async fn over_udp(port: u64, question: &[u8]) -> Answer {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    socket.connect(format!("127.0.0.1:{port}")).await.expect("a way");
    socket.send(question).await.expect("a question");
    let mut answer = vec![0; 2000];
    let length = timeout(Duration::from_secs(30), socket.recv(&mut answer)).await.expect("in time").expect("an answer");
    answer.truncate(length);
    Message::from_octets(answer).expect("a message")
}

async fn over_tcp(port: u64, question: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).await.expect("a connection");
    let length = u16::try_from(question.len()).expect("short");
    stream.write_all(&[&length.to_be_bytes()[..], question].concat()).await.expect("a question");
    let answered = async {
        let mut answer = vec![0; stream.read_u16().await.expect("a length").into()];
        stream.read_exact(&mut answer).await.expect("an answer");
        answer
    };
    Message::from_octets(timeout(Duration::from_secs(30), answered).await.expect("in time")).expect("a message")
}

fn texts(answer: &Answer) -> Vec<String> {
    let records = answer.answer().expect("records").limit_to::<Txt<_>>().map(|record| record.expect("a record"));
    let mut found: Vec<String> = records.map(|record| String::from_utf8(record.data().text::<Vec<u8>>()).expect("a text")).collect();
    found.sort();
    found
}

/// Its code, whether it is by who knows, and the kinds of all its records.
fn shape(answer: &Answer) -> (Rcode, bool, Vec<Rtype>) {
    let records = [answer.answer(), answer.authority()].into_iter().flat_map(|section| section.expect("a section"));
    let kinds = records.map(|record| record.expect("a record").to_record::<AllRecordData<_, _>>().expect("one").expect("known").rtype());
    (answer.header().rcode(), answer.header().aa(), kinds.collect())
}

/// A gateway that says two texts for the domain.
async fn said() -> (Stage, Gateway, u64) {
    let mut stage = Stage::new().await;
    stage.order().await;
    let says = "update control.served_order set answers = '{one,two}', not_until = 'infinity'";
    stage.site.registry(says).await;
    let gateway = stage.gateway("a").await;
    let port = gateway.dns.expect("its DNS");
    (stage, gateway, port)
}

#[tokio::test]
async fn of_the_names_where_authorities_look_all_is_said_and_of_others_nothing() {
    let (_stage, gateway, port) = said().await;
    for name in ["_acme-challenge.db.example.com", "_ACME-challenge.dB.Example.COM"] {
        let question = question(name, Rtype::TXT);
        for answer in [over_udp(port, &question).await, over_tcp(port, &question).await] {
            assert_eq!(
                (texts(&answer), answer.header().aa(), answer.header().ra()),
                (vec!["one".to_owned(), "two".to_owned()], true, false)
            );
            assert!(answer.is_answer(&Message::from_octets(question.clone()).expect("a message")), "its letters come back as they were");
        }
    }
    let asked = async |name: &str, kind| shape(&over_udp(port, &question(name, kind)).await);
    for kind in [Rtype::SOA, Rtype::NS] {
        assert_eq!(asked("_acme-challenge.db.example.com", kind).await, (Rcode::NOERROR, true, vec![kind]));
    }
    for (name, kind, code) in
        [("_acme-challenge.db.example.com", Rtype::AAAA, Rcode::NOERROR), ("x._acme-challenge.db.example.com", Rtype::TXT, Rcode::NXDOMAIN)]
    {
        assert_eq!(asked(name, kind).await, (code, true, vec![Rtype::SOA]), "{name}");
    }
    for (name, kind) in [
        ("db.example.com", Rtype::A),
        ("shop.db.example.com", Rtype::A),
        ("_acme-challenge.example.com", Rtype::TXT),
        ("_acme-challenge.other.example.com", Rtype::TXT),
        ("x\\._acme-challenge.db.example.com", Rtype::TXT),
        ("_acme-challenge.db.example.com", Rtype::AXFR),
        (".", Rtype::NS),
    ] {
        assert_eq!(asked(name, kind).await, (Rcode::REFUSED, false, vec![]), "{name}");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn who_asks_too_often_is_told_to_come_over_tcp_and_hears_there_what_there_is() {
    let (_stage, gateway, port) = said().await;
    let question = question("_acme-challenge.db.example.com", Rtype::TXT);
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    socket.connect(format!("127.0.0.1:{port}")).await.expect("a way");
    let (mut answer, mut longest) = (vec![0; 2000], 0);
    let cut = async {
        loop {
            for _ in 0..20 {
                socket.send(&question).await.expect("a question");
            }
            while let Ok(Ok(length)) = timeout(Duration::from_millis(20), socket.recv(&mut answer)).await {
                longest = longest.max(length);
                if Message::from_octets(&answer[..length]).expect("a message").header().tc() {
                    return length;
                }
            }
        }
    };
    let length = timeout(Duration::from_secs(60), cut).await.expect("it has enough of us");
    assert!(length <= question.len() && longest < 4 * question.len(), "{length} and {longest} of {}", question.len());
    assert_eq!(texts(&over_tcp(port, &question).await).len(), 2);
    gateway.stop().await;
}

#[tokio::test]
async fn a_registry_that_is_gone_leaves_what_was_known_and_garbage_leaves_the_gateway_as_it_was() {
    let (stage, gateway, port) = said().await;
    let question = question("_acme-challenge.db.example.com", Rtype::TXT);
    assert_eq!(texts(&over_udp(port, &question).await).len(), 2);
    stage.site.registry("alter table control.served_order rename to elsewhere").await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    socket.connect(format!("127.0.0.1:{port}")).await.expect("a way");
    for garbage in [&[][..], &[7; 11], &[0xff; 600], &[0; 12]] {
        socket.send(garbage).await.expect("garbage");
    }
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).await.expect("a connection");
    stream.write_all(&[0xff; 9]).await.expect("garbage");
    let hung_up = timeout(Duration::from_secs(30), stream.read(&mut [0; 9])).await.expect("in time");
    assert!(matches!(hung_up, Ok(0) | Err(_)), "{hung_up:?}");
    // for longer than what was read is fresh
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(3) {
        assert_eq!(texts(&over_tcp(port, &question).await).len(), 2);
    }
    stage.site.registry("alter table control.elsewhere rename to served_order").await;
    gateway.stop().await;
}
