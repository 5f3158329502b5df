//! Every route of the Machines API, on one page (docs.machines.dev).

mod addresses;
mod apps;
mod body;
mod certificates;
mod create;
mod leases;
mod lives;
mod machines;
mod metadata;
mod orgs;
mod secrets;
mod update;
mod volumes;
mod wait;

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderMap, Method, Uri},
    middleware::from_fn_with_state,
    routing::{delete, get, post, put},
};

use super::{
    door::{self, Guard},
    refusal::Refusal,
    world::World,
};

/// What every handler works on.
type Here = axum::extract::State<Arc<World>>;

/// Every route.
pub(super) fn routes(world: Arc<World>, guard: Arc<Guard>) -> Router {
    let app = Router::new()
        .route("/", get(apps::show).delete(apps::delete))
        .route("/secrets", get(secrets::list).post(secrets::change))
        .route("/secrets/{name}", get(secrets::show).post(secrets::set).delete(secrets::delete))
        .route("/ip_assignments", get(addresses::list).post(addresses::assign))
        .route("/ip_assignments/{ip}", delete(addresses::release))
        .route("/certificates", get(certificates::list))
        .route("/certificates/acme", post(certificates::order))
        .route("/certificates/{host}", get(certificates::show).delete(certificates::delete))
        .route("/certificates/{host}/check", post(certificates::check))
        .route("/volumes", get(volumes::list).post(volumes::create))
        .route("/volumes/{id}", get(volumes::show).post(volumes::update).put(volumes::update).delete(volumes::delete))
        .route("/volumes/{id}/extend", put(volumes::extend))
        .route("/volumes/{id}/snapshots", get(volumes::snapshots))
        .route("/machines", get(machines::list).post(create::create));
    let machine = Router::new()
        .route("/", get(machines::show).post(update::update).delete(lives::destroy))
        .route("/start", post(lives::start))
        .route("/stop", post(lives::stop))
        .route("/suspend", post(lives::suspend))
        .route("/restart", post(lives::restart))
        .route("/signal", post(lives::signal))
        .route("/cordon", post(lives::cordon))
        .route("/uncordon", post(lives::uncordon))
        .route("/wait", get(wait::wait))
        .route("/events", get(machines::events))
        .route("/versions", get(machines::versions))
        .route("/ps", get(machines::processes))
        .route("/logs", get(machines::logs))
        .route("/lease", get(leases::show).post(leases::take).delete(leases::release))
        .route("/metadata", get(metadata::list).put(metadata::replace).patch(metadata::change))
        .route("/metadata/{key}", get(metadata::show).post(metadata::set).delete(metadata::delete));
    let v1 = Router::new()
        .route("/apps", get(apps::list).post(apps::create))
        .nest("/apps/{app}", app)
        .nest("/apps/{app}/machines/{id}", machine)
        .route("/orgs/{org}/machines", get(orgs::machines));
    Router::new()
        .nest("/v1", v1)
        .fallback(|uri: Uri| async move { Refusal::Missing(format!("there is nothing at {}", uri.path())) })
        .method_not_allowed_fallback(|method: Method| async move { Refusal::Method(method.to_string()) })
        .layer(from_fn_with_state(guard, door::stand))
        .with_state(world)
}

/// What proves that a lease is one's own.
fn nonce(headers: &HeaderMap) -> Option<&str> {
    headers.get("fly-machine-lease-nonce").and_then(|nonce| nonce.to_str().ok())
}
