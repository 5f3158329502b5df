//! The jobs of the clusters of one user's rows, in the clusters themselves.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use super::Rows;
use crate::{
    causes::in_one_line,
    control::Control,
    resource::{Error, Kind},
    served::{Cluster, Clusters, Job, JobRun, Jobs, Told},
};

/// In which database pg_cron keeps its jobs, where the settings say nothing else.
const HOME: &str = "postgres";

/// How whoever leads a cluster is reached.
pub trait Reach: Send + Sync {
    /// The way there as the superuser; or why there is none.
    fn primary<'a>(&'a self, database: &'a str, cluster: &'a str, inside: &'a str) -> BoxFuture<'a, Result<PgConnectOptions, String>>;
}

impl Control {
    /// The same, with a way to whoever leads a cluster.
    #[must_use]
    pub fn with_reach(self, reach: Arc<dyn Reach>) -> Self {
        Self { reach: Some(reach), ..self }
    }
}

impl Rows {
    /// In the database where a cluster keeps its jobs.
    async fn inside(&self, doing: &'static str, cluster: &Cluster) -> Result<PgConnection, Error> {
        let unreachable = |said: String| Error::new(doing, Kind::Unreachable, format!("the cluster {}: {said}", cluster.name));
        let reach = self.reach.as_ref().ok_or_else(|| unreachable("this engine has no way to it".to_owned()))?;
        let inside = cluster.wanted.settings.get("cron.database_name").map_or(HOME, String::as_str);
        let way = reach.primary(&self.database, &cluster.name, inside).await.map_err(&unreachable)?;
        PgConnection::connect_with(&way).await.map_err(|error| unreachable(in_one_line(&error)))
    }

    /// Those that run jobs, and have somebody who leads.
    async fn with_jobs(&self) -> Result<Vec<Cluster>, Error> {
        let runs = |cluster: &Cluster| {
            let loaded = cluster.wanted.settings.get("shared_preload_libraries").is_some_and(|loaded| loaded.contains("pg_cron"));
            loaded && cluster.seen.as_ref().is_some_and(|seen| seen.primary.is_some())
        };
        Ok(self.clusters().await?.into_iter().filter(runs).collect())
    }

    async fn with_jobs_named(&self, doing: &'static str, name: &str) -> Result<PgConnection, Error> {
        let found = self.with_jobs().await?.into_iter().find(|cluster| cluster.name == name);
        let missing = || Error::new(doing, Kind::Held, format!("the cluster {name} runs no jobs yet"));
        self.inside(doing, &found.ok_or_else(missing)?).await
    }
}

impl Jobs for Rows {
    fn jobs(&self) -> Told<'_, Vec<Job>> {
        const DOING: &str = "list the jobs of clusters";
        type Row = (String, String, String, String, bool);
        Box::pin(async move {
            let mut jobs = vec![];
            for cluster in self.with_jobs().await? {
                let mut inside = self.inside(DOING, &cluster).await?;
                let rows: Vec<Row> = if_any(sqlx::query_as(include_str!("../sql/jobs.sql")).fetch_all(&mut inside).await, DOING)?;
                let one = |(name, schedule, database, command, active)| {
                    let cluster = cluster.name.clone();
                    Job { cluster, name, schedule, database, command, active }
                };
                jobs.extend(rows.into_iter().map(one));
            }
            Ok(jobs)
        })
    }

    fn set_job<'a>(&'a self, job: &'a Job) -> Told<'a, ()> {
        const DOING: &str = "have a cluster run a job";
        Box::pin(async move {
            let Job { cluster, name, schedule, database, command, active } = job;
            let mut inside = self.with_jobs_named(DOING, cluster).await?;
            let set = sqlx::query(include_str!("../sql/job_set.sql")).bind(name).bind(schedule).bind(command).bind(database).bind(active);
            set.execute(&mut inside).await.map(drop).map_err(said(DOING))
        })
    }

    fn remove_job<'a>(&'a self, cluster: &'a str, name: &'a str) -> Told<'a, ()> {
        const DOING: &str = "have a cluster run a job no longer";
        Box::pin(async move {
            // with the cluster its jobs are gone, too
            if !self.clusters().await?.iter().any(|other| other.name == cluster) {
                return Ok(());
            }
            let mut inside = self.with_jobs_named(DOING, cluster).await?;
            let removed = sqlx::query(include_str!("../sql/job_remove.sql")).bind(name).execute(&mut inside).await;
            removed.map(drop).map_err(said(DOING))
        })
    }

    fn job_runs(&self) -> Told<'_, Vec<JobRun>> {
        const DOING: &str = "list the runs of jobs";
        type Time = Option<DateTime<Utc>>;
        type Row = (i64, Option<String>, Option<String>, Option<String>, Option<String>, Option<String>, Time, Time);
        Box::pin(async move {
            let mut runs = vec![];
            for cluster in self.with_jobs().await? {
                let mut inside = self.inside(DOING, &cluster).await?;
                let rows: Vec<Row> = if_any(sqlx::query_as(include_str!("../sql/job_runs.sql")).fetch_all(&mut inside).await, DOING)?;
                let one = |(run_id, job, database, command, status, return_message, started_at, ended_at)| {
                    let cluster = cluster.name.clone();
                    JobRun { cluster, run_id, job, database, command, status, return_message, started_at, ended_at }
                };
                runs.extend(rows.into_iter().map(one));
            }
            Ok(runs)
        })
    }
}

/// What is read of pg_cron's tables: nothing where they are not there yet, for it was just asked for.
fn if_any<T>(read: sqlx::Result<Vec<T>>, doing: &'static str) -> Result<Vec<T>, Error> {
    // Postgres' words for a schema and for a table that is not there
    let is_missing = |error: &sqlx::Error| {
        error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "3F000" || code == "42P01")
    };
    match read {
        Err(error) if is_missing(&error) => Ok(vec![]),
        read => read.map_err(said(doing)),
    }
}

/// What Postgres says to a job is for its user.
fn said(doing: &'static str) -> impl Fn(sqlx::Error) -> Error {
    move |error| match error.as_database_error() {
        Some(refused) => Error::new(doing, Kind::Invalid, refused.message()),
        None => Error::new(doing, Kind::Unreachable, in_one_line(&error)),
    }
}
