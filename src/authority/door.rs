//! A listener for HTTP that speaks TLS: who is slow to greet keeps nobody else waiting.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    task::AbortHandle,
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// How long a greeting may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many may greet at once.
const AT_ONCE: usize = 64;
/// How long it is waited where the system has no room for one more.
const FULL: Duration = Duration::from_millis(50);

type Arrival = (TlsStream<TcpStream>, SocketAddr);

/// The door. When it is dropped nobody is let in any more.
#[derive(Debug)]
pub struct Door {
    at: SocketAddr,
    arrivals: mpsc::Receiver<Arrival>,
    accepts: AbortHandle,
}

impl Door {
    /// Over what listens already. To be called in a runtime.
    ///
    /// # Errors
    /// Where it has no address.
    pub fn over(listener: TcpListener, config: Arc<ServerConfig>) -> io::Result<Self> {
        let at = listener.local_addr()?;
        let (send, arrivals) = mpsc::channel(AT_ONCE);
        let accepts = tokio::spawn(accept(listener, TlsAcceptor::from(config), send)).abort_handle();
        Ok(Self { at, arrivals, accepts })
    }

    /// Where it is.
    pub fn at(&self) -> SocketAddr {
        self.at
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.accepts.abort();
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, send: mpsc::Sender<Arrival>) {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    while let Ok(seat) = Arc::clone(&room).acquire_owned().await {
        let Ok((stream, peer)) = listener.accept().await else {
            sleep(FULL).await;
            continue;
        };
        let (acceptor, send) = (acceptor.clone(), send.clone());
        tokio::spawn(async move {
            let _seat = seat;
            // a matter of speed only
            drop(stream.set_nodelay(true));
            if let Ok(Ok(stream)) = timeout(PATIENCE, acceptor.accept(stream)).await {
                drop(send.send((stream, peer)).await);
            }
        });
    }
}

impl axum::serve::Listener for Door {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Arrival {
        match self.arrivals.recv().await {
            Some(arrival) => arrival,
            // it accepts for as long as we are there
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.at)
    }
}
