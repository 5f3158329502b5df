//! A pooler's place in a cluster: where it is written down, and whom it knows before anybody has told it.

use std::{net::IpAddr, time::Duration};

use tokio::time::sleep;

pub use super::poolers::Served;
use super::{
    Error,
    book::Book,
    poolers::Told,
    registry::{Directory, PoolerPlace, image},
    site::Site,
};
use crate::{authority::Leaf, causes::in_one_line, failover::Step};

/// How often it is looked who leads, while nobody does.
const LOOK: Duration = Duration::from_millis(100);
/// How often it is looked whether it is still written down where this one is.
const STAYS: Duration = Duration::from_secs(60);

/// The place.
pub struct Seat {
    site: Site,
    book: Book,
    place: PoolerPlace,
    names: Vec<String>,
}

impl Seat {
    /// Where clients and controllers reach it; `names` are the host names that clients have for it.
    ///
    /// # Errors
    /// Where the bucket does not answer.
    pub async fn take(site: Site, pooler: std::net::SocketAddr, control: std::net::SocketAddr, names: Vec<String>) -> Result<Self, Error> {
        let place = PoolerPlace { pooler, control, version: env!("CARGO_PKG_VERSION").to_owned(), image: image() };
        Ok(Self { book: site.book().await?, site, place, names })
    }

    /// What it shows to clients and controllers, and to members, where it logs in as this role.
    ///
    /// # Errors
    /// Where one of its names is none.
    pub fn shows(&self, role: &str) -> Result<Leaf, Error> {
        let address = |ip: IpAddr| ip.to_string();
        let mut names = vec![address(self.place.pooler.ip()), address(self.place.control.ip())];
        names.dedup();
        names.extend(self.names.iter().cloned());
        self.site.certificate(role, &names)
    }

    /// Writes down where it is: from now on it is told.
    ///
    /// # Errors
    /// Where the bucket does not answer.
    pub async fn register(&self) -> Result<(), Error> {
        self.book.register(&self.place.name(), &self.place).await
    }

    /// Writes it down again whenever somebody has taken it for gone.
    pub async fn stay(&self) {
        loop {
            sleep(STAYS).await;
            let stays = async { if self.book.has(&self.place.name()).await? { Ok(()) } else { self.register().await } };
            if let Err(error) = stays.await {
                tracing::warn!(error = in_one_line(&error), "it can't be looked whether this pooler is written down");
            }
        }
    }

    /// Nobody has to look for it any more.
    ///
    /// # Errors
    /// Where the bucket does not answer.
    pub async fn leave(&self) -> Result<(), Error> {
        self.book.unregister(&self.place.name()).await
    }

    /// Who leads and who follows, in which term: as soon as somebody does.
    pub async fn members(&self) -> (u64, Vec<Served>) {
        loop {
            match self.look().await {
                Ok(Some(Told { term, members })) => return (term, members),
                Ok(None) => {}
                Err(error) => tracing::warn!(error = in_one_line(&error), "it can't be read who leads"),
            }
            sleep(LOOK).await;
        }
    }

    async fn look(&self) -> Result<Option<Told>, Error> {
        let (found, keys) = self.book.look().await?;
        let led = found.filter(|found| matches!(found.state.record.step, Step::Steady | Step::Settle | Step::Pause(_)));
        // the first term ends before anybody leads
        let Some(record) = led.map(|found| found.state.record).filter(|record| record.term > 1) else { return Ok(None) };
        let mut directory = Directory::default();
        directory.update(&self.book, keys).await?;
        Ok(Some(Told::of(&record, &directory.members())))
    }
}
