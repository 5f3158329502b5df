//! What the server counts, for Prometheus.

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use axum::http::{Method, StatusCode};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::{Registry, Unit},
};

use super::clusters::Clusters;
use crate::served::ClusterSeen;

/// Every count of the server. Cheap to clone; all clones count together.
#[derive(Clone)]
pub(super) struct Metrics {
    requests: Family<Request, Counter>,
    seconds: Family<Route, Histogram, fn() -> Histogram>,
    open: Gauge,
    databases: Gauge<f64, AtomicU64>,
    clusters: Clusters,
    registry: Arc<Registry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    route: String,
    method: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

impl Metrics {
    pub(super) fn new() -> Self {
        let (requests, open, databases) = (Family::default(), Gauge::default(), Gauge::default());
        let seconds = Family::new_with_constructor(histogram as fn() -> Histogram);
        let mut registry = Registry::with_prefix("iasql");
        registry.register("build", "Which iasql this is", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        registry.register("http_requests", "Requests answered", Family::clone(&requests));
        registry.register_with_unit("http_request", "How long requests took", Unit::Seconds, Family::clone(&seconds));
        registry.register("http_requests_open", "Requests being answered", Gauge::clone(&open));
        registry.register("databases", "Databases known to this server", Gauge::clone(&databases));
        let clusters = Clusters::registered(&mut registry);
        Self { requests, seconds, open, databases, clusters, registry: Arc::new(registry) }
    }

    /// Counts a request as begun; it is over when the answer is dropped.
    pub(super) fn begin(&self) -> Open {
        self.open.inc();
        Open(self.open.clone())
    }

    /// Counts an answer. The route is its pattern (`/check/{db}`), so that no path of a stranger becomes a label.
    pub(super) fn answered(&self, route: &str, method: &Method, status: StatusCode, took: Duration) {
        let method = standard(method).to_owned();
        self.requests.get_or_create(&Request { route: route.to_owned(), method, status: status.as_u16() }).inc();
        self.seconds.get_or_create(&Route { route: route.to_owned() }).observe(took.as_secs_f64());
    }

    /// The page that Prometheus reads.
    pub(super) fn page(&self, databases: usize, clusters: &[(String, String, ClusterSeen)]) -> Result<String, std::fmt::Error> {
        self.clusters.set(clusters);
        self.databases.set(u32::try_from(databases).unwrap_or(u32::MAX).into());
        let mut page = String::new();
        encode(&mut page, &self.registry)?;
        Ok(page)
    }
}

/// One open request.
pub(super) struct Open(Gauge);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn histogram() -> Histogram {
    Histogram::new([0.005, 0.025, 0.1, 0.5, 2.0, 10.0, 60.0, 300.0])
}

/// A method that HTTP does not define is somebody's invention and must not become a label.
fn standard(method: &Method) -> &str {
    match *method {
        Method::GET | Method::POST | Method::PUT | Method::DELETE | Method::HEAD | Method::OPTIONS | Method::PATCH => method.as_str(),
        _ => "other",
    }
}
