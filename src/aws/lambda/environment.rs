//! A function's environment variables. They may hold secrets: they go out, and what comes back is only compared with a check sum.

use std::{collections::BTreeMap, fmt, fmt::Write};

use aws_lc_rs::digest::{SHA256, digest};
use aws_sdk_lambda::types::Environment;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Variables by name; printing them shows three stars.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Variables(BTreeMap<String, String>);

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Variables {
    /// As a function has them.
    pub(super) fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(variables.into_iter().collect())
    }

    /// As AWS takes them.
    pub(super) fn asked(&self) -> Environment {
        Environment::builder().set_variables(Some(self.0.clone().into_iter().collect())).build()
    }

    /// The version they were written under, with a check sum: enough to notice another value, and too little to find one out.
    pub(super) fn mark(&self, version: Uuid) -> String {
        let text = self.0.iter().fold(version.to_string(), |text, (name, value)| format!("{text}\0{name}\0{value}"));
        let sum = digest(&SHA256, text.as_bytes());
        sum.as_ref().iter().take(4).fold(format!("{version} "), |mut mark, byte| {
            // writing to a text never fails
            _ = write!(mark, "{byte:02x}");
            mark
        })
    }

    /// The version of a mark, where these are the variables it was made of.
    pub(super) fn version(&self, mark: &str) -> Option<Uuid> {
        let version = mark.split(' ').next()?.parse().ok()?;
        (self.mark(version) == mark).then_some(version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_that_of_the_variables_it_was_written_with_and_of_no_others() {
        let variables = |value: &str| Variables::of([("PASSWORD".to_owned(), value.to_owned())]);
        let mark = variables("hunter2").mark(Uuid::from_u128(7));
        assert_eq!(variables("hunter2").version(&mark), Some(Uuid::from_u128(7)));
        assert_eq!(variables("hunter3").version(&mark), None);
        assert_eq!(Variables::of([]).version(&mark), None);
        assert!(!mark.contains("hunter") && !format!("{:?}", variables("hunter2")).contains("hunter"));
    }
}
