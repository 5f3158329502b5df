//! Webhooks: where a database tells what happens in it, and the outbox in the metadata database.

use aws_lc_rs::hmac;
use aws_smithy_types::base64;
use chrono::{DateTime, Utc};
use serde::Serialize;
use url::Url;
use uuid::Uuid;

use super::{Control, Error, name};
use crate::resource::Secret;

/// What can be told.
pub const EVENTS: [&str; 2] = ["drift", "run"];

/// What is asked for.
#[derive(Clone, Debug)]
pub struct WebhookWish {
    /// Where to POST; as before when not given.
    pub url: Option<String>,
    /// What to tell, of [`EVENTS`]; as before (at first all) when not given.
    pub events: Option<Vec<String>>,
    /// Whether it may lead to private networks, to the engine's own machine, and over plain HTTP.
    pub is_private: bool,
    /// Whether to sign with a new secret.
    pub rotate: bool,
}

/// Where a database tells what happens in it, and how that goes.
#[derive(Clone, Debug, Serialize)]
pub struct Webhook {
    /// Where to.
    pub url: String,
    /// What is told.
    pub events: Vec<String>,
    /// Whether private addresses are allowed.
    pub private: bool,
    /// Since when.
    pub made_at: DateTime<Utc>,
    /// How many deliveries are not taken yet.
    pub waiting: i64,
    /// How many were given up.
    pub given_up: i64,
    /// When the receiver last took one.
    pub delivered_at: Option<DateTime<Utc>>,
    /// What the receiver answered to the newest.
    pub status: Option<i32>,
    /// Why the newest could not be delivered.
    pub error: Option<String>,
}

/// One thing to tell.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its `webhook-id`.
    pub id: Uuid,
    /// The database that it is about.
    pub database: String,
    /// Where to.
    pub url: String,
    /// Whether private addresses are allowed.
    pub is_private: bool,
    /// What is sent.
    pub body: String,
    /// How often it was tried, this time among them.
    pub tries: i32,
    /// For how many seconds it has been to be told.
    pub age: f64,
    salt: Uuid,
}

/// How a delivery goes.
#[derive(Clone, Debug, Serialize)]
pub struct DeliveryState {
    /// Its `webhook-id`.
    pub id: Uuid,
    /// How often it was tried.
    pub tries: i32,
    /// Whether the receiver took it.
    pub delivered: bool,
    /// What the receiver answered.
    pub status: Option<i32>,
    /// Why it failed.
    pub error: Option<String>,
}

impl Control {
    /// Has a database tell what happens in it. Answers the secret that signs, where it is a new one: `whsec_…`.
    ///
    /// # Errors
    /// [`Error::Unknown`]; [`Error::Webhook`] where the address or an event makes no sense, or there is nothing to sign with.
    pub async fn set_webhook(&self, database: &str, wish: WebhookWish) -> Result<Option<Secret>, Error> {
        self.find(database).await?;
        let before = self.webhook(database).await?;
        let (before_url, before_events) = before.map_or((None, None), |before| (Some(before.url), Some(before.events)));
        let url = wish.url.or(before_url).ok_or_else(|| Error::Webhook("where to is not known: give a URL".into()))?;
        check_url(&url, wish.is_private)?;
        let events = wish.events.or(before_events).unwrap_or_else(|| EVENTS.map(str::to_owned).into());
        if let Some(odd) = events.iter().find(|event| !EVENTS.contains(&event.as_str())) {
            return Err(Error::Webhook(format!("there is no event {odd:?}; there are drift and run")));
        }
        // nothing is kept before it is sure that it can be signed
        self.signing_key(Uuid::nil()).await?;
        let set = self.services.http.procs.webhook_set(database, &url, &events, wish.is_private, wish.rotate).await?.pop();
        let Some(set) = set.filter(|set| set.is_new) else { return Ok(None) };
        let key = self.signing_key(set.salt).await?;
        Ok(Some(Secret::new(format!("whsec_{}", base64::encode(key)))))
    }

