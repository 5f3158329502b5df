//! A stored procedure: what its file says of it, and the signature that it keeps for ever.

use std::fmt;

use super::{
    signature::{self, Signature},
    sql_type::Type,
};

/// Which connection it goes to, and what its service may do with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Reads only: a replica will do.
    Read,
    /// May write.
    Write,
}

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its type.
    pub sql_type: Type,
    /// Whether it may be NULL.
    pub optional: bool,
    /// Whether it may be left out in SQL.
    pub has_default: bool,
}

/// A returned column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub sql_type: Type,
    /// Whether it may be NULL.
    pub optional: bool,
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returns {
    /// Nothing: `void`.
    Nothing,
    /// One value; whether it may be NULL.
    One(Type, bool),
    /// Any number of values.
    SetOf(Type),
    /// Any number of rows.
    Table(Vec<Column>),
}

/// A procedure as one version defines it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procedure {
    /// Its name, without the schema.
    pub name: String,
    /// Its file, below the directory.
    pub file: String,
    /// What it does, in a sentence.
    pub description: String,
    /// The service it belongs to: with whose rights it works.
    pub service: String,
    /// Which connection it goes to.
    pub mode: Mode,
    /// Further services that may call it.
    pub callers: Vec<String>,
    /// What to use in its place, where it should not be used any more.
    pub deprecated: Option<String>,
    /// What it takes.
    pub arguments: Vec<Argument>,
    /// What it answers.
    pub returns: Returns,
    /// The whole file.
    pub sql: String,
}

impl Procedure {
    /// `name(type, type)`, as GRANT and ALTER FUNCTION want it.
    pub fn identity(&self, schema: &str) -> String {
        let types: Vec<_> = self.arguments.iter().map(|argument| argument.sql_type.to_string()).collect();
        format!("\"{schema}\".\"{}\"({})", self.name, types.join(", "))
    }

    /// All that is kept for ever, on a line.
    pub fn promise(&self) -> String {
        let arguments: Vec<_> = self.arguments.iter().map(|argument| format!("{} {}", argument.name, argument.sql_type)).collect();
        format!("{}({}) returns {}", self.name, arguments.join(", "), self.returns)
    }

    /// Reads a file; faults come with their line.
    pub(super) fn read(schema: &str, file: &str, text: &str) -> Result<Self, Vec<(usize, String)>> {
        let mut faults = Vec::new();
        let head = Head::read(text, &mut faults);
        let signature = signature::read(text).map_err(|fault| faults.push(fault)).ok();
        let (Some(signature), true) = (signature, faults.is_empty()) else { return Err(faults) };
        let stem = file.trim_start_matches("procedures/").trim_end_matches(".sql").split('@').next().unwrap_or_default();
        if (signature.schema.as_str(), signature.name.as_str()) != (schema, stem) {
            let said = format!("the file defines {}.{}; by its name it should define {schema}.{stem}", signature.schema, signature.name);
            faults.push((signature.line, said));
        }
        let procedure = head.with(file, text, signature, &mut faults);
        if faults.is_empty() { Ok(procedure) } else { Err(faults) }
    }
}

#[derive(Default)]
struct Head {
    description: String,
    service: String,
    mode: Option<Mode>,
    callers: Vec<String>,
    optional: Vec<(usize, String)>,
    deprecated: Option<String>,
}

impl Head {
    /// The `-- word: …` lines at the top.
    fn read(text: &str, faults: &mut Vec<(usize, String)>) -> Self {
        let mut head = Self::default();
        let comments = text.lines().enumerate().map_while(|(at, line)| Some((at + 1, line.strip_prefix("--")?.trim())));
        for (line, comment) in comments {
            let Some((word, rest)) = comment.split_once(':') else { continue };
            if let Err(said) = head.take(line, word.trim(), rest.trim()) {
                faults.push((line, said));
            }
        }
        for (word, there) in
            [("description", !head.description.is_empty()), ("service", !head.service.is_empty()), ("mode", head.mode.is_some())]
        {
            if !there {
                faults.push((1, format!("the file says nothing of its {word}; it should open with a line like: -- {word}: …")));
            }
        }
        head
    }

    fn take(&mut self, line: usize, word: &str, rest: &str) -> Result<(), String> {
        let list = || rest.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
        match word {
            "description" => rest.clone_into(&mut self.description),
            "service" => rest.clone_into(&mut self.service),
            "mode" => self.mode = Some(mode(rest)?),
            "callers" => self.callers.extend(list()),
            "optional" => self.optional.extend(list().map(|name| (line, name))),
            "deprecated" => self.deprecated = Some(rest.to_owned()),
            _ if word.contains(' ') => {}
            _ => {
                let known = ["description", "service", "mode", "callers", "optional", "deprecated"];
                return Err(format!("nobody knows what {word} means{}", super::fault::nearest(word, known)));
            }
        }
        Ok(())
    }

    fn with(self, file: &str, text: &str, mut signature: Signature, faults: &mut Vec<(usize, String)>) -> Procedure {
        for (line, name) in &self.optional {
            if !signature.may_be_null(name) {
                faults.push((*line, format!("there is no argument and no returned column {name}")));
            }
        }
        Procedure {
            name: signature.name,
            file: file.to_owned(),
            description: self.description,
            service: self.service,
            mode: self.mode.unwrap_or(Mode::Write),
            callers: self.callers,
            deprecated: self.deprecated,
            arguments: signature.arguments,
            returns: signature.returns,
            sql: text.to_owned(),
        }
    }
}

impl Signature {
    /// Notes that what has this name may be NULL (`result` is a single value); false where there is nothing of the name.
    fn may_be_null(&mut self, name: &str) -> bool {
        let mut found = false;
        for argument in self.arguments.iter_mut().filter(|argument| argument.name == name) {
            argument.optional = true;
            found = true;
        }
        match &mut self.returns {
            Returns::One(_, optional) if name == "result" => {
                *optional = true;
                found = true;
            }
            Returns::Table(columns) => columns.iter_mut().filter(|column| column.name == name).for_each(|column| {
                column.optional = true;
                found = true;
            }),
            _ => {}
        }
        found
    }
}

/// `read` or `write`.
pub(super) fn mode(word: &str) -> Result<Mode, String> {
    match word {
        "read" => Ok(Mode::Read),
        "write" => Ok(Mode::Write),
        _ => Err(format!("a mode is read or write, not {word}")),
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Read { "read" } else { "write" })
    }
}

impl fmt::Display for Returns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("void"),
            Self::One(sql_type, _) => write!(f, "{sql_type}"),
            Self::SetOf(sql_type) => write!(f, "setof {sql_type}"),
            Self::Table(columns) => {
                let columns: Vec<_> = columns.iter().map(|column| format!("{} {}", column.name, column.sql_type)).collect();
                write!(f, "table ({})", columns.join(", "))
            }
        }
    }
}
