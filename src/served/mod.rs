//! What the gateway serves and which clusters engines lead, as rows: whoever keeps the list of it stands behind a trait, as a cloud does elsewhere.

mod clusters;
mod databases;
mod domains;
mod gateway;
mod jobs;
mod machines;
mod pem;
mod postgres;
mod versions;
mod x509;

use std::{pin::Pin, sync::Arc};

pub use clusters::{
    Backup as ClusterBackup, Cluster, ClusterKeys, Clusters, Failover as ClusterFailover, Member as ClusterMember, Seen as ClusterSeen,
    SeenMember as SeenClusterMember, Wanted as ClusterWanted,
};
pub use databases::{Branch, Databases, Entry};
pub use domains::{Certificate, Domain, Domains, Order, Seen};
pub use jobs::{Job, JobRun, Jobs};
pub use machines::{Machine, Machines};
pub(crate) use pem::{Unfit, look};
pub use versions::{Pin as VersionPin, Version, Versions};

use crate::resource::{Cloud, Error, Registry};
pub use crate::{durability::Durability, postgres::Engine};

/// What an answer of a book comes as.
pub type Told<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// What is served for the rows of one user's database.
pub trait Book: Clusters + Databases + Domains + Jobs + Machines + Versions {}

impl<T: Clusters + Databases + Domains + Jobs + Machines + Versions> Book for T {}

/// The way to the book. A clone is the same one, in every region.
#[derive(Clone)]
pub struct Served(pub Arc<dyn Book>);

impl Cloud for Served {
    fn at(&self, _: &str) -> Self {
        self.clone()
    }

    async fn renewed(&self) -> bool {
        false
    }
}

/// What there is of it; one line each.
pub fn register(registry: Registry, served: &Served) -> Registry {
    registry
        .with::<gateway::domain::Domain>(served)
        .with::<gateway::certificate::Certificate>(served)
        .with::<gateway::machine::Machine>(served)
        .with::<gateway::database::Database>(served)
        .with::<gateway::version::Version>(served)
        .with::<gateway::pin::Pin>(served)
        .with::<postgres::cluster::Cluster>(served)
        .with::<postgres::member::Member>(served)
        .with::<postgres::cron_job::CronJob>(served)
        .with::<postgres::cron_run::CronRun>(served)
        .with::<postgres::backup::Backup>(served)
}
