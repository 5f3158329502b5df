//! The gateway's front: PostgreSQL by server name. A file per step of a connection.
//!
//! In the order of a connection: [`serve()`] lets it in and `session` leads it through `proxy` (who is it really), [`startup`] (what does it
//! want), `tls`, `names` (which database), `scram` (may it), [`backends`] (wake it), `backend` (the session there), `pipe` (bytes), `hold` (nobody says anything).
//! Beside them [`Shown`] keeps certificates as rows have them, and [`Care`] databases.

mod authority;
mod backend;
pub mod backends;
mod bucket;
mod cancel;
mod care;
#[cfg(test)]
mod chance;
mod drain;
mod error;
mod frames;
mod here;
mod hold;
mod limits;
mod line;
mod login;
mod names;
mod pipe;
mod proxy;
mod refusal;
mod scram;
mod serve;
mod session;
mod shown;
pub mod startup;
mod tls;
pub mod upload;
mod web;

use std::{sync::Arc, time::Duration};

use aws_lc_rs::hmac;

pub use authority::Authority;
pub use backends::{Awake, Backends, Unavailable};
pub use bucket::BucketShelf;
pub use care::Care;
pub use error::Error;
pub use here::Here;
pub use limits::{Deadlines, Limits};
pub use proxy::Network;
pub use serve::{listen, serve};
pub use shown::{Own, Shown};
pub use tls::{Certificates, Domain};
pub use web::{Web, serve as serve_web};

use crate::resource::Secret;

/// How a gateway is to behave.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many may come.
    pub limits: Limits,
    /// How long each step may take.
    pub deadlines: Deadlines,
    /// From where a PROXY header is believed, and demanded.
    pub trusted: Vec<Network>,
    /// How long sessions in a transaction have when the gateway stops.
    pub grace: Duration,
    /// From this follow the salts of users who are not there: the same on each gateway, and known to nobody else.
    pub secret: Secret,
}

/// What all connections share.
pub struct Gateway {
    certificates: Arc<Certificates>,
    backends: Arc<dyn Backends>,
    settings: Settings,
    strangers: hmac::Key,
    counts: Arc<limits::Counts>,
    cancels: Arc<cancel::Cancels>,
}

impl Gateway {
    /// A gateway to these databases, under the names of these certificates.
    pub fn new(certificates: Arc<Certificates>, backends: Arc<dyn Backends>, settings: Settings) -> Self {
        let strangers = hmac::Key::new(hmac::HMAC_SHA256, settings.secret.expose().as_bytes());
        let counts = Arc::new(limits::Counts::new(settings.limits));
        Self { certificates, backends, settings, strangers, counts, cancels: Arc::default() }
    }
}
