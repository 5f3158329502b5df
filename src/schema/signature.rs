//! The signature in `create or replace function schema.name(arguments) returns …`, read from the text alone.

use super::{
    procedure::{Argument, Column, Returns},
    sql_type::Type,
};

const OPENING: &str = "create or replace function ";

/// What stands between the name and the body.
pub(super) struct Signature {
    pub(super) schema: String,
    pub(super) name: String,
    /// Where it begins.
    pub(super) line: usize,
    pub(super) arguments: Vec<Argument>,
    pub(super) returns: Returns,
}

/// Reads the one function of a file.
pub(super) fn read(text: &str) -> Result<Signature, (usize, String)> {
    let code = blank_comments(text);
    let mut starts = code.match_indices("create ").map(|(at, _)| at).filter(|at| code[..*at].ends_with('\n') || *at == 0);
    let start = starts.next().ok_or((0, format!("the file creates nothing; it should hold one `{OPENING}…`")))?;
    let line = code[..start].matches('\n').count() + 1;
    if let Some(second) = starts.next() {
        return Err((
            code[..second].matches('\n').count() + 1,
            "a file defines one procedure; this is a second thing it creates".to_owned(),
        ));
    }
    inner(&code[start..]).map(|signature| Signature { line, ..signature }).map_err(|said| (line, said))
}

fn inner(code: &str) -> Result<Signature, String> {
    let rest = code.strip_prefix(OPENING).ok_or_else(|| format!("a procedure is defined by `{OPENING}schema.name(…)`"))?;
    let (name, rest) = rest.split_once('(').ok_or("the name of a function is followed by its arguments in brackets")?;
    let (schema, name) = name.trim().split_once('.').ok_or("the name of a function stands with its schema")?;
    let (arguments, rest) = enclosed(rest).ok_or("the bracket of the arguments is never closed")?;
    let arguments = split(arguments).into_iter().map(argument).collect::<Result<Vec<_>, _>>()?;
    let returns = rest.trim_start().strip_prefix("returns ").ok_or("after the arguments stands what the function returns")?;
    Ok(Signature { schema: schema.to_owned(), name: name.to_owned(), line: 0, arguments, returns: self::returns(returns)? })
}

fn returns(text: &str) -> Result<Returns, String> {
    let text = text.trim_start();
    if let Some(columns) = text.strip_prefix("table").map(str::trim_start).and_then(|rest| rest.strip_prefix('(')) {
        let (columns, _) = enclosed(columns).ok_or("the bracket of the returned columns is never closed")?;
        return Ok(Returns::Table(split(columns).into_iter().map(column).collect::<Result<_, _>>()?));
    }
    // the type ends where the next clause begins
    const CLAUSES: [&str; 14] = [
        "language",
        "as",
        "stable",
        "volatile",
        "immutable",
        "strict",
        "security",
        "set",
        "cost",
        "rows",
        "parallel",
        "returns",
        "called",
        "return",
    ];
    let words: Vec<&str> = text.split_whitespace().take_while(|word| !CLAUSES.contains(&word.to_lowercase().as_str())).collect();
    match &words[..] {
        ["void"] => Ok(Returns::Nothing),
        ["setof", of @ ..] => Ok(Returns::SetOf(Type::read(&of.join(" "))?)),
        _ => Ok(Returns::One(Type::read(&words.join(" "))?, false)),
    }
}

fn argument(text: &str) -> Result<Argument, String> {
    let lower = text.to_lowercase();
    let default = lower.find(" default ").or_else(|| lower.find('='));
    let (plain, default) = default.map_or((text, ""), |at| (&text[..at], &lower[at..]));
    let (name, sql_type) = named(plain)?;
    let optional = default.trim_start_matches(" default").trim_start_matches('=').trim_start().starts_with("null");
    Ok(Argument { name, sql_type, optional, has_default: !default.is_empty() })
}

fn column(text: &str) -> Result<Column, String> {
    let (name, sql_type) = named(text)?;
    Ok(Column { name, sql_type, optional: false })
}

fn named(text: &str) -> Result<(String, Type), String> {
    let (name, sql_type) =
        text.trim().split_once(char::is_whitespace).ok_or_else(|| format!("`{}` is no name with a type", text.trim()))?;
    Ok((name.trim_matches('"').to_owned(), Type::read(sql_type)?))
}

/// What stands before the bracket that closes, and what after it.
fn enclosed(text: &str) -> Option<(&str, &str)> {
    let mut depth = 1;
    for (at, sign) in text.char_indices() {
        depth += i32::from(sign == '(') - i32::from(sign == ')');
        if depth == 0 {
            return Some((&text[..at], &text[at + 1..]));
        }
    }
    None
}

/// The members of a list, at commas outside of brackets.
fn split(text: &str) -> Vec<&str> {
    let (mut members, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, sign) in text.char_indices() {
        depth += i32::from("([".contains(sign)) - i32::from(")]".contains(sign));
        if sign == ',' && depth == 0 {
            members.push(&text[start..at]);
            start = at + 1;
        }
    }
    members.push(&text[start..]);
    members.retain(|member| !member.trim().is_empty());
    members
}

/// Comments as blanks, so that lines stay where they are.
fn blank_comments(text: &str) -> String {
    text.lines().map(|line| if line.trim_start().starts_with("--") { "" } else { line }).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_read_with_defaults_and_types_of_two_words() {
        let text = "-- description: x\n\ncreate or replace function queue.take(worker text, \"for\" double precision default 1.5, note text default null)\nreturns table (id bigint,\n  taken_until timestamp with time zone, names text[])\nlanguage sql as $$ select 1 $$;";
        let read = read(text).unwrap_or_else(|(line, said)| panic!("{line}: {said}"));
        let arguments: Vec<_> =
            read.arguments.iter().map(|a| format!("{} {} {} {}", a.name, a.sql_type, a.optional, a.has_default)).collect();
        assert_eq!((&*read.schema, &*read.name, read.line), ("queue", "take", 3));
        assert_eq!(arguments, ["worker text false false", "for double precision false true", "note text true true"]);
        assert_eq!(read.returns.to_string(), "table (id bigint, taken_until timestamptz, names text[])");
    }

    #[test]
    fn what_can_not_be_a_procedure_is_named() {
        let said = |text: &str| read(text).err().unwrap();
        assert_eq!(said("select 1").0, 0);
        assert!(said("create or replace function a.b(x money) returns void").1.starts_with("the type money can't pass a procedure"));
        assert_eq!(said("create or replace function a.b() returns void as $$$$;\n\ncreate table a.c ()").0, 3);
        assert_eq!(said("create or replace function b() returns void").1, "the name of a function stands with its schema");
    }

    #[test]
    fn single_values_and_sets_end_where_the_next_clause_begins() {
        let returns = |text| super::returns(text).unwrap().to_string();
        assert_eq!(returns("void language sql"), "void");
        assert_eq!(returns("setof text\nstable language sql"), "setof text");
        assert_eq!(returns("double precision security definer"), "double precision");
    }
}
