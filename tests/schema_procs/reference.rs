//! The reference is always equal to the code, and help in psql says the same.

use std::{collections::BTreeMap, fs};

use iasql::schema::{Schema, pages};
use sqlx::{Connection, PgConnection};

use super::{differs, empty, path};
use crate::engine::World;

const FOLDER: &str = "docs/reference";

/// Every schema of ours, those that are needed first.
fn ours() -> Vec<Schema> {
    let read = |below: &str| Schema::from_directory(path(below)).unwrap_or_else(|faults| panic!("{faults}"));
    let mut modules: Vec<_> = fs::read_dir(path("modules")).expect("modules/").map(|entry| entry.expect("a module").file_name()).collect();
    modules.sort();
    let modules = modules.iter().map(|name| read(&format!("modules/{}", name.to_string_lossy())));
    let mut left: Vec<_> = [read("sql-templates")].into_iter().chain(modules).chain([read("migrations")]).collect();
    let mut ordered: Vec<Schema> = Vec::new();
    while !left.is_empty() {
        let has = |name: &String| ordered.iter().any(|known| known.name() == name);
        let next = left.iter().position(|schema| schema.head.needs.iter().all(has)).expect("no circle");
        ordered.push(left.remove(next));
    }
    ordered
}

#[tokio::test]
async fn the_reference_is_as_it_would_be_written_now() {
    let schemas = ours();
    let mut inside = PgConnection::connect(&empty().await).await.expect("a way in");
    let pages = pages(&mut inside, &schemas.iter().collect::<Vec<_>>()).await.unwrap_or_else(|error| panic!("{error}"));
    let differing = pages.iter().filter_map(|(file, text)| differs(&format!("{FOLDER}/{file}"), text));
    assert_eq!(differing.collect::<Vec<_>>(), Vec::<String>::new());
    let files = fs::read_dir(path(FOLDER)).expect("the pages").map(|page| page.expect("a page").file_name());
    let left_over = files.filter(|file| !pages.iter().any(|(page, _)| **page == **file));
    assert_eq!(left_over.collect::<Vec<_>>(), Vec::<std::ffi::OsString>::new(), "pages of nothing");
}

/// The lines that help should say of each table of a page.
fn said(page: &str) -> BTreeMap<String, Vec<String>> {
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let lines = page.split("\n## Tables\n").nth(1).unwrap_or_default().split("\n## ").next().unwrap_or_default();
    let mut name = String::new();
    for line in lines.lines().filter(|line| !line.is_empty() && !line.starts_with("|--") && *line != "| column | is | means |") {
        if let Some(table) = line.strip_prefix("### ") {
            table.clone_into(&mut name);
            tables.insert(name.clone(), vec![]);
            continue;
        }
        let told = tables.entry(name.clone()).or_default();
        told.push(plain(&match (line.strip_prefix("- "), cells(line)) {
            (Some(rule), _) => format!("  {rule}"),
            (None, Some([field, facts, means])) => format!("  {} {facts}: {means}", field.trim_matches('`')),
            (None, None) => format!("{name}: {line}"),
        }));
    }
    tables
}

fn cells(line: &str) -> Option<[&str; 3]> {
    let inside = line.strip_prefix("| ")?.strip_suffix(" |")?;
    inside.split(" | ").collect::<Vec<_>>().try_into().ok()
}

/// Without what keeps Markdown from seeing more in it.
fn plain(line: &str) -> String {
    ['|', '<', '>', '*', '[', ']'].iter().fold(line.to_owned(), |line, sign| line.replace(&format!("\\{sign}"), &sign.to_string()))
}

#[tokio::test]
async fn help_in_psql_says_of_every_table_what_the_reference_says() {
    let mut world = World::with(&["ec2", "s3", "secretsmanager", "rds"]).await;
    for page in ["iasql", "ec2", "s3", "secretsmanager", "rds"] {
        let tables = said(&fs::read_to_string(path(&format!("{FOLDER}/{page}.md"))).expect("a page"));
        assert!(!tables.is_empty(), "{page} has tables");
        for (table, expected) in tables {
            let mut told = world.ask(&format!("select iasql.help('{table}')")).await;
            // a function may have the same name
            told.retain(|line| !line.starts_with(&format!("{table}(")));
            assert_eq!(told, expected);
        }
    }
}

#[tokio::test]
async fn help_answers_for_schemas_and_functions_and_names_what_is_nearest_to_nothing() {
    let mut world = World::with(&["ec2"]).await;
    let mut help = async |about: &str| world.ask(&format!("select iasql.help('{about}')")).await;
    let schema = help("ec2").await;
    assert!(schema.contains(&"  ec2.vpc: A virtual private cloud: an isolated network of your own.".to_owned()), "{schema:?}");
    assert!(help("iasql.set").await[0].starts_with("iasql.set(name text, value text) returns void: Changes a setting"));
    assert_eq!(help("VPC").await, help("ec2.vpc").await, "the schema may be left out");
    assert_eq!(help("ec2.vcp").await, ["There is nothing called ec2.vcp; did you mean ec2.vpc?"]);
    assert_eq!(help("subnets").await, ["There is nothing called subnets; did you mean ec2.subnet?"]);
    assert_eq!(help("xyzzy").await, ["There is nothing called xyzzy; select iasql.help(); says what can be done."]);
}

#[test]
fn a_page_is_read_as_help_would_say_it() {
    let page = "# x\n\n## Tables\n\n### x.y\n\nIt <has\\> more.\n\n| column | is | means |\n|---|---|---|\n| `a` | text, key | One \\| two |\n\n- check: a\n\n## Functions\n";
    assert_eq!(said(page)["x.y"], ["x.y: It <has> more.", "  a text, key: One | two", "  check: a"]);
}
