//! Of the book, the machines on which databases run that have one of their own.

use uuid::Uuid;

use super::Told;
use crate::resource::Secret;

/// The machines of one user's rows.
pub trait Machines: Send + Sync {
    /// All of them, without their keys.
    fn machines(&self) -> Told<'_, Vec<Machine>>;
    /// Has gateways be known there by this key; where there is none it only changes whose it is.
    ///
    /// Fails with [`Kind::Invalid`](crate::resource::Kind::Invalid), and for good, where somebody else has that machine.
    fn set_machine<'a>(&'a self, machine: &'a Machine, key: Option<&'a Secret>) -> Told<'a, ()>;
    /// Has gateways be known there no longer. That it is gone already is no failure.
    fn remove_machine<'a>(&'a self, name: &'a str) -> Told<'a, ()>;
}

/// A machine that runs one database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Where it is, as `<app>/<machine>`.
    pub name: String,
    /// The ownership tag.
    pub owner: String,
    /// Another one for each key; nil where the engine's own key is another by now, so that it is written again.
    pub version: Uuid,
}
