//! One order, from the account to what gateways show (RFC 8555, 7.4).

use std::time::Duration;

use chrono::Utc;
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Identifier, LetsEncrypt, NewAccount, NewOrder, Order, OrderStatus,
    RetryPolicy,
};
use tokio::time::sleep;

use super::{Acme, error::Error, http::Http, pace::again_at};
use crate::{
    causes::in_one_line,
    control::{AcmeAccount, Control, Issued, WantedOrder},
    gateway::dns,
    resource::Secret,
    served::look,
};

/// How often an order is looked at that the authority is busy with, and for how long.
const LOOKS: RetryPolicy = RetryPolicy::new().initial_delay(Duration::from_millis(500)).backoff(1.5).timeout(Duration::from_secs(180));
/// How long it takes until every gateway's DNS says what is new, and a moment more.
const EVERYWHERE: Duration = dns::FRESH.saturating_mul(3);

/// How often what was issued is written down where the registry does not answer, and the pause between.
const TRIES: usize = 30;
const BREATH: Duration = Duration::from_secs(2);

/// Where an authority's directory is.
fn directory(issuer: &str) -> &str {
    match issuer {
        "letsencrypt" => LetsEncrypt::Production.url(),
        "letsencrypt-staging" => LetsEncrypt::Staging.url(),
        url => url,
    }
}

impl Acme {
    /// Orders a certificate, and has all gateways show it.
    pub(super) async fn order(&self, control: &Control, http: Http, wanted: &WantedOrder) -> Result<(), Error> {
        let domain = &wanted.domain;
        let mut order = placed(control, http, wanted).await?;
        let answers = answers(&mut order, domain).await?;
        if !answers.is_empty() {
            if !control.answer_order(domain, self.holder, &answers).await? {
                return Err(Error::Lost);
            }
            sleep(EVERYWHERE).await;
            say_that_it_is_there(&mut order).await?;
        }
        let refused = Error::of("the challenge", "hear whether the challenge was met");
        if order.poll_ready(&LOOKS).await.map_err(refused)? != OrderStatus::Ready {
            return Err(refusal(&mut order).await);
        }
        let key = order.finalize().await.map_err(Error::of("the request for the certificate", "request the certificate"))?;
        let chain = order.poll_certificate(&LOOKS).await.map_err(Error::of("the certificate", "get the certificate"))?;
        let pem = Secret::new(format!("{key}{chain}"));
        let seen = look(&pem, domain, Utc::now()).map_err(|source| Error::Unfit { source })?;
        let again_at = again_at(seen.not_before, seen.not_after);
        self.kept(control, domain, &Issued { pem, seen, again_at }).await
    }

    /// Has it shown. Authorities give few of one kind, so a registry that does not answer now is asked again while the order is ours.
    async fn kept(&self, control: &Control, domain: &str, issued: &Issued) -> Result<(), Error> {
        let mut tries = 0;
        loop {
            match control.end_order(domain, self.holder, issued).await {
                Ok(true) => return Ok(()),
                Ok(false) => return Err(Error::Lost),
                Err(error) if tries >= TRIES => return Err(error.into()),
                Err(_) => tries += 1,
            }
            sleep(BREATH).await;
        }
    }
}

/// The order, as the account that there is, or as a new one.
async fn placed(control: &Control, http: Http, wanted: &WantedOrder) -> Result<Order, Error> {
    let (directory, names) = (directory(&wanted.issuer), [Identifier::Dns(format!("*.{}", wanted.domain))]);
    let contacts: Vec<String> = wanted.contacts.iter().map(|address| format!("mailto:{address}")).collect();
    let order = async |account: Account| account.new_order(&NewOrder::new(&names)).await.map_err(Error::of("the order", "place the order"));
    if let Some(kept) = control.acme_account(directory).await? {
        let account = returning(control, http.again(), directory, kept, &contacts).await;
        match async { order(account?).await }.await {
            // the authority has forgotten it: a test's does, and one that was set up anew
            Err(error) if error.is_of_no_account() => {}
            placed => return placed,
        }
    }
    let account = match opened(control, http.again(), directory, &contacts).await {
        // one row's contact is no reason for the others to get nothing
        Err(error) if error.is_about_contacts() => opened(control, http, directory, &[]).await,
        opened => opened,
    };
    order(account?).await
}

