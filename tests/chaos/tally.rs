//! What has happened so far, as the table that stands in the README.

use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, Instant},
};

/// How often it is told how far it is.
const NOW_AND_THEN: Duration = Duration::from_secs(10);

/// What has happened so far.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) rounds: u64,
    pub(super) kills: u64,
    pub(super) freezes: u64,
    /// Sessions that were ended.
    pub(super) cuts: u64,
    /// What went wrong with calls, by its name.
    faults: BTreeMap<String, u64>,
    /// Rounds whose call never came: what happened to the engines then happened a little later.
    pub(super) late: u64,
    /// Rounds whose frozen engine's call landed when another had taken over.
    pub(super) landed_late: u64,
    /// How often a person had to ask again for what had failed.
    pub(super) asked: u64,
    pub(super) doubled: u64,
    pub(super) leaked: u64,
    pub(super) lost: u64,
    pub(super) stuck: u64,
    settled: Vec<Duration>,
    began: Instant,
    told: Instant,
}

impl Tally {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            rounds: 0,
            kills: 0,
            freezes: 0,
            cuts: 0,
            faults: BTreeMap::new(),
            late: 0,
            landed_late: 0,
            asked: 0,
            doubled: 0,
            leaked: 0,
            lost: 0,
            stuck: 0,
            settled: Vec::new(),
            began: now,
            told: now,
        }
    }

    /// Takes note of what went wrong with calls: `CreateVpc@us-east-1 #3: cut after the effect`.
    pub(super) fn note_faults(&mut self, injected: &[String]) {
        for fault in injected {
            let name = fault.split_once(": ").map_or(&**fault, |(_, name)| name);
            *self.faults.entry(name.to_owned()).or_default() += 1;
        }
    }

    /// How long it took until all was well.
    pub(super) fn note_settled(&mut self, after: Duration) {
        self.settled.push(after);
    }

    /// What is wrong where so many are there and so many should be.
    pub(super) fn word(&self, name: &str, is: usize, should: usize) -> String {
        let what = match () {
            () if is < should => "lost",
            () if should > 0 => "doubled",
            () => "leaked",
        };
        format!("{what}: {name} ({is} instead of {should})")
    }

    /// Counts violations; answers for them as text.
    pub(super) fn violated(&mut self, differs: &[String]) -> String {
        let count = |word: &str| differs.iter().filter(|line| line.starts_with(word)).count() as u64;
        self.doubled += count("doubled");
        self.leaked += count("leaked");
        self.lost += count("lost");
        format!("nothing goes on any more, and these are not as they should be: {differs:#?}")
    }

    /// A line every few seconds.
    pub(super) fn tell_now_and_then(&mut self) {
        if self.told.elapsed() < NOW_AND_THEN {
            return;
        }
        self.told = Instant::now();
        let (Self { rounds, kills, freezes, cuts, .. }, faults) = (&*self, self.faults.values().sum::<u64>());
        println!(
            "{rounds} rounds in {} s: {kills} kills, {freezes} freezes, {cuts} sessions cut, {faults} calls gone wrong",
            self.began.elapsed().as_secs()
        );
    }

    fn percentile(&self, percent: usize) -> f64 {
        let mut all = self.settled.clone();
        all.sort_unstable();
        all.get((all.len() * percent / 100).min(all.len().saturating_sub(1))).map_or(0.0, Duration::as_secs_f64)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = [
            ("rounds", self.rounds),
            ("engines killed", self.kills),
            ("engines frozen", self.freezes),
            ("calls that landed after a takeover", self.landed_late),
            ("sessions cut", self.cuts),
            ("checks asked for again", self.asked),
            ("doubled", self.doubled),
            ("leaked", self.leaked),
            ("lost", self.lost),
            ("stuck", self.stuck),
            ("seconds", self.began.elapsed().as_secs()),
        ];
        writeln!(f, "| | |\n|---|---:|")?;
        for (what, count) in rows {
            writeln!(f, "| {what} | {count} |")?;
        }
        for (what, count) in &self.faults {
            writeln!(f, "| calls: {what} | {count} |")?;
        }
        writeln!(f, "| seconds until all is well, median | {:.1} |", self.percentile(50))?;
        write!(f, "| the same, slowest of a hundred | {:.1} |", self.percentile(99))
    }
}
