//! What an error comes from: each tells its own step, and leaves the rest to its source.

use std::error::Error;

/// An error and its causes, the last one last.
pub fn all<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

/// The sentence and its causes, each once: some repeat what stands below them.
pub fn in_one_line(error: &(dyn Error + 'static)) -> String {
    let join = |said: String, words: String| if said.contains(&words) { said } else { format!("{said}: {words}") };
    all(error).map(ToString::to_string).reduce(join).unwrap_or_default()
}

/// The last cause: what stands around it says nothing, as with the SDK's.
pub fn innermost(error: &(dyn Error + 'static)) -> String {
    all(error).last().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{said}")]
    struct Step {
        said: &'static str,
        source: Option<Box<Step>>,
    }

    #[test]
    fn each_cause_is_said_once() {
        let last = Step { said: "no route", source: None };
        let middle = Step { said: "connecting: no route", source: Some(Box::new(last)) };
        let first = Step { said: "opening shop", source: Some(Box::new(middle)) };
        assert_eq!(in_one_line(&first), "opening shop: connecting: no route");
        assert_eq!(innermost(&first), "no route");
        assert_eq!(all(&first).count(), 3);
    }
}
