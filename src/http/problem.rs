//! What went wrong, told to a client: RFC 9457 problem documents, and nothing that a client must not see.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{causes, control};

/// A problem document.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Problem {
    /// A name that programs can tell problems apart by; it never changes.
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    #[serde(serialize_with = "number")]
    status: StatusCode,
    detail: String,
}

impl Problem {
    /// A problem by its short name (`unknown-database`), with a sentence that helps.
    pub(super) fn new(status: StatusCode, name: &str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { kind: format!("urn:iasql:problem:{name}"), title, status, detail: detail.into() }
    }

    /// A fault of ours: the log gets the cause and the client does not.
    pub(super) fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = causes::in_one_line(error), "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something failed inside iasql", "The server's log has the cause.")
    }

    /// The address leads nowhere.
    pub(super) fn no_such_page(path: &str) -> Self {
        let detail = format!("There is nothing at {path}; /openapi.json lists what there is.");
        Self::new(StatusCode::NOT_FOUND, "no-such-page", "No such page", detail)
    }

    /// The address is right and the method is not.
    pub(super) fn method(method: &axum::http::Method) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method",
            "Method not allowed",
            format!("{method} can't be used here; the header Allow names what can."),
        )
    }

    /// The query or the path makes no sense.
    pub(super) fn request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "request", "The request can't be understood", detail)
    }

    /// More was sent than any route wants.
    pub(super) fn too_large(limit: usize) -> Self {
        let detail = format!("No more than {limit} bytes are taken.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large", detail)
    }

    /// The client did not send its request in time.
    pub(super) fn slow_client(limit: Duration) -> Self {
        let detail = format!("The body did not come within {} seconds.", limit.as_secs_f32());
        Self::new(StatusCode::REQUEST_TIMEOUT, "slow-client", "The request came too slowly", detail)
    }

    /// All seats are taken.
    pub(super) fn crowded() -> Self {
        let detail = "As many clients are connected as this server takes; ask again in a moment.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "crowded", "Too many clients", detail)
    }

    /// The request took too long.
    pub(super) fn too_slow() -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT, "too-slow", "That took too long", "The answer did not come in time; asking again is safe.")
    }
}

impl From<control::Error> for Problem {
    fn from(error: control::Error) -> Self {
        use control::Error as E;
        let (status, name, title) = match &error {
            E::Name(_) => (StatusCode::BAD_REQUEST, "bad-name", "Not a name for a database"),
            E::Unknown { .. } => (StatusCode::NOT_FOUND, "unknown-database", "No such database"),
            E::Unready(_) => (StatusCode::CONFLICT, "unready-database", "The database is not ready"),
            E::Moving(_) => (StatusCode::CONFLICT, "moving-database", "The database is being moved"),
            E::Move { .. } => (StatusCode::CONFLICT, "move", "The database can't be moved"),
            E::Shard(_) => (StatusCode::CONFLICT, "no-room", "No room on any server"),
            E::Taken(_) => (StatusCode::CONFLICT, "taken-name", "The name is taken"),
            E::Module(_) if error.is_for_the_user() => (StatusCode::BAD_REQUEST, "unknown-module", "No such module"),
            E::Blueprint(_) => (StatusCode::BAD_REQUEST, "blueprint", "The blueprint refuses"),
            E::Webhook(_) => (StatusCode::BAD_REQUEST, "webhook", "The webhook can't be"),
            E::Cron(_) => (StatusCode::BAD_REQUEST, "bad-schedule", "Not a schedule"),
            E::Credentials(_) => (StatusCode::CONFLICT, "no-credentials", "No credentials"),
            E::Module(_) | E::Keys { .. } | E::Setup { .. } | E::Open { .. } | E::Procedure(_) | E::Standby => {
                return Self::internal(&error);
            }
            E::Metadata { .. } | E::Upgrade(_) | E::Faults(_) | E::State { .. } | E::Queue { .. } | E::Random(_) => {
                return Self::internal(&error);
            }
        };
        Self::new(status, name, title, error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(&self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}
