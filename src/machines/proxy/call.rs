//! A connection from its first byte to its last.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy_bidirectional},
    net::TcpStream,
    time::timeout,
};

use super::{
    Proxy,
    load::Seat,
    pg_tls,
    route::{self, Astray},
    wake::{self, Unwoken},
};
use crate::machines::service::Handler;

/// How long a client may take until it is known whom it wants.
const HELLO: Duration = Duration::from_secs(10);
/// How long a machine is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why a connection is led nowhere.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error("the line broke")]
    Gone(#[from] std::io::Error),
    #[error(transparent)]
    Astray(#[from] Astray),
    #[error("services of several kinds are at this port, so nobody knows what to do there first")]
    Kinds,
    #[error("app {app}: {why}")]
    Unwoken { app: String, why: Unwoken },
    #[error("app {0}: its machine takes no connection at the service's port, and was waited for for a minute")]
    Late(String),
}

/// Leads one connection.
pub(super) async fn attend(proxy: Arc<Proxy>, stream: TcpStream, port: u16) {
    // a matter of speed only
    drop(stream.set_nodelay(true));
    if let Err(stop) = lead(&proxy, stream, port).await {
        tracing::info!(port, "a connection was led nowhere: {stop}");
    }
}

async fn lead(proxy: &Proxy, mut stream: TcpStream, port: u16) -> Result<(), Stop> {
    let late = |_| std::io::Error::from(std::io::ErrorKind::TimedOut);
    let handler = route::handler(&route::targets(&proxy.world.books(), port)).ok_or(Stop::Kinds)?;
    match handler {
        Handler::Raw => return pass(proxy, stream, port, None, handler).await,
        Handler::Tls => {}
        Handler::PgTls => {
            if !timeout(HELLO, pg_tls::asked(&mut stream)).await.map_err(late)?? {
                return Ok(());
            }
        }
    }
    let line = timeout(HELLO, proxy.acceptor.accept(stream)).await.map_err(late)??;
    let host = line.get_ref().1.server_name().map(str::to_owned);
    pass(proxy, line, port, host.as_deref(), handler).await
}

/// Bytes both ways, or why not: who speaks Postgres hears it.
async fn pass(
    proxy: &Proxy,
    mut line: impl AsyncRead + AsyncWrite + Unpin,
    port: u16,
    host: Option<&str>,
    handler: Handler,
) -> Result<(), Stop> {
    let (mut there, _seat) = match reach(proxy, port, host).await {
        Ok(reached) => reached,
        Err(why) => {
            if handler == Handler::PgTls {
                line.write_all(&pg_tls::refusal(
                    "08006",
                    &why.to_string(),
                    "Look at the app's machine and services, and at the name that is called.",
                ))
                .await?;
                line.shutdown().await?;
            }
            return Err(why);
        }
    };
    // how it ends is between the two
    drop(copy_bidirectional(&mut line, &mut there).await);
    Ok(())
}

/// A line to the machine, which stays awake for as long as it has the seat.
async fn reach(proxy: &Proxy, port: u16, host: Option<&str>) -> Result<(TcpStream, Seat), Stop> {
    // who holds both holds the load first
    let targets = route::targets(&proxy.world.books(), port);
    let target = route::choose(targets, host, |machine| proxy.load.of(machine))?;
    let seat = proxy.load.enter(&target.machine);
    let woken = timeout(PATIENCE, wake::up(&proxy.world, &target)).await.map_err(|_| Stop::Late(target.app.clone()))?;
    let line = woken.map_err(|why| Stop::Unwoken { app: target.app, why })?;
    drop(line.set_nodelay(true));
    Ok((line, seat))
}
