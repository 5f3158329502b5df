//! Rows of `gateway.certificate` with an issuer: what stands in the book for gateways, and who of them may order.

use std::time::Duration;

use chrono::{Days, Utc};
use iasql::{
    control::{Control, Issued, KeySource},
    resource::Secret,
    served::Seen,
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::{
    crash::{Site, until},
    support::key_file,
};

const ORDER: &str =
    "insert into gateway.certificate (domain, issuer, contact) values ('db.example.com', 'letsencrypt-staging', 'ops@example.com')";
const BOOK: &str = "select concat_ws(' ', issuer, contact, state, failures) from control.served_order";
const LEASE: Duration = Duration::from_secs(60);

async fn ordered() -> Site {
    let mut site = Site::with(&["gateway"]).await;
    site.sql("insert into gateway.domain (name) values ('db.example.com')").await;
    site.sql(ORDER).await;
    site.check().await;
    site
}

async fn gateway(site: &Site) -> (Control, Uuid) {
    let control = Control::connect(&site.own.url).await.expect("the metadata database");
    (control.with_keys(KeySource::File(key_file().to_owned())).await.expect("the keys"), Uuid::new_v4())
}

fn issued() -> Issued {
    let (now, later) = (Utc::now(), Utc::now() + Days::new(90));
    let seen = Seen { fingerprint: "f".repeat(64), names: vec!["*.db.example.com".to_owned()], not_before: now, not_after: later };
    Issued { pem: Secret::new("a key and a chain"), seen, again_at: now + Days::new(60) }
}

#[tokio::test]
async fn a_row_with_an_issuer_is_wanted_until_a_gateway_has_ordered_it_and_a_change_is_one_in_place() {
    let mut site = ordered().await;
    assert_eq!(site.registry(BOOK).await, ["letsencrypt-staging ops@example.com wanted 0"]);
    assert_eq!(site.ask("select state from gateway.certificate").await, ["wanted"]);
    site.rests().await;
    let (control, holder) = gateway(&site).await;
    let wanted = control.take_order(holder, LEASE).await.unwrap().expect("an order");
    assert_eq!((wanted.domain.as_str(), &wanted.contacts[..], wanted.failures), ("db.example.com", &["ops@example.com".to_owned()][..], 0));
    assert!(control.end_order("db.example.com", holder, &issued()).await.unwrap());
    site.check().await;
    assert_eq!(site.ask("select concat_ws(' ', state, names, pem_version) from gateway.certificate").await, ["valid {*.db.example.com}"]);
    site.rests().await;
    assert_eq!(control.shown_certificates().await.unwrap().remove(0).pem.unwrap().expose(), "a key and a chain");
    // who may write is no reason to order again; another issuer is, and what there is stays until then
    site.sql("update gateway.certificate set contact = 'other@example.com'").await;
    site.check().await;
    assert_eq!(site.registry(BOOK).await, ["letsencrypt-staging other@example.com valid 0"]);
    site.sql("update gateway.certificate set issuer = 'letsencrypt'").await;
    assert_eq!(
        site.ask("select action || ' ' || changed::text from iasql.plan").await,
        ["update {\"issuer\": [\"letsencrypt-staging\", \"letsencrypt\"]}"]
    );
    site.check().await;
    site.rests().await;
    assert_eq!(site.registry(BOOK).await, ["letsencrypt other@example.com wanted 0"]);
    assert_eq!(control.shown_certificates().await.unwrap().len(), 1);
    site.sql("delete from gateway.certificate").await;
    site.check().await;
    site.rests().await;
    assert_eq!(site.registry(BOOK).await, [""; 0]);
    assert!(control.shown_certificates().await.unwrap().is_empty());
}

#[tokio::test]
async fn one_gateway_orders_at_a_time_and_one_that_was_lost_loses_its_order() {
    let site = ordered().await;
    let ((one, first), (other, second)) = (gateway(&site).await, gateway(&site).await);
    assert!(one.take_order(first, LEASE).await.unwrap().is_some());
    assert_eq!(other.take_order(second, LEASE).await.unwrap(), None);
    assert!(one.hold_order("db.example.com", first, Duration::from_secs(1)).await.unwrap());
    assert!(one.answer_order("db.example.com", first, &["text".to_owned()]).await.unwrap());
    assert_eq!(other.order_answers().await.unwrap()["db.example.com"], ["text"]);
    // its time goes by
    until("the order of the one that was lost", async || other.take_order(second, LEASE).await.unwrap()).await;
    assert!(other.order_answers().await.unwrap()["db.example.com"].is_empty());
    assert!(!one.hold_order("db.example.com", first, LEASE).await.unwrap());
    assert!(!one.answer_order("db.example.com", first, &["late".to_owned()]).await.unwrap());
    assert!(!one.end_order("db.example.com", first, &issued()).await.unwrap());
    one.fail_order("db.example.com", first, "late", LEASE).await.unwrap();
    assert_eq!(site.registry("select state || answers::text from control.served_order").await, ["ordered{}"]);
    other.fail_order("db.example.com", second, "no", LEASE).await.unwrap();
    assert_eq!(site.registry(BOOK).await, ["letsencrypt-staging ops@example.com no 1"]);
    assert_eq!(one.take_order(first, LEASE).await.unwrap(), None, "not before the pause is over");
    // who has no key to seal with orders nothing
    site.registry("update control.served_order set not_until = clock_timestamp()").await;
    let keyless = Control::connect(&site.own.url).await.unwrap();
    assert_eq!(keyless.take_order(Uuid::new_v4(), LEASE).await.unwrap(), None);
    assert!(one.take_order(first, LEASE).await.unwrap().is_some());
}

#[tokio::test]
async fn a_certificate_has_either_a_pem_or_an_issuer_and_nonsense_is_refused() {
    let mut site = ordered().await;
    for (nonsense, constraint) in [
        ("issuer = null", "a_certificate_has_either_a_pem_or_an_issuer"),
        ("issuer = 'http://ca.example.com/dir'", "an_issuer_is_letsencrypt_letsencrypt_staging_or_an_https_url"),
        ("issuer = 'https://user:password@ca.example.com/dir'", "an_issuer_is_letsencrypt_letsencrypt_staging_or_an_https_url"),
        ("issuer = 'lets encrypt'", "an_issuer_is_letsencrypt_letsencrypt_staging_or_an_https_url"),
        ("contact = 'mailto:ops'", "a_contact_is_a_mail_address_for_an_issuer"),
        ("state = 'valid'", "state"),
    ] {
        let refused = sqlx::raw_sql(AssertSqlSafe(format!("update gateway.certificate set {nonsense}"))).execute(&mut site.user).await;
        assert!(refused.is_err_and(|error| error.to_string().contains(constraint)), "{nonsense}");
    }
    site.rests().await;
}
