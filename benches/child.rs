//! The binary as another process, and what it took: looked up in /proc while it runs and when it has ended.

use std::{
    fs,
    io::Read,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::support;

/// What a process took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Took {
    /// Until it ended.
    pub(crate) time: Duration,
    /// Until it said something, on whichever of the two ways.
    pub(crate) first_word: Duration,
    /// On all cores, the system's work for it included.
    pub(crate) cpu: Duration,
    /// The most memory that it had at a time, in MB.
    pub(crate) memory: f64,
    /// Its exit code.
    pub(crate) code: Option<i32>,
}

/// Runs `iasql` with these words, against the local cloud at `endpoint`.
pub(crate) fn iasql(words: &[&str], endpoint: &str) -> Took {
    let mut command = Command::new(support::binary());
    command.args(words).env_clear().env("PATH", "/usr/bin:/bin").env("AWS_ENDPOINT_URL", endpoint);
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test").env("AWS_EC2_METADATA_DISABLED", "true");
    // one pipe for both: whatever comes first counts
    let (mut words, pipe) = std::io::pipe().expect("a pipe");
    let also = pipe.try_clone().expect("the same pipe");
    let started = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(pipe).stderr(also).spawn().expect("the binary runs");
    drop(command);
    let watch = watch(child.id());
    words.read_exact(&mut [0]).expect("a word");
    let first_word = started.elapsed();
    words.read_to_end(&mut Vec::new()).expect("the rest");
    let memory = watch.join().expect("a number");
    let time = started.elapsed();
    // it has ended, and nobody has asked how: until then its numbers stay
    let cpu = cpu(child.id());
    Took { time, first_word, cpu, memory, code: child.wait().expect("an end").code() }
}

/// Looks again and again until the process ends, for its memory goes then.
fn watch(pid: u32) -> thread::JoinHandle<f64> {
    thread::spawn(move || {
        let mut most = 0.0;
        while let Some(kilobytes) = peak(pid) {
            most = f64::max(most, kilobytes / 1000.0 * 1.024);
            thread::sleep(Duration::from_millis(2));
        }
        most
    })
}

/// The most memory that a process has had so far, in kB.
pub(crate) fn peak(pid: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().trim_end_matches(" kB").parse().ok()
}

/// What a process and those of its children that have ended took so far.
pub(crate) fn cpu(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // the fields after the name, which may hold anything: utime, stime, cutime, cstime are 14 to 17, in hundredths of a second
    let fields = stat.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
    let ticks: u64 = fields.split_whitespace().skip(11).take(4).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
