//! The certificates that gateways order, one at a time over all of them, and their accounts at authorities.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Failed, certificates::place};
use crate::{
    control::{Control, procs::ServedOrderTake},
    resource::Secret,
    served::Seen,
};

/// A certificate that is to be ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// For all names right below this.
    pub domain: String,
    /// From whom: `letsencrypt`, `letsencrypt-staging`, or the URL of an ACME directory.
    pub issuer: String,
    /// Whom that authority may write to, of all who order from it.
    pub contacts: Vec<String>,
    /// How often in a row it has failed.
    pub failures: u32,
}

/// What came of an order.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The key and the chain in one PEM.
    pub pem: Secret,
    /// What it says of itself.
    pub seen: Seen,
    /// When the next one is to be ordered.
    pub again_at: DateTime<Utc>,
}

/// The account that all gateways have at an authority.
#[derive(Clone, Debug)]
pub struct Account {
    /// As the ACME client writes it, its key included.
    pub credentials: Secret,
    /// Whom the authority may write to, as it was last told.
    pub contacts: Vec<String>,
}

impl Control {
    /// What `holder` is to order next, which is its own for the time of the lease. `None` where nothing is, where another one orders something, and
    /// where there is no key to seal with what would come of it.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn take_order(&self, holder: Uuid, lease: Duration) -> Result<Option<Wanted>, Failed> {
        let Some(mark) = self.keys().await.mark() else { return Ok(None) };
        let taken = self.services.gateway.procs.served_order_take(holder, &mark, lease.as_secs_f64()).await?.pop();
        let wanted = |ServedOrderTake { domain, issuer, contacts, failures }| Wanted {
            domain,
            issuer,
            contacts,
            failures: failures.try_into().unwrap_or_default(),
        };
        Ok(taken.map(wanted))
    }

    /// Keeps an order for the time of the lease from now on; answers whether it is still `holder`'s.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn hold_order(&self, domain: &str, holder: Uuid, lease: Duration) -> Result<bool, Failed> {
        Ok(self.services.gateway.procs.served_order_hold(domain, holder, lease.as_secs_f64()).await?)
    }

    /// Has the gateways' DNS say this of a domain; answers whether the order is still `holder`'s.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn answer_order(&self, domain: &str, holder: Uuid, answers: &[String]) -> Result<bool, Failed> {
        Ok(self.services.gateway.procs.served_order_answer(domain, holder, answers).await?)
    }

    /// Has all gateways show what was ordered; answers whether the order was still `holder`'s, and else nothing changes.
    ///
    /// # Errors
    /// When there is no key to seal it with any more, or the metadata database does not answer.
    pub async fn end_order(&self, domain: &str, holder: Uuid, issued: &Issued) -> Result<bool, Failed> {
        let keys = self.keys().await;
        let (sealed, mark) = keys.keep(&place(domain), &issued.pem).zip(keys.mark()).ok_or_else(no_key)?;
        let (Seen { fingerprint, names, not_before, not_after }, again) = (&issued.seen, issued.again_at);
        let procs = &self.services.gateway.procs;
        Ok(procs.served_order_end(domain, holder, &sealed, &mark, fingerprint, names, *not_before, *not_after, again).await?)
    }

    /// Notes why an order came to nothing; it is tried again after the pause.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn fail_order(&self, domain: &str, holder: Uuid, why: &str, pause: Duration) -> Result<(), Failed> {
        Ok(self.services.gateway.procs.served_order_fail(domain, holder, why, pause.as_secs_f64()).await?)
    }

    /// The domains for which gateways order, and what their DNS says of each.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn order_answers(&self) -> Result<BTreeMap<String, Vec<String>>, Failed> {
        let rows = self.services.gateway.procs.served_order_answers().await?;
        Ok(rows.into_iter().map(|row| (row.domain, row.answers)).collect())
    }

    /// The account at the authority of this directory; `None` where there is none, or none that can be opened.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn acme_account(&self, directory: &str) -> Result<Option<Account>, Failed> {
        let (found, keys) = (self.services.gateway.procs.served_account_find(directory).await?.pop(), self.keys().await);
        Ok(found.and_then(|row| Some(Account { credentials: keys.kept(&account(directory), &row.sealed).ok()?, contacts: row.contacts })))
    }

    /// Keeps an account.
    ///
    /// # Errors
    /// When there is no key to seal it with, or the metadata database does not answer.
    pub async fn keep_acme_account(&self, directory: &str, kept: &Account) -> Result<(), Failed> {
        let sealed = self.keys().await.keep(&account(directory), &kept.credentials).ok_or_else(no_key)?;
        Ok(self.services.gateway.procs.served_account_set(directory, &sealed, &kept.contacts).await?)
    }
}

/// What a sealed account is sealed as: that of another authority is not opened.
fn account(directory: &str) -> String {
    format!("the account at {directory}")
}

fn no_key() -> Failed {
    Failed::Keys { place: "--key-file or --key-secret".to_owned(), said: "there is no key to seal with".to_owned() }
}
