//! The certificates that rows have an authority asked for.

use super::{Care, Failure};

impl Care {
    /// Orders what is due, where this gateway orders any.
    pub(super) async fn order(&self) -> Result<(), Failure> {
        match (&self.acme, &self.control) {
            (Some(acme), Some(control)) => Ok(acme.go(control).await?),
            _ => Ok(()),
        }
    }
}
