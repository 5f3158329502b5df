//! The file `access` of a directory: which service's procedures may read or write which table.

use super::{
    fault::Faults,
    files::lines,
    head::{Head, Rights},
    procedure::{Mode, mode},
};

/// The file's name.
pub(super) const FILE: &str = "access";

/// One line of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    /// The service.
    pub service: String,
    /// Read is SELECT; write is SELECT, INSERT, UPDATE and DELETE.
    pub mode: Mode,
    /// The schema of the table.
    pub schema: String,
    /// The table, or a sequence.
    pub table: String,
}

pub(super) fn read(text: &str, head: &Head, faults: &mut Faults) -> Vec<Access> {
    let mut all: Vec<Access> = Vec::new();
    for (line, service, rest) in lines(text) {
        let Some(access) = faults.keep(FILE, line, one(service, rest, head)) else { continue };
        let again = all.iter().any(|known| known.service == access.service && known.schema == access.schema && known.table == access.table);
        if again {
            faults.add(FILE, line, format!("{service} and {} stand here twice", access.table));
        }
        all.push(access);
    }
    if head.rights == Rights::Owner && !all.is_empty() {
        faults.add(FILE, 0, "where procedures work with the owner's rights, no service may have any: leave the file empty");
    }
    all
}

fn one(service: &str, rest: &str, head: &Head) -> Result<Access, String> {
    head.knows(service)?;
    let mut words = rest.split_whitespace();
    let (Some(word), Some(table), None) = (words.next(), words.next(), words.next()) else {
        return Err(format!("a line is `service read table` or `service write table`, not `{service} {rest}`"));
    };
    let (schema, table) = table.split_once('.').unwrap_or((&head.name, table));
    Ok(Access { service: service.to_owned(), mode: mode(word)?, schema: schema.to_owned(), table: table.to_owned() })
}
