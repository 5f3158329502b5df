//! What is refused before anything is done.

use super::{Action, Counts};

/// How far a plan may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most deletions that one plan may hold; a replacement is one.
    pub max_deletes: usize,
}

/// Why a plan is refused as a whole, if it is.
pub fn refusal(counts: &Counts, limits: Limits) -> Option<String> {
    let deletes = counts.get(Action::Delete) + counts.get(Action::Replace);
    (deletes > limits.max_deletes).then(|| {
        format!(
            "the plan deletes {deletes} things and max_deletes is {}: nothing was changed; look at iasql.plan, and if it is meant, say select iasql.set('max_deletes', '{deletes}')",
            limits.max_deletes
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_with_more_deletions_than_allowed_is_refused_and_says_so() {
        let counts = Counts { by_action: [("delete", 2), ("replace", 1)].into(), blocked: 0 };
        assert_eq!(refusal(&counts, Limits { max_deletes: 3 }), None);
        assert!(refusal(&counts, Limits { max_deletes: 2 }).is_some_and(|said| said.contains("deletes 3 things and max_deletes is 2")));
    }
}
