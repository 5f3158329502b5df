//! The part that `up` and `serve` share: the HTTP door, the workers behind it and the clusters that are led, until they are told to stop.

use iasql::{
    config::Door,
    control::Control,
    http::{self, Doorway, Guard},
    keeper, worker,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::error::Error;

/// A door that listens already and answers when it is opened.
pub(crate) struct Closed {
    listener: TcpListener,
    guard: Guard,
    door: Door,
}

impl Closed {
    /// Takes the address, so that nothing is started where it is in use.
    pub(crate) async fn at(door: Door) -> Result<Self, Error> {
        let guard = Guard::new(&door)?;
        let listener =
            TcpListener::bind(door.listen).await.map_err(|source| Error::Listen { option: "--listen", address: door.listen, source })?;
        Ok(Self { listener, guard, door })
    }

    /// `http://127.0.0.1:8088`
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().unwrap_or(self.door.listen))
    }

    /// Answers and works until `shutdown`; where one of the two fails, the other stops as well.
    pub(crate) async fn open(self, control: Control, shutdown: CancellationToken) -> Result<(), Error> {
        let doorway = Doorway::new(control.clone(), self.guard, &self.door, shutdown.clone());
        let (answering, working) = (shutdown.clone().drop_guard(), shutdown.clone().drop_guard());
        let answers = async {
            let served = http::serve(self.listener, doorway).await;
            drop(answering);
            served
        };
        let keeps = keeper::keep(control.clone(), shutdown.clone());
        let works = async {
            let worked = worker::run(control, shutdown).await;
            drop(working);
            worked
        };
        let (served, worked, ()) = tokio::join!(answers, works, Box::pin(keeps));
        served.map_err(|source| Error::Io { what: "serving HTTP".into(), source })?;
        worked.map_err(Error::from)
    }
}
