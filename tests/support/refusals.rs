//! What AWS answers to somebody who may not do what he asks, or asks too often, in the form that each service gives it.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// The services that speak JSON with the name of the call in a header.
const JSON: [&str; 9] = ["acm", "dynamodb", "ecr", "ecs", "kms", "logs", "secretsmanager", "sqs", "ssm"];

/// A refusal in the service's own words.
pub(super) fn refusal(service: &str) -> Response {
    let code = match service {
        "ec2" => "UnauthorizedOperation",
        service if JSON.contains(&service) => "AccessDeniedException",
        _ => "AccessDenied",
    };
    answer(service, StatusCode::FORBIDDEN, code, "not for you")
}

/// Too many calls, in the service's own words.
pub(super) fn throttled(service: &str) -> Response {
    let code = match service {
        "ec2" => "RequestLimitExceeded",
        "s3" => "SlowDown",
        service if JSON.contains(&service) => "ThrottlingException",
        _ => "Throttling",
    };
    let status = if service == "s3" { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::BAD_REQUEST };
    answer(service, status, code, "Rate exceeded")
}

fn answer(service: &str, status: StatusCode, code: &str, said: &str) -> Response {
    let (form, text) = match service {
        "ec2" => (
            "text/xml",
            format!(
                "<Response><Errors><Error><Code>{code}</Code><Message>{said}</Message></Error></Errors><RequestID>r</RequestID></Response>"
            ),
        ),
        "s3" => ("application/xml", format!("<Error><Code>{code}</Code><Message>{said}</Message></Error>")),
        service if JSON.contains(&service) => ("application/x-amz-json-1.1", format!(r#"{{"__type": "{code}", "message": "{said}"}}"#)),
        _ => (
            "text/xml",
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{said}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
            ),
        ),
    };
    (status, [(header::CONTENT_TYPE, form)], text).into_response()
}
