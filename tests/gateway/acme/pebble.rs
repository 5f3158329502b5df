//! Pebble, Let's Encrypt's own server for tests, strict as theirs is: it looks into the gateway's DNS before it signs.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use reqwest::{Certificate, Client};
use serde_json::json;
use tokio::process::{Child, Command};

use crate::{crash::until, support};

/// What it signs, and for how long.
#[derive(Clone, Copy)]
pub(super) struct Pebble {
    pub(super) seconds: u64,
    /// A domain that it refuses.
    pub(super) refuses: &'static str,
}

/// One that runs.
pub(super) struct Running {
    _child: Child,
    log: PathBuf,
    /// What its certificates stand on: another one at each start.
    pub(super) root: String,
}

pub(super) fn directory(port: u16) -> String {
    format!("https://localhost:{port}/dir")
}

impl Pebble {
    /// Has it listen at a port, shown with a certificate that stands in `pem`, and ask the DNS at another one.
    pub(super) async fn start(self, folder: &Path, port: u16, dns: u64, pem: &str, trusted: &Path) -> Running {
        let (key, chain) = pem.split_at(pem.find("-----BEGIN CERTIFICATE").expect("a chain"));
        let place = |name: &str| folder.join(name);
        std::fs::write(place("localhost.key"), key).expect("a file");
        std::fs::write(place("localhost.crt"), chain).expect("a file");
        let management = support::free_port();
        let settings = json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{port}"), "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": place("localhost.crt"), "privateKey": place("localhost.key"), "httpPort": 9, "tlsPort": 9,
            "certificateValidityPeriod": self.seconds, "domainBlocklist": [self.refuses],
        } });
        std::fs::write(place("pebble.json"), settings.to_string()).expect("a file");
        let log = place("pebble.log");
        let mut command = Command::new("pebble");
        command.arg("-strict").arg("-config").arg(place("pebble.json")).args(["-dnsserver", &format!("127.0.0.1:{dns}")]);
        command.env("PEBBLE_VA_NOSLEEP", "1").stdout(std::fs::File::create(&log).expect("a log")).stderr(Stdio::null()).kill_on_drop(true);
        let child = command.spawn().expect("pebble: scripts/install.sh tests");
        let trusted = Certificate::from_pem(&std::fs::read(trusted).expect("an authority")).expect("a certificate");
        let client = Client::builder().tls_certs_only([trusted]).build().expect("a client");
        until("pebble", async || client.get(directory(port)).send().await.ok()).await;
        let root =
            client.get(format!("https://localhost:{management}/roots/0")).send().await.expect("its root").text().await.expect("a text");
        std::fs::write(place("root.crt"), root).expect("a file");
        Running { _child: child, log, root: place("root.crt").to_str().expect("a text").to_owned() }
    }
}

impl Running {
    /// How often it has said so.
    pub(super) fn said(&self, text: &str) -> usize {
        std::fs::read_to_string(&self.log).expect("its log").matches(text).count()
    }
}
