//! What AWS answers to somebody who may not do what he asks, in the form that each service gives it.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

const SAID: &str = "not for you";

/// A refusal in the service's own words.
pub(super) fn refusal(service: &str) -> Response {
    let (form, text) = match service {
        "secretsmanager" => ("application/x-amz-json-1.1", format!(r#"{{"__type": "AccessDeniedException", "message": "{SAID}"}}"#)),
        "ec2" => (
            "text/xml",
            format!(
                "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>{SAID}</Message></Error></Errors><RequestID>r</RequestID></Response>"
            ),
        ),
        "s3" => ("application/xml", format!("<Error><Code>AccessDenied</Code><Message>{SAID}</Message></Error>")),
        _ => (
            "text/xml",
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{SAID}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
            ),
        ),
    };
    (StatusCode::FORBIDDEN, [(header::CONTENT_TYPE, form)], text).into_response()
}
