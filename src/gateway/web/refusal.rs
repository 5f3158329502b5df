//! How a request is refused: a status, what was wrong, and what would be right.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{
    causes::in_one_line,
    gateway::{Unavailable, upload},
};

/// A refused request.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: String,
    hint: &'static str,
    /// When it may be tried again, in seconds.
    after: Option<u64>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, error: impl Into<String>, hint: &'static str) -> Self {
        Self { status, error: error.into(), hint, after: None }
    }

    /// The same for an unknown database, an unknown user and a wrong password.
    pub(super) fn stranger() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "the database, the user or the password is wrong",
            "Send the database's login and password as HTTP Basic: curl -u <role>:<password>.",
        )
    }

    /// So many wrong passwords came from there that none is looked at for so long.
    pub(super) fn guesses(left: Duration) -> Self {
        let (error, hint) = (
            "too many wrong passwords for this database came from this address",
            "Look at who there has an old or another password; then try again.",
        );
        // a part of a second is not over yet
        Self { after: Some(left.as_secs() + 1), ..Self::new(StatusCode::TOO_MANY_REQUESTS, error, hint) }
    }

    /// Every seat is taken.
    pub(super) fn crowded() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "as many are connected as may be", "Try again in a moment.")
    }

    /// Somebody else has the database, and whoever asks is told who.
    pub(super) fn elsewhere(by: &str, address: Option<&str>) -> Self {
        let who = address.map_or_else(|| by.to_owned(), |address| format!("the one at {address}"));
        let hint = "Ask that one, or wait until nobody uses it there.";
        Self::new(StatusCode::CONFLICT, format!("another gateway or node runs the database now: {who}"), hint)
    }

    /// It runs on a machine of its own, and its files are reached there only.
    pub(super) fn on_a_machine(machine: &str) -> Self {
        let hint = "Use pg_dump and pg_restore through the gateway's first door: it starts the machine.";
        Self::new(StatusCode::CONFLICT, format!("the database runs on the machine {machine}, and its files are reached there only"), hint)
    }

    /// It only reads what another one has, of whom files are asked for.
    pub(super) fn replica(of: &str) -> Self {
        let hint = "Ask for that one's; …/download?format=dump reads this one as it is.";
        Self::new(StatusCode::CONFLICT, format!("the database is a replica of {of}, and has no files and no versions of its own"), hint)
    }

    /// What is no fault of the caller's: the log gets the cause.
    pub(super) fn for_now(doing: &'static str, error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::warn!(error = in_one_line(error), "{doing} failed");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, format!("{doing} failed for now"), "Try again in a moment; nothing has changed.")
    }
}

impl From<Unavailable> for Refusal {
    fn from(why: Unavailable) -> Self {
        match &why {
            Unavailable::NoNode(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                why.to_string(),
                "Whoever runs the gateway starts one with iasql node; then try again.",
            ),
            Unavailable::Full => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "as many databases are awake as may be", "Try again in a moment.")
            }
            Unavailable::Missing(_) => Self::new(
                StatusCode::NOT_IMPLEMENTED,
                why.to_string(),
                "Whoever runs the gateway installs Node.js, runs scripts/install.sh, and names the folder that this makes with --pglite.",
            ),
            Unavailable::Branch(unbranched) => Self::new(StatusCode::CONFLICT, unbranched.to_string(), unbranched.hint()),
            Unavailable::Replica(unread) => Self::new(StatusCode::CONFLICT, unread.to_string(), unread.hint()),
            Unavailable::Closed(_) => Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                why.to_string(),
                "Delete something when it is open again, or raise its size_limit_bytes.",
            ),
            Unavailable::Elsewhere { by, address, .. } => Self::elsewhere(by, address.as_deref()),
            Unavailable::Ending => Self::crowded(),
            Unavailable::Ends(_) => Self::for_now("starting its machine", &why),
            Unavailable::OnMachine(led) => Self::on_a_machine(&led.by),
            Unavailable::ForNow { doing, .. } => Self::for_now(doing, &why),
        }
    }
}

impl From<upload::Error> for Refusal {
    fn from(why: upload::Error) -> Self {
        let (status, hint) = (why.status(), why.hint());
        match &why {
            upload::Error::Here { doing, .. } => Self::for_now(doing, &why),
            _ => Self::new(status, in_one_line(&why), hint),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(json!({ "error": self.error, "hint": self.hint }))).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"iasql\", charset=\"UTF-8\""));
        }
        if let Some(after) = self.after {
            response.headers_mut().insert(header::RETRY_AFTER, after.into());
        }
        response
    }
}

pub(super) async fn no_such_page() -> Refusal {
    let hint = "There are GET /databases/<id>, …/versions and …/download, and POST /databases/<id>/upload and …/restore?version=<number>.";
    Refusal::new(StatusCode::NOT_FOUND, "there is no such page", hint)
}

pub(super) async fn no_such_method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "not by this method", "GET reads, and POST uploads and restores.")
}
