//! The gateway's front: PostgreSQL by server name. A file per step of a connection.
//!
//! In the order of a connection: [`serve()`] lets it in, on one of the `lanes`, and `session` leads it through `announced` and `proxy` (who is it really), [`startup`] (what does it
//! want), `tls`, `names` (which database), `guesses` and `scram` (may it), [`backends`] (wake it, or make it, as a `branch` where it is one), `enter` (the way in),
//! `alone` (is it one client's), `backend` (the session there) or `relay` (at the gateway that has it), `pipe` (bytes), `hold` (nobody says anything). Who only
//! cancels goes to `cancel`, and by way of `neighbours` to the gateway that knows.
//!
//! Databases run [`Here`], or at [`Nodes`] of which one is the `choice`, or on [`Machines`] of their own; who they are stands in the `book`.
//!
//! Who is `gone` without a word is noticed by the system. A cluster has a [`pool`] before it. Beside them [`Shown`] keeps certificates as rows have them, [`Acme`] orders some, for which [`dns`] answers, and [`Care`] keeps databases.

mod acme;
mod allowance;
mod alone;
mod announced;
mod backend;
pub mod backends;
mod book;
mod branch;
mod bucket;
mod cancel;
mod care;
#[cfg(test)]
mod chance;
mod choice;
pub mod dns;
mod drain;
mod enter;
mod error;
mod frames;
mod gone;
mod guesses;
mod here;
mod hold;
mod kin;
mod knock;
mod lanes;
mod lasting;
mod limits;
mod line;
mod login;
mod machines;
mod names;
mod neighbours;
mod nodes;
mod pipe;
pub mod pool;
mod proxy;
mod refusal;
mod relay;
mod replica;
mod scram;
mod serve;
mod session;
mod shown;
pub mod startup;
mod tls;
mod tls_stream;
mod told;
mod unbranched;
mod unread;
pub mod upload;
mod web;

use std::{sync::Arc, time::Duration};

use aws_lc_rs::hmac;

pub use acme::Acme;
pub use backends::{Awake, Backends, Unavailable};
pub use bucket::BucketShelf;
pub use care::{Care, OtherBucket};
pub use error::Error;
pub use guesses::Guesses;
pub use here::{Here, Whereabouts};
pub use lasting::Lasting;
pub use limits::{Deadlines, Limits};
pub use machines::{Led, Machines, PORT as MACHINE_PORT};
pub use neighbours::Neighbours;
pub use nodes::Nodes;
pub use proxy::Network;
pub use serve::{listen, serve, turn_away};
pub use shown::{Own, Shown};
pub use tls::Certificates;
pub use unbranched::Unbranched;
pub use unread::Unread;
pub use web::{Web, serve as serve_web, serve_tls as serve_web_tls};

pub use crate::authority::{Authority, Domain};
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
    /// From this follow the salts of users who are not there, and what gateways and nodes know each other by: the same on each, and known to nobody else.
    pub secret: Secret,
    /// What wrong passwords were tried: one book for all doors.
    pub guesses: Arc<Guesses>,
}

/// What all connections share.
pub struct Gateway {
    certificates: Arc<Certificates>,
    backends: Arc<dyn Backends>,
    settings: Settings,
    strangers: hmac::Key,
    counts: Arc<limits::Counts>,
    cancels: Arc<cancel::Cancels>,
    turns: alone::Turns,
    kin: Arc<kin::Kin>,
    door: Door,
}

/// Who comes in.
#[derive(Debug)]
enum Door {
    /// Clients under TLS, to the database that they name.
    Clients,
    /// Other gateways only.
    Gateways,
    /// Clients in clear, whose TLS a proxy has ended, to this one database.
    Proxied(String),
}

impl Gateway {
    /// A gateway to these databases, under the names of these certificates. To be called in the runtime that the databases are of.
    ///
    /// # Errors
    /// None as yet: any secret makes a key.
    pub fn new(certificates: Arc<Certificates>, backends: Arc<dyn Backends>, settings: Settings) -> Result<Self, Error> {
        let strangers = hmac::Key::new(hmac::HMAC_SHA256, settings.secret.expose().as_bytes());
        let counts = Arc::new(limits::Counts::new(settings.limits));
        let cancels = Arc::new(cancel::Cancels::new(&settings.secret, Arc::default()));
        let backends = Arc::new(lanes::AtHome::new(backends));
        let kin = Arc::new(kin::Kin::of(&settings.secret).map_err(Error::Kin)?);
        Ok(Self { certificates, backends, settings, strangers, counts, cancels, turns: alone::Turns::default(), kin, door: Door::Clients })
    }

    /// The same among others, to which requests to cancel are led that came here by chance.
    #[must_use]
    pub fn among(self, neighbours: Arc<Neighbours>) -> Self {
        let cancels = Arc::new(cancel::Cancels::new(&self.settings.secret, neighbours));
        Self { cancels, ..self }
    }

    /// The same without a door for clients: only sessions that other gateways lead here, and requests to cancel.
    #[must_use]
    pub fn for_gateways(self) -> Self {
        Self { door: Door::Gateways, ..self }
    }

    /// The same for clients whose TLS a proxy has ended, so that they come in clear, and of whom nobody says where they are: all of them to this one database.
    #[must_use]
    pub fn behind_a_proxy(self, database: String) -> Self {
        Self { door: Door::Proxied(database), ..self }
    }

    fn is_proxied(&self) -> bool {
        matches!(self.door, Door::Proxied(_))
    }
}
