//! What a session that says nothing takes of the gateway, and what a database that nobody uses takes of the machine.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use tokio::time::sleep;

use super::{
    PARKED, PATIENCE, figure,
    place::{Place, servers},
};
use crate::table::{Figure, median};

/// The first process of a server, and those that it always has: checkpointer, writers, launchers.
const SERVANTS: usize = 6;

pub(super) async fn figures(place: &Place) -> Vec<Figure> {
    let (databases, each) = PARKED;
    let mut sessions = Vec::new();
    for database in 1..=databases {
        sessions.push(place.gateway.enter(&format!("parked{database}")).await.expect("a session"));
    }
    let before = memory(place.gateway.id());
    for database in 1..=databases {
        for _ in 1..each {
            sessions.push(place.gateway.enter(&format!("parked{database}")).await.expect("a session"));
        }
    }
    let more = databases * (each - 1);
    let parked = (memory(place.gateway.id()) - before) / more as f64;
    drop(sessions);
    let idle = idle(place, databases).await;
    vec![
        figure(
            "memory of the gateway for a session with TLS that says nothing",
            format!("{parked:.1} kB"),
            "≤ 12 kB",
            &format!("{more} of them"),
        ),
        figure(
            "memory of a database that is awake and has no session",
            format!("{:.1} MB", median(idle) / 1000.0 * 1.024),
            "≤ 7 MB",
            "what its processes have of their own, and their part of what is shared",
        ),
    ]
}

/// Of each database that is awake, in kilobytes, once its sessions have gone.
async fn idle(place: &Place, databases: usize) -> Vec<f64> {
    let began = Instant::now();
    loop {
        let servers: Vec<Vec<u32>> = servers(&place.gateway.home).into_iter().map(|(_, data)| standing(&data)).collect();
        // the sessions' processes end one after the other, and what is left are the first one and its helpers
        if servers.len() >= databases && servers.iter().all(|processes| processes.len() <= SERVANTS) {
            return servers.iter().map(|processes| processes.iter().map(|pid| memory(*pid)).sum()).collect();
        }
        assert!(began.elapsed() < PATIENCE, "sessions stay: {servers:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// The processes that stand in a folder.
fn standing(data: &Path) -> Vec<u32> {
    let processes = fs::read_dir("/proc").expect("processes").flatten();
    let numbers = processes.filter_map(|process| process.file_name().to_str()?.parse().ok());
    numbers.filter(|pid: &u32| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == data)).collect()
}

/// Kilobytes of a process, of which those that others share are divided among them.
fn memory(pid: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or_default()
}
