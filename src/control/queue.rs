//! Jobs: a job carries nothing but a run's name; what is to be done stands in the run, which puts its job into the queue by itself.

use graphile_worker::WorkerUtils;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use uuid::Uuid;

use super::Error;

/// The kind of job that runs a run.
pub const JOB: &str = "run";
/// The schema of the queue's own tables, beside ours.
const SCHEMA: &str = "graphile_worker";

/// A job: go and look at this run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// The run.
    pub run: Uuid,
}

pub(super) async fn migrate(pool: &PgPool) -> Result<(), Error> {
    let migrated = WorkerUtils::new(pool.clone(), SCHEMA).migrate().await;
    migrated.map_err(|source| Error::Queue { doing: "migrating the queue", source: Box::new(source) })
}
