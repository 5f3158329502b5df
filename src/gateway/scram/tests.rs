//! SCRAM against the example of RFC 7677 and against whoever does not keep to it.

use super::*;

/// What RFC 7677 has for the password `pencil`.
const VERIFIER: &str =
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
const FIRST: &str = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
const OURS: &str = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const LAST: &str = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

fn exchange(end_point: Option<Vec<u8>>) -> Exchange {
    Exchange { verifier: Verifier::read(VERIFIER).unwrap(), end_point }
}

fn first(mechanism: &str, message: &str, end_point: Option<Vec<u8>>) -> Result<(Challenged, String), Denied> {
    exchange(end_point).first(mechanism.as_bytes(), message.as_bytes(), OURS)
}

fn denied<T>(result: Result<T, Denied>) -> Denied {
    result.err().expect("a denial")
}

#[test]
fn the_exchange_is_the_one_that_rfc_7677_shows() {
    let (challenged, answer) = first(PLAIN, FIRST, None).unwrap();
    assert_eq!(answer, "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
    assert_eq!(challenged.last(LAST.as_bytes()).unwrap().0, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

#[test]
fn who_was_made_to_believe_that_the_channel_can_not_be_bound_is_refused() {
    let message = FIRST.replacen('n', "y", 1);
    assert_eq!(denied(first(PLAIN, &message, Some(vec![1]))), Denied::Downgrade);
    assert!(first(PLAIN, &message, None).is_ok());
}

#[test]
fn a_flag_that_does_not_fit_the_mechanism_is_refused() {
    for (mechanism, flag) in
        [(PLAIN, "p=tls-server-end-point"), (PLUS, "n"), (PLUS, "y"), (PLUS, "p=tls-unique"), (PLUS, "p="), (PLAIN, "x"), (PLAIN, "")]
    {
        let message = format!("{flag},,n=,r=abc");
        assert!(matches!(denied(first(mechanism, &message, Some(vec![1]))), Denied::Malformed(_)), "{mechanism} {flag}");
    }
    assert_eq!(denied(first(PLUS, "p=tls-server-end-point,,n=,r=abc", None)), Denied::Mechanism);
    assert_eq!(denied(first("PLAIN", FIRST, None)), Denied::Mechanism);
}

#[test]
fn a_channel_bound_to_another_certificate_is_refused() {
    let message = "p=tls-server-end-point,,n=,r=abc";
    let (challenged, _) = first(PLUS, message, Some(vec![7; 32])).unwrap();
    let theirs = base64::encode([b"p=tls-server-end-point,,", &[8; 32][..]].concat());
    let last = format!("c={theirs},r=abc{OURS},p={}", base64::encode([0; 32]));
    assert_eq!(denied(challenged.last(last.as_bytes())), Denied::Binding);
}

#[test]
fn first_messages_of_another_form_are_refused() {
    let long = format!("n,,n=,r={}", "a".repeat(LONGEST));
    for message in
        ["", "n", "n,", "n,,", "n,a=ann,n=,r=abc", "n,,m=x,n=,r=abc", "n,,n=", "n,,n=,r=", "n,,n=,r=a\u{7f}", "n,,n=,r=ä", "n,,n=,r=a\0b"]
    {
        assert!(matches!(denied(first(PLAIN, message, None)), Denied::Malformed(_)), "{message}");
    }
    assert_eq!(denied(first(PLAIN, &long, None)), Denied::Long);
}

#[test]
fn last_messages_of_another_form_are_refused() {
    let cases = [
        ("", Denied::Malformed("no proof")),
        ("c=biws,r=x,p=AAAA", Denied::Nonce),
        (&LAST[..LAST.len() - 4], Denied::Malformed("a proof of another length")),
        (&LAST.replace("biws", "eSws"), Denied::Binding),
        (&LAST.replace("dHzb", "dHza"), Denied::Proof),
        (&LAST.replace("c=biws,", ""), Denied::Malformed("no channel binding")),
    ];
    for (message, reason) in cases {
        let (challenged, _) = first(PLAIN, FIRST, None).unwrap();
        assert_eq!(denied(challenged.last(message.as_bytes())), reason, "{message}");
    }
}

#[test]
fn who_is_not_there_has_the_same_salt_each_time_and_no_password() {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"secret");
    let (one, again) = (Verifier::made_up(&key, b"db\0ann"), Verifier::made_up(&key, b"db\0ann"));
    assert_eq!((one.salt.len(), one.rounds), (24, 4096));
    assert_eq!(one.salt, again.salt);
    assert_ne!(one.salt, Verifier::made_up(&key, b"db\0bob").salt);
}

#[test]
fn a_verifier_of_another_form_is_none() {
    for text in
        ["", "md5abc", "SCRAM-SHA-256$0:AAAA$AAAA:AAAA", "SCRAM-SHA-256$4096:$a:b", "SCRAM-SHA-256$4096:AAAA$AAAA:AAAA", &VERIFIER[..60]]
    {
        assert!(Verifier::read(text).is_none(), "{text}");
    }
}

#[test]
fn what_a_proof_has_shown_proves_it_elsewhere_too() {
    let (challenged, _) = first(PLAIN, FIRST, None).unwrap();
    let (_, keys) = challenged.last(LAST.as_bytes()).unwrap();
    let (challenged, challenge) = first(PLAIN, &Keys::first("elsewhere"), Some(vec![1])).unwrap();
    let (last, expected) = keys.last("elsewhere", challenge.as_bytes()).unwrap();
    assert_eq!(challenged.last(last.as_bytes()).unwrap().0, expected);
    for challenge in ["", "r=elsewhere,s=AAAA,i=1", "r=other,s=AAAA,i=1", "s=AAAA,i=1"] {
        assert!(keys.last("elsewhere", challenge.as_bytes()).is_err(), "{challenge}");
    }
}
