//! Jobs: a job carries nothing but a run's name; what is to be done stands in the run.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use graphile_worker::{JobSpec, WorkerUtils};
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, Postgres, Transaction};
use uuid::Uuid;

use super::{Control, Error};

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
    WorkerUtils::new(pool.clone(), SCHEMA).migrate().await.map_err(failed("migrating the queue"))
}

/// Puts a run into its database's queue, to be looked at as soon as those before it are through.
pub(super) async fn add(pool: &PgPool, transaction: &mut Transaction<'_, Postgres>, database: &str, run: Uuid) -> Result<(), Error> {
    let mut utils = WorkerUtils::new(pool.clone(), SCHEMA).with_executor(transaction);
    utils.add_raw_job(JOB, Job { run }, spec(database, run, Duration::ZERO)).await.map(drop).map_err(failed("queueing a run"))
}

impl Control {
    /// Has a run looked at again after a while. The job that it has now ends by this, however that ends.
    ///
    /// # Errors
    /// When the queue fails.
    pub async fn again(&self, database: &str, run: Uuid, after: Duration) -> Result<(), Error> {
        let utils = WorkerUtils::new(self.pool.clone(), SCHEMA);
        utils.add_raw_job(JOB, Job { run }, spec(database, run, after)).await.map(drop).map_err(failed("queueing a run again"))
    }
}

fn spec(database: &str, run: Uuid, after: Duration) -> JobSpec {
    // one queue per database: its jobs run one at a time, whatever the number of engines
    let spec = JobSpec::builder().queue_name(format!("db:{database}")).job_key(run.to_string());
    match TimeDelta::from_std(after) {
        Ok(after) if after > TimeDelta::zero() => spec.run_at(Utc::now() + after).build(),
        _ => spec.build(),
    }
}

fn failed<E: std::error::Error + Send + Sync + 'static>(doing: &'static str) -> impl FnOnce(E) -> Error {
    move |source| Error::Queue { doing, source: Box::new(source) }
}
