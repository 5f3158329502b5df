//! What a machine is to be: the configuration as it was sent, kept with all that we don't know, and what we read of it.

use std::{collections::BTreeMap, path::Path, time::Duration};

use nix::sys::signal::Signal;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{
    guest::Guest,
    refusal::Refusal,
    said,
    service::{Autostop, Service},
};

/// How long a machine has to stop where nothing is said, and the longest that may be said.
const STOPPING: Duration = Duration::from_secs(5);
const LONGEST_STOP: Duration = Duration::from_secs(300);
/// How often a machine is restarted where nothing is said.
const RETRIES: u32 = 10;

/// What we read of a configuration.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Config {
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) image: String,
    guest: Option<Guest>,
    size: Option<String>,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) env: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) init: Init,
    restart: Option<Restart>,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) checks: BTreeMap<String, Check>,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) mounts: Vec<Mount>,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) services: Vec<Service>,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) files: Vec<File>,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) auto_destroy: bool,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) metadata: BTreeMap<String, String>,
    stop_config: Option<StopConfig>,
    pub(super) schedule: Option<String>,
}

/// The words that are run.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Init {
    /// Instead of the image's entrypoint and the words behind it.
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) exec: Vec<String>,
    /// Instead of the image's entrypoint.
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) entrypoint: Vec<String>,
    /// Behind the entrypoint.
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) cmd: Vec<String>,
}

/// When a machine is started again whose process has ended.
#[derive(Debug, Deserialize)]
struct Restart {
    policy: Option<String>,
    max_retries: Option<u32>,
}

/// When a machine is started again whose process has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    Never,
    Always,
    /// So many times, where the exit code is not 0.
    OnFailure(u32),
}

/// What is looked at while a machine runs.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Check {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) port: u16,
    #[serde(default)]
    interval: Value,
    #[serde(default)]
    timeout: Value,
    #[serde(default)]
    grace_period: Value,
    pub(super) path: Option<String>,
    pub(super) method: Option<String>,
    protocol: Option<String>,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) headers: Vec<Header>,
}

/// A header of an HTTP check.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Header {
    pub(super) name: String,
    pub(super) values: Vec<String>,
}

/// Where a volume is to be seen.
#[derive(Debug, Deserialize)]
pub(super) struct Mount {
    #[serde(default)]
    pub(super) volume: String,
    #[serde(default)]
    pub(super) path: String,
}

/// A file that stands in the machine when it starts.
#[derive(Debug, Deserialize)]
pub(super) struct File {
    pub(super) guest_path: String,
    /// In base64.
    pub(super) raw_value: Option<String>,
    /// The secret that holds it, in base64.
    pub(super) secret_name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct StopConfig {
    #[serde(default)]
    signal: Value,
    #[serde(default)]
    timeout: Value,
}

/// Go's clients send null for what is empty.
pub(super) fn or_nothing<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Config {
    /// Reads what was sent. The parts are refused elsewhere, see [`normal`].
    pub(super) fn read(sent: &Value) -> Result<Self, Refusal> {
        Self::deserialize(sent).map_err(|error| Refusal::invalid(format!("config: {}", unquoted(&error.to_string()))))
    }

    /// How large the machine is.
    pub(super) fn guest(&self) -> Result<Guest, Refusal> {
        match (&self.guest, &self.size) {
            (Some(guest), _) => guest.clone().checked(),
            (None, Some(size)) => Guest::preset(size),
            (None, None) => Ok(Guest::smallest()),
        }
    }

    /// When it is started again.
    pub(super) fn policy(&self) -> Result<Policy, Refusal> {
        let retries = self.restart.as_ref().and_then(|restart| restart.max_retries).unwrap_or(RETRIES);
        match self.restart.as_ref().and_then(|restart| restart.policy.as_deref()) {
            None | Some("" | "on-failure") => Ok(Policy::OnFailure(retries)),
            Some("no") => Ok(Policy::Never),
            Some("always") => Ok(Policy::Always),
            Some(other) => Err(Refusal::invalid(format!("config.restart.policy {other:?} is unknown; it is no, always or on-failure"))),
        }
    }

    /// With which signal it is stopped, and after how long it is killed.
    pub(super) fn stop(&self) -> Result<(Signal, Duration), Refusal> {
        let said = self.stop_config.as_ref();
        let signal = said.map(|stop| &stop.signal).filter(|signal| !signal.is_null());
        let timeout = said.map(|stop| &stop.timeout).filter(|timeout| !timeout.is_null());
        let signal = signal.map_or(Some(Signal::SIGINT), said::signal);
        let timeout = timeout.map_or(Some(STOPPING), said::span).filter(|timeout| *timeout <= LONGEST_STOP);
        let signal =
            signal.ok_or_else(|| Refusal::invalid("config.stop_config.signal is no signal that can be sent; it looks like SIGTERM"))?;
        let timeout = timeout.ok_or_else(|| Refusal::invalid("config.stop_config.timeout is no span of up to 300s; it looks like 10s"))?;
        Ok((signal, timeout))
    }

    /// Whether one of its services asks Fly's proxy to suspend it.
    pub(super) fn is_suspended_by_proxy(&self) -> bool {
        self.services.iter().any(|service| service.stops() == Some(Autostop::Suspend))
    }
}

impl Check {
    pub(super) fn interval(&self) -> Duration {
        said::span(&self.interval).unwrap_or(Duration::from_secs(15)).max(Duration::from_millis(100))
    }

