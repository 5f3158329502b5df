//! A door with TLS on this machine before a bucket that has none: pgBackRest speaks nothing else, and a local S3 often does not.

use std::{net::Ipv4Addr, sync::Arc};

use axum::serve::Listener;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

use crate::{
    authority::{self, Presented},
    cluster::{Error, MEMBER, Site, used_for},
};

/// By which name it is known: that of this machine to itself.
pub(super) const NAME: &str = "localhost";

/// The door. It closes when it is dropped.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) port: u16,
    carries: AbortHandle,
    renews: AbortHandle,
}

impl Door {
    /// Opens one that leads to this host and port.
    pub(super) async fn open(site: &Site, to: (String, u16)) -> Result<Self, Error> {
        let leaf = site.certificate(MEMBER, &[NAME.to_owned()])?;
        let presented = Presented::new(&leaf)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.map_err(|error| Error::Said(format!("could not open a door to the bucket: {error}")))?;
        let door = authority::Door::over(listener, presented.server()?).map_err(Error::disk("serve at", NAME))?;
        let port = door.at().port();
        let carries = tokio::spawn(carry(door, to)).abort_handle();
        let renews = tokio::spawn(renew(site.clone(), presented, leaf.ends)).abort_handle();
        Ok(Self { port, carries, renews })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.carries.abort();
        self.renews.abort();
    }
}

async fn carry(mut door: authority::Door, to: (String, u16)) {
    loop {
        let (mut comes, _) = door.accept().await;
        let to = to.clone();
        tokio::spawn(async move {
            let Ok(mut bucket) = TcpStream::connect(to).await else { return };
            drop(bucket.set_nodelay(true));
            // who is cut off says so
            drop(copy_bidirectional(&mut comes, &mut bucket).await);
        });
    }
}

async fn renew(site: Site, presented: Arc<Presented>, mut ends: chrono::DateTime<chrono::Utc>) {
    loop {
        tokio::time::sleep(used_for(ends, site.lasts).max(site.lasts / 6)).await;
        let made = site.certificate(MEMBER, &[NAME.to_owned()]).and_then(|leaf| Ok((presented.replace(&leaf)?, leaf.ends)));
        if let Ok(((), until)) = made {
            ends = until;
        }
    }
}
