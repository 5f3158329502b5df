//! What a version is made of, and what takes it back, as statements in their order. No database.

use super::{
    Drops, Procedure, Rights, Schema, Step,
    quoted::{ident, literal},
};

/// Who runs a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// The owner of the schema.
    Owner,
    /// Whoever upgrades: ownership and grants are not the owner's to give.
    Administrator,
}

/// Some statements that are sent at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) who: Who,
    /// Where they stand, below the directory; or what they are.
    pub(super) file: String,
    pub(super) sql: String,
}

/// Who is who in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cast {
    /// Who upgrades.
    pub(super) administrator: String,
    /// Whether that one may do everything.
    pub(super) is_superuser: bool,
    /// Whose the schema is.
    pub(super) owner: String,
}

/// What makes a version out of the one before.
pub(super) fn up(schema: &Schema, number: i32, cast: &Cast) -> Vec<Piece> {
    let mut pieces = Vec::new();
    if number == 1 && !schema.head.makes_itself {
        let (name, owner) = (ident(schema.name()), ident(&cast.owner));
        let sql = format!("create schema {name} authorization {owner}; comment on schema {name} is {}", literal(&schema.head.about));
        pieces.push(by_administrator(super::head::FILE, sql));
    }
    for step in steps(schema, number) {
        match step {
            Step::Add { stem, up, .. } => pieces.push(by_owner(format!("{stem}.sql"), up)),
            Step::Change { stem, up, .. } => pieces.push(by_owner(format!("{stem}.up.sql"), up)),
            Step::Procedure(procedure) => pieces.extend(define(schema, procedure, cast)),
            Step::Online { name, up } => {
                pieces.push(by_owner(format!("online/{name}.sql"), up));
                pieces.push(by_owner(format!("online/{name}.sql"), format!("revoke all on function {} from public", online(schema, name))));
            }
        }
    }
    pieces
}

/// What makes the version before out of a version.
pub(super) fn down(schema: &Schema, number: i32, cast: &Cast) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = steps(schema, number).iter().rev().flat_map(|step| back(schema, number, step, cast)).collect();
    if number == 1 && !schema.head.makes_itself {
        let all = schema.head.also.iter().rev().chain([&schema.head.name]);
        pieces.extend(all.map(|name| by_owner(super::head::FILE, format!("drop schema if exists {}", ident(name)))));
    }
    pieces
}

fn back(schema: &Schema, number: i32, step: &Step, cast: &Cast) -> Vec<Piece> {
    let table = |stem: &str| format!("{}.{}", ident(schema.name()), ident(stem));
    match step {
        Step::Change { stem, down, .. } | Step::Add { stem, down: Some(down), .. } => vec![by_owner(format!("{stem}.down.sql"), down)],
        Step::Add { stem, down: None, .. } => match &schema.head.drops {
            Drops::Table => vec![by_owner(format!("{stem}.sql"), format!("drop table {}", table(stem)))],
            Drops::Function(name) => {
                let function = name.split('.').map(ident).collect::<Vec<_>>().join(".");
                vec![by_owner(format!("{stem}.sql"), format!("select {function}({})", literal(&format!("{}.{stem}", schema.name()))))]
            }
            Drops::Nothing => vec![],
        },
        Step::Procedure(procedure) => match schema.procedures(number - 1).into_iter().find(|before| before.name == procedure.name) {
            Some(before) => define(schema, before, cast),
            None => vec![by_administrator(&procedure.file, format!("drop function {}", procedure.identity(schema.name())))],
        },
        Step::Online { name, .. } => vec![by_owner(format!("online/{name}.sql"), format!("drop function {}", online(schema, name)))],
    }
}

fn steps(schema: &Schema, number: i32) -> &[Step] {
    schema.versions.iter().find(|version| version.number == number).map_or(&[], |version| &version.steps)
}

fn online(schema: &Schema, name: &str) -> String {
    format!("{}.{}(text, integer)", ident(schema.name()), ident(name))
}

/// A procedure's definition, and all that the library adds to it: whose it is, with whose rights it works, who may call it.
fn define(schema: &Schema, procedure: &Procedure, cast: &Cast) -> Vec<Piece> {
    let function = procedure.identity(schema.name());
    let head = &schema.head;
    let owner = if head.rights == Rights::Service { head.rights_role(&procedure.service) } else { cast.owner.clone() };
    let mut said = procedure.description.clone();
    said.extend(procedure.deprecated.iter().map(|instead| format!(" Deprecated: {instead}")));
    let logins = head.services.iter().map(|service| ident(&head.login(&service.name)));
    let everybody = std::iter::once("public".to_owned()).chain(logins).collect::<Vec<_>>().join(", ");
    let mut callers: Vec<_> =
        std::iter::once(&procedure.service).chain(&procedure.callers).map(|service| ident(&head.login(service))).collect();
    callers.dedup();
    let dress = [
        format!("alter function {function} security definer set search_path = pg_catalog, pg_temp"),
        format!("comment on function {function} is {}", literal(&said)),
        given(schema, &function, &owner, cast),
        format!("revoke all on function {function} from {everybody}"),
        format!("grant execute on function {function} to {}", callers.join(", ")),
    ];
    vec![
        by_administrator(&procedure.file, taken(schema, procedure, cast)),
        by_owner(procedure.file.clone(), &procedure.sql),
        by_administrator(&procedure.file, dress.join("; ")),
    ]
}

/// Only the owner of a function may define it anew, so an earlier one is taken back first. The first time there is none.
fn taken(schema: &Schema, procedure: &Procedure, cast: &Cast) -> String {
    let text = literal(&procedure.identity(schema.name()));
    let alter = literal(&format!("alter function {} owner to {}", procedure.identity(schema.name()), ident(&cast.owner)));
    format!("do {}", literal(&format!("begin if to_regprocedure({text}) is not null then execute {alter}; end if; end")))
}

/// Gives a function to its owner, who (where the giver may not do everything) needs the right to make one for that moment.
fn given(schema: &Schema, function: &str, owner: &str, cast: &Cast) -> String {
    let give = format!("alter function {function} owner to {}", ident(owner));
    if cast.is_superuser || owner == cast.owner {
        return give;
    }
    let (name, owner) = (ident(schema.name()), ident(owner));
    format!("grant create on schema {name} to {owner}; {give}; revoke create on schema {name} from {owner}")
}

fn by_owner(file: impl Into<String>, sql: impl Into<String>) -> Piece {
    Piece { who: Who::Owner, file: file.into(), sql: sql.into() }
}

fn by_administrator(file: &str, sql: String) -> Piece {
    Piece { who: Who::Administrator, file: file.to_owned(), sql }
}
