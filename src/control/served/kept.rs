//! What gateways tell of the versions in their bucket, and which of them they are to keep.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::Failed;
use crate::control::{Control, procs::ServedPinsWanted};

/// A version, as a gateway tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Later ones are higher.
    pub number: i64,
    /// What made it.
    pub kind: String,
    /// When.
    pub made_at: DateTime<Utc>,
    /// Which gateway, by its name in leases.
    pub made_by: String,
    /// All files together.
    pub size_bytes: i64,
    /// What of the bucket it stands on.
    pub stored_bytes: i64,
}

/// A pin that a gateway is to set or to let go of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What it is called in the bucket.
    pub pin: Uuid,
    /// On which database.
    pub id: Uuid,
    /// On which version; `None`: the newest.
    pub number: Option<u64>,
    /// Whether to let go of it.
    pub is_gone: bool,
}

impl Control {
    /// The highest number of a version that is known of a served database; 0 where there is none.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn newest_version_of_served(&self, id: Uuid) -> Result<u64, Failed> {
        let newest = self.services.gateway.procs.served_version_newest(id).await?;
        Ok(newest.try_into().unwrap_or_default())
    }

    /// Notes which versions of a served database there are: all their numbers, and what is to be known of those that have come.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn note_versions_of_served(&self, id: Uuid, numbers: &[u64], come: &[Told]) -> Result<(), Failed> {
        let numbers: Vec<i64> = numbers.iter().filter_map(|number| (*number).try_into().ok()).collect();
        let come = serde_json::json!(come);
        Ok(self.services.gateway.procs.served_versions_set(id, &numbers, &come).await?)
    }

    /// The pins that are to be set, or to be let go of.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn wanted_pins(&self) -> Result<Vec<Wanted>, Failed> {
        let number = |number: Option<i64>| number.and_then(|number| number.try_into().ok());
        let wanted = |ServedPinsWanted { pin, id, number: on, is_gone }| Wanted { pin, id, number: number(on), is_gone };
        Ok(self.services.gateway.procs.served_pins_wanted().await?.into_iter().map(wanted).collect())
    }

    /// Notes what became of a pin: on which version it is, or why it is on none.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn note_pin(&self, pin: Uuid, became: Result<u64, String>) -> Result<(), Failed> {
        let number = became.as_ref().ok().and_then(|number| (*number).try_into().ok());
        let state = became.err().unwrap_or_else(|| "pinned".to_owned());
        Ok(self.services.gateway.procs.served_pin_note(pin, number, &state).await?)
    }

    /// Forgets a pin that was let go of.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn forget_pin(&self, pin: Uuid) -> Result<(), Failed> {
        Ok(self.services.gateway.procs.served_pin_forget(pin).await?)
    }
}
