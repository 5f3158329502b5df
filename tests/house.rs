//! The rules of this house, as tests: what they refuse is named with its file and line.

mod code;
mod files;
mod floors;
mod sql;

use files::{Source, sources};

/// Fails with every breach on a line of its own.
fn none(breaches: impl IntoIterator<Item = String>) {
    let breaches: Vec<_> = breaches.into_iter().collect();
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

/// Every line of these files of which `is` says yes, with where it stands.
fn lines(files: &[Source], is: impl Fn(&str) -> bool) -> Vec<String> {
    let found = files.iter().flat_map(|file| file.text.lines().enumerate().map(move |(at, line)| (file, at + 1, line)));
    found.filter(|(.., line)| is(line)).map(|(file, at, line)| format!("{}:{at}: {}", file.path, line.trim())).collect()
}

#[test]
fn no_file_names_a_place_of_one_machine() {
    let everything = sources("", &["rs", "sql", "md", "sh", "toml", "py", "yml", "conf", "json", "run", "Makefile", "Dockerfile"]);
    // written apart, so that this line is not one
    let places = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    none(lines(&everything, |line| places.iter().any(|place| line.contains(place))));
}
