//! What to make of Tigris' refusals. It has S3's codes, and those mean here what they mean there.

use aws_sdk_s3::{config::http::HttpResponse, error::SdkError, operation::get_object::GetObjectError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde::Deserialize;

use crate::{
    aws,
    resource::{Error, Kind},
};

/// Says which call failed and what to make of it.
pub(super) fn refused<E>(operation: &'static str) -> impl Fn(SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    move |error| named(aws::refused(operation)(error))
}

/// What S3's client says of AWS is said of Tigris.
pub(super) fn named(error: Error) -> Error {
    match error.kind {
        Kind::Unreachable | Kind::Anonymous => Error { said: error.said.replacen("AWS", "Tigris", 1), ..error },
        _ => error,
    }
}

/// How a call that is Tigris' own is refused: in JSON, as it was asked for.
#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "Code")]
    code: Option<String>,
    #[serde(rename = "Message")]
    message: Option<String>,
}

/// The same for a call of Tigris' own.
pub(super) fn refused_own(operation: &'static str, error: SdkError<GetObjectError, HttpResponse>) -> Error {
    let SdkError::ServiceError(refusal) = &error else { return refused(operation)(error) };
    if refusal.err().code().is_some() {
        return refused(operation)(error);
    }
    let (status, body) = (refusal.raw().status().as_u16(), refusal.raw().body().bytes().unwrap_or_default());
    match serde_json::from_slice::<Refusal>(body) {
        Ok(Refusal { code: Some(code), message }) => aws::said_of_one(operation, Some(&code), message.as_deref()),
        Ok(Refusal { code: None, message: Some(message) }) => Error::new(operation, kind(status), message),
        _ => Error::new(operation, kind(status), format!("{status} is all that was said; whoever has no such call is not Tigris")),
    }
}

/// By the status alone.
fn kind(status: u16) -> Kind {
    match status {
        401 => Kind::Expired,
        403 => Kind::Denied,
        404 => Kind::Absent,
        409 | 412 => Kind::Held,
        429 => Kind::Throttled,
        405 | 500 | 501 => Kind::Unsupported,
        400..500 => Kind::Invalid,
        _ => Kind::Broken,
    }
}
