//! A run of a job of a cluster: seen, and never made here.

use serde::{Deserialize, Serialize};

use crate::{
    resource::{Error, Kind, Observed, Owner, Resource, Scope},
    served::{JobRun, Served},
};

/// A row of `postgres.cron_run`. It can only be referred to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CronRun {
    #[serde(flatten)]
    run: JobRun,
}

impl Resource for CronRun {
    const TABLE: &'static str = "postgres.cron_run";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Served;

    async fn list(served: &Served, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(served.0.job_runs().await?.into_iter().map(|run| Observed::of(Self { run }).implicit(true)).collect())
    }

    async fn create(self, _: &Owner, _: &Served) -> Result<Observed<Self>, Error> {
        Err(only_referred_to("make a run"))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, _: &Served) -> Result<Observed<Self>, Error> {
        Ok(was)
    }

    async fn delete(self, _: &Served) -> Result<Option<Observed<Self>>, Error> {
        Err(only_referred_to("remove a run"))
    }
}

fn only_referred_to(operation: &'static str) -> Error {
    Error::new(operation, Kind::Invalid, "runs come with the schedules of postgres.cron_job")
}
