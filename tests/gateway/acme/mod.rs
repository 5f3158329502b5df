//! Certificates that a gateway orders from a real ACME server, which looks into the gateway's DNS.

mod busy;
mod dns;
mod orders;
mod pebble;

use std::path::PathBuf;

use chrono::Utc;
use iasql::gateway::Authority;

use self::pebble::{Pebble, Running, directory};
use super::{
    rows::{Talk, place},
    whole::{Folder, Gateway, shop},
};
use crate::{
    crash::{Site, until},
    support,
};

const DOMAIN: &str = "db.example.com";

/// A user with a domain and a database below it, and an authority that is to be asked.
struct Stage {
    site: Site,
    folder: Folder,
    /// Whom one is to trust to speak to that authority.
    trusted: PathBuf,
    /// With what that one shows who it is.
    pem: String,
    port: u16,
}

impl Stage {
    async fn new() -> Self {
        let (mut site, folder) = shop().await;
        site.sql(&format!("insert into gateway.domain (name) values ('{DOMAIN}')")).await;
        site.sql(&format!(
            "insert into gateway.database (name, domain, role, password) values ('shop', '{DOMAIN}', 'shop', 'correct horse')"
        ))
        .await;
        let authority = Authority::open(folder.0.join("authority"), Utc::now()).expect("an authority");
        let pem = authority.issue("localhost", Utc::now()).expect("a certificate").pem.expose().to_owned();
        Self { site, trusted: authority.certificate(), folder, pem, port: support::free_port() }
    }

    /// A gateway that orders.
    async fn gateway(&self, name: &str) -> Gateway {
        self.gateway_with_dns(name, 0).await
    }

    /// The same, whose DNS is at this port.
    async fn gateway_with_dns(&self, name: &str, port: u16) -> Gateway {
        let trusted = self.trusted.to_str().expect("a text");
        // several of them have one bucket, or none would start beside another
        let bucket = self.folder.0.join("bucket");
        std::fs::create_dir_all(&bucket).expect("a folder");
        let (dns, bucket) = (format!("127.0.0.1:{port}"), format!("file://{}", bucket.display()));
        let words = ["--dns", &dns, "--acme-roots", trusted, "--bucket", &bucket, "--advertise", "127.0.0.1"];
        Gateway::with(&self.site, &self.folder.0.join(name), &words).await
    }

    /// The authority, which believes this gateway's DNS.
    async fn authority(&self, pebble: Pebble, gateway: &Gateway) -> Running {
        pebble.start(&self.folder.0, self.port, gateway.dns.expect("its DNS"), &self.pem, &self.trusted).await
    }

    /// The row.
    async fn order(&mut self) {
        let directory = directory(self.port);
        self.site.sql(&format!("insert into gateway.certificate (domain, issuer) values ('{DOMAIN}', '{directory}')")).await;
        self.site.check().await;
    }

    async fn state(&self) -> String {
        self.site.registry("select state from control.served_order").await.pop().expect("an order")
    }

    /// Waits until it is said of the order.
    async fn becomes(&self, state: &str) -> String {
        until(state, async || Some(self.state().await).filter(|now| now.contains(state))).await
    }

    async fn fingerprint(&self) -> Option<String> {
        self.site.registry("select fingerprint from control.served_certificate").await.pop()
    }
}

/// What one is answered who comes to the database, and trusts this authority.
async fn answer(gateway: &Gateway, root: &str) -> Option<String> {
    Talk::begin(&place(gateway, &format!("shop.{DOMAIN}"), root)).ask("select 1;").await
}
