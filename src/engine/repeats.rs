//! What was done in a run and is wanted once more: the cloud shows another value than it was told, and would for ever.

use std::collections::HashSet;

use crate::plan::{Action, Step};

/// What was done in this run.
#[derive(Debug, Default)]
pub(super) struct Repeats(HashSet<String>);

impl Repeats {
    /// Takes note of what was done.
    pub(super) fn note<'a>(&mut self, done: impl IntoIterator<Item = &'a Step>) {
        self.0.extend(done.into_iter().filter_map(name));
    }

    /// Blocks what was done before, with a reason: doing it again would change nothing.
    pub(super) fn block(&self, steps: &mut [Step]) {
        for step in steps.iter_mut().filter(|step| !step.blocked && name(step).is_some_and(|name| self.0.contains(&name))) {
            step.blocked = true;
            let reason = step.reason.as_deref().map(|reason| format!("{reason}, and ")).unwrap_or_default();
            step.reason = Some(format!("{reason}it was done a moment ago: the cloud shows another value than it was told"));
        }
    }
}

/// Making a thing twice is one and the same; a change is the same when it changes the same.
fn name(step: &Step) -> Option<String> {
    match step.action {
        Action::Create | Action::Replace => Some(format!("make {}", step.id)),
        Action::Update | Action::Adopt => Some(format!("change {} {}", step.id, step.changed.clone().unwrap_or_default())),
        Action::Delete | Action::Wait | Action::Unmanaged => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::a_step;

    #[test]
    fn what_was_made_is_not_made_again_and_another_change_is_made() {
        let (made, changed) = (a_step("1", Action::Create), Step { changed: Some(json!({"a": [1, 2]})), ..a_step("2", Action::Update) });
        let mut repeats = Repeats::default();
        repeats.note([&made, &changed]);
        let other = Step { changed: Some(json!({"b": [1, 2]})), ..changed.clone() };
        let mut steps = [Step { action: Action::Replace, ..made }, changed, other, a_step("3", Action::Create)];
        repeats.block(&mut steps);
        assert_eq!(steps.map(|step| step.blocked), [true, true, false, false]);
    }
}
