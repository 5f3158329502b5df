//! Whose Fly organization it is, and where its API answers.

use std::env;

use crate::resource::Secret;

/// Where Fly's API answers from everywhere; inside Fly it is `http://_api.internal:4280`.
const PUBLIC: &str = "https://api.machines.dev";

/// Whose Fly organization it is, and where its API answers.
#[derive(Clone, Debug)]
pub struct Account {
    /// The API's address, without `/v1`.
    pub address: String,
    /// The organization's short name (its slug).
    pub organization: String,
    /// What Fly knows us by. Without one every call is refused before it is made.
    pub token: Option<Secret>,
}

impl Account {
    /// As the environment says it, in the words of Fly's own client: `FLY_API_TOKEN`, `FLY_ORG`, `FLY_FLAPS_BASE_URL`.
    pub fn from_environment() -> Self {
        let said = |name| env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            address: said("FLY_FLAPS_BASE_URL").unwrap_or_else(|| PUBLIC.to_owned()),
            organization: said("FLY_ORG").unwrap_or_else(|| super::Fly::PERSONAL.to_owned()),
            token: said("FLY_API_TOKEN").map(Secret::new),
        }
    }
}
