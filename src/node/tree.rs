//! All processes of one server: they stand in its data folder. Each backend is a session of its own, so no group holds them together.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::Path,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// How often it is looked whether processes have gone, or have stopped.
const LOOK: Duration = Duration::from_millis(2);
/// How long it may take until all have stopped: one that waits for a disk does so first.
const FROZEN: Duration = Duration::from_secs(5);

/// The processes that stand in this folder and are its owner's, a program that COPY started included. Not the shell of somebody who
/// looks around there; nor one that has ended but was not yet waited for: it stands nowhere.
pub(crate) fn processes(data: &Path) -> Vec<Pid> {
    let (Ok(data), Ok(owner)) = (fs::canonicalize(data), fs::metadata(data).map(|found| found.uid())) else { return vec![] };
    let numbers = fs::read_dir("/proc").into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    numbers.map(Pid::from_raw).filter(|pid| is_of(*pid, &data, owner)).collect()
}

fn is_of(pid: Pid, data: &Path, owner: u32) -> bool {
    let process = format!("/proc/{pid}");
    fs::read_link(format!("{process}/cwd")).is_ok_and(|folder| folder == data)
        && fs::metadata(process).is_ok_and(|found| found.uid() == owner)
}

/// Stops all of them where they are, and notes each before it is looked whether it has: a signal takes effect when a process is next given a
/// processor, and until then it may beget another. So the first one first, then whoever stands there, until all that do are stopped.
///
/// # Errors
/// When a signal may not be sent, or some do not stop in time.
pub(crate) async fn freeze(postmaster: Pid, data: &Path, frozen: &mut Vec<Pid>) -> Result<(), Errno> {
    let until = Instant::now() + FROZEN;
    let mut next = vec![postmaster];
    loop {
        for pid in next {
            stop(pid)?;
            frozen.push(pid);
        }
        let standing = processes(data);
        next = standing.iter().copied().filter(|pid| !frozen.contains(pid)).collect();
        if next.is_empty() && standing.into_iter().all(is_stopped) {
            return Ok(());
        }
        if Instant::now() >= until {
            return Err(Errno::ETIMEDOUT);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The letter behind the name, which may have brackets in it itself (`proc_pid_stat(5)`). One that is gone is content.
fn is_stopped(pid: Pid) -> bool {
    let Ok(text) = fs::read_to_string(format!("/proc/{pid}/stat")) else { return true };
    text.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('T'))
}

/// Lets them go on.
pub(crate) fn thaw(frozen: &[Pid]) {
    for pid in frozen.iter().rev() {
        send(*pid, Signal::SIGCONT);
    }
}

/// Kills all that stands in the folder, until nothing does; false where some can't be killed.
pub(crate) async fn kill_all(data: &Path, patience: Duration) -> bool {
    let until = Instant::now() + patience;
    while kill_now(data) {
        if Instant::now() >= until {
            return false;
        }
        tokio::time::sleep(LOOK).await;
    }
    true
}

/// Kills all that stands in the folder now; false where nothing does.
pub(crate) fn kill_now(data: &Path) -> bool {
    let left = processes(data);
    for pid in &left {
        send(*pid, Signal::SIGKILL);
    }
    !left.is_empty()
}

/// Waits until nothing stands in the folder any more; false where it takes too long.
pub(crate) async fn gone(data: &Path, patience: Duration) -> bool {
    let until = Instant::now() + patience;
    while !processes(data).is_empty() {
        if Instant::now() >= until {
            return false;
        }
        tokio::time::sleep(LOOK).await;
    }
    true
}

/// A signal for one process. One that it can't be sent to is still there afterwards, and that is looked at.
pub(crate) fn send(pid: Pid, signal: Signal) {
    let _is_gone = kill(pid, signal);
}

/// One that is gone is content.
fn stop(pid: Pid) -> Result<(), Errno> {
    match kill(pid, Signal::SIGSTOP) {
        Err(Errno::ESRCH) => Ok(()),
        sent => sent,
    }
}
