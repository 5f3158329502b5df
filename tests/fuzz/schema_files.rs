//! Schema directories with something broken in them: every fault is named with its file, and nothing panics.

use iasql::schema::{Files, Schema};
use proptest::prelude::*;

use super::runner;

/// What is done to one text.
#[derive(Clone, Debug)]
enum Harm {
    Cut(prop::sample::Index),
    Drop(prop::sample::Index),
    Twice(prop::sample::Index),
    Insert(prop::sample::Index, String),
    Empty,
}

fn harm() -> impl Strategy<Value = Harm> {
    let text = prop_oneof![
        "\\PC{0,30}",
        "-- (description|service|mode|optional|callers|deprecated): \\PC{0,20}",
        "(procedures/|about |name |service |role )[a-z_]{0,12}"
    ];
    prop_oneof![
        any::<prop::sample::Index>().prop_map(Harm::Cut),
        any::<prop::sample::Index>().prop_map(Harm::Drop),
        any::<prop::sample::Index>().prop_map(Harm::Twice),
        (any::<prop::sample::Index>(), text).prop_map(|(at, text)| Harm::Insert(at, text)),
        Just(Harm::Empty),
    ]
}

fn harmed(text: &str, harm: &Harm) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() {
        return String::new();
    }
    let count = lines.len();
    match harm {
        Harm::Cut(at) => lines.truncate(at.index(count)),
        Harm::Drop(at) => drop(lines.remove(at.index(count))),
        Harm::Twice(at) => lines.insert(at.index(count), lines[at.index(count)]),
        Harm::Insert(at, line) => lines.insert(at.index(count), line),
        Harm::Empty => lines.clear(),
    }
    lines.join("\n")
}

#[test]
fn a_directory_with_something_broken_is_read_or_each_fault_is_named_with_its_file() {
    let whole = Files::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/queue").as_ref()).expect("the directory");
    Schema::from_files("queue", "queue", whole.clone()).unwrap_or_else(|faults| panic!("{faults}"));
    let names: Vec<String> = whole.names().map(str::to_owned).collect();
    let harms = prop::collection::vec((prop::sample::select(names), harm()), 1..4);
    runner(400)
        .run(&harms, |harms| {
            let files: Files = whole
                .all()
                .map(|(name, text)| {
                    let mine = harms.iter().filter(|(harmed, _)| harmed == name);
                    (name.to_owned(), mine.fold(text.to_owned(), |text, (_, harm)| harmed(&text, harm)))
                })
                .collect();
            let lines = |name: &str| files.get(name).map_or(0, |text| text.lines().count());
            if let Err(faults) = Schema::from_files("queue", "queue", files.clone()) {
                prop_assert!(!faults.faults.is_empty());
                for fault in &faults.faults {
                    prop_assert!(!fault.file.is_empty() && !fault.said.is_empty() && fault.line <= lines(&fault.file).max(1), "{}", fault);
                }
            }
            Ok(())
        })
        .unwrap_or_else(|failed| panic!("{failed}"));
}
