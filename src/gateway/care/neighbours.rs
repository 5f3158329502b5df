//! Which other gateways and nodes there are, and that this one is there.

use super::{Care, Failure};
use crate::control::Neighbour;

impl Care {
    /// Says where this one is reached, where others do reach it, and hears where they are.
    pub(super) async fn meet(&self) -> Result<(), Failure> {
        if self.bucket.is_none() {
            return Ok(());
        }
        let own = match self.own(self.kept.is_some())? {
            Some(own) => self.control.note_gateway(&own).await?,
            None => None,
        };
        self.neighbours.know(own, self.control.gateways().await?);
        Ok(())
    }

    /// Says that this one stops: it starts no databases any more. Its sessions can be cancelled for as long as they last.
    pub(super) async fn take_leave(&self) -> Result<(), Failure> {
        if let Some(own) = self.own(false)?.filter(|_| self.kept.is_some()) {
            self.control.note_gateway(&own).await?;
        }
        Ok(())
    }

    /// As others are to know it; `None`: they don't reach it.
    fn own(&self, runs_databases: bool) -> Result<Option<Neighbour>, Failure> {
        let Some((bucket, address)) = self.bucket.as_ref().and_then(|bucket| Some((bucket, bucket.address()?))) else { return Ok(None) };
        let (address, location) = (address.to_owned(), self.location.clone());
        Ok(Some(Neighbour { holder: bucket.holder()?, address, runs_databases, location }))
    }
}
