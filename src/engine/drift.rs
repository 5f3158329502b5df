//! After each reading of the plan: what of it nobody here has done is noted as drift.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    database::{Database, Error, Moment},
    plan::Step,
    schema::checksum,
};

/// The reason by which the plan tells things that nobody here has anything to do with from those that are another database's.
const UNASKED: &str = "no row asks for it";

/// Reads the plan, and notes what is new in it. A plan that is the same as the last one costs a look.
pub(super) async fn read_plan(database: &Database, counter: i64, run: Uuid) -> Result<Vec<Step>, Error> {
    let moment = database.moment().await?;
    let steps = database.steps().await?;
    if let Some(moment) = moment {
        note(database, counter, run, &moment, &steps).await?;
    }
    Ok(steps)
}

async fn note(database: &Database, counter: i64, run: Uuid, moment: &Moment, steps: &[Step]) -> Result<(), Error> {
    let told: Value = steps.iter().map(told).collect();
    let digest = checksum(&told.to_string());
    let is_new = moment.digest.as_deref() != Some(&*digest);
    let found = database.note(counter, run, moment, &digest, is_new.then_some(&told)).await?;
    if found > 0 {
        tracing::info!(database = database.name(), found, "drift");
    }
    Ok(())
}

/// What drift is told by. Reasons change with time and are left out.
fn told(step: &Step) -> Value {
    json!({
        "resource": step.resource, "region": step.region, "name": step.name, "row_id": step.row_id, "observed_id": step.observed_id,
        "action": step.action.word(), "is_unasked": step.reason.as_deref() == Some(UNASKED), "changed": step.changed, "wants": step.wants,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Action, a_step};

    #[test]
    fn what_nobody_asks_for_is_told_from_what_is_somebody_elses() {
        let unmanaged = |reason: &str| told(&Step { reason: Some(reason.into()), ..a_step("a", Action::Unmanaged) })["is_unasked"].clone();
        assert_eq!((unmanaged(UNASKED), unmanaged("it belongs to shop")), (json!(true), json!(false)));
    }
}
