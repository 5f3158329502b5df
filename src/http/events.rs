//! A run as a stream of server-sent events: what it has told so far, what it tells from now on, how it ended.

use std::{ops::ControlFlow, time::Duration};

use async_stream::stream;
use axum::{
    http::HeaderMap,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::Stream;
use serde::Serialize;
use uuid::Uuid;

use super::doorway::Doorway;
use crate::{
    control::{Listener, RunInfo},
    engine::Progress,
};

/// How often a run of another process is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// Whether the client wants events rather than one document.
pub(super) fn wanted(headers: &HeaderMap) -> bool {
    headers.get("accept").and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/event-stream"))
}

/// The events of one run. A client that lost the line goes on after the last event it had (`Last-Event-ID`).
pub(super) fn of(door: Doorway, run: Uuid, headers: &HeaderMap) -> Response {
    let had = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse::<usize>().ok()).map_or(0, |id| id + 1);
    let events = futures::StreamExt::map(stream_of(door, run, had), Ok::<_, std::convert::Infallible>);
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response()
}

/// An event's id is its place in the run's tale, which goes on where a run has waited.
fn stream_of(door: Doorway, run: Uuid, had: usize) -> impl Stream<Item = Event> {
    stream! {
        let mut next = had;
        loop {
            if let Some(mut listener) = door.control.progress().listen(run) {
                let mut at = listener.past.len();
                for progress in listener.past.drain(next.min(at)..) {
                    yield told(next, &progress);
                    next += 1;
                }
                while let Some(progress) = hear(&mut listener, &door).await {
                    if at >= next { yield told(at, &progress); }
                    at += 1;
                    next = next.max(at);
                }
            }
            // its end, or what was missed, is found by looking again
            match door.control.run(run).await {
                Ok(Some(info)) if info.ended() => { yield ended(&info); return; }
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => return,
            }
            if rested(&door).await.is_break() { return; }
        }
    }
}

async fn hear(listener: &mut Listener, door: &Doorway) -> Option<Progress> {
    tokio::select! {
        heard = listener.live.recv() => heard.ok(),
        () = door.shutdown.cancelled() => None,
    }
}

async fn rested(door: &Doorway) -> ControlFlow<()> {
    tokio::select! {
        () = tokio::time::sleep(LOOK) => ControlFlow::Continue(()),
        () = door.shutdown.cancelled() => ControlFlow::Break(()),
    }
}

fn told(id: usize, progress: &Progress) -> Event {
    event("progress", progress).id(id.to_string())
}

fn ended(info: &RunInfo) -> Event {
    event("ended", info)
}

fn event(name: &str, data: &impl Serialize) -> Event {
    Event::default().event(name).data(serde_json::to_string(data).unwrap_or_default())
}
