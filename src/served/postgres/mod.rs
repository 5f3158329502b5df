//! Clusters of Postgres that engines lead.

pub(super) mod backup;
pub(super) mod cluster;
pub(super) mod cron_job;
pub(super) mod cron_run;
pub(super) mod member;
