//! First packets of clients of all kinds, friendly and not.

use iasql::gateway::startup::{CancelKey, Hello, LONGEST, SHORTEST, Startup, encode, length, parse};
use proptest::prelude::*;

use super::runner;

fn text(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(1_u8.., 0..most)
}

/// What a client may say, and a parser must understand.
fn hello() -> impl Strategy<Value = Hello> {
    let key = (any::<u32>(), prop::collection::vec(any::<u8>(), 4..=256));
    let others = prop::collection::btree_map("[a-z_.]{1,20}", text(60), 0..12);
    let startup = (any::<u16>(), others, prop::collection::vec(1_u8.., 1..64)).prop_map(|(minor, mut others, user)| {
        others.insert("user".to_owned(), user);
        let parameters = others.into_iter().map(|(name, value)| (name.into_bytes(), value)).collect();
        Hello::Startup(Startup { minor, parameters })
    });
    prop_oneof![
        1 => Just(Hello::Tls),
        1 => Just(Hello::GssEnc),
        2 => key.prop_map(|(process, secret)| Hello::Cancel(CancelKey { process, secret })),
        6 => startup,
    ]
}

#[test]
fn what_a_client_may_say_is_understood_as_it_was_meant() {
    runner(600)
        .run(&hello(), |hello| {
            let packet = encode(&hello);
            let first = packet[..4].try_into().expect("four bytes");
            prop_assert_eq!(length(first), Ok(packet.len()));
            prop_assert_eq!(parse(&packet), Ok(hello));
            Ok(())
        })
        .unwrap_or_else(|failed| panic!("{failed}"));
}

#[test]
fn a_packet_that_was_changed_on_its_way_is_refused_in_one_line_or_understood_as_what_it_is() {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    let cut = prop::option::weighted(0.3, any::<prop::sample::Index>());
    runner(2000)
        .run(&(hello(), changes, cut, text(9)), |(hello, changes, cut, more)| {
            let mut packet = encode(&hello);
            for (at, byte) in changes {
                let at = at.index(packet.len());
                packet[at] = byte;
            }
            if let Some(cut) = cut {
                packet.truncate(cut.index(packet.len()));
                packet.extend(more);
            }
            match parse(&packet) {
                Ok(understood) => prop_assert_eq!(encode(&understood), packet),
                Err(refused) => prop_assert!(!refused.to_string().contains('\n')),
            }
            Ok(())
        })
        .unwrap_or_else(|failed| panic!("{failed}"));
}

#[test]
fn any_bytes_at_all_are_a_first_packet_or_are_refused() {
    let versions = prop::sample::select(vec![0x0003_0000_u32, 0x0003_0002, 80_877_102, 80_877_103, 80_877_104, 0x0002_0000]);
    let shaped = (versions, prop::collection::vec(prop_oneof![2 => Just(0_u8), 5 => any::<u8>()], 0..300)).prop_map(|(version, rest)| {
        let length = u32::try_from(rest.len() + SHORTEST).expect("short");
        [&length.to_be_bytes()[..], &version.to_be_bytes(), &rest].concat()
    });
    let bytes = prop_oneof![prop::collection::vec(any::<u8>(), 0..64), shaped];
    runner(2000)
        .run(&bytes, |bytes| {
            if let Ok(understood) = parse(&bytes) {
                prop_assert!((SHORTEST..=LONGEST).contains(&bytes.len()));
                prop_assert_eq!(encode(&understood), bytes);
            }
            Ok(())
        })
        .unwrap_or_else(|failed| panic!("{failed}"));
}
