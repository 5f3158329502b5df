//! Fly's Machines API (docs.machines.dev); only below here is it called.

mod account;
mod apart;
mod app;
mod certificate;
mod config;
mod end;
mod error;
mod ip_address;
mod kept_key;
mod lease;
mod machine;
mod rolls;
mod secret;
mod spelling;
mod start;
mod volume;
mod way;

pub use account::Account;
pub(crate) use kept_key::Kept;
pub use start::Berth;
pub use way::Fly;

use crate::resource::Registry;

/// What there is of it; one line each.
pub fn register(registry: Registry, fly: &Fly) -> Registry {
    registry
        .with::<app::App>(fly)
        .with::<secret::Secret>(fly)
        .with::<volume::Volume>(fly)
        .with::<machine::Machine>(fly)
        .with::<ip_address::IpAddress>(fly)
        .with::<certificate::Certificate>(fly)
}
