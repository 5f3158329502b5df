//! A cloud that does nothing, and repeats in its refusal all that it was sent: the worst that a cloud may do to a secret.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use tokio::net::TcpListener;

/// The services that speak JSON.
const JSON: [&str; 4] = ["acm", "secretsmanager", "ssm", "lambda"];

/// Opens one in front of the cloud at `target`, to which it passes what only asks; answers with its endpoint.
pub(super) async fn parrot(target: &str) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
    let router = Router::new().fallback(repeat).with_state(target.to_owned());
    tokio::spawn(async move { axum::serve(listener, router).await });
    endpoint
}

async fn repeat(State(target): State<String>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let text = String::from_utf8_lossy(&body).into_owned();
    let scope = head.headers.get(header::AUTHORIZATION).and_then(|text| text.to_str().ok()).unwrap_or_default();
    let service = scope.split('/').nth(3).unwrap_or_default().to_owned();
    let action = action(&head.headers, &text);
    let asks = ["Describe", "List", "Get"].iter().any(|verb| action.starts_with(verb)) || head.method == "GET";
    if asks {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut headers = head.headers.clone();
        headers.remove(header::HOST);
        let answer = client.request(head.method, format!("{target}{path}")).headers(headers).body(body).send().await.expect("an answer");
        let (status, kind) = (answer.status(), answer.headers().get(header::CONTENT_TYPE).cloned());
        let mut response = (status, answer.bytes().await.expect("a body")).into_response();
        response.headers_mut().extend(kind.map(|kind| (header::CONTENT_TYPE, kind)));
        return response;
    }
    if JSON.contains(&&*service) {
        let said = serde_json::json!({ "__type": "ValidationException", "message": format!("you said {}", plain(&text)) });
        return (StatusCode::BAD_REQUEST, [("x-amzn-errortype", "ValidationException")], said.to_string()).into_response();
    }
    let said = decoded(&text).replace('&', "&amp;").replace('<', "&lt;");
    let error = format!("<Error><Type>Sender</Type><Code>InvalidParameterValue</Code><Message>you said {said}</Message></Error>");
    let document = match &*service {
        "ec2" => format!("<Response><Errors>{error}</Errors><RequestID>r</RequestID></Response>"),
        _ => format!("<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>"),
    };
    (StatusCode::BAD_REQUEST, [("content-type", "text/xml")], document).into_response()
}

/// `CreateSecret`, from the header or the form that names it.
fn action(headers: &axum::http::HeaderMap, body: &str) -> String {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let named = target.and_then(|target| target.rsplit('.').next());
    named.or_else(|| body.split('&').find_map(|pair| pair.strip_prefix("Action="))).unwrap_or_default().to_owned()
}

/// All texts of a document, as they are.
fn plain(text: &str) -> String {
    fn texts(value: &Value) -> Vec<String> {
        match value {
            Value::String(text) => vec![text.clone()],
            Value::Array(all) => all.iter().flat_map(texts).collect(),
            Value::Object(all) => all.values().flat_map(texts).collect(),
            _ => vec![],
        }
    }
    serde_json::from_str(text).map_or_else(|_| text.to_owned(), |value| texts(&value).join(" "))
}

fn decoded(form: &str) -> String {
    url::form_urlencoded::parse(form.as_bytes()).map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
}
