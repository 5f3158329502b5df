//! Fly's proxy on this machine: what services of apps with an address are reached at, on one address of loopback and the services' own ports. It ends TLS,
//! starts the machine that a connection is for, and stops those to which nobody is connected.
//!
//! In the order of a connection: `call` leads it from its first byte to its last; `pg_tls` is what Postgres' clients say before TLS, `route` says which
//! machine it is for, `wake` has that run. `load` counts who is connected, and `rest` stops where nobody is.

mod call;
mod load;
mod pg_tls;
mod rest;
mod route;
mod wake;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use chrono::Utc;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    version::{TLS12, TLS13},
};
use tokio::{
    net::TcpListener,
    sync::Semaphore,
    time::{Instant, sleep},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};

use self::load::Load;
use super::{Error, world::World};
use crate::authority::Authority;

/// Below which names apps are reached on Fly.
const DOMAIN: &str = "fly.dev";
/// How many connections there may be at once.
const SEATS: usize = 1024;
/// How long nobody is let in after the system had no room for another connection.
const BREATH: Duration = Duration::from_millis(50);
/// How soon a port is tried again that is somebody else's.
const AGAIN: Duration = Duration::from_secs(1);

/// Where services are reached, and when a machine is stopped.
#[derive(Clone, Copy, Debug)]
pub struct Services {
    /// The address of loopback at which their ports are.
    pub address: IpAddr,
    /// How long nobody has to be connected before a machine is stopped whose services want it.
    pub autostop: Duration,
}

/// What leads connections to machines.
pub(super) struct Proxy {
    world: Arc<World>,
    services: Services,
    acceptor: TlsAcceptor,
    /// What clients are told to trust.
    pub(super) authority: PathBuf,
    load: Arc<Load>,
    begun: Instant,
}

impl Proxy {
    /// One that shows a certificate of this home's own authority.
    pub(super) fn open(world: Arc<World>, services: Services) -> Result<Self, Error> {
        let authority = Authority::open(world.home.path.join("authority"), Utc::now())?;
        let acceptor = TlsAcceptor::from(Arc::new(config(authority.issue(DOMAIN, Utc::now())?.pem.expose())?));
        Ok(Self { world, services, acceptor, authority: authority.certificate(), load: Arc::default(), begun: Instant::now() })
    }

    /// Has a door at each port that a service has, until `shutdown`; then all connections are cut.
    pub(super) async fn run(self: Arc<Self>, shutdown: CancellationToken) {
        let resting = tokio::spawn(rest::watch(Arc::clone(&self), shutdown.clone()));
        let mut changes = self.world.changes();
        let (mut doors, mut taken) = (BTreeMap::new(), BTreeSet::new());
        let seats = Arc::new(Semaphore::new(SEATS));
        loop {
            let wanted = route::ports(&self.world.books());
            doors.retain(|port, _| wanted.contains(port));
            taken.retain(|port| wanted.contains(port));
            for port in wanted.into_iter().filter(|port| !doors.contains_key(port)).collect::<Vec<_>>() {
                match self.door(port, &seats, &shutdown).await {
                    Ok(door) => {
                        taken.remove(&port);
                        doors.insert(port, door);
                    }
                    Err(error) if taken.insert(port) => {
                        tracing::warn!(port, "a service is not reached, for its port can't be had: {error}")
                    }
                    Err(_) => {}
                }
            }
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { break },
                () = sleep(AGAIN), if !taken.is_empty() => {}
                () = shutdown.cancelled() => break,
            }
        }
        drop(resting.await);
    }

    /// Listens at a port for as long as what it answers is there.
    async fn door(self: &Arc<Self>, port: u16, seats: &Arc<Semaphore>, shutdown: &CancellationToken) -> std::io::Result<DropGuard> {
        let listener = TcpListener::bind(SocketAddr::from((self.services.address, port))).await?;
        let closed = shutdown.child_token();
        tokio::spawn(Arc::clone(self).serve(listener, port, Arc::clone(seats), closed.clone(), shutdown.clone()));
        Ok(closed.drop_guard())
    }

    async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        port: u16,
        seats: Arc<Semaphore>,
        closed: CancellationToken,
        shutdown: CancellationToken,
    ) {
        while let Some(accepted) = closed.run_until_cancelled(listener.accept()).await {
            let Ok((stream, _)) = accepted else {
                sleep(BREATH).await;
                continue;
            };
            let Ok(seat) = Arc::clone(&seats).try_acquire_owned() else {
                tracing::warn!(port, "as many clients are connected as the proxy takes");
                continue;
            };
            let (proxy, shutdown) = (Arc::clone(&self), shutdown.clone());
            tokio::spawn(async move {
                shutdown.run_until_cancelled(call::attend(proxy, stream, port)).await;
                drop(seat);
            });
        }
    }
}

fn config(pem: &str) -> Result<ServerConfig, Error> {
    let broken = |error: rustls::pki_types::pem::Error| Error::Certificate(rustls::Error::General(error.to_string()));
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(broken)?;
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(broken)?;
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider())).with_protocol_versions(&[&TLS13, &TLS12]);
    builder.map_err(Error::Certificate)?.with_no_client_auth().with_single_cert(chain, key).map_err(Error::Certificate)
}
