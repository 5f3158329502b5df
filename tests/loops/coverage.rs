//! Which types are shown to do what, read from the files of the walks: the table in the README.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::walk::sections;

const COLUMNS: [&str; 7] = ["create", "drift", "update", "replace", "rename", "delete", "adopt"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The `.sql` files two folders below, as `<service>.<table>` with their paths.
fn tables(below: &str) -> BTreeMap<String, PathBuf> {
    let folders = fs::read_dir(root().join(below)).expect("a folder").flatten().map(|entry| entry.path()).filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()));
    let name = |path: &Path| {
        let (service, table) = (path.parent()?.file_name()?.to_str()?, path.file_name()?.to_str()?.strip_suffix(".sql")?);
        (!table.contains('.') && table != "example").then(|| format!("{service}.{table}"))
    };
    files.filter_map(|file| Some((name(&file)?, file))).collect()
}

/// Every table that a file walks.
pub(super) fn walked() -> Vec<String> {
    tables("tests/loops").into_keys().collect()
}

/// What other tests are said to show, by their names: `engine::images::an_image…`.
pub(super) fn elsewhere() -> Vec<String> {
    let texts = tables("tests/loops").into_values().map(|file| fs::read_to_string(file).expect("a text")).collect::<Vec<_>>();
    let all = texts.iter().flat_map(|text| sections(text)).filter(|section| section.kind == "elsewhere");
    all.flat_map(|section| section.body.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// `●` shown, `–` there is no such thing, empty: not shown.
fn cells(text: &str) -> Vec<&'static str> {
    let all = sections(text);
    let told =
        |kind: &str| -> Vec<&str> { all.iter().filter(|it| it.kind == kind).flat_map(|it| it.words.clone().unwrap_or_default()).collect() };
    let (never, elsewhere) = (told("never"), told("elsewhere"));
    let has = |kind: &str| all.iter().any(|it| it.kind == kind || kind == "drift" && it.kind == "lost") || elsewhere.contains(&kind);
    COLUMNS
        .iter()
        .map(|column| match () {
            () if has(column) => "●",
            () if never.contains(column) => "–",
            () => "",
        })
        .collect()
}

/// The table as it stands in the README.
pub(super) fn table() -> String {
    let line = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
    let mut table = line(&[&["type"], &COLUMNS[..]].concat());
    table.push_str(&line(&["---"; COLUMNS.len() + 1]).replace(' ', ""));
    let walks = tables("tests/loops");
    for name in tables("modules").keys() {
        let cells = walks.get(name).map_or_else(|| vec![""; COLUMNS.len()], |file| cells(&fs::read_to_string(file).expect("a text")));
        table.push_str(&line(&[&[format!("`{name}`").as_str()], &cells[..]].concat()));
    }
    table
}
