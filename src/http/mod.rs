//! The door for programs and people with curl: every route on one page.

mod build_and_push;
mod check;
mod clusters;
mod databases;
mod doorway;
mod events;
mod guard;
mod health;
mod layers;
mod metrics;
mod problem;
mod query;
mod runs;
mod serve;
mod setup;
mod token;
mod webhook;

use axum::{
    Router,
    http::{Method, Uri},
    middleware::{from_fn, from_fn_with_state},
    routing::{get, post},
};
use problem::Problem;

pub use doorway::Doorway;
pub use guard::{Error as GuardError, Guard};
pub use serve::serve;
pub use token::Error as TokenError;

/// Every route.
pub fn routes(door: Doorway) -> Router {
    let acting = Router::new()
        .route("/setup/{db}", get(setup::setup).post(setup::setup))
        .route("/check/{db}", get(check::check).post(check::check))
        .route_layer(from_fn(layers::no_head));
    let telling = Router::new()
        .route("/genBuildAndPush", post(build_and_push::script))
        .route("/webhook/{db}", get(webhook::show).post(webhook::set).delete(webhook::remove))
        .route("/webhook/{db}/test", post(webhook::test))
        .route("/runs/{id}", get(runs::show))
        .route("/databases", get(databases::list))
        .route("/metrics", get(health::metrics));
    let open = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/openapi.json", get(health::openapi));
    acting
        .merge(telling)
        // whoever is not let in is not listened to: the guard stands before the body
        .route_layer(from_fn_with_state(door.slowest, layers::small))
        .route_layer(from_fn_with_state(door.guard.clone(), guard::stand))
        .merge(open)
        .fallback(|uri: Uri| async move { Problem::no_such_page(uri.path()) })
        .method_not_allowed_fallback(|method: Method| async move { Problem::method(&method) })
        .layer(from_fn_with_state(door.patience, layers::patient))
        .layer(from_fn_with_state(door.metrics.clone(), layers::counted))
        .with_state(door)
}
