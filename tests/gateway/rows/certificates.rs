//! Domains and certificates as rows: shown as soon as they are there, and others in their place.

use std::path::Path;

use chrono::Utc;
use iasql::gateway::Authority;

use super::{Talk, place};
use crate::{
    crash::until,
    gateway::whole::{Gateway, shop},
};

/// An authority in a folder of its own, and what it signs for a domain.
pub(in crate::gateway) fn signed(folder: &Path, domain: &str) -> (String, String) {
    let authority = Authority::open(folder, Utc::now()).expect("an authority");
    let pem = authority.issue(domain, Utc::now()).expect("a certificate").pem.expose().to_owned();
    (authority.certificate().to_str().expect("a text").to_owned(), pem)
}

#[tokio::test]
async fn a_rows_certificate_is_shown_and_another_takes_its_place_without_anybody_being_dropped() {
    let (mut site, folder) = shop().await;
    let gateway = Gateway::start(&site, &folder.0.join("home")).await;
    let (first, pem) = signed(&folder.0.join("first"), "db.example.com");
    site.sql("insert into gateway.domain (name) values ('db.example.com')").await;
    site.sql(&format!("insert into gateway.certificate (domain, pem) values ('db.example.com', '{pem}')")).await;
    site.sql("insert into gateway.database (name, domain, role, password) values ('shop', 'db.example.com', 'shop', 'correct horse')")
        .await;
    site.check().await;
    let host = "shop.db.example.com";
    let answers =
        async |authority: &str| Talk::begin(&place(&gateway, host, authority)).ask("create table if not exists t (); select 1;").await;
    until("the row's certificate", async || answers(&first).await).await;
    // two databases of one name below two domains are two
    assert!(gateway.psql("shop", "shop", "correct horse", "table t").await.is_err_and(|said| said.contains("does not exist")));
    let mut inside = Talk::begin(&place(&gateway, host, &first));
    assert_eq!(inside.ask("select 1;").await.as_deref(), Some("1"));

    let (second, pem) = signed(&folder.0.join("second"), "db.example.com");
    site.sql(&format!("update gateway.certificate set pem = '{pem}'")).await;
    site.check().await;
    until("the other certificate", async || answers(&second).await).await;
    assert_eq!(answers(&first).await, None, "the old one is shown no longer");
    assert_eq!(inside.ask("select 2;").await.as_deref(), Some("2"));
    // the gateway's own domain is as it was
    assert_eq!(gateway.psql("shop", "shop", "correct horse", "select 3").await.as_deref(), Ok("3"));
    drop(inside);
    gateway.stop().await;
}

#[tokio::test]
async fn a_certificate_file_that_is_written_anew_is_shown_to_who_comes_then_and_drops_nobody() {
    let (mut site, folder) = shop().await;
    let (first, pem) = signed(&folder.0.join("first"), "db.example.com");
    let file = folder.0.join("shown.pem");
    std::fs::write(&file, pem).expect("a file");
    site.sql("insert into gateway.domain (name) values ('db.example.com')").await;
    site.sql("insert into gateway.database (name, domain, role, password) values ('shop', 'db.example.com', 'shop', 'correct horse')")
        .await;
    site.check().await;
    let words = ["--domain", "db.example.com", "--certificate", file.to_str().expect("a text")];
    let gateway = Gateway::with(&site, &folder.0.join("home"), &words).await;
    let talk = |authority: &str| Talk::begin(&place(&gateway, "shop.db.example.com", authority));
    let mut inside = talk(&first);
    assert_eq!(inside.ask("select 1;").await.as_deref(), Some("1"));
    let (second, pem) = signed(&folder.0.join("second"), "db.example.com");
    assert_eq!(talk(&second).ask("select 1;").await, None, "nobody shows it yet");
    std::fs::write(&file, pem).expect("a file");
    until("the other certificate", async || talk(&second).ask("select 2;").await).await;
    assert_eq!(talk(&first).ask("select 1;").await, None, "the old one is shown no longer");
    assert_eq!(inside.ask("select 3;").await.as_deref(), Some("3"));
    drop(inside);
    gateway.stop().await;
}

#[tokio::test]
async fn a_row_for_the_gateways_own_domain_is_shown_in_the_place_of_the_authoritys() {
    let (mut site, folder) = shop().await;
    let (ours, pem) = signed(&folder.0.join("ours"), "db.example.com");
    let gateway = Gateway::with(&site, &folder.0.join("home"), &["--domain", "db.example.com"]).await;
    site.sql("insert into gateway.domain (name) values ('db.example.com')").await;
    site.sql("insert into gateway.database (name, domain, role, password) values ('shop', 'db.example.com', 'shop', 'correct horse')")
        .await;
    site.sql(&format!("insert into gateway.certificate (domain, pem) values ('db.example.com', '{pem}')")).await;
    site.check().await;
    let answers = async |authority: &str| Talk::begin(&place(&gateway, "shop.db.example.com", authority)).ask("select 1;").await;
    until("the row's certificate", async || answers(&ours).await).await;
    site.sql("delete from gateway.certificate").await;
    site.check().await;
    until("the authority's certificate", async || answers(gateway.authority()).await).await;
    gateway.stop().await;
}
