//! The plan that somebody approved: what of a later plan is still it.

use std::collections::{BTreeSet, HashMap};

use super::{Action, Step};

/// A step as it was approved.
#[derive(Clone, Debug)]
pub struct ApprovedStep {
    /// Names the step.
    pub id: String,
    /// What was to happen.
    pub action: Action,
    /// The observed thing.
    pub observed_id: Option<i64>,
    /// A hash of the desired row.
    pub content: Option<String>,
}

/// The plan that somebody approved.
#[derive(Clone, Debug, Default)]
pub struct Approved {
    steps: HashMap<String, (Action, Option<String>)>,
    /// The things that were to go.
    ends: BTreeSet<i64>,
}

impl Approved {
    /// All of its steps.
    pub fn of(steps: impl IntoIterator<Item = ApprovedStep>) -> Self {
        let mut approved = Self::default();
        for step in steps {
            approved.ends.extend(step.observed_id.filter(|_| ends(step.action)));
            approved.steps.insert(step.id, (step.action, step.content));
        }
        approved
    }

    /// Blocks what is no part of it, and binds the rest to the rows as they were: whoever reads one that was changed since stops.
    pub fn hold(&self, steps: &mut [Step]) {
        for step in steps.iter_mut().filter(|step| step.action.is_work()) {
            let known = self.steps.get(&step.id);
            step.content = known.and_then(|(_, content)| content.clone());
            if !self.covers(step, known.map(|(action, _)| *action)) && !step.blocked {
                step.blocked = true;
                step.reason = Some("it is not in the plan that was approved".to_owned());
            }
        }
    }

    /// A replacement may be half done; and what is not there yet, or other than it should be, may be met again in another way.
    fn covers(&self, step: &Step, approved: Option<Action>) -> bool {
        match step.action {
            Action::Replace => approved == Some(Action::Replace),
            Action::Delete => approved == Some(Action::Delete) || step.observed_id.is_some_and(|thing| self.ends.contains(&thing)),
            Action::Create | Action::Adopt | Action::Update => approved.is_some_and(|approved| approved != Action::Delete),
            Action::Wait | Action::Unmanaged => true,
        }
    }
}

fn ends(action: Action) -> bool {
    matches!(action, Action::Delete | Action::Replace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::a_step;

    fn approved(id: &str, action: Action, observed_id: Option<i64>) -> ApprovedStep {
        ApprovedStep { id: id.into(), action, observed_id, content: Some(format!("content of {id}")) }
    }

    #[test]
    fn what_was_not_approved_is_blocked_and_the_rest_is_bound_to_its_rows() {
        let plan = Approved::of([approved("made", Action::Create, None), approved("new", Action::Replace, Some(7))]);
        let old = Step { observed_id: Some(7), ..a_step("observed 7", Action::Delete) };
        let mut steps = [
            a_step("made", Action::Update),
            a_step("new", Action::Create),
            old,
            a_step("other", Action::Update),
            a_step("x", Action::Wait),
        ];
        plan.hold(&mut steps);
        assert_eq!(steps.each_ref().map(|step| step.blocked), [false, false, false, true, false]);
        assert_eq!(steps[0].content.as_deref(), Some("content of made"));
        assert_eq!(steps[3].reason.as_deref(), Some("it is not in the plan that was approved"));
    }

    #[test]
    fn a_yes_to_a_change_is_none_to_an_end() {
        let plan = Approved::of([approved("a", Action::Update, Some(1)), approved("b", Action::Update, Some(2))]);
        let gone = Step { observed_id: Some(2), ..a_step("b", Action::Delete) };
        let mut steps = [Step { observed_id: Some(1), ..a_step("a", Action::Replace) }, gone];
        plan.hold(&mut steps);
        assert_eq!(steps.map(|step| step.blocked), [true, true]);
    }
}
