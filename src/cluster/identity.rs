//! What a member shows to others: a certificate of its own, for its agent and its server alike, and another one before that is over.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::time::sleep;

use super::{
    Error,
    agent::Agent,
    home::Home,
    server,
    site::{MEMBER, Site},
};
use crate::{
    authority::{Leaf, Presented},
    causes::in_one_line,
    failover::Member,
};

/// How soon it is tried again where it failed.
const AGAIN: Duration = Duration::from_secs(10);

/// The certificate and by which names and addresses its member is reached.
#[derive(Debug)]
pub(super) struct Identity {
    names: Vec<String>,
    ends: Mutex<DateTime<Utc>>,
    pub(super) presented: Arc<Presented>,
}

impl Identity {
    /// A new one, also for the server in this home.
    pub(super) fn make(site: &Site, me: Member, addresses: &[std::net::IpAddr], home: &Home) -> Result<Self, Error> {
        let name = format!("{}.{}", super::home::named(me), site.name);
        let names: Vec<_> = addresses.iter().map(ToString::to_string).chain([name]).collect();
        let leaf = site.certificate(MEMBER, &names)?;
        home.note_identity(&leaf, site.authority()?.certificate())?;
        Ok(Self { names, ends: Mutex::new(leaf.ends), presented: Presented::new(&leaf)? })
    }

    pub(super) fn ends(&self) -> DateTime<Utc> {
        *self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shows(&self, leaf: &Leaf) -> Result<(), Error> {
        self.presented.replace(leaf)?;
        *self.ends.lock().unwrap_or_else(PoisonError::into_inner) = leaf.ends;
        Ok(())
    }
}

/// How long a certificate is used that ends then: two thirds of what it lasts.
pub fn used_for(ends: DateTime<Utc>, lasts: Duration) -> Duration {
    (ends - Utc::now()).to_std().unwrap_or_default().saturating_sub(lasts / 3)
}

impl Agent {
    /// Shows another certificate before the one that is shown is over. Sessions go on.
    pub(super) async fn renew_certificates(self: Arc<Self>) {
        loop {
            sleep(used_for(self.identity.ends(), self.site.lasts)).await;
            match self.renew_certificate() {
                Ok(()) => tracing::info!(ends = %self.identity.ends(), "another certificate is shown"),
                Err(error) => {
                    tracing::warn!(error = in_one_line(&error), "no other certificate could be made");
                    sleep(AGAIN.min(self.site.lasts / 6)).await;
                }
            }
        }
    }

    fn renew_certificate(&self) -> Result<(), Error> {
        let leaf = self.site.certificate(MEMBER, &self.identity.names)?;
        self.home.note_identity(&leaf, self.site.authority()?.certificate())?;
        if let Some((pid, _)) = self.state().server {
            server::reload(pid);
        }
        self.identity.shows(&leaf)
    }
}
