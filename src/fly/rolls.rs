//! Machines that are changed one after the other: a change restarts a machine, and of a group one at a time does, while all others run and their checks pass.

use serde_json::Value;

use super::{config::ROLLS, error::strange, lease::Lease, way::Fly};
use crate::resource::{Error, Kind};

/// Whether it is a machine's turn.
pub(super) enum Turn<'a> {
    /// It is. Nobody else's is as long as this is held, or its own lease where it is the first of its group itself.
    Now(Option<Lease<'a>>),
    /// It waits, and for what.
    Later(String),
}

/// The machines of a group, in an order that is the same for all.
pub(super) struct Group(Vec<Value>);

impl Group {
    pub(super) async fn of(fly: &Fly, app: &str, group: &str) -> Result<Self, Error> {
        const OPERATION: &str = "Machines_list";
        let named = format!("metadata.{ROLLS}");
        let told = fly.get(OPERATION, &["apps", app, "machines"], &[(&named, group)]).await?;
        let mut machines = told.as_array().cloned().ok_or_else(|| strange(OPERATION, "list"))?;
        machines.retain(|machine| !matches!(machine["state"].as_str(), Some("destroyed" | "replaced")));
        machines.sort_by(|one, other| one["id"].as_str().cmp(&other["id"].as_str()));
        Ok(Self(machines))
    }

    /// Whoever changes one holds the first of them as well.
    pub(super) async fn turn<'a>(&'a self, fly: &'a Fly, app: &'a str, id: &str) -> Result<Turn<'a>, Error> {
        let first = self.0.first().and_then(|machine| machine["id"].as_str()).filter(|first| *first != id);
        let held = match first {
            None => None,
            Some(first) => match Lease::take(fly, app, first).await {
                Err(error) if error.kind == Kind::Held => return Ok(Turn::Later("another one of its group is being changed".to_owned())),
                lease => Some(lease?),
            },
        };
        match self.waits_for(id) {
            None => Ok(Turn::Now(held)),
            Some(other) => {
                if let Some(held) = held {
                    held.give_back().await;
                }
                Ok(Turn::Later(format!("waits for {other}")))
            }
        }
    }

    /// The one that does not do what it should. Who does not do so itself waits for nobody: it can only become better.
    fn waits_for(&self, id: &str) -> Option<&str> {
        let is_well = self.0.iter().any(|machine| machine["id"] == id && does_well(machine));
        let other = self.0.iter().find(|machine| machine["id"] != id && !does_well(machine)).filter(|_| is_well)?;
        other["name"].as_str()
    }
}

/// It runs, and its checks pass.
fn does_well(machine: &Value) -> bool {
    let mut checks = machine["checks"].as_array().into_iter().flatten();
    machine["state"] == "started" && checks.all(|check| check["status"] == "passing")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn machine(id: &str, state: &str, status: &str) -> Value {
        json!({ "id": id, "name": id, "state": state, "checks": [{ "name": "up", "status": status }] })
    }

    #[test]
    fn one_waits_for_others_that_do_not_run_or_whose_checks_do_not_pass_and_not_where_it_does_not_run_itself() {
        let group = |b| Group(vec![machine("a", "started", "passing"), b]);
        assert_eq!(group(machine("b", "started", "passing")).waits_for("a"), None);
        assert_eq!(group(machine("b", "starting", "passing")).waits_for("a"), Some("b"));
        assert_eq!(group(machine("b", "started", "critical")).waits_for("a"), Some("b"));
        assert_eq!(group(machine("b", "stopped", "critical")).waits_for("b"), None);
        let both = Group(vec![machine("a", "stopped", "critical"), machine("b", "stopped", "critical")]);
        assert_eq!(both.waits_for("a"), None);
    }
}
