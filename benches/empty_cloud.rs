//! A cloud that answers at once, and has nothing in it. It notes when it was called.

use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

use axum::{Router, extract::State, http::header::CONTENT_TYPE, response::IntoResponse};
use tokio::net::TcpListener;

/// When it was first called since somebody asked.
type Called = Arc<Mutex<Option<Instant>>>;

/// A running one.
pub(crate) struct Cloud {
    pub(crate) endpoint: String,
    called: Called,
}

impl Cloud {
    pub(crate) async fn serve() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
        let called = Called::default();
        let router = Router::new().fallback(answer).with_state(called.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { endpoint, called }
    }

    /// When it was first called since this was last asked.
    pub(crate) fn called(&self) -> Option<Instant> {
        self.called.lock().expect("a time").take()
    }
}

async fn answer(State(called): State<Called>) -> impl IntoResponse {
    called.lock().expect("a time").get_or_insert_with(Instant::now);
    ([(CONTENT_TYPE, "application/x-amz-json-1.1")], r#"{"logGroups": []}"#)
}
