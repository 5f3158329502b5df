//! What a client is told instead of what it asked for: `{"error": …, "status": …}`, as Fly answers.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::Error;
use crate::causes::in_one_line;

/// Why a request is not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// The request can't be what is wanted.
    #[error("invalid_argument: {0}")]
    Invalid(String),
    /// Nobody known asks.
    #[error("unauthorized: a bearer token is needed, in the header Authorization")]
    Unauthorized,
    /// There is none.
    #[error("not_found: {0}")]
    Missing(String),
    /// It has not come to be in time.
    #[error("deadline_exceeded: {0}")]
    Late(String),
    /// Somebody else has it, or its name.
    #[error("{0}")]
    Conflict(String),
    /// It is not in a state for that.
    #[error("failed_precondition: {0}")]
    Precondition(String),
    /// It is understood, and can't be.
    #[error("{0}")]
    Unprocessable(String),
    /// Too many requests.
    #[error("rate limit exceeded: one request a second for each action and machine or app, and three at once")]
    TooMany,
    /// The address is right and the method is not.
    #[error("{0} can't be used here")]
    Method(String),
    /// There is no seat.
    #[error("unavailable: as many clients are connected as this server takes")]
    Crowded,
    /// We are on our way out.
    #[error("unavailable: the server is stopping")]
    Stopping,
    /// What is to run machines does not.
    #[error("unavailable: {}", in_one_line(.0))]
    Engine(Error),
    /// A fault of ours.
    #[error("internal: the server's log has the cause")]
    Internal(#[source] Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Docker { .. } => Self::Engine(error),
            error => Self::Internal(error),
        }
    }
}

impl Refusal {
    pub(super) fn invalid(said: impl Into<String>) -> Self {
        Self::Invalid(said.into())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Missing(_) => StatusCode::NOT_FOUND,
            Self::Late(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Precondition(_) => StatusCode::PRECONDITION_FAILED,
            Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Crowded | Self::Stopping | Self::Engine(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if let Self::Internal(error) | Self::Engine(error) = &self {
            tracing::error!(error = in_one_line(error), "a request failed");
        }
        // Fly's `status` is a word for the few causes that programs tell apart, and unknown else
        (self.status(), Json(serde_json::json!({ "error": self.to_string(), "status": "unknown" }))).into_response()
    }
}
