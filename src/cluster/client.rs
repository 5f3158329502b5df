//! How whoever belongs to a cluster asks its agents and poolers: over TLS, believing the cluster's authority alone, and with its token.

use std::net::SocketAddr;

use reqwest::{Method, RequestBuilder, Response};

use super::{Error, site::Site};
use crate::resource::Secret;

/// A clone is the same one.
#[derive(Clone, Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    token: Secret,
}

impl Client {
    pub(super) fn new(site: &Site) -> Result<Self, Error> {
        const DOING: &str = "make a client for agents";
        let authority = reqwest::Certificate::from_pem(site.authority()?.certificate().as_bytes()).map_err(Error::agent(DOING))?;
        let client = reqwest::Client::builder().no_proxy().https_only(true).tls_certs_only([authority]);
        Ok(Self { http: client.build().map_err(Error::agent(DOING))?, token: site.token()? })
    }

    pub(super) fn get(&self, at: SocketAddr, path: &str) -> RequestBuilder {
        self.request(Method::GET, at, path)
    }

    pub(super) fn post(&self, at: SocketAddr, path: &str) -> RequestBuilder {
        self.request(Method::POST, at, path)
    }

    fn request(&self, method: Method, at: SocketAddr, path: &str) -> RequestBuilder {
        self.http.request(method, format!("https://{at}/{path}")).bearer_auth(self.token.expose())
    }
}

/// Sends it. What the other side refuses is an error, too.
pub(super) async fn answered(request: RequestBuilder) -> Result<Response, reqwest::Error> {
    request.send().await?.error_for_status()
}
