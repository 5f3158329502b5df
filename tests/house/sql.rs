//! How SQL looks, and that every table and column says what it means.

use std::collections::BTreeSet;

use super::{Source, none, sources};

const KEYWORDS: [&str; 20] = [
    "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "FROM", "WHERE", "TABLE", "COMMENT", "RETURNS", "FUNCTION", "BEGIN",
    "PRIMARY", "JOIN", "VALUES", "GRANT", "REVOKE", "DECLARE",
];

fn all() -> Vec<Source> {
    ["modules", "sql-templates", "migrations", "src", "scripts", "benches"]
        .into_iter()
        .flat_map(|folder| sources(folder, &[".sql"]))
        .collect()
}

/// Without comments and quoted texts, which are for people.
fn code(text: &str) -> String {
    let lines = text.lines().map(|line| line.split("--").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    lines.split('\'').step_by(2).collect::<Vec<_>>().join("''")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|sign: char| !sign.is_alphanumeric() && sign != '_')
}

#[test]
fn sql_is_written_in_lower_case() {
    let shouts = |file: &Source| words(&code(&file.text)).find(|word| KEYWORDS.contains(word)).map(|word| format!("{}: {word}", file.path));
    none(all().iter().filter_map(shouts));
}

#[test]
fn a_sql_file_opens_with_a_sentence_that_says_what_it_is() {
    // a query beside its Rust file is explained there
    none(all().into_iter().filter(|file| !file.path.starts_with("src/") && !file.text.starts_with("-- ")).map(|file| file.path));
}

#[test]
fn what_is_created_is_named_with_its_schema() {
    const KINDS: [&str; 6] = ["table", "view", "function", "procedure", "trigger_function", "sequence"];
    let bare = |file: &Source| {
        let code = code(&file.text);
        let lines: Vec<String> =
            code.lines().filter_map(|line| bare_name(line, &KINDS)).map(|name| format!("{}: {name}", file.path)).collect();
        lines
    };
    none(all().iter().flat_map(bare));
}

/// The name in `create [or replace] table [if not exists] name`, where no schema stands before it.
fn bare_name(line: &str, kinds: &[&str]) -> Option<String> {
    let rest = line.trim_start().strip_prefix("create ")?.trim_start_matches("or replace ").trim_start_matches("unlogged ");
    let (kind, name) = rest.split_once(' ')?;
    let name = name.trim_start_matches("if not exists ").split(['(', ' ', ';']).next()?;
    (kinds.contains(&kind) && !name.is_empty() && !name.contains('.')).then(|| name.to_owned())
}

/// `(table, columns)` of each `create table` in a file.
fn tables(text: &str) -> Vec<(String, Vec<String>)> {
    let code = code(text);
    let bodies = code.split("create table ").skip(1).filter_map(|rest| rest.split_once(" (\n")).filter(|(name, _)| !name.contains('\n'));
    bodies.map(|(name, body)| (name.trim_start_matches("if not exists ").to_owned(), columns(body))).collect()
}

/// The columns stand a line each, at an indent of two.
fn columns(body: &str) -> Vec<String> {
    const NOT_COLUMNS: [&str; 6] = ["primary", "foreign", "constraint", "unique", "check", "exclude"];
    let lines = body.lines().take_while(|line| !line.starts_with(')')).filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names =
        lines.filter_map(|line| line.split_whitespace().next()).filter(|name| name.starts_with(|sign: char| sign.is_ascii_lowercase()));
    names.filter(|name| !NOT_COLUMNS.contains(name)).map(str::to_owned).collect()
}

fn comments(text: &str, kind: &str) -> BTreeSet<String> {
    let opening = format!("comment on {kind} ");
    let found = text.split(opening.as_str()).skip(1);
    found.filter_map(|rest| rest.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn every_table_and_column_says_what_it_means() {
    let silent = |file: Source| {
        let (about_tables, about_columns) = (comments(&file.text, "table"), comments(&file.text, "column"));
        let mut found = vec![];
        for (table, columns) in tables(&file.text) {
            let silent = columns.into_iter().map(|column| format!("{table}.{column}")).filter(|column| !about_columns.contains(column));
            found.extend(silent.map(|column| format!("{}: {column} has no comment", file.path)));
            if !about_tables.contains(&table) {
                found.push(format!("{}: {table} has no comment", file.path));
            }
        }
        found
    };
    let files = ["modules", "migrations", "sql-templates"].into_iter().flat_map(|folder| sources(folder, &[".sql"]));
    none(files.flat_map(silent));
}

/// What adds a table: no change, nothing that takes back, no procedure.
fn adding(folder: &str) -> Vec<Source> {
    let adds = |file: &Source| !file.path.ends_with("example.sql") && !file.path.ends_with(".up.sql") && !file.path.ends_with(".down.sql");
    sources(folder, &[".sql"]).into_iter().filter(adds).collect()
}

#[test]
fn every_table_of_a_module_is_registered() {
    none(adding("modules").iter().flat_map(|file| {
        let tables = tables(&file.text);
        let unregistered = tables.into_iter().filter(|(table, _)| !file.text.contains(&format!("iasql.register('{table}')")));
        unregistered.map(|(table, _)| format!("{}: {table} is not registered", file.path)).collect::<Vec<_>>()
    }));
}

#[test]
fn a_module_keeps_to_types_that_can_be_compared_and_upgraded() {
    const NOT: [&str; 3] = ["json", "xml", "point"];
    let wrong = |file: &Source| words(&code(&file.text)).find(|word| NOT.contains(word)).map(|word| format!("{}: {word}", file.path));
    none(sources("modules", &[".sql"]).iter().filter_map(wrong));
    let enums = |file: &Source| code(&file.text).contains("create type").then(|| format!("{}: create type", file.path));
    none(sources("modules", &[".sql"]).iter().filter_map(enums));
}

#[test]
fn every_table_has_a_rust_file_of_the_same_stem() {
    // whoever makes the rows true: a cloud's folder, where a service is a cloud of its own that service's
    let makers = ["src/aws/", "src/served/", "src/"];
    let rust = sources("src", &[".rs"]).into_iter().map(|file| file.path).collect::<BTreeSet<_>>();
    let has = |path: &str| makers.iter().any(|maker| rust.contains(&path.replace("modules/", maker).replace(".sql", ".rs")));
    let sql = adding("modules").into_iter().map(|file| file.path);
    none(sql.filter(|path| !has(path)));
}

#[test]
fn comments_and_texts_are_not_taken_for_code() {
    assert_eq!(code("select 'SELECT it''s' -- FROM\nfrom x"), "select '''' \nfrom x");
    assert_eq!(tables("create table a.b (\n  c text,\n  primary key (c)\n);")[0], ("a.b".to_owned(), vec!["c".to_owned()]));
    assert_eq!(bare_name("create or replace view x as", &["view"]).as_deref(), Some("x"));
}
