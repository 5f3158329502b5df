//! A member, run: its doors and what goes on behind them, until it is to end.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Error, agent::Agent, door, http, sheet::Sheet};
use crate::failover::Member;

/// How long its server may take to stop.
const STOPS: Duration = Duration::from_secs(30);

/// Runs the agent of a member in its folder until it is told to end; then its server stops, too.
///
/// # Errors
/// Where the folder, the store or a door can't be had.
pub async fn member(sheet: Sheet, me: Member, folder: &Path, ends: CancellationToken) -> Result<(), Error> {
    let peer = sheet.peer(me)?.clone();
    let (orders, clients) = (listen(peer.agent).await?, listen(peer.door).await?);
    let agent = Agent::open(sheet, me, folder).await?;
    tokio::spawn(Arc::clone(&agent).renew());
    tokio::spawn(Arc::clone(&agent).probe());
    tokio::spawn(door::serve(clients, peer.server, Arc::clone(&agent.tenure), ends.clone()));
    let routes = http::routes(Arc::clone(&agent));
    tokio::select! {
        served = axum::serve(orders, routes) => served.map_err(Error::disk("serve", folder))?,
        () = ends.cancelled() => {}
    }
    let _hands = agent.hands.lock().await;
    agent.stop(STOPS).await;
    Ok(())
}

async fn listen(at: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(at).await.map_err(|source| Error::Said(format!("could not listen on {at}: {source}")))
}
