//! What can go wrong between a row and the cloud.

/// A call to the cloud that did not do what it was asked.
///
/// `said` is the cloud's own sentence: it may be shown to the user, and never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {said}{}", .code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default())]
pub struct Error {
    /// The call, in the API's word: `CreateVpc`.
    pub operation: &'static str,
    /// What to make of it.
    pub kind: Kind,
    /// The cloud's code, where it gave one: `DependencyViolation`.
    pub code: Option<String>,
    /// What the cloud said, or what went wrong on the way there.
    pub said: String,
}

/// What to make of an error; everything that is decided about errors is decided by this alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Too many calls; later it will do.
    Throttled,
    /// The credentials may not do this.
    Denied,
    /// It is not there.
    Absent,
    /// Something else has that name already.
    Taken,
    /// Something still stands on it, or what it needs is not ready yet.
    Held,
    /// The request makes no sense to the cloud.
    Invalid,
    /// The credentials are no longer, or never were, good.
    Expired,
    /// They were not good, and have been found anew since: later it will do.
    Renewed,
    /// There are no credentials.
    Anonymous,
    /// Nobody answered.
    Unreachable,
    /// This endpoint does not know that call (an emulator's gap).
    Unsupported,
    /// The cloud failed by itself; later it may do.
    Broken,
    /// The row does not fit the resource: a fault of ours.
    Row,
}

impl Error {
    /// An error of our own making, about a call that was not made or an answer that made no sense.
    pub fn new(operation: &'static str, kind: Kind, said: impl Into<String>) -> Self {
        Self { operation, kind, code: None, said: said.into() }
    }

    /// Whether it means that the thing is not there.
    pub fn is_absent(&self) -> bool {
        self.kind == Kind::Absent
    }
}

/// Reads the answer of a deletion: what is gone already is gone.
pub(crate) fn gone<T>(answer: Result<T, Error>) -> Result<(), Error> {
    match answer {
        Err(error) if !error.is_absent() => Err(error),
        _ => Ok(()),
    }
}
