//! Why a key can't be used, or a value not be opened. Never holds any of either.

/// Why a key can't be used, or a value not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The machine gives no random numbers.
    #[error("no key could be made: this machine gives no random numbers")]
    Random,
    /// The text is something else.
    #[error("there is no OpenPGP private key in it, or it is broken; iasql key new makes one")]
    NoKey,
    /// A key that pgcrypto can't seal to, or that asks for a password.
    #[error("the key is none that can be used: it needs an RSA subkey that is locked by no password; iasql key new makes one")]
    Unfit,
    /// What is sealed is not what the database made.
    #[error("it is sealed in a way that can't be read")]
    Broken,
    /// What is sealed belongs elsewhere.
    #[error("it was sealed for another place ({place}) and is not opened here: write the value again")]
    ForAnother {
        /// Where.
        place: String,
    },
    /// The key is not here.
    #[error(
        "it is sealed to the key {id}, and this engine has another one ({own}): give it that one too (--key-file), or write the value again"
    )]
    Unknown {
        /// The key that it is sealed to.
        id: String,
        /// The engine's own.
        own: String,
    },
    /// There is no key here.
    #[error("it is sealed to the key {id}, and this engine has none: start it with --key-file or --key-secret")]
    None {
        /// The key that it is sealed to.
        id: String,
    },
}
