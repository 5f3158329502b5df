//! Names of SQL as names of Rust, and the other way round.

use std::collections::{BTreeMap, BTreeSet};

use crate::schema::{
    Schema,
    procedure::{Procedure, Returns},
};

/// What the file uses for something else.
const TAKEN: &str = "Calls Error Mode Service With PgArguments Self Option Some None Result Ok Err Vec String Default Clone Copy Debug";
/// Words of Rust that a name may be with `r#` before it.
const RUST: &str = "abstract as async await become box break const continue do dyn else enum extern false final fn for gen if impl in \
     let loop macro match mod move mut override priv pub ref return static struct trait true try type typeof unsafe unsized use \
     virtual where while yield";
/// Words of Rust that a name may not be at all.
const NEVER: &str = "self super crate Self";
/// Words of PostgreSQL that a name can't be without quotes everywhere.
const SQL: &str = "all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char \
     character check coalesce collate collation column concurrently constraint create cross current_catalog current_date current_role \
     current_schema current_time current_timestamp current_user dec decimal default deferrable desc distinct do else end except exists \
     extract false fetch float for foreign freeze from full grant greatest group grouping having ilike in initially inner inout int \
     integer intersect interval into is isnull join lateral leading least left like limit localtime localtimestamp national natural \
     nchar none normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay placing position \
     precision primary real references returning right row select session_user setof similar smallint some substring symmetric \
     system_user table tablesample then time timestamp to trailing treat trim true union unique user using values varchar variadic \
     verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot \
     xmlserialize xmltable";

fn is_one_of(words: &str, name: &str) -> bool {
    words.split_whitespace().any(|word| word == name)
}

/// The types of a file, none of them twice.
pub(super) struct Names {
    services: BTreeMap<String, String>,
    rows: BTreeMap<String, String>,
}

impl Names {
    pub(super) fn of(schema: &Schema, procedures: &[&Procedure]) -> Self {
        let mut taken: BTreeSet<String> = TAKEN.split_whitespace().map(str::to_owned).collect();
        let mut free = |name: &str, end: &str, more: &[&str]| {
            let mut title = title(name);
            while taken.contains(&title) {
                title.push_str(end);
            }
            taken.extend(more.iter().map(|more| format!("{title}{more}")));
            (name.to_owned(), title)
        };
        let services = schema.head.services.iter().map(|service| free(&service.name, "Service", &["", "Procs", "Deprecated"])).collect();
        let tables = procedures.iter().filter(|procedure| matches!(procedure.returns, Returns::Table(_)));
        let rows = tables.map(|procedure| free(&procedure.name, "Row", &[""])).collect();
        Self { services, rows }
    }

    /// The type that stands for a service.
    pub(super) fn service(&self, name: &str) -> &str {
        self.services.get(name).map_or("", String::as_str)
    }

    /// The type of a procedure's rows.
    pub(super) fn row(&self, procedure: &str) -> &str {
        self.rows.get(procedure).map_or("", String::as_str)
    }
}

/// `take_task` as `TakeTask`.
fn title(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut signs = word.chars();
        signs.next().map(|first| first.to_uppercase().chain(signs).collect::<String>()).unwrap_or_default()
    });
    words.collect()
}

/// A name as Rust takes it: `r#type`.
pub(super) fn ident(name: &str) -> String {
    match name {
        name if is_renamed(name) => format!("{name}_"),
        name if is_one_of(RUST, name) => format!("r#{name}"),
        name => name.to_owned(),
    }
}

/// Whether a name is another one in Rust.
pub(super) fn is_renamed(name: &str) -> bool {
    is_one_of(NEVER, name)
}

/// A name as SQL takes it: `"order"`.
pub(super) fn sql(name: &str) -> String {
    if is_one_of(SQL, name) || !crate::schema::head::is_identifier(name) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{ident, sql, title};

    #[test]
    fn names_are_those_of_the_other_language() {
        assert_eq!(["take_task", "a1_b", "x__y"].map(title), ["TakeTask", "A1B", "XY"]);
        assert_eq!(["type", "self", "id"].map(ident), ["r#type", "self_", "id"]);
        assert_eq!(["order", "user", "id", "Ünd"].map(sql), ["\"order\"", "\"user\"", "id", "\"Ünd\""]);
    }
}
