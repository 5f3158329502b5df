//! Of the book, what clusters run on a schedule. It stands in each cluster itself, and is asked of whoever leads there.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Told;

/// The jobs of the clusters of one user's rows.
pub trait Jobs: Send + Sync {
    /// All of them that have a name, of those clusters that run jobs.
    fn jobs(&self) -> Told<'_, Vec<Job>>;
    /// Has a cluster run one, or run it otherwise.
    fn set_job<'a>(&'a self, job: &'a Job) -> Told<'a, ()>;
    /// Has a cluster run one no longer. That it is gone already is no failure.
    fn remove_job<'a>(&'a self, cluster: &'a str, name: &'a str) -> Told<'a, ()>;
    /// The last runs of each cluster.
    fn job_runs(&self) -> Told<'_, Vec<JobRun>>;
}

/// What a cluster runs on a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The cluster's name.
    pub cluster: String,
    /// Its own.
    pub name: String,
    /// When.
    pub schedule: String,
    /// In which database.
    pub database: String,
    /// What.
    pub command: String,
    /// Whether it is run at all.
    pub active: bool,
}

/// A run of one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRun {
    /// The cluster's name.
    pub cluster: String,
    /// Later ones are higher.
    pub run_id: i64,
    /// The job's name.
    pub job: Option<String>,
    /// In which database.
    pub database: Option<String>,
    /// What was run.
    pub command: Option<String>,
    /// What became of it.
    pub status: Option<String>,
    /// What Postgres said.
    pub return_message: Option<String>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}
