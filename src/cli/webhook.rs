//! `iasql webhook`: where a database tells what happens in it.

use std::time::Duration;

use iasql::{
    config::Place,
    control::{Control, DeliveryState, WebhookWish},
    worker::{Courier, Pace},
};
use uuid::Uuid;

use super::{
    error::Error,
    exit::{DONE, FAILED},
    running,
    show::Show,
};

pub(crate) const EXAMPLES: &str = "\
Examples:
  iasql webhook shop --url https://example.com/hooks/iasql    drift that is found, and runs that have ended
  iasql webhook shop --url https://example.com/hooks/iasql --events drift
  iasql webhook shop                                          how it goes
  iasql webhook shop --test                                   send something now
  iasql webhook shop --off

What is sent is signed in the scheme of standardwebhooks.com. The secret is told once; --rotate makes a new one.
Exit codes: 0 done, 1 failed, or a test was not taken.";

/// Which database, and where to.
#[derive(clap::Args)]
pub(crate) struct Webhook {
    /// The database
    database: String,
    /// Where to POST: an HTTPS address
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// What to tell, with commas in between: drift, run; all of it at first
    #[arg(long, value_delimiter = ',', value_name = "EVENTS")]
    events: Option<Vec<String>>,
    /// Allow addresses of private networks and of this machine, and plain HTTP
    #[arg(long)]
    private: bool,
    /// Sign with a new secret
    #[arg(long)]
    rotate: bool,
    /// Send a test now, and say what came of it
    #[arg(long)]
    test: bool,
    /// Tell nobody any more
    #[arg(long, conflicts_with_all = ["url", "events", "private", "rotate", "test"])]
    off: bool,
    #[command(flatten)]
    place: Place,
}

impl Webhook {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        let control = running::find(&self.place)?.control().await?;
        let database = &*self.database;
        if self.off {
            let was = control.remove_webhook(database).await?;
            show.answer(if was { "nobody is told any more" } else { "nobody was told before either" });
            show.document(&serde_json::json!({ "removed": was }));
            return Ok(DONE);
        }
        let sets = self.url.is_some() || self.events.is_some() || self.rotate || self.private;
        let secret = if sets {
            let wish = WebhookWish { url: self.url, events: self.events, is_private: self.private, rotate: self.rotate };
            control.set_webhook(database, wish).await?
        } else {
            None
        };
        if self.test {
            return test(&control, database, show).await;
        }
        let webhook = control.webhook(database).await?;
        show.document(&serde_json::json!({ "webhook": webhook, "secret": secret }));
        let Some(webhook) = webhook else {
            show.say("it has no webhook: give one with --url");
            return Ok(DONE);
        };
        show.answer(&format!("{}  {}  {} waiting, {} given up", webhook.url, webhook.events.join(","), webhook.waiting, webhook.given_up));
        if let Some(error) = &webhook.error {
            show.answer(&format!("the last one failed: {error}"));
        }
        if let Some(secret) = secret {
            show.say("what is sent is signed with this, which is not told again:");
            show.answer(secret.expose());
        }
        Ok(DONE)
    }
}

/// Sends what is due from here too, so that a test needs no server that runs.
async fn test(control: &Control, database: &str, show: &Show) -> Result<u8, Error> {
    let id = control.test_webhook(database).await?;
    let courier = Courier::new(Pace::default()).map_err(|error| Error::Said(error.to_string()))?;
    courier.go(control).await?;
    let state = tried(control, id).await?;
    show.document(&state);
    show.answer(&match &state {
        DeliveryState { delivered: true, status, .. } => format!("taken: the receiver answered {}", status.unwrap_or_default()),
        DeliveryState { error, .. } => format!("not taken: {}", error.as_deref().unwrap_or("no answer yet")),
    });
    Ok(if state.delivered { DONE } else { FAILED })
}

/// A server that runs may have taken it before us.
async fn tried(control: &Control, id: Uuid) -> Result<DeliveryState, Error> {
    for _ in 0..60 {
        let state = control.delivery(id).await?.ok_or_else(|| Error::Said("the webhook is gone".into()))?;
        if state.delivered || state.error.is_some() {
            return Ok(state);
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    Err(Error::Said("nobody has tried it for 15 seconds".into()))
}
