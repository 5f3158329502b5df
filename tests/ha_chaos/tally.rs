//! What came of all rounds, by fault and by whether commits wait: the table that stands in the README.

use std::{collections::BTreeMap, fmt, time::Duration};

use super::fault::Fault;

/// What came of one round.
#[derive(Clone, Debug, Default)]
pub(super) struct Round {
    /// The longest time in which nothing was acknowledged.
    pub(super) gap: Duration,
    /// Since it could come back, until the one that was away was a standby that follows.
    pub(super) back: Option<Duration>,
    pub(super) acknowledged: usize,
    pub(super) errors: usize,
    pub(super) lost: usize,
    pub(super) doubled: usize,
}

/// All rounds.
#[derive(Default)]
pub(super) struct Tally {
    all: BTreeMap<(Fault, bool), Vec<Round>>,
    stuck: BTreeMap<(Fault, bool), usize>,
    /// Clusters that never took a write.
    pub(super) unbegun: usize,
}

impl Tally {
    pub(super) fn note(&mut self, fault: Fault, synchronous: bool, round: Round) {
        self.all.entry((fault, synchronous)).or_default().push(round);
    }

    /// One after which the cluster did not come to rest.
    pub(super) fn note_stuck(&mut self, fault: Fault, synchronous: bool) {
        self.all.entry((fault, synchronous)).or_default();
        *self.stuck.entry((fault, synchronous)).or_default() += 1;
    }

    pub(super) fn rounds(&self) -> usize {
        self.all.values().map(Vec::len).sum()
    }

    /// What must not be. Where commits don't wait, what was only on a disk that nobody could read is lost by nature.
    pub(super) fn breaches(&self) -> usize {
        let breaches = |((fault, synchronous), rounds): (&(Fault, bool), &Vec<Round>)| {
            let lost = rounds.iter().map(|round| round.lost).sum::<usize>();
            let doubled = rounds.iter().map(|round| round.doubled).sum::<usize>();
            doubled + if fault.loses(*synchronous) { 0 } else { lost }
        };
        self.unbegun + self.stuck.values().sum::<usize>() + self.all.iter().map(breaches).sum::<usize>()
    }
}

fn median(mut all: Vec<Duration>) -> Option<Duration> {
    all.sort_unstable();
    all.get(all.len() / 2).copied()
}

fn shown(duration: Option<Duration>) -> String {
    duration.map_or_else(|| "–".to_owned(), |duration| format!("{:.2} s", duration.as_secs_f64()))
}

/// What stands above the columns.
const HEAD: [&str; 12] = [
    "what happens",
    "commits",
    "rounds",
    "writes away, median",
    "worst",
    "acknowledged",
    "lost",
    "under two primaries",
    "clients' errors",
    "back, median",
    "worst",
    "never at rest",
];

impl Tally {
    fn row(fault: Fault, synchronous: bool, rounds: &[Round], stuck: usize) -> [String; 12] {
        let gaps: Vec<_> = rounds.iter().map(|round| round.gap).collect();
        let backs: Vec<_> = rounds.iter().filter_map(|round| round.back).collect();
        let sum = |of: fn(&Round) -> usize| rounds.iter().map(of).sum::<usize>().to_string();
        let (worst, worst_back) = (gaps.iter().max().copied(), backs.iter().max().copied());
        [
            fault.name(),
            if synchronous { "wait" } else { "don't wait" }.to_owned(),
            rounds.len().to_string(),
            shown(median(gaps)),
            shown(worst),
            sum(|round| round.acknowledged),
            sum(|round| round.lost),
            sum(|round| round.doubled),
            sum(|round| round.errors),
            shown(median(backs)),
            shown(worst_back),
            stuck.to_string(),
        ]
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![HEAD.map(str::to_owned)];
        for ((fault, synchronous), rounds) in &self.all {
            let stuck = self.stuck.get(&(*fault, *synchronous)).copied().unwrap_or_default();
            lines.push(Self::row(*fault, *synchronous, rounds, stuck));
        }
        let width = |at: usize| lines.iter().map(|line| line[at].chars().count()).max().unwrap_or_default();
        let widths: [usize; 12] = std::array::from_fn(width);
        let is_text = |at: usize| at < 2;
        for (number, line) in lines.iter().enumerate() {
            let cell = |(at, text): (usize, &String)| {
                let wide = widths[at];
                if is_text(at) { format!(" {text:<wide$} |") } else { format!(" {text:>wide$} |") }
            };
            writeln!(f, "|{}", line.iter().enumerate().map(cell).collect::<String>())?;
            if number == 0 {
                let rule = |at: usize| if is_text(at) { "-".repeat(widths[at] + 2) } else { "-".repeat(widths[at] + 1) + ":" };
                writeln!(f, "|{}", (0..12).map(|at| rule(at) + "|").collect::<String>())?;
            }
        }
        write!(f, "{} rounds; {} clusters did not begin", self.rounds(), self.unbegun)
    }
}
