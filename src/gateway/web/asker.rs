//! Who asks, as far as it is known before they have proved anything: with what headers, from where, and below which domain.

use std::{convert::Infallible, io, net::IpAddr, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};
use tokio::net::TcpStream;

use crate::{
    gateway::{
        Certificates, Network,
        announced::announced,
        limits::{Counts, Seat, Whose},
        tls_stream::TlsStream,
    },
    seats::Entrance,
};

/// In which header something that ends TLS says where a request comes from.
const FORWARDED: &str = "x-forwarded-for";

/// What is known of a connection.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    from: IpAddr,
    /// Whether what stands before us says where callers are.
    forwarded: bool,
    /// The domain of the server's name that was called, where it is not the gateway's first.
    below: Option<String>,
    _seat: Option<Arc<Seat>>,
}

/// Whoever sends a request.
#[derive(Debug)]
pub(super) struct Asker {
    pub(super) headers: HeaderMap,
    /// Where they are. `None`: nobody knows, and then nobody is let in.
    pub(super) from: Option<IpAddr>,
    pub(super) below: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let (headers, caller) = (parts.headers.clone(), parts.extensions.get::<Caller>());
        let forwarded = caller.filter(|caller| caller.forwarded).and_then(|_| last(&headers));
        let from = forwarded.or(caller.map(|caller| caller.from));
        Ok(Self { headers, from, below: caller.and_then(|caller| caller.below.clone()) })
    }
}

/// The last address that the headers name: that is whom the last one of those before us has seen; what stands before it anybody may have written.
fn last(headers: &HeaderMap) -> Option<IpAddr> {
    headers.get_all(FORWARDED).iter().next_back()?.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

/// In clear, from this machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct InClear;

impl Entrance for InClear {
    type Line = TcpStream;
    type Caller = Caller;

    async fn enter(&self, stream: TcpStream, from: IpAddr) -> io::Result<(TcpStream, Caller)> {
        Ok((stream, Caller { from, forwarded: from.to_canonical().is_loopback(), below: None, _seat: None }))
    }
}

/// Under TLS, from anywhere.
#[derive(Clone, Debug)]
pub(super) struct Secure {
    pub(super) certificates: Arc<Certificates>,
    pub(super) trusted: Arc<[Network]>,
    /// So many seats for each address.
    pub(super) counts: Arc<Counts>,
}

impl Entrance for Secure {
    type Line = TlsStream<TcpStream>;
    type Caller = Caller;

    async fn enter(&self, mut stream: TcpStream, peer: IpAddr) -> io::Result<(Self::Line, Caller)> {
        let from = announced(&self.trusted, &mut stream, peer).await?;
        let seat = self.counts.take(Whose::address(from)).ok_or_else(|| io::Error::other("too many of this address"))?;
        let (line, below) = self.certificates.secure_web(stream).await?;
        Ok((line, Caller { from, forwarded: false, below, _seat: Some(Arc::new(seat)) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_those_who_sent_a_request_on_the_last_one_is_believed() {
        let headers = |values: &[&str]| values.iter().map(|value| (FORWARDED.parse().unwrap(), value.parse().unwrap())).collect();
        assert_eq!(last(&headers(&["192.0.2.1, 192.0.2.2", "192.0.2.3, 2001:db8::1"])), "2001:db8::1".parse().ok());
        assert_eq!(last(&headers(&["192.0.2.1, unknown"])), None);
        assert_eq!(last(&headers(&[])), None);
    }
}
