//! DNS messages of all kinds, friendly and not: answered as the manual says, and never with much more than came.

use domain::base::{Message, MessageBuilder, Name, Rtype};
use iasql::gateway::dns::{Way, Zones, answer};
use proptest::prelude::*;

use super::runner;

fn zones() -> Zones {
    let text = "x".repeat(43);
    Zones::from([("db.example.com".to_owned(), vec![text.clone(), text]), ("example.org".to_owned(), vec![])])
}

/// A question that is nearly one of ours.
fn question() -> impl Strategy<Value = Vec<u8>> {
    let name = prop_oneof![
        3 => "([a-zA-Z0-9_]{1,9}\\.)?_[aA]cme-challenge\\.(db\\.example\\.com|example\\.org|Example\\.ORG|com)",
        1 => "[a-z]{1,20}(\\.[a-z]{1,20}){0,5}",
    ];
    let kinds = prop_oneof![
        prop::sample::select(vec![Rtype::TXT, Rtype::NS, Rtype::SOA, Rtype::ANY, Rtype::AXFR]),
        any::<u16>().prop_map(Rtype::from_int)
    ];
    (any::<u16>(), name, kinds, prop::option::of(any::<(u16, u8)>())).prop_map(|(id, name, kind, edns)| {
        let mut builder = MessageBuilder::new_vec();
        builder.header_mut().set_id(id);
        let mut builder = builder.question();
        builder.push((Name::<Vec<u8>>::vec_from_str(&name).expect("a name"), kind)).expect("room");
        let mut builder = builder.additional();
        if let Some((size, version)) = edns {
            let set = |opt: &mut domain::base::message_builder::OptBuilder<'_, Vec<u8>>| {
                opt.set_udp_payload_size(size);
                opt.set_version(version % 2);
                Ok(())
            };
            builder.opt(set).expect("room");
        }
        builder.finish()
    })
}

fn way() -> impl Strategy<Value = Way> {
    prop::sample::select(vec![Way::Datagram, Way::OnlyTcp, Way::Stream])
}

/// What goes for every answer, whatever was asked.
fn is_decent(packet: &[u8], way: Way) -> Result<(), TestCaseError> {
    let Some(said) = answer(packet, &zones(), way) else { return Ok(()) };
    let (asked, message) = (Message::from_octets(packet).expect("a header"), Message::from_octets(said.as_slice()).expect("a message"));
    let header = message.header();
    prop_assert!(header.qr() && !header.ra() && header.id() == asked.header().id() && !asked.header().qr());
    // two texts and what stands around them
    prop_assert!(said.len() <= packet.len() + 200, "{} bytes for {}", said.len(), packet.len());
    prop_assert!(way != Way::OnlyTcp || said.len() == 12 && header.tc());
    for section in [message.answer(), message.authority(), message.additional()] {
        prop_assert!(section.is_ok_and(|mut records| records.all(|record| record.is_ok())));
    }
    Ok(())
}

#[test]
fn a_question_is_answered_with_its_own_words_and_little_more() {
    runner(2000)
        .run(&(question(), way()), |(packet, way)| {
            is_decent(&packet, way)?;
            let said = answer(&packet, &zones(), way);
            prop_assert!(said.is_some());
            if way != Way::OnlyTcp {
                let (asked, said) =
                    (Message::from_octets(packet).expect("a message"), Message::from_octets(said.expect("one")).expect("a message"));
                prop_assert!(said.is_answer(&asked));
            }
            Ok(())
        })
        .unwrap_or_else(|failed| panic!("{failed}"));
}

#[test]
fn a_question_that_was_changed_on_its_way_and_any_bytes_at_all_are_answered_or_forgotten() {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    let cut = prop::option::weighted(0.3, any::<prop::sample::Index>());
    runner(3000)
        .run(&(question(), changes, cut, way()), |(mut packet, changes, cut, way)| {
            for (at, byte) in changes {
                let at = at.index(packet.len());
                packet[at] = byte;
            }
            if let Some(cut) = cut {
                packet.truncate(cut.index(packet.len()));
            }
            is_decent(&packet, way)
        })
        .unwrap_or_else(|failed| panic!("{failed}"));
    runner(3000)
        .run(&(prop::collection::vec(prop_oneof![2 => Just(0_u8), 2 => Just(0xc0), 5 => any::<u8>()], 0..300), way()), |(packet, way)| {
            is_decent(&packet, way)
        })
        .unwrap_or_else(|failed| panic!("{failed}"));
}
