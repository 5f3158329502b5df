//! The table that comes out: what was measured, what was meant to be, and what stands beside it.

use std::{fmt, fs, time::Duration};

/// One line of the table.
pub(crate) struct Figure {
    pub(crate) what: String,
    pub(crate) measured: String,
    /// Empty where nothing was promised.
    pub(crate) goal: &'static str,
    /// What the same took a bare loop, or another tool; empty where there is none.
    pub(crate) beside: String,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} | {} | {} | {} |", self.what, self.measured, self.goal, self.beside)
    }
}

pub(crate) const HEAD: &str = "| what | measured | goal | beside it |\n|---|---|---|---|";

/// The middle one of several.
pub(crate) fn median<T: Copy + PartialOrd>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
    values[values.len() / 2]
}

/// `0.21 s`, or `21 ms` where that is short.
pub(crate) fn time(duration: Duration) -> String {
    if duration < Duration::from_millis(100) {
        format!("{:.1} ms", duration.as_secs_f64() * 1e3)
    } else {
        format!("{:.2} s", duration.as_secs_f64())
    }
}

/// How many times as long, as in `1.12`.
pub(crate) fn ratio(this: Duration, that: Duration) -> String {
    format!("{:.2}", this.as_secs_f64() / that.as_secs_f64())
}

/// The machine, and how busy it is now: a figure means nothing without.
pub(crate) fn machine() -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, key: &str| {
        text.lines().find_map(|line| line.strip_prefix(key)).map(|rest| rest.trim_matches([' ', '\t', ':']).to_owned()).unwrap_or_default()
    };
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = value(&read("/proc/meminfo"), "MemTotal").trim_end_matches(" kB").parse::<f64>().unwrap_or_default() / 1024.0 / 1024.0;
    let build = if cfg!(debug_assertions) { "the dev profile (unoptimised)" } else { "the bench profile (opt-level 1)" };
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default();
    format!("{cpus} × {}, {memory:.0} GiB, built with {build}, load {load} at this moment", value(&read("/proc/cpuinfo"), "model name"))
}
