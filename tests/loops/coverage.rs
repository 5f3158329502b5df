//! Which types are walked through what, read from the files of the walks: the table in the README.

use std::{collections::BTreeMap, fs, path::Path};

use super::walk::sections;

const COLUMNS: [&str; 7] = ["create", "drift", "update", "replace", "rename", "delete", "adopt"];

/// Every walked table with the cells of its row: `●` walked, `–` there is no such thing, empty: not shown.
pub(super) fn covered() -> Vec<(String, Vec<&'static str>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/loops");
    let folders = fs::read_dir(root).expect("tests/loops").flatten().map(|entry| entry.path()).filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()));
    let mut rows = BTreeMap::new();
    for file in files.filter(|file| file.extension().is_some_and(|end| end == "sql")) {
        let part = |path: Option<&std::ffi::OsStr>| path.and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let table = format!("{}.{}", part(file.parent().and_then(Path::file_name)), part(file.file_stem()));
        rows.insert(table, cells(&fs::read_to_string(&file).expect("a text")));
    }
    rows.into_iter().collect()
}

fn cells(text: &str) -> Vec<&'static str> {
    let all = sections(text);
    let never: Vec<&str> = all.iter().filter(|it| it.kind == "never").flat_map(|it| it.words.clone().unwrap_or_default()).collect();
    let has = |kind: &str| all.iter().any(|it| it.kind == kind || kind == "drift" && it.kind == "lost");
    COLUMNS
        .iter()
        .map(|column| {
            if has(column) {
                "●"
            } else if never.contains(column) {
                "–"
            } else {
                ""
            }
        })
        .collect()
}

/// The table as it stands in the README.
pub(super) fn table() -> String {
    let line = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
    let mut table = line(&[&["type"], &COLUMNS[..]].concat());
    table.push_str(&line(&["---"; COLUMNS.len() + 1]).replace(' ', ""));
    for (name, cells) in covered() {
        let name = format!("`{name}`");
        table.push_str(&line(&[&[name.as_str()], &cells[..]].concat()));
    }
    table
}
