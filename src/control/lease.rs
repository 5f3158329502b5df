//! One writer per database: a lease with a counter that only grows, by the metadata database's own clock.

use std::time::Duration;

use super::{Control, Error};

/// The right to change things for one database, for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The database.
    pub database: String,
    /// Who holds it.
    pub holder: String,
    /// Grows with each new holder: what carries an older one is refused.
    pub counter: i64,
    /// How long it lasts unless it is renewed.
    pub lasts: Duration,
}

/// How long a lease lasts where no operator has said otherwise.
const LASTS: u64 = 10;

impl Control {
    /// How long a lease lasts unless it is renewed: the operator's setting `lease_seconds`, as it was when this engine first asked.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn lease_lasts(&self) -> Result<Duration, Error> {
        let set = async || Ok(Duration::from_secs(self.number("lease_seconds", LASTS).await?.max(1)));
        self.lasts.get_or_try_init(set).await.copied()
    }

    /// Takes the lease, unless somebody holds it.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn acquire(&self, database: &str, holder: &str) -> Result<Option<Lease>, Error> {
        let lasts = self.lease_lasts().await?;
        let taken = self.services.reconciler.procs.lease_acquire(database, holder, lasts.as_secs_f64()).await?.pop();
        Ok(taken.map(|taken| Lease { database: database.to_owned(), holder: holder.to_owned(), counter: taken.counter, lasts }))
    }

    /// Makes it last anew; false when it has been lost.
    ///
    /// # Errors
    /// When the metadata database fails: the lease may still hold, until its time is over.
    pub async fn renew(&self, lease: &Lease) -> Result<bool, Error> {
        let Lease { database, holder, counter, lasts } = lease;
        Ok(self.services.reconciler.procs.lease_renew(database, holder, *counter, lasts.as_secs_f64()).await?)
    }

    /// Gives it back, so that nobody has to wait for its end. What is lost already is given back.
    ///
    /// # Errors
    /// When the metadata database fails: then it ends by itself.
    pub async fn release(&self, lease: &Lease) -> Result<(), Error> {
        Ok(self.services.reconciler.procs.lease_release(&lease.database, &lease.holder, lease.counter).await?)
    }
}
