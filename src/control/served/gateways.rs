//! Which gateways and nodes there are beside each other, by what number, where each is reached, and which of them run databases.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Failed;
use crate::control::Control;

/// A gateway or node, as others know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Its name in leases.
    pub holder: String,
    /// Where others reach it: `host:port`.
    pub address: String,
    /// Whether it starts databases that nobody has.
    pub runs_databases: bool,
    /// Where it is; `None`: it has not said.
    pub location: Option<String>,
    /// The name that its bucket has of its own: a database in another one is another database.
    pub bucket: Uuid,
}

impl Control {
    /// Notes that a gateway or node is there; answers with its number. `None`: none was free.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn note_gateway(&self, own: &Neighbour) -> Result<Option<u16>, Failed> {
        let Neighbour { holder, address, runs_databases, location, bucket } = own;
        let number =
            self.services.gateway.procs.served_gateway_beat(holder, address, *runs_databases, location.as_deref(), *bucket).await?;
        Ok(u16::try_from(number).ok().filter(|number| *number > 0))
    }

    /// The gateways and nodes that others reach and that were there within the last minute, by their numbers.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn gateways(&self) -> Result<BTreeMap<u16, Neighbour>, Failed> {
        let rows = self.services.gateway.procs.served_gateways().await?;
        let known = rows.into_iter().filter_map(|row| {
            let (holder, address, runs_databases) = (row.holder, row.address, row.runs_databases);
            let one = Neighbour { holder, address, runs_databases, location: row.location, bucket: row.bucket };
            Some((u16::try_from(row.number).ok()?, one))
        });
        Ok(known.collect())
    }
}