    /// The webhook of a database, if it has one.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn webhook(&self, database: &str) -> Result<Option<Webhook>, Error> {
        name::check(database)?;
        let found = self.services.http.procs.webhook_find(database).await?.pop();
        Ok(found.map(|found| Webhook {
            url: found.url,
            events: found.events,
            private: found.is_private,
            made_at: found.made_at,
            waiting: found.waiting,
            given_up: found.given_up,
            delivered_at: found.delivered_at,
            status: found.status,
            error: found.error,
        }))
    }

    /// Has a database tell nobody any more; `false` where it did not.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn remove_webhook(&self, database: &str) -> Result<bool, Error> {
        self.find(database).await?;
        Ok(self.services.http.procs.webhook_remove(database).await?)
    }

    /// Puts a test into the outbox; answers its id.
    ///
    /// # Errors
    /// [`Error::Webhook`] where the database has none.
    pub async fn test_webhook(&self, database: &str) -> Result<Uuid, Error> {
        self.find(database).await?;
        let put = self.services.http.procs.delivery_test(database).await?.pop();
        put.map(|put| put.id).ok_or_else(|| Error::Webhook(format!("{database} has no webhook")))
    }

    /// How a delivery goes, while it is known.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn delivery(&self, id: Uuid) -> Result<Option<DeliveryState>, Error> {
        let found = self.services.http.procs.delivery_state(id).await?.pop();
        Ok(found.map(|it| DeliveryState { id, tries: it.tries, delivered: it.delivered, status: it.status, error: it.error }))
    }

    /// Puts drift into the outbox, where somebody wants to hear of it.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn tell_drift(&self, database: &str, drift: &serde_json::Value) -> Result<(), Error> {
        self.services.reconciler.procs.delivery_drift(database, drift).await?;
        Ok(())
    }

    /// Takes deliveries that are due. Whoever takes one has so many seconds, then it is due again.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn take_deliveries(&self, at_most: i64, seconds: f64) -> Result<Vec<Delivery>, Error> {
        let taken = self.services.scheduler.procs.delivery_take(at_most, seconds).await?.into_iter();
        let deliveries = taken.map(|it| Delivery {
            id: it.id,
            database: it.database,
            url: it.url,
            is_private: it.is_private,
            body: it.body,
            tries: it.tries,
            age: it.age,
            salt: it.salt,
        });
        Ok(deliveries.collect())
    }

    /// Writes down how a try went: without an error it was delivered; else it is tried again after so many seconds, or given up.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn end_delivery(&self, id: Uuid, status: Option<i32>, error: Option<&str>, again_in: Option<f64>) -> Result<(), Error> {
        Ok(self.services.scheduler.procs.delivery_end(id, status, error, again_in).await?)
    }

    /// The header `webhook-signature` of a delivery that is sent at this second.
    ///
    /// # Errors
    /// [`Error::Webhook`] where there is nothing to sign with.
    pub async fn signature(&self, delivery: &Delivery, timestamp: i64) -> Result<String, Error> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.signing_key(delivery.salt).await?);
        let signed = hmac::sign(&key, format!("{}.{timestamp}.{}", delivery.id, delivery.body).as_bytes());
        Ok(format!("v1,{}", base64::encode(signed.as_ref())))
    }

    /// What signs, kept nowhere: it follows from the engine's oldest key.
    async fn signing_key(&self, salt: Uuid) -> Result<[u8; 32], Error> {
        let key = self.keys().await.derived(&format!("webhook {salt}"));
        key.ok_or_else(|| Error::Webhook("there is nothing to sign with: the engine has no key (--key-file, --key-secret)".into()))
    }
}

/// Nothing but HTTPS, unless an operator says so; a password in it would be shown to whoever asks.
fn check_url(url: &str, is_private: bool) -> Result<(), Error> {
    let wrong = |why: &str| Err(Error::Webhook(format!("{why}, as in https://example.com/hooks/iasql")));
    let Ok(parsed) = Url::parse(url) else { return wrong("the address must be a URL") };
    match parsed.scheme() {
        "https" => {}
        "http" if is_private => {}
        _ => return wrong("the address must be one of HTTPS"),
    }
    if !parsed.has_host() || !parsed.username().is_empty() || parsed.password().is_some() || url.len() > 2000 {
        return wrong("the address must name a host, hold no password, and be no longer than 2000 characters");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_url;

    #[test]
    fn an_address_is_one_of_https_unless_an_operator_says_otherwise() {
        for good in ["https://example.com/hooks", "https://example.com:8443/?a=b"] {
            assert!(check_url(good, false).is_ok(), "{good}");
        }
        for bad in ["http://example.com", "ftp://example.com", "example.com", "https://me:secret@example.com", "file:///etc/passwd", ""] {
            assert!(check_url(bad, false).is_err(), "{bad}");
        }
        assert!(check_url("http://127.0.0.1:9/", true).is_ok());
    }
}
