//! The door of a member for clients: what its server says goes out for as long as the member may lead, and not a byte later.
//!
//! A machine that was frozen moves again in no order: its server may commit before its agent has looked at the clock. So the answer to a commit goes
//! through the agent, which looks before it lets it out.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::tenure::Tenure;

/// At most this is carried at once.
const PIECE: usize = 16 << 10;
/// How long it is waited where the system has no room for one more.
const FULL: Duration = Duration::from_millis(50);

/// Lets clients through, for as long as there is an agent.
pub(super) async fn serve(listener: TcpListener, server: SocketAddr, tenure: Arc<Tenure>) {
    loop {
        match listener.accept().await {
            Ok((client, _)) => {
                tokio::spawn(carry(client, server, Arc::clone(&tenure)));
            }
            Err(_) => tokio::time::sleep(FULL).await,
        }
    }
}

async fn carry(client: TcpStream, server: SocketAddr, tenure: Arc<Tenure>) {
    // what is still on its way when the server has ended is of its term, and of no later one
    let term = tenure.term();
    let Ok(server) = TcpStream::connect(server).await else { return };
    drop((client.set_nodelay(true), server.set_nodelay(true)));
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    // when one side ends, so does the other
    tokio::select! {
        () = pass(from_client, to_server, &tenure, term) => {}
        () = pass(from_server, to_client, &tenure, term) => {}
    }
}

async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, tenure: &Tenure, term: Option<u64>) {
    let mut piece = vec![0; PIECE];
    loop {
        let length = match from.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(length) => length,
        };
        if !tenure.stands(term) || to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}
