//! The one spelling of services and checks that is compared, as the table's trigger has it (modules/fly/machine.sql).

use serde_json::{Map, Value};

/// What holds a span of time in a check.
const SPANS: [&str; 3] = ["interval", "timeout", "grace_period"];

/// All services of a machine.
pub(super) fn services(mut said: Value) -> Value {
    for service in said.as_array_mut().into_iter().flatten() {
        match service["autostop"].as_str() {
            Some("off") => service["autostop"] = false.into(),
            Some("stop") => service["autostop"] = true.into(),
            _ => {}
        }
        service.get_mut("checks").and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut).for_each(check);
    }
    said
}

/// All checks of a machine, by name.
pub(super) fn checks(mut said: Value) -> Value {
    said.as_object_mut().into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut).for_each(check);
    said
}

/// A span of time in whole seconds; `None` where it is none. A number is one of nanoseconds.
pub(super) fn seconds(said: &Value) -> Option<i32> {
    const NANOSECONDS: i64 = 1_000_000_000;
    match said {
        Value::Number(number) => i32::try_from(number.as_i64().filter(|number| number % NANOSECONDS == 0)? / NANOSECONDS).ok(),
        said => span(said.as_str()?)?.strip_suffix('s')?.parse().ok(),
    }
}

fn check(said: &mut Map<String, Value>) {
    for name in SPANS {
        if let Some(spelt) = said.get(name).and_then(Value::as_str).and_then(span) {
            said.insert(name.to_owned(), spelt.into());
        }
    }
}

/// "1m30s" as 90s; in milliseconds where it is no whole number of seconds.
fn span(said: &str) -> Option<String> {
    let (mut rest, mut ms) = (said, 0);
    while !rest.is_empty() {
        let number = rest.find(|sign: char| !sign.is_ascii_digit() && sign != '.')?;
        let unit = rest[number..].find(|sign: char| sign.is_ascii_digit()).map_or(rest.len(), |more| number + more);
        let thousandths = match &rest[number..unit] {
            "ms" => 1.0,
            "s" => 1000.0,
            "m" => 60_000.0,
            "h" => 3_600_000.0,
            _ => return None,
        };
        ms += whole(rest[..number].parse::<f64>().ok()? * thousandths)?;
        rest = &rest[unit..];
    }
    if said.is_empty() {
        return None;
    }
    Some(if ms % 1000 == 0 { format!("{}s", ms / 1000) } else { format!("{ms}ms") })
}

fn whole(ms: f64) -> Option<u64> {
    // through text, which rounds nothing that fits
    format!("{:.0}", ms.floor()).parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_span_is_spelt_in_one_way() {
        let spelt = |said| span(said).unwrap_or_default();
        assert_eq!(
            ["15s", "1m0s", "1m30s", "1h", "500ms", "1.5s", "0s"].map(spelt),
            ["15s", "60s", "90s", "3600s", "500ms", "1500ms", "0s"]
        );
        assert_eq!(["", "soon", "15", "1d", "s"].map(span), [const { None }; 5]);
    }

    #[test]
    fn a_span_is_told_in_whole_seconds_or_not_at_all() {
        let said =
            [json!("1m30s"), json!("5m0s"), json!("0s"), json!(2_000_000_000_i64), json!("500ms"), json!(1), json!("soon"), json!(null)];
        assert_eq!(said.map(|said| seconds(&said)), [Some(90), Some(300), Some(0), Some(2), None, None, None, None]);
    }

    #[test]
    fn off_and_stop_are_what_fly_gives_back_for_them() {
        let said = json!([{ "autostop": "off", "checks": [{ "interval": "1m0s" }] }, { "autostop": "stop" }, { "autostop": "suspend" }, { "autostop": true }, {}]);
        let spelt = json!([{ "autostop": false, "checks": [{ "interval": "60s" }] }, { "autostop": true }, { "autostop": "suspend" }, { "autostop": true }, {}]);
        assert_eq!(services(said), spelt);
        assert_eq!(checks(json!({ "up": { "timeout": "0m2s", "interval": 5 } })), json!({ "up": { "timeout": "2s", "interval": 5 } }));
        assert_eq!((services(json!("odd")), checks(json!(["odd"]))), (json!("odd"), json!(["odd"])));
    }
}
