//! A machine's configuration: what of it are columns, written over what Fly has; the rest stays as it is.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{machine::Machine, spelling};

/// Under which name a machine says whose row it is.
pub(super) const OWNER: &str = "iasql_row";
/// What a machine's secrets are that are the app's as they are now.
pub(super) const CURRENT: &str = "current";

/// Under which name it says as of which secrets of its app it is.
pub(super) const SECRETS: &str = "iasql_secrets";

/// Under which name it says with which others it is changed one after the other.
pub(super) const ROLLS: &str = "iasql_rolls";

/// What the columns say, over what there is; with whose row it is, and as of which secrets.
pub(super) fn over(mut config: Value, machine: &Machine, owner: &str, secrets: Option<&str>) -> Value {
    if !config.is_object() {
        config = Value::Object(Map::new());
    }
    config["image"] = machine.image.clone().into();
    config["env"] = json!(machine.env);
    let mut metadata = machine.metadata.clone();
    metadata.insert(OWNER.to_owned(), owner.to_owned());
    metadata.extend(secrets.filter(|mark| !mark.is_empty()).map(|mark| (SECRETS.to_owned(), mark.to_owned())));
    let rolls = machine.rolls_with.clone().or_else(|| config["metadata"][ROLLS].as_str().map(str::to_owned));
    metadata.extend(rolls.map(|group| (ROLLS.to_owned(), group)));
    config["metadata"] = json!(metadata);
    let guest = [("cpu_kind", json!(machine.cpu_kind)), ("cpus", json!(machine.cpus)), ("memory_mb", json!(machine.memory_mb))];
    guest.into_iter().for_each(|(name, value)| put(&mut config, &["guest", name], value));
    put(&mut config, &["init", "cmd"], json!(machine.cmd));
    put_over(&mut config, "services", machine.services.as_ref());
    put_over(&mut config, "checks", machine.checks.as_ref());
    put(&mut config, &["restart", "policy"], json!(machine.restart_policy));
    put(&mut config, &["restart", "max_retries"], json!(machine.restart_max_retries));
    put(&mut config, &["stop_config", "signal"], json!(machine.stop_signal));
    put(&mut config, &["stop_config", "timeout"], json!(machine.stop_seconds.map(|seconds| format!("{seconds}s"))));
    put(&mut config, &["auto_destroy"], json!(machine.auto_destroy));
    if let (Some(volume), Some(path)) = (&machine.volume, &machine.mount_path) {
        let mut mounts = config["mounts"].as_array().cloned().unwrap_or_default();
        let mut mount = if mounts.is_empty() { json!({}) } else { mounts.swap_remove(0) };
        mount["volume"] = volume.clone().into();
        mount["path"] = path.clone().into();
        config["mounts"] = json!([mount]);
    }
    config
}

/// What is not asked for stays as it is.
fn put(config: &mut Value, path: &[&str], value: Value) {
    if value.is_null() {
        return;
    }
    let place = path.iter().fold(config, |place, name| {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        &mut place[*name]
    });
    *place = value;
}

/// What is said, with what it leaves open as it is. Services and checks that are not said are none.
fn put_over(config: &mut Value, name: &str, said: Option<&Value>) {
    let Some(said) = said else { return };
    let mut is = config[name].take();
    if let (Value::Object(is), Value::Object(said)) = (&mut is, said) {
        is.retain(|name, _| said.contains_key(name));
    }
    // Fly names ports and handlers by themselves: what is at another place may be something else
    let counts = |value: &Value| value.as_array().map(Vec::len);
    config[name] = if counts(&is) == counts(said) { over_all(is, said) } else { said.clone() };
}

/// The columns as a configuration has them; the owner, where it says one. `secrets` are the app's, as they are now.
pub(super) fn read(config: &Value, machine: Machine, secrets: Option<&str>) -> (Machine, Option<String>) {
    let mut metadata = texts(&config["metadata"]);
    let owner = metadata.remove(OWNER);
    let has = metadata.remove(SECRETS).unwrap_or_default();
    let rolls_with = metadata.remove(ROLLS);
    // nobody knows of which secrets it is that somebody else made
    let current = owner.as_ref().map(|_| secrets.is_none_or(|secrets| secrets == has));
    let mount = &config["mounts"][0];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let number = |value: &Value| value.as_i64().and_then(|number| i32::try_from(number).ok());
    let some = |value: &Value| Some(value).filter(|value| !value.is_null()).cloned();
    let read = Machine {
        image: text(&config["image"]).unwrap_or_default(),
        cpu_kind: text(&config["guest"]["cpu_kind"]),
        cpus: number(&config["guest"]["cpus"]),
        memory_mb: number(&config["guest"]["memory_mb"]),
        env: texts(&config["env"]),
        cmd: some(&config["init"]["cmd"]),
        services: some(&config["services"]).map(spelling::services),
        checks: some(&config["checks"]).map(spelling::checks),
        volume: text(&mount["volume"]),
        mount_path: text(&mount["path"]),
        restart_policy: text(&config["restart"]["policy"]),
        restart_max_retries: number(&config["restart"]["max_retries"]),
        stop_signal: text(&config["stop_config"]["signal"]),
        stop_seconds: spelling::seconds(&config["stop_config"]["timeout"]),
        auto_destroy: config["auto_destroy"].as_bool(),
        metadata,
        rolls_with,
        secrets: current.map(|current| if current { CURRENT } else { "behind" }.to_owned()),
        ..machine
    };
    (read, owner)
}

