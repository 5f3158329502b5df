//! The processes below one: found by who begot whom, frozen, thawed and killed together.

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    sys::signal::{self, Signal},
    unistd::Pid,
};

use super::Error;

/// How often it is looked whether all have stopped.
const LOOK: Duration = Duration::from_millis(2);
/// How long it may take until all have: one that waits for a disk does so first.
const FROZEN: Duration = Duration::from_secs(5);

/// One process, as `proc_pid_stat(5)` tells it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    parent: i32,
    /// When it began, in the clock's ticks since the machine did: with the number it tells one process from all others.
    pub(super) began: u64,
    state: char,
}

/// Looks at a process; `None` where there is none.
pub(super) fn look(pid: Pid) -> Option<Seen> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

fn parse(stat: &str) -> Option<Seen> {
    // the name may have brackets in it itself
    let mut words = stat.rsplit_once(") ")?.1.split(' ');
    let (state, parent) = (words.next()?.chars().next()?, words.next()?.parse().ok()?);
    Some(Seen { state, parent, began: words.nth(17)?.parse().ok()? })
}

impl Seen {
    /// Whether it still does or could do something.
    fn lives(self) -> bool {
        !matches!(self.state, 'Z' | 'X')
    }

    fn is_stopped(self) -> bool {
        matches!(self.state, 'T' | 't')
    }
}

/// All that live below a process, the nearest first; not itself.
pub(super) fn below(root: Pid) -> Vec<Pid> {
    let numbers = fs::read_dir("/proc").into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for number in numbers {
        if let Some(seen) = look(Pid::from_raw(number)).filter(|seen| seen.lives()) {
            children.entry(seen.parent).or_default().push(number);
        }
    }
    let mut found = vec![root.as_raw()];
    let mut at = 0;
    while at < found.len() {
        found.extend(children.remove(&found[at]).unwrap_or_default());
        at += 1;
    }
    found.into_iter().skip(1).map(Pid::from_raw).collect()
}

/// All that live and are this user's.
pub(super) fn of_user(user: u32) -> Vec<Pid> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let is = |entry: &fs::DirEntry| entry.metadata().is_ok_and(|found| std::os::unix::fs::MetadataExt::uid(&found) == user);
    let numbers = processes.filter(is).filter_map(|entry| entry.file_name().to_str()?.parse().ok()).map(Pid::from_raw);
    numbers.filter(|pid| look(*pid).is_some_and(Seen::lives)).collect()
}

/// Stops all below a process where they are; each may beget another until it is stopped, so it is looked until there is none that is not.
///
/// # Errors
/// When a signal may not be sent, or some do not stop in time; then they go on.
pub(super) async fn freeze(root: Pid) -> Result<(), Error> {
    let until = Instant::now() + FROZEN;
    loop {
        let moving: Vec<_> = below(root).into_iter().filter(|pid| look(*pid).is_some_and(|seen| !seen.is_stopped())).collect();
        if moving.is_empty() {
            return Ok(());
        }
        let sent =
            if Instant::now() < until { moving.into_iter().try_for_each(|pid| send(pid, Signal::SIGSTOP)) } else { Err(Errno::ETIMEDOUT) };
        if let Err(source) = sent {
            thaw(root);
            return Err(Error::process("stop all of a machine's processes")(source));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Lets all below a process go on, the last one first: whoever waits for another finds it awake.
pub(super) fn thaw(root: Pid) {
    for pid in below(root).into_iter().rev() {
        let _is_gone = signal::kill(pid, Signal::SIGCONT);
    }
}

/// Ends a process, where we may.
pub(super) fn kill(pid: Pid) {
    let _is_gone = signal::kill(pid, Signal::SIGKILL);
}

/// A signal for one process. One that is gone is content.
pub(super) fn send(pid: Pid, signal: Signal) -> Result<(), Errno> {
    match signal::kill(pid, signal) {
        Err(Errno::ESRCH) => Ok(()),
        sent => sent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_hides_nothing() {
        let seen = parse("7 (a) b) T 3 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 8 9").unwrap();
        assert_eq!((seen.parent, seen.began), (3, 4711));
        assert!(seen.is_stopped() && seen.lives());
    }

    #[test]
    fn whoever_is_begotten_is_below() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
        assert!(below(Pid::this()).contains(&pid) && !below(pid).contains(&pid));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(look(pid).is_none());
    }
}
