//! The door of an agent for controllers and other agents: whoever has the key may ask, order and wait.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Path, Query, Request, State},
    http::{StatusCode, header::AUTHORIZATION},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::{
    Error,
    agent::Agent,
    home::Settings,
    promise::Asked,
    wire::{Answer, Order, Piece, Report},
};
use crate::{causes::in_one_line, failover::Millis};

/// How long somebody waits for a change at most.
const WAITS: Duration = Duration::from_secs(20);
/// How long it is waited for an order to be carried out; a copy of all data takes longer, and goes on.
const DONE: Duration = Duration::from_secs(2);

/// Every way in.
pub(super) fn routes(agent: Arc<Agent>) -> Router {
    Router::new()
        .route("/seen", get(seen))
        .route("/watch", get(watch))
        .route("/act", post(act))
        .route("/promise", post(promise))
        .route("/rests", get(rests))
        .route("/begin", post(begin))
        .route("/settings", post(settings))
        .route("/furnish", post(furnish))
        .route("/wal", get(wal))
        .route("/wal/{name}", get(piece))
        .layer(middleware::from_fn_with_state(Arc::clone(&agent), has_key))
        .with_state(agent)
}

async fn has_key(State(agent): State<Arc<Agent>>, request: Request, next: Next) -> Response {
    let known = agent.token.is_borne_by(request.headers().get(AUTHORIZATION).and_then(|said| said.to_str().ok()));
    if known { next.run(request).await } else { StatusCode::UNAUTHORIZED.into_response() }
}

async fn seen(State(agent): State<Arc<Agent>>) -> Result<Json<Report>, StatusCode> {
    // whoever asked may go away: the connection to the server stays for the next one
    let report = tokio::spawn(async move { agent.report().await }).await;
    report.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// How many changes there were.
#[derive(Serialize, Deserialize)]
pub(super) struct Changes {
    pub(super) after: u64,
}

/// Answers when there were others than those that are known.
async fn watch(State(agent): State<Arc<Agent>>, Query(known): Query<Changes>) -> Json<Changes> {
    let mut changes = agent.changes.subscribe();
    let waited = timeout(WAITS, changes.wait_for(|changes| *changes != known.after)).await;
    let after = waited.ok().and_then(Result::ok).map_or(known.after, |changes| *changes);
    Json(Changes { after })
}

async fn act(State(agent): State<Arc<Agent>>, Json(order): Json<Order>) -> Json<Answer> {
    // whoever asked may go away meanwhile: what is begun is finished
    let mut done = tokio::spawn(async move {
        let shown = format!("{:?}", order.act);
        let done = agent.obey(order).await;
        match &done {
            Ok(()) => tracing::info!(order = shown, "done"),
            Err(Error::Busy) => tracing::debug!(order = shown, "not done: another order is being carried out"),
            Err(error) => tracing::warn!(order = shown, error = in_one_line(error), "not done"),
        }
        done
    });
    let said = match timeout(DONE, &mut done).await {
        Ok(Ok(Ok(()))) => return Json(Answer { done: true, said: String::new() }),
        Ok(Ok(Err(error))) => in_one_line(&error),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it goes on".to_owned(),
    };
    Json(Answer { done: false, said })
}

async fn promise(State(agent): State<Arc<Agent>>, Json(asked): Json<Asked>) -> Response {
    said(agent.promise(asked).await.map(|()| StatusCode::NO_CONTENT))
}

async fn rests(State(agent): State<Arc<Agent>>) -> Json<Millis> {
    Json(agent.promises.rests_ms())
}

async fn begin(State(agent): State<Arc<Agent>>) -> Response {
    // what is restored takes longer than anybody waits, and goes on
    let begun = tokio::spawn(async move {
        let begun = agent.begin().await;
        if let Err(error) = &begun {
            tracing::warn!(error = in_one_line(error), "the data of a new cluster could not be made");
        }
        begun
    });
    match begun.await {
        Ok(begun) => said(begun.map(Json::<u64>)),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn settings(State(agent): State<Arc<Agent>>, Json(wanted): Json<Settings>) -> Response {
    said(agent.set(wanted).await.map(|()| StatusCode::NO_CONTENT))
}

async fn furnish(State(agent): State<Arc<Agent>>, Json(databases): Json<BTreeSet<String>>) -> Response {
    said(agent.furnish(databases).await.map(|()| StatusCode::NO_CONTENT))
}

async fn wal(State(agent): State<Arc<Agent>>) -> Response {
    said(agent.pieces().map(Json::<Vec<Piece>>))
}

/// From which place of a file on.
#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    from: u64,
}

async fn piece(State(agent): State<Arc<Agent>>, Path(name): Path<String>, Query(part): Query<Part>) -> Response {
    said(agent.piece(&name, part.from))
}

fn said(done: Result<impl IntoResponse, Error>) -> Response {
    match done {
        Ok(done) => done.into_response(),
        Err(error) => (StatusCode::CONFLICT, in_one_line(&error)).into_response(),
    }
}
