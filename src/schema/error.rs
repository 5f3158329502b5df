//! What can go wrong between a schema directory and a database.

use super::Drift;

/// What failed. No text here holds a value of a row or an argument; what the database said is the source.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory is not the one that the program was built with.
    #[error("this program was built for {expected}, and the schema directory is {found}")]
    OtherSchema {
        /// `queue at version 3`
        expected: String,
        /// `queue at version 2`
        found: String,
    },
    /// No way to the database.
    #[error("connecting to the database for {mode} procedures failed")]
    Connect {
        /// `read` or `write`
        mode: super::Mode,
        /// What was said.
        source: sqlx::Error,
    },
    /// The schema was never laid there.
    #[error("the database has no schema {0}: upgrade it first")]
    Missing(String),
    /// The database is older than the program.
    #[error("the database is at version {found} of {schema} and this program needs {needed}: upgrade it first")]
    TooOld {
        /// Which schema.
        schema: String,
        /// Its version there.
        found: i32,
        /// What the program was built with.
        needed: i32,
    },
    /// A procedure failed.
    #[error("the procedure {name} failed")]
    Procedure {
        /// With its schema.
        name: String,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The transaction has ended.
    #[error("the procedure {0} was called in a transaction that is over")]
    Over(String),
    /// A statement of the library's own failed.
    #[error("{doing} failed")]
    Statement {
        /// What was tried.
        doing: &'static str,
        /// What the database said.
        source: sqlx::Error,
    },
    /// A file of a version failed, and the version with it.
    #[error("version {version} of {schema} was not {doing}: {file}{} failed: {said}", .line.map(|line| format!(":{line}")).unwrap_or_default())]
    Script {
        /// Which schema.
        schema: String,
        /// The version.
        version: i32,
        /// `made` or `taken back`
        doing: &'static str,
        /// The file, below the directory.
        file: String,
        /// The line, where the database knows one.
        line: Option<usize>,
        /// The database's message, without its details.
        said: String,
        /// The same with its details.
        source: Box<sqlx::Error>,
    },
    /// A file of a version ended the transaction that the version was made in.
    #[error("version {version} of {schema} has a file that ends the transaction; what it did stays, and the version is not made")]
    Ended {
        /// Which schema.
        schema: String,
        /// The version.
        version: i32,
    },
    /// Somebody was in the way for the whole of the patience.
    #[error("version {version} of {schema} was not made after {tries} tries, for somebody is in the way{holders}")]
    InTheWay {
        /// Which schema.
        schema: String,
        /// The version that was to be made.
        version: i32,
        /// How often it was tried.
        tries: u32,
        /// Who holds locks on what is in the schema: `: alice (psql, idle in transaction, process 12)`; empty where nobody is seen.
        holders: String,
        /// What the database said last.
        source: Box<sqlx::Error>,
    },
    /// The catalog is not what it should be after a version.
    #[error("version {version} of {schema} was not made, for the database would differ from a fresh one:{}", list(.differences))]
    Differs {
        /// Which schema.
        schema: String,
        /// The version.
        version: i32,
        /// In what.
        differences: Vec<Drift>,
    },
    /// Things without a comment.
    #[error("version {version} of {schema} was not made, for nothing says what these mean:{}", list(.objects))]
    Silent {
        /// Which schema.
        schema: String,
        /// The version.
        version: i32,
        /// What has no comment.
        objects: Vec<String>,
    },
    /// There is no such version.
    #[error("there is no version {version} of {schema}: the newest is {newest}")]
    NoVersion {
        /// Which schema.
        schema: String,
        /// What was asked for.
        version: i32,
        /// What there is.
        newest: i32,
    },
    /// The database is newer than the directory, so nobody here knows how to go back.
    #[error("the database is at version {found} of {schema} and this directory ends at {newest}: only a newer one can take it back")]
    TooNew {
        /// Which schema.
        schema: String,
        /// Its version there.
        found: i32,
        /// What there is.
        newest: i32,
    },
    /// Something that must be there before is not.
    #[error("{schema} needs the schema {needs}, which this database does not have")]
    Needs {
        /// Which schema.
        schema: String,
        /// What it needs.
        needs: String,
    },
}

impl Error {
    /// Says what was tried.
    pub(super) fn of(doing: &'static str) -> impl Fn(sqlx::Error) -> Self {
        move |source| Self::Statement { doing, source }
    }

    /// What the database said, where it was the database.
    pub(super) fn cause(&self) -> Option<&sqlx::Error> {
        match self {
            Self::Connect { source, .. } | Self::Procedure { source, .. } | Self::Statement { source, .. } => Some(source),
            Self::Script { source, .. } | Self::InTheWay { source, .. } => Some(source),
            Self::OtherSchema { .. } | Self::Missing(_) | Self::TooOld { .. } | Self::Over(_) | Self::Ended { .. } => None,
            Self::Differs { .. } | Self::Silent { .. } | Self::NoVersion { .. } | Self::TooNew { .. } | Self::Needs { .. } => None,
        }
    }

    /// The same where the statement is our own and its lines say nothing.
    pub(super) fn without_line(self) -> Self {
        match self {
            Self::Script { schema, version, doing, file, said, source, .. } => {
                Self::Script { schema, version, doing, file, line: None, said, source }
            }
            other => other,
        }
    }

    /// The database's own sentence, without its details: they may quote a row.
    pub fn said(&self) -> Option<String> {
        Some(self.cause()?.as_database_error()?.message().to_owned())
    }

    /// The SQLSTATE, where there is one.
    pub fn code(&self) -> Option<String> {
        self.cause().and_then(code)
    }
}

/// The SQLSTATE.
pub(super) fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(|code| code.into_owned())
}

/// The first few, each on a line.
fn list<T: std::fmt::Display>(all: &[T]) -> String {
    const FEW: usize = 5;
    let mut text: String = all.iter().take(FEW).map(|one| format!("\n  {one}")).collect();
    if all.len() > FEW {
        text += &format!("\n  and {} more", all.len() - FEW);
    }
    text
}
