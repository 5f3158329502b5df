//! The engine's keys, one for the whole run: making one takes a moment.

use std::{path::PathBuf, sync::OnceLock};

use iasql::{
    control::{Control, KeySource},
    seal::{self, Keyring},
};

/// A key file's text, made so many seconds after the first that it is that much newer.
pub(crate) fn new_key(later: i64) -> String {
    let made_at = chrono::DateTime::from_timestamp(1_800_000_000 + later, 0).expect("a time");
    seal::new_key(made_at).expect("a key").expose().to_owned()
}

/// The text of the keys that every engine of the tests has.
pub(crate) fn key_text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| new_key(0))
}

/// A file with those, for an engine that is a process.
pub(crate) fn key_file() -> &'static PathBuf {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let file = std::env::temp_dir().join(format!("iasql-key-{}.asc", std::process::id()));
        std::fs::write(&file, key_text()).expect("a key file");
        file
    })
}

/// Those keys.
pub(crate) fn keys() -> Keyring {
    static KEYS: OnceLock<Keyring> = OnceLock::new();
    KEYS.get_or_init(|| Keyring::parse(key_text()).expect("a key")).clone()
}

/// An engine with those.
pub(crate) async fn keyed(control: Control) -> Control {
    control.with_keys(KeySource::Given(keys())).await.unwrap_or_else(|error| panic!("{error:?}"))
}
