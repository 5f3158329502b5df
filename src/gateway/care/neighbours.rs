//! Which other gateways and nodes there are, and that this one is there.

use tokio::time::timeout;

use super::{Care, Failure, MEETING};
use crate::control::Neighbour;

/// Another one runs the same databases from another bucket.
#[derive(Debug, thiserror::Error)]
#[error(
    "the one at {address} runs databases of the same registry from another bucket, and they would begin here anew and empty: start this one with the bucket of that one, or each with a --location of its own. One that was stopped is known for a minute"
)]
pub struct OtherBucket {
    address: String,
}

impl Care {
    /// Says where this one is reached, where others do reach it, and hears where they are.
    pub(super) async fn meet(&self) -> Result<(), Failure> {
        let (Some(bucket), Some(control)) = (&self.bucket, &self.control) else { return Ok(()) };
        let own = match self.own(self.kept.is_some()).await? {
            Some(own) => control.note_gateway(&own).await?,
            None => None,
        };
        self.neighbours.know(own, bucket.name().await?, control.gateways().await?);
        Ok(())
    }

    /// Whether nobody runs the same databases from another bucket: one of two would begin them anew, and empty. Silent where the registry is.
    ///
    /// # Errors
    /// Where somebody does.
    pub async fn agrees(&self) -> Result<(), OtherBucket> {
        let (Some(bucket), Some(control), Some(_)) = (&self.bucket, &self.control, &self.kept) else { return Ok(()) };
        let (Ok(name), Ok(holder), Ok(Ok(all))) = (bucket.name().await, bucket.holder(), timeout(MEETING, control.gateways()).await) else {
            return Ok(());
        };
        let shares = |other: &Neighbour| other.location.is_none() || self.location.is_none() || other.location == self.location;
        let is_against = |other: &Neighbour| other.runs_databases && other.bucket != name && other.holder != holder && shares(other);
        match all.into_values().find(is_against) {
            Some(other) => Err(OtherBucket { address: other.address }),
            None => Ok(()),
        }
    }

    /// Says that this one stops: it starts no databases any more. Its sessions can be cancelled for as long as they last.
    pub(super) async fn take_leave(&self) -> Result<(), Failure> {
        if let (Some(control), Some(own)) = (&self.control, self.own(false).await?.filter(|_| self.kept.is_some())) {
            control.note_gateway(&own).await?;
        }
        Ok(())
    }

    /// As others are to know it; `None`: they don't reach it.
    async fn own(&self, runs_databases: bool) -> Result<Option<Neighbour>, Failure> {
        let Some((bucket, address)) = self.bucket.as_ref().and_then(|bucket| Some((bucket, bucket.address()?))) else { return Ok(None) };
        let (address, location) = (address.to_owned(), self.location.clone());
        Ok(Some(Neighbour { holder: bucket.holder()?, address, runs_databases, location, bucket: bucket.name().await? }))
    }
}
