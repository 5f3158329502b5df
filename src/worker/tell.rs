//! Tells webhooks what happened: takes what is due from the outbox, sends it signed, and writes down how that went.
//!
//! Each thing is told at least once, always with the same `webhook-id`, in the scheme of <https://www.standardwebhooks.com>.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use futures::future::join_all;
use reqwest::{Client, Response, header, redirect::Policy};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    causes::in_one_line,
    control::{Control, Delivery, Error},
    public::{Public, may_lead_outside},
};

/// How many are sent side by side.
const AT_ONCE: i64 = 32;
/// After how long something is given up that nobody takes.
const GIVEN_UP: f64 = 24.0 * 3600.0;
/// The longest pause between two tries.
const LONGEST: f64 = 3.0 * 3600.0;

/// How long things take.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How long a receiver may take to answer.
    pub patience: Duration,
    /// The pause after the first failure; each further one is twice as long, up to three hours.
    pub pause: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { patience: Duration::from_secs(10), pause: Duration::from_secs(5) }
    }
}

/// Brings what is in the outbox to where it is to go.
#[derive(Clone, Debug)]
pub struct Courier {
    pace: Pace,
    /// Goes to public addresses only.
    outside: Client,
    /// Goes where an operator said it may.
    anywhere: Client,
}

impl Courier {
    /// A courier of this pace. It follows no redirects and asks no proxy.
    ///
    /// # Errors
    /// When the machine has no roots of trust to speak HTTPS with.
    pub fn new(pace: Pace) -> Result<Self, reqwest::Error> {
        let client = || {
            Client::builder()
                .redirect(Policy::none())
                .no_proxy()
                .timeout(pace.patience)
                .user_agent(concat!("iasql/", env!("CARGO_PKG_VERSION")))
        };
        Ok(Self { pace, outside: client().dns_resolver(Arc::new(Public)).build()?, anywhere: client().build()? })
    }

    /// Tries once what is due now; answers how much that was.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn go(&self, control: &Control) -> Result<usize, Error> {
        // whoever dies on the way leaves it to others
        let taken = control.take_deliveries(AT_ONCE, self.pace.patience.as_secs_f64() + 30.0).await?;
        let ended = join_all(taken.iter().map(|delivery| self.bring(control, delivery))).await;
        ended.into_iter().collect::<Result<Vec<()>, Error>>()?;
        Ok(taken.len())
    }

    async fn bring(&self, control: &Control, delivery: &Delivery) -> Result<(), Error> {
        let (status, failure) = match self.send(control, delivery).await {
            Ok(answer) if answer.status().is_success() => (Some(answer.status()), None),
            Ok(answer) => (Some(answer.status()), Some(format!("the receiver answered {}", answer.status()))),
            Err(said) => (None, Some(said)),
        };
        let again = failure.as_ref().and_then(|_| self.again_in(delivery));
        if let Some(said) = &failure {
            tracing::debug!(database = delivery.database, id = %delivery.id, said, "a webhook could not be told");
        }
        control.end_delivery(delivery.id, status.map(|status| status.as_u16().into()), failure.as_deref(), again).await
    }

    async fn send(&self, control: &Control, delivery: &Delivery) -> Result<Response, String> {
        let client = if delivery.is_private { &self.anywhere } else { &self.outside };
        let url = Url::parse(&delivery.url).map_err(|_| "the address makes no sense".to_owned())?;
        if !delivery.is_private && !may_lead_outside(&url) {
            return Err("the address is not public".to_owned());
        }
        let now = Utc::now().timestamp();
        let signature = control.signature(delivery, now).await.map_err(|error| error.to_string())?;
        let request = client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", delivery.id.to_string())
            .header("webhook-timestamp", now.to_string())
            .header("webhook-signature", signature)
            .body(delivery.body.clone());
        request
            .send()
            .await
            .map_err(|error| if error.is_timeout() { "no answer in time".to_owned() } else { in_one_line(&error.without_url()) })
    }

    /// After how many seconds it is tried again, give or take a fifth; not at all after a day.
    fn again_in(&self, delivery: &Delivery) -> Option<f64> {
        let chance = f64::from(getrandom::u32().unwrap_or(u32::MAX / 2)) / f64::from(u32::MAX);
        (delivery.age < GIVEN_UP).then(|| pause(self.pace.pause, delivery.tries) * (0.8 + 0.4 * chance))
    }
}

fn pause(first: Duration, tries: i32) -> f64 {
    (first.as_secs_f64() * 2_f64.powi((tries - 1).clamp(0, 30))).min(LONGEST)
}

/// Looks once a second until `shutdown`; what can't be told now stays in the outbox.
pub(super) async fn tell(control: &Control, shutdown: &CancellationToken) {
    let courier = match Courier::new(Pace::default()) {
        Ok(courier) => courier,
        Err(error) => return tracing::error!(error = in_one_line(&error), "webhooks can't be told"),
    };
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = seconds.tick() => {}
            () = shutdown.cancelled() => return,
        }
        if let Err(error) = courier.go(control).await {
            tracing::warn!(error = in_one_line(&error), "the outbox could not be read");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_until_they_are_three_hours_long() {
        let pauses = [1, 2, 3, 10, 12, 40].map(|tries| pause(Duration::from_secs(5), tries));
        assert_eq!(pauses.map(|seconds| format!("{seconds}")), ["5", "10", "20", "2560", "10240", "10800"]);
    }

    #[test]
    fn an_address_of_the_engines_own_network_is_refused_before_anything_is_sent() {
        let refused = [
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://169.254.169.254/latest",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://[::ffff:10.0.0.1]/",
        ];
        for url in refused {
            assert!(!may_lead_outside(&Url::parse(url).unwrap()), "{url}");
        }
        assert!(may_lead_outside(&Url::parse("https://example.com/").unwrap()));
    }
}
