//! Which calls something goes wrong with.

use std::ops::RangeInclusive;

use super::super::calls::Call;

/// Which calls something goes wrong with: by name, region and what they ask, and which of them.
#[derive(Clone, Debug)]
pub(crate) struct When {
    actions: Vec<String>,
    region: Option<String>,
    asking: String,
    numbers: RangeInclusive<usize>,
}

/// All calls of these names: `CreateVpc`, or several with a space between.
pub(crate) fn on(actions: &str) -> When {
    let actions = actions.split(' ').map(str::to_owned).collect();
    When { actions, region: None, asking: String::new(), numbers: 1..=usize::MAX }
}

impl When {
    /// Only the n-th of them, counted from 1.
    pub(crate) fn nth(self, number: usize) -> Self {
        Self { numbers: number..=number, ..self }
    }

    /// Only the first so many.
    pub(crate) fn first(self, count: usize) -> Self {
        Self { numbers: 1..=count, ..self }
    }

    /// Only from the n-th on.
    pub(crate) fn from(self, number: usize) -> Self {
        Self { numbers: number..=usize::MAX, ..self }
    }

    /// Only those in this region.
    pub(crate) fn in_region(self, region: &str) -> Self {
        Self { region: Some(region.to_owned()), ..self }
    }

    /// Only those with this in what they ask.
    pub(crate) fn asking(self, text: &str) -> Self {
        Self { asking: text.to_owned(), ..self }
    }

    pub(super) fn fits(&self, call: &Call) -> bool {
        let region = self.region.as_ref().is_none_or(|region| *region == call.region);
        region && self.actions.contains(&call.action) && (call.body.contains(&self.asking) || call.address.contains(&self.asking))
    }

    pub(super) fn counts(&self, number: usize) -> bool {
        self.numbers.contains(&number)
    }
}
