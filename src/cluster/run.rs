//! A member, run: its doors and what goes on behind them, until it is to end.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{Error, agent::Agent, door, http, registry::Addresses, site::Site};
use crate::{authority::Door, failover::Member};

/// How long its server may take to stop.
const STOPS: Duration = Duration::from_secs(30);

/// Runs the agent of a member in its folder until it is told to end; then its server stops, too. `brought` is where an image has what a new cluster begins
/// with ([`template`](super::template)).
///
/// # Errors
/// Where the folder, the store or a door can't be had.
pub async fn member(
    site: Site,
    me: Member,
    at: Addresses,
    folder: &Path,
    brought: Option<PathBuf>,
    ends: CancellationToken,
) -> Result<(), Error> {
    let (orders, clients) = (listen(at.agent).await?, listen(at.door).await?);
    let agent = Agent::open(site, me, at, folder, brought).await?;
    let orders = Door::over(orders, agent.identity.presented.server()?).map_err(Error::disk("serve", folder))?;
    let mut works = JoinSet::new();
    works.spawn(Arc::clone(&agent).lay_ready());
    works.spawn(Arc::clone(&agent).renew());
    works.spawn(Arc::clone(&agent).lead_on());
    works.spawn(Arc::clone(&agent).feel_the_pulse());
    works.spawn(Arc::clone(&agent).renew_certificates());
    works.spawn(Arc::clone(&agent).keep_backups());
    works.spawn(door::serve(clients, at.server, Arc::clone(&agent.tenure)));
    let ended = async {
        // whoever knows already where it is need not wait until it is written down once more
        agent.register().await?;
        ends.cancelled().await;
        agent.hand_over().await;
        Ok::<_, Error>(())
    };
    tokio::select! {
        served = axum::serve(orders, http::routes(Arc::clone(&agent))).into_future() => served.map_err(Error::disk("serve", folder))?,
        ended = ended => ended?,
    }
    let _hands = agent.hands.lock().await;
    agent.stop(STOPS).await;
    Ok(())
}

async fn listen(at: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(at).await.map_err(|source| Error::Said(format!("could not listen on {at}: {source}")))
}
