//! A job that a cluster runs on a schedule: it stands in pg_cron's own table, and goes with the cluster.

use serde::{Deserialize, Serialize};

use crate::{
    resource::{Error, Observed, Owner, Resource, Scope},
    served::{Job, Served},
};

/// A row of `postgres.cron_job`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CronJob {
    cluster: String,
    name: String,
    schedule: String,
    database: String,
    command: String,
    active: bool,
    job: Option<String>,
}

impl Resource for CronJob {
    const TABLE: &'static str = "postgres.cron_job";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Served;

    async fn list(served: &Served, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(served.0.jobs().await?.into_iter().map(|job| Observed::of(shown(job))).collect())
    }

    async fn create(self, _: &Owner, served: &Served) -> Result<Observed<Self>, Error> {
        let job = self.job();
        served.0.set_job(&job).await?;
        Ok(Observed::of(shown(job)))
    }

    async fn update(self, _: Observed<Self>, owner: &Owner, served: &Served) -> Result<Observed<Self>, Error> {
        self.create(owner, served).await
    }

    async fn delete(self, served: &Served) -> Result<Option<Observed<Self>>, Error> {
        served.0.remove_job(&self.cluster, &self.name).await?;
        Ok(None)
    }
}

impl CronJob {
    fn job(self) -> Job {
        let Self { cluster, name, schedule, database, command, active, .. } = self;
        Job { cluster, name, schedule, database, command, active }
    }
}

fn shown(job: Job) -> CronJob {
    let Job { cluster, name, schedule, database, command, active } = job;
    CronJob { job: Some(format!("{cluster}/{name}")), cluster, name, schedule, database, command, active }
}