    pub(super) fn timeout(&self) -> Duration {
        said::span(&self.timeout).unwrap_or(Duration::from_secs(10))
    }

    pub(super) fn grace(&self) -> Duration {
        said::span(&self.grace_period).unwrap_or_default()
    }

    pub(super) fn is_http(&self) -> bool {
        self.kind == "http"
    }

    fn look(&self, name: &str) -> Result<(), Refusal> {
        if !["tcp", "http"].contains(&self.kind.as_str()) || self.port == 0 {
            return Err(Refusal::invalid(format!("config.checks.{name} needs a type, tcp or http, and a port")));
        }
        if self.protocol.as_deref().is_some_and(|protocol| !["http", "https", ""].contains(&protocol)) {
            return Err(Refusal::invalid(format!("config.checks.{name}.protocol is http or https")));
        }
        let spans = [&self.interval, &self.timeout, &self.grace_period];
        if spans.into_iter().any(|span| !span.is_null() && said::span(span).is_none()) {
            return Err(Refusal::invalid(format!(
                "config.checks.{name} has an interval, timeout or grace_period that is no span; it looks like 15s"
            )));
        }
        Ok(())
    }
}

/// Takes a configuration as it was sent, refuses what Fly refuses, and answers it as Fly gives it back: with the size written out, and autostop
/// as false, true or suspend. What we don't know is kept.
pub(super) fn normal(sent: Value) -> Result<Value, Refusal> {
    let config = Config::read(&sent)?;
    let Value::Object(mut sent) = sent else { return Err(Refusal::invalid("config is an object")) };
    if config.image.is_empty() {
        return Err(Refusal::invalid("config.image is missing: a machine needs an image"));
    }
    let guest = config.guest()?;
    config.policy()?;
    config.stop()?;
    config.checks.iter().try_for_each(|(name, check)| check.look(name))?;
    config.services.iter().try_for_each(Service::look)?;
    config.files.iter().try_for_each(|sent| file(sent, &config.mounts))?;
    names(&config)?;
    mounts(&config)?;
    if config.is_suspended_by_proxy() && (guest.memory_mb > 2048 || config.schedule.is_some()) {
        return Err(Refusal::invalid("config.services: autostop suspend needs a machine of 2048 MB at most, without a schedule"));
    }
    sent.remove("size");
    sent.insert("guest".to_owned(), merged(sent.get("guest"), serde_json::json!(guest)));
    sent.entry("init").or_insert_with(|| Value::Object(Map::new()));
    if let Some(Value::Array(services)) = sent.get_mut("services") {
        services.iter_mut().for_each(autostop);
    }
    Ok(Value::Object(sent))
}

/// What was sent, with what we know written over it.
fn merged(sent: Option<&Value>, known: Value) -> Value {
    let (Some(Value::Object(sent)), Value::Object(known)) = (sent, &known) else { return known };
    Value::Object(sent.clone().into_iter().chain(known.clone()).collect())
}

fn autostop(service: &mut Value) {
    let Some(said) = service.get_mut("autostop") else { return };
    match said.as_str() {
        Some("off") => *said = Value::Bool(false),
        Some("stop") => *said = Value::Bool(true),
        _ => {}
    }
}

fn file(file: &File, mounts: &[Mount]) -> Result<(), Refusal> {
    let one = file.raw_value.is_some() != file.secret_name.is_some();
    if mounts.iter().any(|mount| Path::new(&file.guest_path).starts_with(&mount.path)) {
        return Err(Refusal::invalid("config.files: a guest_path is not on a volume"));
    }
    if one && is_path(&file.guest_path) {
        return Ok(());
    }
    Err(Refusal::invalid("config.files: each has an absolute guest_path without .., and a raw_value or a secret_name"))
}

fn names(config: &Config) -> Result<(), Refusal> {
    let bad = config.env.keys().find(|name| !is_variable(name));
    bad.map_or(Ok(()), |name| Err(Refusal::invalid(format!("config.env: {name:?} is no name of a variable"))))
}

fn mounts(config: &Config) -> Result<(), Refusal> {
    if config.mounts.len() > 1 {
        return Err(Refusal::invalid("config.mounts: a machine has one volume at most"));
    }
    for mount in &config.mounts {
        if mount.volume.is_empty() {
            return Err(Refusal::invalid("config.mounts: volume is the id of a volume, as vol_…"));
        }
        if !is_path(&mount.path) || mount.path == "/" {
            return Err(Refusal::invalid("config.mounts: path is an absolute path below /, without .."));
        }
    }
    Ok(())
}

fn is_path(path: &str) -> bool {
    path.starts_with('/') && !path.contains('\0') && path.split('/').all(|part| part != "..")
}

/// A name that a shell takes for a variable's.
pub(super) fn is_variable(name: &str) -> bool {
    let begins = name.chars().next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    begins && name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_')
}

/// serde's sentence without the value that it did not like: that may be a secret.
pub(super) fn unquoted(said: &str) -> String {
    let (Some(begin), Some(end)) = (said.find(['"', '`']), said.rfind(['"', '`'])) else { return said.to_owned() };
    // a missing field's name is ours, and helps
    if begin == end || said.starts_with("missing field") {
        return said.to_owned();
    }
    format!("{}…{}", &said[..begin], &said[end + 1..])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_known_is_kept_and_what_is_known_is_written_out() {
        let sent = json!({ "image": "a", "guest": { "cpus": 2, "gpu": 1 }, "dns": { "x": 1 }, "mounts": null,
            "services": [{ "internal_port": 80, "protocol": "tcp", "autostop": "off", "more": [1] }] });
        let normal = normal(sent).unwrap();
        assert_eq!(normal["guest"], json!({ "cpus": 2, "cpu_kind": "shared", "memory_mb": 512, "gpu": 1 }));
        assert_eq!(normal["services"][0], json!({ "internal_port": 80, "protocol": "tcp", "autostop": false, "more": [1] }));
        assert_eq!(normal["dns"], json!({ "x": 1 }));
    }

    #[test]
    fn what_fly_refuses_is_refused() {
        let refused = [
            (json!({}), "config.image"),
            (json!({ "image": "a", "restart": { "policy": "sometimes" } }), "restart.policy"),
            (json!({ "image": "a", "stop_config": { "signal": "SIGSTOP" } }), "stop_config.signal"),
            (json!({ "image": "a", "stop_config": { "timeout": "1h" } }), "stop_config.timeout"),
            (json!({ "image": "a", "checks": { "x": { "type": "udp", "port": 1 } } }), "config.checks.x"),
            (json!({ "image": "a", "checks": { "x": { "type": "tcp", "port": 1, "interval": "soon" } } }), "config.checks.x"),
            (json!({ "image": "a", "mounts": [{ "volume": "vol_1", "path": "/a/../b" }] }), "path"),
            (json!({ "image": "a", "mounts": [{ "path": "/a" }] }), "volume"),
            (json!({ "image": "a", "services": [{ "internal_port": 0, "protocol": "tcp" }] }), "internal_port"),
            (json!({ "image": "a", "services": [{ "internal_port": 1, "protocol": "tcp", "autostop": "later" }] }), "autostop"),
            (json!({ "image": "a", "env": { "A=B": "x" } }), "config.env"),
            (json!({ "image": "a", "files": [{ "guest_path": "a", "raw_value": "" }] }), "config.files"),
            (
                json!({ "image": "a", "files": [{ "guest_path": "/a/b", "raw_value": "" }], "mounts": [{ "volume": "v", "path": "/a" }] }),
                "on a volume",
            ),
        ];
        for (sent, names) in refused {
            let said = normal(sent.clone()).expect_err("it is refused").to_string();
            assert!(said.contains(names), "{sent}: {said}");
        }
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_not_repeated() {
        let said = Config::read(&json!({ "image": "a", "env": "hunter2" })).unwrap_err().to_string();
        assert!(!said.contains("hunter2") && said.contains("expected a map"), "{said}");
    }
}
