//! Which machine a connection is for: by the port that it comes to, and the name that it comes by. No socket, no clock.

use std::collections::BTreeSet;

use super::DOMAIN;
use crate::machines::{
    app::{Address, App},
    machine::State,
    service::Handler,
    world::Books,
};

/// A machine that has a service at a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) app: String,
    pub(super) machine: String,
    pub(super) state: State,
    /// The machine's own port.
    pub(super) port: u16,
    pub(super) handler: Handler,
    /// Whether a connection starts it.
    pub(super) starts: bool,
}

/// Why a connection is for nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Astray {
    /// No app of this name has a service there.
    #[error("no app {0} has a service at this port, and an address")]
    Unknown(String),
    /// Several have, and it does not say which is meant.
    #[error("several apps have a service at this port, and the connection does not say which one is meant: as <app>.{DOMAIN}")]
    Several,
}

/// The ports at which there is something to lead somebody to.
pub(super) fn ports(books: &Books) -> BTreeSet<u16> {
    all(books).map(|(port, _)| port).collect()
}

/// What there is at a port.
pub(super) fn targets(books: &Books, port: u16) -> Vec<Target> {
    all(books).filter(|(at, _)| *at == port).map(|(_, target)| target).collect()
}

fn all(books: &Books) -> impl Iterator<Item = (u16, Target)> {
    let machines = books.apps.values().flat_map(|app| books.living(&app.name).map(move |machine| (app, machine)));
    machines.filter(|(_, machine)| !machine.cordoned).flat_map(|(app, machine)| {
        let target = |handler, port, starts| Target {
            app: app.name.clone(),
            machine: machine.id.clone(),
            state: machine.state,
            port,
            handler,
            starts,
        };
        let services = machine.config().services;
        let doors = services.iter().flat_map(|service| service.doors().map(move |(port, handler)| (port, handler, service)));
        let doors = doors.filter(|(_, handler, _)| is_reached(app, *handler));
        doors.map(|(port, handler, service)| (port, target(handler, service.internal_port(), service.starts()))).collect::<Vec<_>>()
    })
}

/// Whether the world gets to an app's services: at an address that is the app's own, or by TLS' server name at the one that all share
/// (fly.io/docs/networking/services).
fn is_reached(app: &App, handler: Handler) -> bool {
    let is_public = |address: &Address| !address.egress && !address.ip.starts_with("fdaa:");
    app.addresses.iter().any(|address| is_public(address) && (!address.shared || handler == Handler::Tls))
}

/// What is done with a connection before it is known whom it is for; `None` where two differ in that.
pub(super) fn handler(targets: &[Target]) -> Option<Handler> {
    let first = targets.first()?.handler;
    targets.iter().all(|target| target.handler == first).then_some(first)
}

/// The machine for a connection that comes by this name: of its app one that runs, and of those the one with the least to do.
pub(super) fn choose(targets: Vec<Target>, host: Option<&str>, load: impl Fn(&str) -> usize) -> Result<Target, Astray> {
    let named = host.map(str::to_ascii_lowercase).and_then(|host| Some(host.strip_suffix(DOMAIN)?.strip_suffix('.')?.to_owned()));
    let mut apps: BTreeSet<_> = targets.iter().map(|target| target.app.clone()).collect();
    let app = match named {
        Some(app) => apps.take(&app).ok_or(Astray::Unknown(app))?,
        // as at an address of its own
        None if apps.len() == 1 => apps.pop_first().ok_or(Astray::Several)?,
        None => return Err(Astray::Several),
    };
    let of_app = targets.into_iter().filter(|target| target.app == app);
    of_app.min_by_key(|target| (trouble(target), load(&target.machine))).ok_or(Astray::Unknown(app))
}

/// How much has to be done before it takes a connection.
fn trouble(target: &Target) -> u8 {
    match target.state {
        State::Started => 0,
        State::Starting | State::Restarting | State::Replacing => 1,
        State::Suspending | State::Suspended if target.starts => 2,
        State::Created | State::Stopping | State::Stopped | State::Failed if target.starts => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(app: &str, machine: &str, state: State) -> Target {
        Target { app: app.into(), machine: machine.into(), state, port: 1, handler: Handler::PgTls, starts: true }
    }

    #[test]
    fn a_connection_is_for_the_app_that_it_names_or_for_the_only_one() {
        let two = || vec![target("shop", "a", State::Stopped), target("till", "b", State::Started)];
        let chosen = |targets, host| choose(targets, host, |_| 0).map(|target| target.machine);
        assert_eq!(chosen(two(), Some("shop.fly.dev")).as_deref(), Ok("a"));
        assert_eq!(chosen(two(), Some("Till.FLY.dev")).as_deref(), Ok("b"));
        assert_eq!(chosen(two(), Some("x.fly.dev")), Err(Astray::Unknown("x".into())));
        for host in [None, Some("localhost"), Some("fly.dev")] {
            assert_eq!(chosen(two(), host), Err(Astray::Several));
            assert_eq!(chosen(two()[..1].to_vec(), host).as_deref(), Ok("a"));
        }
    }

    #[test]
    fn of_an_app_that_machine_is_chosen_that_runs_and_has_the_least_to_do() {
        let of = |states: &[State]| {
            let all = states.iter().enumerate().map(|(at, state)| target("shop", &at.to_string(), *state)).collect();
            choose(all, None, |machine| if machine == "1" { 5 } else { 7 }).unwrap().machine
        };
        assert_eq!(of(&[State::Stopped, State::Suspended, State::Started]), "2");
        assert_eq!(of(&[State::Started, State::Started, State::Stopped]), "1");
        assert_eq!(of(&[State::Stopped, State::Destroying, State::Suspended]), "2");
        let mut asleep = vec![target("shop", "a", State::Stopped), target("shop", "b", State::Stopped)];
        asleep[0].starts = false;
        assert_eq!(choose(asleep, None, |_| 0).unwrap().machine, "b");
    }

    #[test]
    fn what_is_done_first_is_the_same_for_all_at_a_port_or_it_is_unknown() {
        let raw = Target { handler: Handler::Raw, ..target("till", "b", State::Started) };
        let pg = target("shop", "a", State::Started);
        assert_eq!(handler(&[pg.clone(), pg.clone()]), Some(Handler::PgTls));
        assert_eq!([handler(&[pg, raw]), handler(&[])], [None, None]);
    }
}
