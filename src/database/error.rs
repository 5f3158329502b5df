//! What can go wrong inside a user's database.

use crate::schema;

/// What iasql.hold raises (object_not_in_prerequisite_state), and nothing else here does.
const FENCED: &str = "55000";

/// A statement in a user's database failed. The cause is for the log, never for the user.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A newer engine has taken the database: whoever gets this must stop.
    #[error("the lease is over: a newer engine has taken this database")]
    Fenced,
    /// A statement failed.
    #[error("{doing} failed")]
    Statement {
        /// What was tried.
        doing: &'static str,
        /// What the database said.
        source: sqlx::Error,
    },
    /// A procedure failed.
    #[error(transparent)]
    Procedure(Box<schema::Error>),
    /// A row of ours does not read as it should.
    #[error("{0} makes no sense")]
    Nonsense(String),
}

impl Error {
    /// Says what was tried: `.map_err(Error::of("reading the plan"))`.
    pub(crate) fn of(doing: &'static str) -> impl Fn(sqlx::Error) -> Self {
        move |source| match source.as_database_error().and_then(|error| error.code()) {
            Some(code) if code == FENCED => Self::Fenced,
            _ => Self::Statement { doing, source },
        }
    }
}

impl From<schema::Error> for Error {
    fn from(error: schema::Error) -> Self {
        if error.code().as_deref() == Some(FENCED) { Self::Fenced } else { Self::Procedure(Box::new(error)) }
    }
}
