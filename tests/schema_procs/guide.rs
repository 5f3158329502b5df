//! What docs/schema.md shows of a file stands in that file.

use super::path;

const GUIDE: &str = include_str!("../../docs/schema.md");

/// Each block that follows a line with nothing but a file's name: the file, and what is shown of it.
fn shown(page: &str) -> Vec<(&str, String)> {
    let parts: Vec<_> = page.split("\n```").collect();
    let blocks = parts.windows(2).filter_map(|pair| {
        let before = pair[0].trim_end().lines().last()?;
        let (_, text) = pair[1].split_once('\n')?;
        Some((before.strip_prefix('`')?.strip_suffix("`:")?, text.to_owned()))
    });
    blocks.collect()
}

/// A file's text; of a comment that documents Rust, the lines that are shown.
fn text(file: &str) -> String {
    let text = std::fs::read_to_string(path(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    if !file.ends_with(".rs") {
        return text;
    }
    let lines = text.lines().map(|line| line.trim_start_matches("///").strip_prefix(' ').unwrap_or_default());
    lines.filter(|line| !line.starts_with("# ")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn what_the_guide_shows_of_a_file_stands_in_it() {
    let shown = shown(GUIDE);
    assert!(shown.len() > 5, "it shows files");
    let wrong = shown.iter().filter(|(file, part)| !text(file).contains(part.as_str()));
    assert_eq!(wrong.collect::<Vec<_>>(), Vec::<&(&str, String)>::new());
}

#[test]
fn a_block_is_of_the_file_that_is_named_before_it() {
    let page = "x\n\n`a/b`:\n\n```\none\ntwo\n```\n\nmore\n\n```sh\nls\n```\n";
    assert_eq!(shown(page), [("a/b", "one\ntwo".to_owned())]);
}
