//! The gateway's own DNS: it says of `_acme-challenge.<domain>` what an authority wants to hear there, of the names for which certificates are
//! ordered, and nothing else.
//!
//! `answer` is pure, `pace` says to whom, `known` has what is to be said, `serve` has the sockets.

mod answer;
mod known;
mod pace;
mod serve;

pub use answer::{Way, Zones, answer};
pub(super) use known::FRESH;
pub use serve::{Doors, serve};
