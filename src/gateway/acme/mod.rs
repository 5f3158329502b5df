//! Certificates that an authority is asked for (ACME, RFC 8555): one at a time over all gateways, by the challenge that their DNS answers.
//!
//! `order` leads from the account to the chain, `http` carries it, `pace` says when again, `error` what went wrong.

mod error;
mod http;
mod order;
mod pace;

use std::{convert::Infallible, path::Path, time::Duration};

use chrono::Utc;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use self::error::Error;
use super::Error as Unusable;
use crate::control::{Control, WantedOrder};

/// How long an order is a gateway's that does not say so again, and how often it says so.
const LEASE: Duration = Duration::from_secs(60);
const HELD: Duration = Duration::from_secs(15);
/// How long an order may take.
const LONGEST: Duration = Duration::from_secs(600);

/// Orders certificates.
#[derive(Clone, Debug)]
pub struct Acme {
    line: http::Line,
    /// What this gateway is called in leases.
    holder: Uuid,
}

impl Acme {
    /// One that goes to public addresses and believes whom this machine believes; where a PEM with an authority's own roots is named, these too, and then
    /// anywhere.
    ///
    /// # Errors
    /// Where that file can't be read or holds no certificate, or the machine has no roots of trust to speak HTTPS with.
    pub fn new(roots: Option<&Path>) -> Result<Self, Unusable> {
        Ok(Self { line: http::Line::new(roots)?, holder: Uuid::new_v4() })
    }

    /// Orders what is due, until nothing is; what can't be had is noted and tried again later.
    pub(super) async fn go(&self, control: &Control) -> Result<(), crate::control::Error> {
        while let Some(wanted) = control.take_order(self.holder, LEASE).await? {
            tracing::info!(domain = wanted.domain, issuer = wanted.issuer, "a certificate is being ordered");
            let (asked, http) = http::Http::new(&self.line);
            let done = tokio::select! {
                done = timeout(LONGEST, self.order(control, http, &wanted)) => done.unwrap_or(Err(Error::Late)),
                Err(lost) = self.hold(control, &wanted.domain) => Err(lost),
            };
            match done {
                Ok(()) => tracing::info!(domain = wanted.domain, "a certificate was issued"),
                Err(error) => self.failed(control, &wanted, &error, asked.pause(Utc::now())).await?,
            }
        }
        Ok(())
    }

    /// Keeps the order while it goes on.
    async fn hold(&self, control: &Control, domain: &str) -> Result<Infallible, Error> {
        loop {
            sleep(HELD).await;
            // where the registry is silent the lease says by itself when it is over
            if let Ok(false) = control.hold_order(domain, self.holder, LEASE).await {
                return Err(Error::Lost);
            }
        }
    }

    /// Whoever wrote the row sees what the authority said; of what is ours they see only that it was.
    async fn failed(
        &self,
        control: &Control,
        wanted: &WantedOrder,
        error: &Error,
        asked: Option<Duration>,
    ) -> Result<(), crate::control::Error> {
        let pause = pace::pause(error, wanted.failures, asked);
        let said = error::said(error);
        tracing::warn!(
            domain = wanted.domain,
            error = said,
            pause = pause.as_secs(),
            "a certificate could not be had; what is shown goes on"
        );
        control.fail_order(&wanted.domain, self.holder, &said, pause).await
    }
}