/// The account of before; the authority is told where its contacts are others by now.
async fn returning(control: &Control, http: Http, directory: &str, kept: AcmeAccount, contacts: &[String]) -> Result<Account, Error> {
    let credentials: AccountCredentials = serde_json::from_str(kept.credentials.expose()).map_err(|source| Error::Account { source })?;
    let account = Account::builder_with_http(Box::new(http)).from_credentials(credentials).await;
    let account = account.map_err(Error::of("its directory", "read the authority's directory"))?;
    if kept.contacts != contacts {
        let texts: Vec<&str> = contacts.iter().map(String::as_str).collect();
        match account.update_contacts(&texts).await.map_err(Error::of("the contacts", "tell whom it may write to")) {
            Ok(()) => control.keep_acme_account(directory, &AcmeAccount { contacts: contacts.to_vec(), ..kept }).await?,
            Err(error) => tracing::warn!(directory, error = in_one_line(&error), "the authority goes on writing to whom it wrote before"),
        }
    }
    Ok(account)
}

/// A new account. It is kept before anything is ordered with it.
async fn opened(control: &Control, http: Http, directory: &str, contacts: &[String]) -> Result<Account, Error> {
    let texts: Vec<&str> = contacts.iter().map(String::as_str).collect();
    let new = NewAccount { contact: &texts, terms_of_service_agreed: true, only_return_existing: false };
    let made = Account::builder_with_http(Box::new(http)).create(&new, directory.to_owned(), None).await;
    let (account, credentials) = made.map_err(Error::of("an account", "open an account at the authority"))?;
    let credentials = Secret::new(serde_json::to_string(&credentials).map_err(|source| Error::Account { source })?);
    control.keep_acme_account(directory, &AcmeAccount { credentials, contacts: contacts.to_vec() }).await?;
    Ok(account)
}

/// What our DNS is to say; nothing where the authority still knows that the domain is ours.
async fn answers(order: &mut Order, domain: &str) -> Result<Vec<String>, Error> {
    let (mut answers, mut all) = (vec![], order.authorizations());
    while let Some(next) = all.next().await {
        let mut authorization = next.map_err(Error::of("an authorization", "read an authorization"))?;
        match authorization.status {
            AuthorizationStatus::Valid => {}
            AuthorizationStatus::Pending => {
                let challenge = authorization.challenge(ChallengeType::Dns01).ok_or_else(|| Error::NoChallenge(domain.to_owned()))?;
                answers.push(challenge.key_authorization().dns_value());
            }
            AuthorizationStatus::Invalid
            | AuthorizationStatus::Revoked
            | AuthorizationStatus::Expired
            | AuthorizationStatus::Deactivated => {
                return Err(Error::Invalid);
            }
        }
    }
    Ok(answers)
}

async fn say_that_it_is_there(order: &mut Order) -> Result<(), Error> {
    let mut all = order.authorizations();
    while let Some(next) = all.next().await {
        let mut authorization = next.map_err(Error::of("an authorization", "read an authorization"))?;
        if authorization.status != AuthorizationStatus::Pending {
            continue;
        }
        if let Some(mut challenge) = authorization.challenge(ChallengeType::Dns01) {
            challenge.set_ready().await.map_err(Error::of("the challenge", "say that the challenge is met"))?;
        }
    }
    Ok(())
}

/// What the authority saw when it looked.
async fn refusal(order: &mut Order) -> Error {
    let mut all = order.authorizations();
    while let Some(Ok(mut authorization)) = all.next().await {
        let Ok(state) = authorization.refresh().await else { continue };
        if let Some(problem) = state.challenges.iter().find_map(|challenge| challenge.error.clone()) {
            return Error::Refused { what: "the challenge", problem: Box::new(problem) };
        }
    }
    Error::Invalid
}
