//! What is answered to a DNS message: of few names the truth, of all others a refusal, and never much more than was asked. No socket, no clock.

use std::collections::BTreeMap;

use domain::{
    base::{
        Message, MessageBuilder, Name, Rtype, Serial, Ttl,
        iana::{Class, Opcode, OptRcode, Rcode},
        message_builder::{AdditionalBuilder, AnswerBuilder, PushError},
        name::FromStrError,
    },
    rdata::{Ns, Soa, Txt},
};

/// What stands before a domain where authorities look (RFC 8555, 8.4).
const PREFIX: &str = "_acme-challenge.";
/// How long what is said is believed: it changes with every order.
const BRIEFLY: Ttl = Ttl::from_secs(1);
/// How long it is believed who says it.
const LONGER: Ttl = Ttl::from_secs(60);
/// The most that is sent in a datagram, in bytes: without EDNS (RFC 1035, 4.2.1), and with it (what no network cuts).
const PLAIN: usize = 512;
const EDNS: u16 = 1232;
/// The most that is sent over TCP, in bytes.
const STREAM: usize = 4096;

/// The domains that are spoken for, and what stands at `_acme-challenge` below each.
pub type Zones = BTreeMap<String, Vec<String>>;

/// How an answer goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// In a datagram.
    Datagram,
    /// In a datagram that only says to come over TCP: for who asks too often, or is not who they say they are.
    OnlyTcp,
    /// Over TCP.
    Stream,
}

/// The answer to a message; `None` where it is none that is answered.
pub fn answer(packet: &[u8], zones: &Zones, way: Way) -> Option<Vec<u8>> {
    let message = Message::from_octets(packet).ok().filter(|message| !message.header().qr())?;
    let cut = || {
        let mut builder = bare(&message, Rcode::NOERROR);
        builder.header_mut().set_tc(true);
        builder.finish()
    };
    if way == Way::OnlyTcp {
        return Some(cut());
    }
    Some(replied(&message, zones, way).unwrap_or_else(|_| cut()))
}

/// With not even the question in it: several may point to one another, and become longer than they were.
fn bare(message: &Message<&[u8]>, rcode: Rcode) -> MessageBuilder<Vec<u8>> {
    let (mut builder, asked) = (MessageBuilder::new_vec(), message.header());
    let header = builder.header_mut();
    header.set_id(asked.id());
    header.set_qr(true);
    header.set_opcode(asked.opcode());
    header.set_rd(asked.rd());
    header.set_rcode(rcode);
    builder
}

fn replied(message: &Message<&[u8]>, zones: &Zones, way: Way) -> Result<Vec<u8>, PushError> {
    if message.header().opcode() != Opcode::QUERY {
        return Ok(bare(message, Rcode::NOTIMP).finish());
    }
    let Ok(question) = message.sole_question() else { return Ok(bare(message, Rcode::FORMERR).finish()) };
    let edns = message.opt();
    let mut builder = MessageBuilder::new_vec();
    builder.set_push_limit(match (way, &edns) {
        (Way::Stream, _) => STREAM,
        (_, Some(edns)) => usize::from(edns.udp_payload_size().min(EDNS)).max(PLAIN),
        (_, None) => PLAIN,
    });
    let is_foreign = edns.as_ref().is_some_and(|edns| edns.version() != 0);
    let is_ours = !is_foreign && question.qclass() == Class::IN && !matches!(question.qtype(), Rtype::AXFR | Rtype::IXFR);
    let found = if is_ours { Zone::find(&question.qname().to_string(), zones) } else { None };
    let mut reply = match found {
        Some((zone, Some(texts))) => zone.apex(started(builder, message, Rcode::NOERROR)?, texts, question.qtype())?,
        Some((zone, None)) => zone.nothing(started(builder, message, Rcode::NXDOMAIN)?)?,
        None => builder.start_answer(message, if is_foreign { Rcode::NOERROR } else { Rcode::REFUSED })?.additional(),
    };
    if edns.is_some() {
        reply.opt(|opt| {
            opt.set_udp_payload_size(EDNS);
            if is_foreign {
                opt.set_rcode(OptRcode::BADVERS);
            }
            Ok(())
        })?;
    }
    Ok(reply.finish())
}

/// Of a name that is ours to speak for.
fn started(builder: MessageBuilder<Vec<u8>>, message: &Message<&[u8]>, rcode: Rcode) -> Result<AnswerBuilder<Vec<u8>>, PushError> {
    let mut reply = builder.start_answer(message, rcode)?;
    reply.header_mut().set_aa(true);
    Ok(reply)
}

/// The names of one zone.
struct Zone {
    name: Name<Vec<u8>>,
    /// Where it is served: the domain's wildcard leads there.
    server: Name<Vec<u8>>,
    person: Name<Vec<u8>>,
}

impl Zone {
    fn of(domain: &str) -> Result<Self, FromStrError> {
        let name = |before: &str| Name::vec_from_str(&format!("{before}{domain}"));
        Ok(Self { name: name(PREFIX)?, server: name("gateway.")?, person: name("hostmaster.")? })
    }

    /// The zone that a name is in, and where it is that zone's own name what stands there.
    fn find<'a>(name: &str, zones: &'a Zones) -> Option<(Self, Option<&'a [String]>)> {
        let name = name.to_ascii_lowercase();
        // so are bytes written that are in no name of ours, a dot inside a label among them
        let mut rest = Some(name.as_str()).filter(|name| !name.contains('\\'))?;
        loop {
            if let Some((domain, texts)) = rest.strip_prefix(PREFIX).and_then(|domain| zones.get_key_value(domain)) {
                return Some((Self::of(domain).ok()?, (rest.len() == name.len()).then_some(texts.as_slice())));
            }
            rest = rest.split_once('.')?.1;
        }
    }

    fn apex(&self, mut reply: AnswerBuilder<Vec<u8>>, texts: &[String], asked: Rtype) -> Result<AdditionalBuilder<Vec<u8>>, PushError> {
        match asked {
            Rtype::TXT if !texts.is_empty() => {
                // what is too long for a record is none of ours
                for text in texts.iter().filter_map(|text| Txt::<Vec<u8>>::build_from_slice(text.as_bytes()).ok()) {
                    reply.push((&self.name, Class::IN, BRIEFLY, text))?;
                }
            }
            Rtype::NS => reply.push((&self.name, Class::IN, LONGER, Ns::new(&self.server)))?,
            // of all that there is one thing (RFC 8482, 4.1)
            Rtype::SOA | Rtype::ANY => reply.push((&self.name, Class::IN, LONGER, self.begin()))?,
            _ => return self.nothing(reply),
        }
        Ok(reply.additional())
    }

    /// That there is nothing, and for how long that is believed (RFC 2308).
    fn nothing(&self, reply: AnswerBuilder<Vec<u8>>) -> Result<AdditionalBuilder<Vec<u8>>, PushError> {
        let mut authority = reply.authority();
        authority.push((&self.name, Class::IN, BRIEFLY, self.begin()))?;
        Ok(authority.additional())
    }

    /// The start of authority. Nobody copies the zone, so its times and its serial number are for nobody.
    fn begin(&self) -> Soa<&Name<Vec<u8>>> {
        let day = Ttl::from_days(1);
        Soa::new(&self.server, &self.person, Serial(1), day, day, day, BRIEFLY)
    }
}
