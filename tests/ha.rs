//! Clusters as rows: what a row makes of itself, what is refused, and what becomes of it.

mod aws;
mod backups;
mod jobs;
mod rows;
mod whole;
