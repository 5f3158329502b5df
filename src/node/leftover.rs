//! A server of an earlier node that still runs on a data folder, or what it left there: found and ended before another starts.

use std::{fs, path::Path, time::Duration};

use nix::{sys::signal::Signal, unistd::Pid};

use super::tree;
use crate::postgres;

/// How long one may take to stop by itself, and how long the kernel may take to end what was killed.
const PATIENCE: Duration = Duration::from_secs(5);

/// Ends whatever runs on this folder; false where it can't be ended.
///
/// The file `postmaster.pid` is only the reason to look: its number may be another process's by now, and of a server whose
/// first process was killed some may live on.
pub(super) async fn end(data: &Path) -> bool {
    let file = data.join("postmaster.pid");
    let Ok(text) = postgres::note(&file) else { return true };
    let text = String::from_utf8_lossy(&text);
    let left = tree::processes(data);
    let first = text.lines().next().and_then(|line| line.trim().parse().ok()).map(Pid::from_raw);
    if let Some(postmaster) = first.filter(|pid| left.contains(pid)) {
        tracing::info!(folder = %data.display(), "a server of an earlier node still runs, and is stopped");
        tree::send(postmaster, Signal::SIGINT);
        // it may have been frozen
        tree::thaw(&left);
        tree::gone(data, PATIENCE).await;
    }
    let ended = tree::kill_all(data, PATIENCE).await;
    if ended {
        drop(fs::remove_file(file));
    }
    ended
}
