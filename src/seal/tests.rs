//! Keys made, read, and told apart; what pgcrypto seals to them is in tests/secrets.

use chrono::DateTime;

use super::*;

fn key(second: i64) -> String {
    new_key(DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()).unwrap().expose().to_owned()
}

#[test]
fn a_key_that_is_made_is_one_that_others_can_read() {
    let ring = Keyring::parse(&key(0)).unwrap();
    assert_eq!(ring.public().count(), 1);
    assert_eq!(ring.newest().unwrap().id.len(), 16);
    assert_eq!(format!("{ring:?}"), format!("[{:?}]", ring.newest().unwrap().id));
}

#[test]
fn of_several_keys_the_newest_seals_and_what_is_derived_follows_from_the_oldest() {
    let (old, new) = (key(0), key(1));
    let [alone, both, turned] = [old.clone(), format!("{old}{new}"), format!("{new}\n\n{old}")].map(|text| Keyring::parse(&text).unwrap());
    assert_ne!(both.newest(), alone.newest());
    assert_eq!(both.newest(), turned.newest());
    assert_eq!(both.derived("webhook shop"), alone.derived("webhook shop"));
    assert_ne!(both.derived("webhook shop"), both.derived("webhook shoes"));
    assert_eq!(Keyring::default().derived("webhook shop"), None);
}

#[test]
fn what_is_no_key_is_refused_without_repeating_it() {
    for text in ["", "hunter2", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nhunter2\n-----END PGP PRIVATE KEY BLOCK-----"] {
        let error = Keyring::parse(text).unwrap_err();
        assert!(error == Error::NoKey && !error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn what_says_itself_that_it_belongs_elsewhere_is_not_even_tried() {
    let ring = Keyring::parse(&key(0)).unwrap();
    let place = Place { database: "shop", column: "ssm.parameter.secret_value" };
    let open = |sealed: &str| ring.open(place, sealed).unwrap_err();
    assert_eq!(open("hunter2"), Error::Broken);
    assert_eq!(open("iasql:sealed:0123456789abcdef:shoes:AAAA"), Error::ForAnother { place: "shoes".into() });
    assert!(matches!(open("iasql:sealed:0123456789abcdef:shop:AAAA"), Error::Unknown { .. }));
    let own = ring.newest().unwrap().id.clone();
    assert_eq!(open(&format!("iasql:sealed:{own}:shop:AAAA")), Error::Broken);
}
