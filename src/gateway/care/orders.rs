//! The certificates that rows have an authority asked for.

use super::{Care, Failure};

impl Care {
    /// Orders what is due, where this gateway orders any.
    pub(super) async fn order(&self) -> Result<(), Failure> {
        match &self.acme {
            Some(acme) => Ok(acme.go(&self.control).await?),
            None => Ok(()),
        }
    }
}