fn texts(value: &Value) -> BTreeMap<String, String> {
    let entries = value.as_object().into_iter().flatten();
    entries.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

/// Whether something is otherwise than it should be of what stands in the configuration. What `should` leaves open is as it is.
pub(super) fn differs(should: &Machine, is: &Machine) -> bool {
    let is = over(json!({}), is, "", None);
    over(is.clone(), should, "", None) != is
}

/// Whether it is to have its app's secrets as they are now, and has others.
pub(super) fn lacks_secrets(should: &Machine, is: &Machine) -> bool {
    should.secrets.is_some() && should.secrets != is.secrets
}

fn over_all(is: Value, said: &Value) -> Value {
    match (is, said) {
        (Value::Object(mut is), Value::Object(said)) => {
            for (name, value) in said {
                let below = is.remove(name).unwrap_or_default();
                is.insert(name.clone(), over_all(below, value));
            }
            Value::Object(is)
        }
        (Value::Array(is), Value::Array(said)) if is.len() == said.len() => {
            Value::Array(is.into_iter().zip(said).map(|(is, said)| over_all(is, said)).collect())
        }
        (_, said) => said.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine() -> Machine {
        serde_json::from_value(json!({
            "app": "a", "name": "m", "region": "ams", "image": "i", "env": { "A": "1" }, "metadata": {}
        }))
        .unwrap()
    }

    #[test]
    fn what_no_column_knows_stays_and_what_is_left_open_too() {
        let is = json!({ "image": "old", "dns": { "x": 1 }, "guest": { "cpus": 2, "gpu_kind": "a" }, "mounts": [{ "volume": "v", "path": "/p", "extend": 1 }] });
        let should = Machine { volume: Some("v".into()), mount_path: Some("/q".into()), memory_mb: Some(512), ..machine() };
        let now = over(is, &should, "db/row", Some("mark"));
        assert_eq!(now["dns"], json!({ "x": 1 }));
        assert_eq!(now["guest"], json!({ "cpus": 2, "gpu_kind": "a", "memory_mb": 512 }));
        assert_eq!(now["mounts"], json!([{ "volume": "v", "path": "/q", "extend": 1 }]));
        let (row, owner) = read(&now, machine(), Some("mark"));
        assert_eq!((owner.as_deref(), row.metadata.len(), row.cpus), (Some("db/row"), 0, Some(2)));
    }

    #[test]
    fn a_machine_of_ours_says_as_of_which_secrets_it_is_and_one_of_others_nothing() {
        let is = |config: Value, secrets| read(&config, machine(), secrets).0.secrets;
        let ours = over(json!({}), &machine(), "db/row", Some("mark"));
        assert_eq!(is(ours.clone(), Some("mark")).as_deref(), Some(CURRENT));
        assert_eq!(is(ours.clone(), None).as_deref(), Some(CURRENT), "who may not see the secrets lets them be");
        assert_eq!(is(ours, Some("")).as_deref(), Some("behind"));
        assert_eq!(is(over(json!({}), &machine(), "db/row", Some("")), Some("")).as_deref(), Some(CURRENT));
        assert_eq!(is(json!({ "image": "i" }), Some("mark")), None);
    }

    #[test]
    fn what_is_left_open_is_no_difference_and_what_is_taken_away_is() {
        let is = Machine { cpus: Some(2), env: BTreeMap::from([("A".into(), "1".into())]), ..machine() };
        assert!(!differs(&machine(), &is));
        assert!(differs(&Machine { env: BTreeMap::new(), ..machine() }, &is));
        assert!(differs(&Machine { cpus: Some(4), ..machine() }, &is));
        assert!(differs(&Machine { metadata: BTreeMap::from([("a".into(), "b".into())]), ..machine() }, &machine()));
        assert!(differs(&machine(), &Machine { metadata: BTreeMap::from([("a".into(), "b".into())]), ..machine() }));
    }

    #[test]
    fn what_fly_adds_to_services_and_checks_stays_and_what_is_said_no_more_goes() {
        let is = Machine {
            services: Some(
                json!([{ "protocol": "tcp", "internal_port": 80, "autostop": false, "concurrency": { "type": "connections" } }]),
            ),
            checks: Some(json!({ "up": { "type": "tcp", "port": 80, "timeout": "10s" }, "old": { "type": "tcp", "port": 1 } })),
            ..machine()
        };
        let said = Machine {
            services: Some(json!([{ "protocol": "tcp", "internal_port": 80, "autostop": false }])),
            checks: Some(json!({ "up": { "type": "tcp", "port": 80 }, "old": { "type": "tcp", "port": 1 } })),
            ..machine()
        };
        assert!(!differs(&said, &is));
        let fewer = Machine { checks: Some(json!({ "up": { "type": "tcp", "port": 80 } })), ..said.clone() };
        assert!(differs(&fewer, &is));
        let config = over(over(json!({}), &is, "", None), &fewer, "", None);
        assert_eq!(config["checks"], json!({ "up": { "type": "tcp", "port": 80, "timeout": "10s" } }));
        assert_eq!(config["services"][0]["concurrency"], json!({ "type": "connections" }));
        let none = Machine { services: Some(json!([])), ..said };
        assert!(differs(&none, &is) && over(over(json!({}), &is, "", None), &none, "", None)["services"] == json!([]));
    }
}
