//! Which other gateways and nodes there are, and that this one is there.

use tokio::time::timeout;

use super::{Care, Failure, MEETING};
use crate::{control::Neighbour, gateway::bucket::holder};

/// Another one runs the same databases from another bucket, or one of the two has none.
#[derive(Debug, thiserror::Error)]
#[error(
    "{who} runs databases of the same registry from {place}, and they would begin here anew and empty: {way}, or start each with a --location of its own. One that was killed is known for a minute"
)]
pub struct OtherBucket {
    who: String,
    place: &'static str,
    way: &'static str,
}

impl OtherBucket {
    fn new(other: &Neighbour) -> Self {
        let who = if other.address.is_empty() { "another gateway or node".to_owned() } else { format!("the one at {}", other.address) };
        let has_none = other.holder.parse() == Ok(other.bucket);
        let place = if has_none { "its own folder, without a bucket" } else { "another bucket" };
        let way = if has_none { "stop that one" } else { "start this one with the bucket of that one" };
        Self { who, place, way }
    }
}

impl Care {
    /// Says that this one is there, and where it is reached if others do reach it, and hears where they are.
    pub(super) async fn meet(&self) -> Result<(), Failure> {
        let Some(control) = &self.control else { return Ok(()) };
        let Some(own) = self.own(self.kept.is_some()).await? else { return Ok(()) };
        let number = control.note_gateway(&own).await?.filter(|_| !own.address.is_empty());
        let mut all = control.gateways().await?;
        all.retain(|_, one| !one.address.is_empty());
        self.neighbours.know(number, own.bucket, all);
        Ok(())
    }

    /// Whether nobody runs the same databases from another bucket: one of two would begin them anew, and empty. Silent where the registry is.
    ///
    /// # Errors
    /// Where somebody does.
    pub async fn agrees(&self) -> Result<(), OtherBucket> {
        let (Some(control), Some(_), Ok(Some(own))) = (&self.control, &self.kept, self.own(true).await) else { return Ok(()) };
        let Ok(Ok(all)) = timeout(MEETING, control.gateways()).await else { return Ok(()) };
        let shares = |other: &Neighbour| other.location.is_none() || own.location.is_none() || other.location == own.location;
        let is_against =
            |other: &Neighbour| other.runs_databases && other.bucket != own.bucket && other.holder != own.holder && shares(other);
        match all.into_values().find(is_against) {
            Some(other) => Err(OtherBucket::new(&other)),
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

    /// As others are to know it: without an address where they don't reach it, and with a name of its own for a bucket where it has none.
    async fn own(&self, runs_databases: bool) -> Result<Option<Neighbour>, Failure> {
        let (holder, bucket, address) = match (&self.bucket, &self.home) {
            (Some(bucket), _) => (bucket.holder()?, bucket.name().await?, bucket.address().unwrap_or_default().to_owned()),
            (None, Some(home)) => {
                let holder = holder(home)?;
                (holder.clone(), holder.parse()?, String::new())
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(Neighbour { holder, address, runs_databases, location: self.location.clone(), bucket }))
    }
}
