//! The reference of a schema, a page: its tables from a database that has it, its procedures from the directory.

use std::fmt::Write;

use sqlx::{Connection, FromRow, PgConnection};

use super::{
    Error, Schema,
    head::Service,
    procedure::{Mode, Procedure, Returns},
};

/// A line of what the catalog says; `iasql.help` says the same.
#[derive(FromRow)]
struct Said {
    /// The table.
    name: String,
    /// 0: the table itself, 1: a column, 2: a rule.
    part: i32,
    field: Option<String>,
    facts: Option<String>,
    said: String,
}

/// A function that is no procedure of the directory.
#[derive(FromRow)]
struct Function {
    name: String,
    signature: String,
    said: String,
}

/// The page of a schema as it stands in a database, in Markdown.
///
/// # Errors
/// When the catalog can't be read.
pub async fn reference(connection: &mut PgConnection, schema: &Schema) -> Result<String, Error> {
    let failed = Error::of("reading the catalog for the reference");
    // whatever is dropped before its end is rolled back
    let mut reading = connection.begin().await.map_err(&failed)?;
    sqlx::query("set local search_path = pg_catalog, pg_temp").execute(&mut *reading).await.map_err(&failed)?;
    let tables = sqlx::query_as(include_str!("sql/reference.sql")).bind(schema.name()).fetch_all(&mut *reading).await.map_err(&failed)?;
    let functions = sqlx::query_as(include_str!("sql/reference_functions.sql")).bind(schema.name());
    let functions = functions.fetch_all(&mut *reading).await.map_err(&failed)?;
    reading.rollback().await.map_err(&failed)?;
    Ok(page(schema, tables, functions))
}

/// The page that leads to the others.
pub(super) fn index<'a>(schemas: impl IntoIterator<Item = &'a Schema>) -> String {
    let mut out = "# Reference\n\nWritten by `iasql schema docs`: not to be edited. `iasql.help` says the same in psql.\n\n".to_owned();
    line(&mut out, "| schema | is |\n|---|---|");
    for schema in schemas {
        let name = schema.name();
        line(&mut out, &format!("| [{name}]({name}.md) | {} |", cell(&schema.head.about)));
    }
    out
}

fn page(schema: &Schema, tables: Vec<Said>, functions: Vec<Function>) -> String {
    let mut out = String::new();
    opening(&mut out, schema);
    services(&mut out, schema);
    self::tables(&mut out, tables);
    let procedures = schema.procedures(schema.newest());
    if !procedures.is_empty() {
        line(&mut out, "\n## Procedures");
    }
    procedures.iter().for_each(|procedure| self::procedure(&mut out, schema, procedure));
    let own = |function: &Function| procedures.iter().any(|procedure| format!("{}.{}", schema.name(), procedure.name) == function.name);
    let others: Vec<_> = functions.into_iter().filter(|function| !own(function)).collect();
    if !others.is_empty() {
        line(&mut out, "\n## Functions\n\n| function | does |\n|---|---|");
    }
    others.iter().for_each(|function| line(&mut out, &format!("| `{}` | {} |", bare(&function.signature), cell(&function.said))));
    out
}

fn opening(out: &mut String, schema: &Schema) {
    let head = &schema.head;
    line(out, &format!("# {}\n\nWritten by `iasql schema docs`: not to be edited.\n\n{}\n", head.name, text(&head.about)));
    let needs: Vec<_> = head.needs.iter().map(|name| format!("[{name}]({name}.md)")).collect();
    if !needs.is_empty() {
        line(out, &format!("It needs {}.\n", needs.join(", ")));
    }
    line(out, "| version | does |\n|---|---|");
    schema.versions.iter().for_each(|version| line(out, &format!("| {} | {} |", version.number, cell(&version.about))));
}

fn services(out: &mut String, schema: &Schema) {
    if schema.head.services.is_empty() {
        return;
    }
    line(out, "\n## Services\n\n| service | does | logs in as | its procedures read | and write |\n|---|---|---|---|---|");
    for Service { name, about } in &schema.head.services {
        let may = |mode: Mode| {
            let tables = schema.access.iter().filter(|access| access.service == *name && access.mode == mode);
            let tables: Vec<_> = tables.map(|access| format!("`{}.{}`", access.schema, access.table)).collect();
            tables.join(", ")
        };
        let login = schema.head.login(name);
        line(out, &format!("| {name} | {} | `{login}` | {} | {} |", cell(about), may(Mode::Read), may(Mode::Write)));
    }
}

fn tables(out: &mut String, lines: Vec<Said>) {
    if !lines.is_empty() {
        line(out, "\n## Tables");
    }
    let mut before = 0;
    for Said { name, part, field, facts, said } in lines {
        match (part, field, facts) {
            (0, ..) => line(out, &format!("\n### {name}\n\n{}\n\n| column | is | means |\n|---|---|---|", text(&said))),
            (_, Some(field), Some(facts)) => line(out, &format!("| `{field}` | {} | {} |", cell(&facts), cell(&said))),
            _ => {
                let blank = if before == 1 { "\n" } else { "" };
                line(out, &format!("{blank}- {}", text(&said)));
            }
        }
        before = part;
    }
}

fn procedure(out: &mut String, schema: &Schema, procedure: &Procedure) {
    let Procedure { name, description, service, mode, .. } = procedure;
    line(out, &format!("\n### {}.{name}\n\n{}\n", schema.name(), text(description)));
    line(out, &format!("```sql\n{}.{}\n```\n", schema.name(), procedure.promise()));
    let mut facts = format!("Service {service}, mode {mode}.");
    let mut add = |what: &str, names: Vec<&str>| {
        if !names.is_empty() {
            facts += &format!(" {what}: {}.", names.join(", "));
        }
    };
    add("Called by these too", procedure.callers.iter().map(String::as_str).collect());
    let nullable = procedure.arguments.iter().filter(|argument| argument.optional).map(|argument| argument.name.as_str());
    add("May be NULL", nullable.chain(nullable_answers(&procedure.returns)).collect());
    let left_out = procedure.arguments.iter().filter(|argument| argument.has_default);
    add("May be left out", left_out.map(|argument| argument.name.as_str()).collect());
    line(out, &facts);
    if let Some(note) = &procedure.deprecated {
        line(out, &format!("\n**Deprecated:** {}.", text(note.trim_end_matches('.'))));
    }
}

fn nullable_answers(returns: &Returns) -> Vec<&str> {
    match returns {
        Returns::Table(columns) => columns.iter().filter(|column| column.optional).map(|column| column.name.as_str()).collect(),
        Returns::One(_, true) => vec!["the answer"],
        Returns::One(_, false) | Returns::Nothing | Returns::SetOf(_) => vec![],
    }
}

/// A sentence that Markdown takes for nothing else.
fn text(said: &str) -> String {
    let mut quoted = false;
    let escaped = said.chars().map(|sign| {
        quoted ^= sign == '`';
        if !quoted && "<>*[]".contains(sign) { format!("\\{sign}") } else { sign.to_string() }
    });
    escaped.collect()
}

/// The same inside of a table.
fn cell(said: &str) -> String {
    bare(&text(said))
}

fn bare(said: &str) -> String {
    said.replace('|', "\\|")
}

fn line(out: &mut String, said: &str) {
    // writing to a String can't fail
    _ = writeln!(out, "{said}");
}
