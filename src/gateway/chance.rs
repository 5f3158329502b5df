//! What comes from outside after the first packet, made by chance: understood or refused, and nothing breaks.

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::{
    frames::Talk,
    names, proxy,
    refusal::framed,
    scram::{Exchange, PLAIN, PLUS, Verifier},
    startup::Startup,
};

fn runner() -> TestRunner {
    let config = Config { cases: 1000, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[5; 32]))
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..most)
}

/// What stands for a verifier here.
const VERIFIER: &str =
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

#[test]
fn a_label_is_what_stands_before_the_domain_or_nothing() {
    let host = prop_oneof!["[-A-Za-z0-9./_\\PC]{0,70}", "[-A-Za-z0-9]{1,70}\\.[dD]b\\.x", "[-a-z.]{1,9}db.x"];
    runner()
        .run(&host, |host| {
            if let Some(label) = names::label(&host, "db.x") {
                prop_assert_eq!(format!("{label}.db.x"), host.to_lowercase());
                prop_assert!(label.len() <= 63 && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
            }
            Ok(())
        })
        .unwrap_or_else(|failed| panic!("{failed}"));
}

#[test]
fn options_without_an_endpoint_are_passed_on_as_they_came() {
    let options = prop::collection::vec(prop_oneof!["[ \\\\\\-c=a-z]{0,9}", Just("endpoint".to_owned())], 0..6);
    runner()
        .run(&options, |options| {
            let options = options.concat().into_bytes();
            let parameters = vec![(b"user".to_vec(), b"ann".to_vec()), (b"options".to_vec(), options.clone())];
            let mut startup = Startup { minor: 0, parameters };
            if names::meant(None, &mut startup) == names::Meant::Nothing {
                prop_assert_eq!(startup.parameter("options"), Some(&options[..]));
            }
            Ok(())
        })
        .unwrap_or_else(|failed| panic!("{failed}"));
}

#[test]
fn no_message_of_scram_that_is_made_up_proves_anything() {
    let first = prop_oneof![bytes(80), "(n|y|p=tls-server-end-point|p=|),(a=x)?,n=,r=[!-~]{0,9}(,x=y)?".prop_map(String::into_bytes)];
    let last = prop_oneof![bytes(80), "c=(biws|eSws|[A-Za-z=]{0,5}),r=[!-~]{0,9},p=[A-Za-z0-9+/=]{0,50}".prop_map(String::into_bytes)];
    runner()
        .run(&(any::<bool>(), any::<bool>(), first, last), |(plus, binds, first, last)| {
            let end_point = binds.then(|| vec![7; 32]);
            let exchange = Exchange { verifier: Verifier::read(VERIFIER).expect("a verifier"), end_point };
            let mechanism = if plus { PLUS } else { PLAIN };
            if let Ok((challenged, _)) = exchange.first(mechanism.as_bytes(), &first, "ours") {
                prop_assert!(challenged.last(&last).is_err());
            }
            Ok(())
        })
        .unwrap_or_else(|failed| panic!("{failed}"));
}

#[test]
fn a_header_of_a_balancer_is_understood_or_refused() {
    let line = prop_oneof![
        bytes(120),
        "PROXY (TCP4|TCP6|UNKNOWN) [0-9a-f:.]{1,9} [0-9a-f:.]{1,9} [0-9]{1,6} [0-9]{1,6}\r\n".prop_map(String::into_bytes)
    ];
    runner()
        .run(&(line, any::<[u8; 4]>(), bytes(60)), |(line, fields, rest)| {
            let _any_way = proxy::first(&line);
            let head: [u8; 16] = [&proxy::SIGNATURE[..], &fields].concat().try_into().expect("16 bytes");
            prop_assert!(proxy::second(head, &rest).is_err() || proxy::following(head) == Ok(rest.len()));
            Ok(())
        })
        .unwrap_or_else(|failed| panic!("{failed}"));
}

#[test]
fn whether_a_session_is_idle_does_not_depend_on_how_its_bytes_are_cut() {
    let kinds = prop::sample::select(&b"QSFPBEDdcfCZGWT"[..]);
    let message = (kinds, bytes(20)).prop_map(|(kind, body)| framed(kind, if kind == b'Z' { b"I" } else { &body }));
    let said = prop::collection::vec((any::<bool>(), message), 0..20);
    runner()
        .run(&(said, 1_usize..9), |(said, size)| {
            let (mut whole, mut cut) = (Talk::ready(), Talk::ready());
            for (by_client, message) in &said {
                let say = if *by_client { Talk::client } else { Talk::server };
                say(&mut whole, message);
                message.chunks(size).for_each(|piece| say(&mut cut, piece));
                prop_assert_eq!(whole.is_idle(), cut.is_idle());
                prop_assert!(cut.may_be_told());
            }
            Ok(())
        })
        .unwrap_or_else(|failed| panic!("{failed}"));
}
