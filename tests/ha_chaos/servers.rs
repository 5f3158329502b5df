//! The processes of a member's server, found by its data folder, and what is sent to them.

use std::{fs, path::Path, process::Child};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// The first process of the server with this data.
pub(super) fn postmaster(data: &Path) -> Result<Pid, String> {
    let file = data.join("postmaster.pid");
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    text.lines().next().and_then(|line| line.parse().ok()).map(Pid::from_raw).ok_or_else(|| "a server without a number".to_owned())
}

/// All its processes whose titles have this word, those that send to standbys last.
pub(super) fn tree(data: &Path, word: &str) -> Vec<Pid> {
    let numbers = fs::read_dir("/proc").expect("processes").filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    let title = |pid: i32| String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default()).into_owned();
    let ours = numbers.filter(|pid| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == data));
    let mut all: Vec<_> = ours.map(|pid| (title(pid), pid)).filter(|(title, _)| title.contains(word)).collect();
    all.sort_by_key(|(title, pid)| (title.contains("walsender"), *pid));
    all.into_iter().map(|(_, pid)| Pid::from_raw(pid)).collect()
}

/// To the server, or to some of it.
pub(super) fn to_server(data: &Path, word: &str, signal: Signal) {
    // whoever is begotten meanwhile is begotten by one that has not heard it yet
    for _ in 0..2 {
        tree(data, word).into_iter().for_each(|pid| send(pid, signal));
    }
}

pub(super) fn of(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).expect("a number"))
}

pub(super) fn send(pid: Pid, signal: Signal) {
    let _is_gone = kill(pid, signal);
}
