//! What is refused before anything is done: a plan that deletes more than it may.

use super::{Action, Step};

/// How far a plan may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most deletions that one plan may hold; a replacement is one.
    pub max_deletes: usize,
    /// The largest share, in percent, of what is managed.
    pub max_deletes_percent: usize,
}

/// Fewer deletions than these are never too large a share: two of three things are soon gone on purpose.
pub const FEW: usize = 10;

/// How many things a plan ends. What is blocked stays.
pub fn deletions(steps: &[Step]) -> usize {
    steps.iter().filter(|step| !step.blocked && matches!(step.action, Action::Delete | Action::Replace)).count()
}

/// Why a plan with so many deletions is refused as a whole, where so many things are managed: a sentence for each limit.
pub fn refusals(deletes: usize, managed: usize, limits: Limits) -> Vec<String> {
    let (all, percent) = (managed.max(deletes).max(1), limits.max_deletes_percent);
    let too_many = (deletes > limits.max_deletes).then(|| {
        let over = format!("the plan deletes {deletes} things and max_deletes is {}", limits.max_deletes);
        sentence(&over, "max_deletes", deletes)
    });
    let too_large = (deletes >= FEW && deletes * 100 > percent * all).then(|| {
        let over = format!("the plan deletes {deletes} of the {all} things that are managed here, and max_deletes_percent is {percent}");
        sentence(&over, "max_deletes_percent", (deletes * 100).div_ceil(all))
    });
    too_many.into_iter().chain(too_large).collect()
}

fn sentence(over: &str, setting: &str, enough: usize) -> String {
    format!("{over}: nothing was changed; look at iasql.plan, and if it is meant, say select iasql.set('{setting}', '{enough}')")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::a_step;

    const NONE: Limits = Limits { max_deletes: 1000, max_deletes_percent: 100 };

    #[test]
    fn a_plan_with_more_deletions_than_allowed_is_refused_and_says_so() {
        let limits = |max_deletes| Limits { max_deletes, ..NONE };
        assert_eq!(refusals(3, 3, limits(3)), Vec::<String>::new());
        assert_eq!(
            refusals(3, 3, limits(2)),
            [
                "the plan deletes 3 things and max_deletes is 2: nothing was changed; look at iasql.plan, and if it is meant, say select iasql.set('max_deletes', '3')"
            ]
        );
    }

    #[test]
    fn a_plan_that_deletes_too_large_a_share_is_refused_once_it_is_more_than_a_few() {
        let limits = Limits { max_deletes_percent: 50, ..NONE };
        assert_eq!(refusals(9, 9, limits), Vec::<String>::new());
        assert_eq!(refusals(10, 20, limits), Vec::<String>::new());
        assert_eq!(
            refusals(11, 21, limits),
            [
                "the plan deletes 11 of the 21 things that are managed here, and max_deletes_percent is 50: nothing was changed; look at iasql.plan, and if it is meant, say select iasql.set('max_deletes_percent', '53')"
            ]
        );
        assert_eq!(refusals(40, 0, NONE), Vec::<String>::new());
        assert_eq!(refusals(30, 20, Limits { max_deletes: 5, max_deletes_percent: 0 }).len(), 2);
    }

    #[test]
    fn what_is_blocked_ends_nothing() {
        let blocked = Step { blocked: true, ..a_step("1", Action::Delete) };
        assert_eq!(deletions(&[blocked, a_step("2", Action::Replace), a_step("3", Action::Delete), a_step("4", Action::Create)]), 2);
    }
}
