//! What a command says: bars on a terminal, lines elsewhere, JSON for programs.

use std::{
    io::{IsTerminal, Write as _},
    time::Duration,
};

use iasql::engine::{Kind, Outcome, Progress};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::error::Error;

/// The way to speak. Answers go to stdout, the way there to stderr (in JSON, all of it to stdout).
pub(crate) enum Show {
    /// A bar that moves, lines above it.
    Bar(ProgressBar),
    /// Lines.
    Lines,
    /// One JSON document a line.
    Json,
}

impl Show {
    pub(crate) fn new(json: bool) -> Self {
        match (json, std::io::stderr().is_terminal()) {
            (true, _) => Self::Json,
            (false, true) => Self::Bar(bar()),
            (false, false) => Self::Lines,
        }
    }

    /// Something on the way.
    pub(crate) fn say(&self, line: &str) {
        match self {
            Self::Bar(bar) => bar.suspend(|| eprintln!("{line}")),
            Self::Lines => eprintln!("{line}"),
            Self::Json => {}
        }
    }

    /// A part of the answer, for people.
    pub(crate) fn answer(&self, line: &str) {
        match self {
            Self::Bar(bar) => bar.suspend(|| print(line)),
            Self::Lines => print(line),
            Self::Json => {}
        }
    }

    /// A part of the answer, for programs.
    pub(crate) fn document(&self, document: &impl Serialize) {
        if let (Self::Json, Ok(text)) = (self, serde_json::to_string(document)) {
            print(&text);
        }
    }

    /// What went wrong, with its causes.
    pub(crate) fn error(&self, error: &Error) {
        self.done();
        match self {
            Self::Json => self.document(&serde_json::json!({ "event": "error", "error": error.chain() })),
            _ => eprintln!("error: {}", error.chain()),
        }
    }

    /// The last line of several.
    pub(crate) fn last(&self, outcome: &Outcome) {
        if let Ok(serde_json::Value::Object(mut fields)) = serde_json::to_value(outcome) {
            fields.insert("event".into(), "outcome".into());
            self.document(&fields);
        }
    }

    /// One step of a run. A plan is one document, so it tells programs nothing on the way.
    pub(crate) fn step(&self, kind: Kind, progress: &Progress) {
        match self {
            Self::Json if kind == Kind::Plan => {}
            Self::Json => self.document(progress),
            Self::Lines => line(progress).into_iter().for_each(|line| eprintln!("{line}")),
            Self::Bar(bar) => {
                advance(bar, progress);
                line(progress).into_iter().for_each(|line| bar.suspend(|| eprintln!("{line}")));
            }
        }
    }

    /// So many steps there will be.
    pub(crate) fn length(&self, steps: usize) {
        if let Self::Bar(bar) = self {
            bar.set_length(steps as u64);
        }
    }

    /// One of them is done.
    pub(crate) fn one_more(&self) {
        if let Self::Bar(bar) = self {
            bar.inc(1);
        }
    }

    /// Takes the bar away.
    pub(crate) fn done(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {bar:30} {pos}/{len} {elapsed} {wide_msg}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn advance(bar: &ProgressBar, progress: &Progress) {
    bar.enable_steady_tick(Duration::from_millis(100));
    match progress {
        Progress::Refreshing { listings } => bar.set_message(format!("reading the cloud: {listings} listings")),
        Progress::Planned { create, adopt, update, replace, delete, .. } => {
            bar.set_length((create + adopt + update + replace + delete) as u64)
        }
        Progress::Started { resource, name, .. } => bar.set_message(format!("{resource} {name}")),
        Progress::Finished { .. } => bar.inc(1),
        Progress::Waiting { resource, name, status } => bar.set_message(format!("{resource} {name} is still {status}")),
        Progress::Refreshed { .. } | Progress::Blind { .. } | Progress::Imported { .. } => {}
    }
}

/// What is worth a line of its own.
fn line(progress: &Progress) -> Option<String> {
    Some(match progress {
        Progress::Refreshing { listings } => format!("reading the cloud: {listings} listings"),
        Progress::Refreshed { resources, rows, millis } => format!("read {rows} rows of {resources} resources in {}", seconds(*millis)),
        Progress::Blind { resource, region, said } if region.is_empty() => format!("can't see {resource}: {said}"),
        Progress::Blind { resource, region, said } => format!("can't see {resource} in {region}: {said}"),
        Progress::Imported { things, left } => format!("imported {things} things, left {left} as they are"),
        Progress::Planned { create, adopt, update, replace, delete, wait, unmanaged, blocked } => {
            let named = [(create, "to create"), (adopt, "to adopt"), (update, "to update"), (replace, "to replace"), (delete, "to delete")];
            let rest = [(wait, "still busy"), (unmanaged, "unmanaged and left alone"), (blocked, "blocked")];
            format!("plan: {}", counted(named.into_iter().chain(rest)))
        }
        Progress::Started { .. } => return None,
        Progress::Finished { resource, name, action, millis, error: None, .. } => {
            format!("{action} {resource} {name} ({})", seconds(*millis))
        }
        Progress::Finished { resource, name, action, error: Some(error), .. } => format!("{action} {resource} {name} failed: {error}"),
        Progress::Waiting { resource, name, status } => format!("{resource} {name} is still {status}"),
    })
}

fn counted<'a>(counts: impl Iterator<Item = (&'a usize, &'static str)>) -> String {
    let there = counts.filter(|(count, _)| **count > 0).map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>();
    if there.is_empty() { "nothing".to_owned() } else { there.join(", ") }
}

/// `0.3 s`.
pub(crate) fn seconds(millis: u64) -> String {
    let tenths = millis.div_ceil(100);
    format!("{}.{} s", tenths / 10, tenths % 10)
}

/// A line on standard output. A reader who has gone (`| head`) is no failure of ours.
fn print(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

#[cfg(test)]
mod tests {
    use iasql::engine::Progress;

    use super::{line, seconds};

    #[test]
    fn only_what_a_plan_has_is_counted() {
        let plan =
            |create, blocked| Progress::Planned { create, adopt: 0, update: 0, replace: 0, delete: 0, wait: 0, unmanaged: 0, blocked };
        assert_eq!(line(&plan(2, 1)).as_deref(), Some("plan: 2 to create, 1 blocked"));
        assert_eq!(line(&plan(0, 0)).as_deref(), Some("plan: nothing"));
    }

    #[test]
    fn nothing_takes_no_time() {
        assert_eq!([0, 1, 949, 12_345].map(seconds), ["0.0 s", "0.1 s", "1.0 s", "12.4 s"]);
    }
}
