//! `iasql key`: keys on the command line.

use std::fs;

use iasql::{control::Setup, seal::Keyring};

use super::{code, err, iasql, out};
use crate::{
    control::{admin, own},
    rollout::sql,
    support::{self, database_name, key_text},
};

#[test]
fn a_new_key_is_printed_and_nothing_else() {
    let made = iasql(&["key", "new"]);
    assert_eq!((code(&made), err(&made)), (Some(0), String::new()));
    assert_eq!(Keyring::parse(&out(&made)).unwrap().public().count(), 1);
}

#[tokio::test]
async fn a_key_below_the_others_seals_from_now_on_and_reseal_moves_what_there_was() {
    let (own, name) = (own().await, database_name());
    let setup = Setup { modules: Some(vec!["secretsmanager".into()]), ..Setup::default() };
    own.control.setup(&name, setup).await.unwrap();
    sql(&mut admin(&name).await, "insert into secretsmanager.secret (name, value) values ('a', 'one')").await;
    let file = std::env::temp_dir().join(database_name()).with_extension("asc");
    let later = support::new_key(50);
    fs::write(&file, format!("{}{later}", key_text())).unwrap();
    let newest = Keyring::parse(&later).unwrap().newest().unwrap().id.clone();
    let words = ["key", "reseal", "--all", "--database-url", &own.url, "--key-file", file.to_str().unwrap()];
    let resealed = iasql(&words);
    assert_eq!((code(&resealed), out(&resealed)), (Some(0), format!("{name}: 1 sealed anew to {newest}\n")), "{}", err(&resealed));
    // with the old one alone it would not open
    let lost = iasql(&["key", "reseal", &name, "--database-url", &own.url]);
    assert!(code(&lost) == Some(1) && err(&lost).contains("--key-file"), "{}", err(&lost));
}

#[tokio::test]
async fn a_key_file_that_is_none_is_named_and_not_shown() {
    let own = own().await;
    let file = std::env::temp_dir().join(database_name()).with_extension("asc");
    fs::write(&file, "hunter2").unwrap();
    let file = file.to_str().unwrap();
    let refused = iasql(&["check", "shop", "--database-url", &own.url, "--key-file", file]);
    assert_eq!(code(&refused), Some(1));
    let said = format!("reading the engine's keys from {file}: there is no OpenPGP private key in it");
    assert!(err(&refused).contains(&said) && !err(&refused).contains("hunter2"), "{}", err(&refused));
}
