//! How a Rust file looks.

use super::{lines, none, sources};

const LONGEST_FILE: usize = 400;
const LONGEST_FUNCTION: usize = 60;

fn rust() -> Vec<super::Source> {
    ["src", "tests", "benches"].into_iter().flat_map(|folder| sources(folder, &[".rs"])).collect()
}

#[test]
fn a_file_opens_with_a_sentence_that_says_what_it_is() {
    let opens = |text: &str| text.lines().next().is_some_and(|line| line.starts_with("//! ") && line.len() > 12);
    none(rust().into_iter().filter(|file| !opens(&file.text)).map(|file| file.path));
}

#[test]
fn a_file_has_at_most_400_lines() {
    let written = |text: &str| text.lines().next().is_some_and(|line| line.ends_with("Written by `iasql schema procs`: not to be edited."));
    let long = |text: &str| text.lines().count() > LONGEST_FILE && !written(text);
    none(rust().into_iter().filter(|file| long(&file.text)).map(|file| format!("{}: {} lines", file.path, file.text.lines().count())));
}

#[test]
fn a_function_has_at_most_60_lines() {
    let long = |file: &super::Source| {
        let long = functions(&file.text).into_iter().filter(|(_, length)| *length > LONGEST_FUNCTION);
        long.map(|(at, length)| format!("{}:{at}: {length} lines", file.path)).collect::<Vec<_>>()
    };
    none(rust().iter().flat_map(long));
}

/// Where each function begins, and its length. As rustfmt leaves a file, it ends where a line closes it at its own indent.
fn functions(text: &str) -> Vec<(usize, usize)> {
    let all: Vec<_> = text.lines().collect();
    let opens = |line: &str| {
        let words: Vec<_> = line.split_whitespace().take(6).collect();
        let at = words.iter().position(|word| *word == "fn");
        at.is_some_and(|at| words[..at].iter().all(|word| word.starts_with("pub") || ["async", "const", "unsafe"].contains(word)))
    };
    let indent = |line: &str| line.len() - line.trim_start().len();
    let closed = |from: usize| all[from..].iter().position(|line| line.trim() == "}" && indent(line) == indent(all[from]));
    let body = |at: usize| all[at].trim_end().ends_with('{') || all.get(at + 1).is_some_and(|next| indent(next) > indent(all[at]));
    let found = (0..all.len()).filter(|at| opens(all[*at]) && body(*at));
    found.filter_map(|at| Some((at + 1, closed(at)? + 1))).collect()
}

#[test]
fn lints_are_expected_with_a_reason_and_never_just_allowed() {
    none(lines(&rust(), |line| {
        line.trim_start().starts_with(concat!("#", "[allow")) || line.trim_start().starts_with(concat!("#", "![allow"))
    }));
    none(lines(&rust(), |line| line.contains(concat!("#", "[expect(")) && line.contains(")]") && !line.contains("reason")));
}

#[test]
fn nothing_is_left_to_be_done() {
    let marks = [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("dbg", "!("), concat!("FIX", "ME"), concat!("TO", "DO")];
    none(lines(&rust(), |line| marks.iter().any(|mark| line.contains(mark))));
}

#[test]
fn no_test_sleeps_or_is_left_out() {
    none(lines(&sources("tests", &[".rs"]), |line| line.contains(concat!("sle", "ep(")) && !line.contains("pg_sleep")));
    none(lines(&rust(), |line| line.trim_start().starts_with(concat!("#", "[ignore"))));
}

#[test]
fn sql_of_several_lines_stands_in_a_file_of_its_own() {
    const VERBS: [&str; 8] = ["select ", "insert ", "update ", "delete ", "create ", "alter ", "with ", "merge "];
    let begins = |line: &str| {
        let text = line.split_once('"').map(|(_, text)| text.trim_start_matches(['\\', '#', '"']).to_lowercase()).unwrap_or_default();
        // a text that this line does not close
        line.matches('"').count() % 2 == 1 && VERBS.iter().any(|verb| text.starts_with(verb)) && !text.contains('"')
    };
    none(lines(&sources("src", &[".rs"]), begins));
}

#[test]
fn nothing_is_named_after_its_drawer() {
    const DRAWERS: [&str; 6] = ["utils", "util", "common", "helpers", "types", "manager"];
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned();
    none(rust().into_iter().map(|file| file.path).filter(|path| DRAWERS.contains(&name(path).as_str())));
}

#[test]
fn the_length_of_a_function_is_seen_however_it_is_written() {
    let text = "impl X {\n    pub(crate) async fn a() -> u8 {\n        1\n    }\n    fn b(\n        x: u8,\n    ) {\n    }\n}\ntrait Y {\n    fn c();\n}\n";
    assert_eq!(functions(text), [(2, 3), (5, 4)]);
}
