//! A service of a machine: what Fly's proxy leads to it, and whether it starts and stops the machine for that.

use serde::Deserialize;
use serde_json::Value;

use super::{config::or_nothing, refusal::Refusal};

/// A service, as far as it is read here.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Service {
    internal_port: Option<u32>,
    protocol: Option<String>,
    #[serde(default, deserialize_with = "or_nothing")]
    ports: Vec<Port>,
    #[serde(default)]
    autostop: Value,
    autostart: Option<bool>,
    min_machines_running: Option<usize>,
}

/// A port at which the world reaches it.
#[derive(Clone, Debug, Deserialize)]
struct Port {
    port: Option<u16>,
    #[serde(default, deserialize_with = "or_nothing")]
    handlers: Vec<String>,
}

/// What the proxy does with a connection before it passes its bytes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handler {
    /// Nothing.
    Raw,
    /// It ends TLS.
    Tls,
    /// It ends TLS that is asked for as Postgres' clients do.
    PgTls,
}

/// What becomes of a machine to which nobody is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Autostop {
    Stop,
    Suspend,
}

impl Service {
    /// Refuses what Fly refuses.
    pub(super) fn look(&self) -> Result<(), Refusal> {
        if !self.internal_port.is_some_and(|port| (1..=65535).contains(&port)) {
            return Err(Refusal::invalid("config.services: internal_port is a port from 1 to 65535"));
        }
        if !matches!(self.protocol.as_deref(), Some("tcp" | "udp")) {
            return Err(Refusal::invalid("config.services: protocol is tcp or udp"));
        }
        match &self.autostop {
            Value::Null | Value::Bool(_) => Ok(()),
            Value::String(word) if ["off", "stop", "suspend"].contains(&word.as_str()) => Ok(()),
            _ => Err(Refusal::invalid("config.services: autostop is off, stop or suspend")),
        }
    }

    /// The machine's own port.
    pub(super) fn internal_port(&self) -> u16 {
        self.internal_port.and_then(|port| u16::try_from(port).ok()).unwrap_or_default()
    }

    /// The ports at which the world reaches it, with what is done there; those are left out that need what is not done here.
    pub(super) fn doors(&self) -> impl Iterator<Item = (u16, Handler)> {
        let is_tcp = self.protocol.as_deref() == Some("tcp");
        self.ports.iter().filter(move |_| is_tcp).filter_map(|port| Some((port.port?, handler(&port.handlers)?)))
    }

    /// Whether a connection starts a machine that rests; where nobody says so it does not.
    pub(super) fn starts(&self) -> bool {
        self.autostart == Some(true)
    }

    /// What is to become of its machine when nobody is connected.
    pub(super) fn stops(&self) -> Option<Autostop> {
        match &self.autostop {
            Value::Bool(true) => Some(Autostop::Stop),
            Value::String(word) if word == "stop" => Some(Autostop::Stop),
            Value::String(word) if word == "suspend" => Some(Autostop::Suspend),
            _ => None,
        }
    }
}

fn handler(said: &[String]) -> Option<Handler> {
    match said {
        [] => Some(Handler::Raw),
        [one] if one == "tls" => Some(Handler::Tls),
        [one] if one == "pg_tls" => Some(Handler::PgTls),
        _ => None,
    }
}

/// What becomes of a machine with these services, to which nobody is connected: nothing where it has none, or one of them does not want it.
pub(super) fn autostop(services: &[Service]) -> Option<Autostop> {
    let all: Vec<_> = services.iter().map(Service::stops).collect::<Option<_>>()?;
    let is_stopped = all.contains(&Autostop::Stop);
    (!all.is_empty()).then_some(if is_stopped { Autostop::Stop } else { Autostop::Suspend })
}

/// How many machines of its app go on running, whoever is connected.
pub(super) fn fewest(services: &[Service]) -> usize {
    services.iter().filter_map(|service| service.min_machines_running).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn services(said: Value) -> Vec<Service> {
        serde_json::from_value(said).unwrap()
    }

    #[test]
    fn what_is_done_at_a_port_is_told_and_what_can_not_be_done_here_is_no_port() {
        let said = json!([{ "protocol": "tcp", "internal_port": 5432, "ports": [
            { "port": 5432, "handlers": ["pg_tls"] }, { "port": 5433 }, { "port": 5434, "handlers": ["tls"] },
            { "port": 443, "handlers": ["tls", "http"] }, { "start_port": 1, "end_port": 9 }
        ] }]);
        let doors: Vec<_> = services(said)[0].doors().collect();
        assert_eq!(doors, [(5432, Handler::PgTls), (5433, Handler::Raw), (5434, Handler::Tls)]);
        assert_eq!(services(json!([{ "protocol": "udp", "internal_port": 1, "ports": [{ "port": 53 }] }]))[0].doors().count(), 0);
    }

    #[test]
    fn a_machine_is_stopped_where_all_its_services_want_it() {
        let of = |words: &[Value]| autostop(&services(words.iter().map(|word| json!({ "autostop": word })).collect()));
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[json!(true)]), Some(Autostop::Stop));
        assert_eq!(of(&[json!("suspend")]), Some(Autostop::Suspend));
        assert_eq!(of(&[json!("suspend"), json!("stop")]), Some(Autostop::Stop));
        for off in [json!(false), json!("off"), Value::Null] {
            assert_eq!(of(&[json!(true), off]), None);
        }
        assert_eq!(fewest(&services(json!([{}, { "min_machines_running": 2 }]))), 2);
    }
}
