//! What AWS answers to somebody who may not do what he asks, asks too often or with old keys, or at a bad moment, in the form that each service gives it.

use axum::{
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

/// The services that speak JSON with the name of the call in a header.
const JSON: [&str; 9] = ["acm", "dynamodb", "ecr", "ecs", "kms", "logs", "secretsmanager", "sqs", "ssm"];

/// A refusal in the service's own words.
pub(super) fn refusal(service: &str) -> Response {
    let code = match service {
        "ec2" => "UnauthorizedOperation",
        service if JSON.contains(&service) || service == "lambda" => "AccessDeniedException",
        _ => "AccessDenied",
    };
    answer(service, 403, code, "not for you")
}

/// Too many calls, in the service's own words.
pub(super) fn throttled(service: &str) -> Response {
    let code = match service {
        "ec2" => "RequestLimitExceeded",
        "s3" => "SlowDown",
        "lambda" => "TooManyRequestsException",
        service if JSON.contains(&service) => "ThrottlingException",
        _ => "Throttling",
    };
    let status = match service {
        "s3" => 503,
        "lambda" => 429,
        _ => 400,
    };
    answer(service, status, code, "Rate exceeded")
}

/// A failure of the service itself, in its own words: 500 or 503. What stands before it says 502, in words of nobody's.
pub(super) fn broken(service: &str, status: u16) -> Response {
    if status == 502 {
        let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
        return (StatusCode::BAD_GATEWAY, [(header::CONTENT_TYPE, "text/html")], page).into_response();
    }
    let code = match (service, status) {
        ("ec2" | "s3", 500) => "InternalError",
        ("ec2", _) => "Unavailable",
        ("s3", _) => "ServiceUnavailable",
        ("lambda", _) => "ServiceException",
        ("dynamodb" | "secretsmanager", 500) => "InternalServerError",
        ("ecs" | "ecr", 500) => "ServerException",
        (_, 500) => "InternalFailure",
        (service, _) if JSON.contains(&service) => "ServiceUnavailableException",
        _ => "ServiceUnavailable",
    };
    answer(service, status, code, "please try again later")
}

/// Credentials that are over, in the service's own words.
pub(super) fn expired(service: &str) -> Response {
    match service {
        "ec2" => answer(service, 400, "RequestExpired", "Request has expired."),
        service if JSON.contains(&service) || service == "lambda" => {
            answer(service, 400, "ExpiredTokenException", "The security token included in the request is expired")
        }
        "s3" => answer(service, 400, "ExpiredToken", "The provided token has expired."),
        _ => answer(service, 403, "ExpiredToken", "The security token included in the request is expired"),
    }
}

/// A refusal with this status, code and sentence.
pub(super) fn with(service: &str, status: u16, code: &str, said: &str) -> Response {
    answer(service, status, code, said)
}

fn answer(service: &str, status: u16, code: &str, said: &str) -> Response {
    let (form, text) = match service {
        "ec2" => (
            "text/xml",
            format!(
                "<Response><Errors><Error><Code>{code}</Code><Message>{said}</Message></Error></Errors><RequestID>r</RequestID></Response>"
            ),
        ),
        "s3" => ("application/xml", format!("<Error><Code>{code}</Code><Message>{said}</Message></Error>")),
        service if JSON.contains(&service) || service == "lambda" => {
            ("application/x-amz-json-1.1", json!({ "__type": code, "message": said }).to_string())
        }
        _ => (
            "text/xml",
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{said}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
            ),
        ),
    };
    let status = StatusCode::from_u16(status).expect("a status");
    // where a call has no name on the wire, its refusal is named in a header
    (status, [(header::CONTENT_TYPE, form), (HeaderName::from_static("x-amzn-errortype"), code)], text).into_response()
}
