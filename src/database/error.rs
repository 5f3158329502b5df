//! What can go wrong inside a user's database.

use crate::{causes, schema};

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
    /// What it takes is not to be had at the moment, through no fault of the tenant's: it may be asked for again.
    #[error("{0} has to wait: too many others want it at the moment")]
    Later(&'static str),
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

/// Whether a connection was ended, or none could be had: nothing is wrong with what was asked, and it may be asked again.
pub fn is_cut_off(error: &(dyn std::error::Error + 'static)) -> bool {
    causes::all(error).filter_map(|error| error.downcast_ref::<sqlx::Error>()).any(|error| match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => true,
        // operator_intervention (a session was ended, a server stops or starts) and connection_exception
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("57P0") || code.starts_with("08")),
        _ => false,
    })
}

impl From<schema::Error> for Error {
    fn from(error: schema::Error) -> Self {
        if error.code().as_deref() == Some(FENCED) { Self::Fenced } else { Self::Procedure(Box::new(error)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_line_is_told_from_a_statement_that_failed() {
        let failed = |source| Error::Statement { doing: "reading the plan", source };
        assert!(is_cut_off(&failed(sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into()))));
        assert!(is_cut_off(&failed(sqlx::Error::PoolTimedOut)));
        assert!(!is_cut_off(&failed(sqlx::Error::RowNotFound)));
        assert!(!is_cut_off(&Error::Fenced));
    }
}
