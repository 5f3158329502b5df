//! The door: lets connections in, as many as there is room for, and sees them out when the gateway stops.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Gateway,
    drain::Drain,
    gone,
    knock::{Knock, knock},
    lanes::Lanes,
    limits::{Counts, Whose},
    line,
    refusal::Refusal,
    session,
};

/// How many may stand before the door at the same time.
const WAITING: u32 = 1024;
/// How long nobody is let in after the system had no room for another connection.
const BREATH: Duration = Duration::from_millis(50);
/// How long whoever has just called may need to get here, where nobody is let in any more.
const ON_ITS_WAY: Duration = Duration::from_millis(100);
/// How long sessions have to hear that it is over.
const LAST: Duration = Duration::from_secs(2);

/// Listens so that the system notices within two minutes clients that have vanished.
///
/// # Errors
/// Where the address is taken or not of this machine.
pub fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // those that are let in inherit it
    gone::CLIENT.on(&socket)?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}

/// Tells whoever stands before the door, in clear, that the database could not be woken; nobody comes in there any more.
pub async fn turn_away(listener: TcpListener) {
    let mut told = JoinSet::new();
    while let Ok(Ok((mut stream, _))) = timeout(ON_ITS_WAY, listener.accept()).await {
        told.spawn(async move {
            if let Ok(Knock::Clear(_)) = knock(&mut stream, None).await {
                line::tell(&mut stream, &Refusal::Asleep).await;
            }
        });
    }
    drop(listener);
    drop(timeout(LAST, told.join_all()).await);
}

/// Serves until `shutdown`. Then nobody is let in, idle sessions are told and end, and those in a transaction have the settings' grace.
pub async fn serve(listener: TcpListener, gateway: Arc<Gateway>, shutdown: CancellationToken) {
    let (counts, grace) = (Arc::clone(&gateway.counts), gateway.settings.grace);
    let attend = move |stream, peer, drain, crowded| session::attend(Arc::clone(&gateway), stream, peer, drain, crowded);
    let_in(listener, counts, grace, shutdown, attend).await;
}

/// The same with whatever attends to a connection: it is told whose it is, when it ends, and whether there is no room for it.
pub(super) async fn let_in<A, F>(listener: TcpListener, counts: Arc<Counts>, grace: Duration, shutdown: CancellationToken, attend: A)
where
    A: Fn(TcpStream, IpAddr, Drain, bool) -> F + Clone + Send + 'static,
    F: Future<Output = ()> + Send,
{
    let drain = Drain { begun: shutdown, over: CancellationToken::new() };
    let (lanes, mut sessions) = (Lanes::open(), JoinSet::new());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = drain.begun.cancelled() => break,
        };
        let Ok((stream, peer)) = accepted else {
            // one that hung up before it was let in, or no descriptor left: that passes
            sleep(BREATH).await;
            continue;
        };
        let seat = counts.take(Whose::All);
        let told = if seat.is_some() { None } else { counts.take(Whose::Told) };
        if seat.is_some() || told.is_some() {
            // what it was accepted on does not follow it any more
            let Ok(stream) = stream.into_std() else { continue };
            let (crowded, attend, drain, (lane, carried)) = (told.is_some(), attend.clone(), drain.child(), lanes.emptiest());
            let attending = async move {
                let Ok(stream) = TcpStream::from_std(stream) else { return };
                attend(stream, peer.ip(), drain, crowded).await;
                drop((seat, told, carried));
            };
            sessions.spawn_on(attending, &lane);
        }
        while sessions.try_join_next().is_some() {}
    }
    drop(listener);
    let ended = async |sessions: &mut JoinSet<()>| while sessions.join_next().await.is_some() {};
    if timeout(grace, ended(&mut sessions)).await.is_err() {
        drain.over.cancel();
        // what is still open then is cut with the set
        timeout(LAST, ended(&mut sessions)).await.unwrap_or_default();
    }
}
