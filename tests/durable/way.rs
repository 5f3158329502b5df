//! The way of a node to the bucket in the cloud: it passes on, refuses, or goes silent, as it is told.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What becomes of those who come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passage {
    Open,
    Refused,
    Silent,
}

/// A proxy. It ends with its value.
pub(crate) struct Way {
    address: SocketAddr,
    passage: watch::Sender<Passage>,
}

impl Way {
    pub(crate) async fn to(endpoint: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let (address, beyond) = (listener.local_addr().expect("an address"), endpoint.trim_start_matches("http://").to_owned());
        let (passage, seen) = watch::channel(Passage::Open);
        let mut ended = seen.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    Ok((client, _)) = listener.accept() => drop(tokio::spawn(passed(client, beyond.clone(), seen.clone()))),
                    gone = ended.changed() => if gone.is_err() { return },
                }
            }
        });
        Self { address, passage }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn is(&self, passage: Passage) {
        self.passage.send_replace(passage);
    }
}

/// One connection. Those that are open when the way closes are cut, or go silent, as new ones do.
async fn passed(mut client: TcpStream, beyond: String, mut passage: watch::Receiver<Passage>) {
    loop {
        let now = *passage.borrow_and_update();
        match now {
            Passage::Refused => return,
            Passage::Silent => {
                if passage.changed().await.is_err() {
                    return;
                }
                // what was on its way when it went silent never arrives
                return;
            }
            Passage::Open => {}
        }
        let Ok(mut server) = TcpStream::connect(&beyond).await else { return };
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut server) => return,
            changed = passage.changed() => if changed.is_err() { return },
        }
    }
}
