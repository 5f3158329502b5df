//! What `docker-compose.yml` puts together under the profile `gateway`, as far as no Docker is needed: each part as a process of this machine.

use std::{
    net::Ipv4Addr,
    path::Path,
    process::{Command as Plain, Stdio},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use super::within;
use crate::{
    crash::{Site, until},
    support,
};

const DOMAIN: &str = "db.example.com";
const ADDRESS: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// What `dnsmasq` answers, with the configuration of its image.
struct Dns {
    server: std::process::Child,
    port: u16,
}

impl Dns {
    fn start() -> Self {
        let port = support::free_port();
        let mut dnsmasq = Plain::new("/usr/sbin/dnsmasq");
        let configuration = Path::new(env!("CARGO_MANIFEST_DIR")).join("images/dns/dnsmasq.conf");
        dnsmasq.args(["--keep-in-foreground", "--pid-file="]).arg(format!("--conf-file={}", configuration.display()));
        // as in the image, where it need not care for whom else it might answer
        dnsmasq.arg(format!("--address=/{DOMAIN}/{ADDRESS}")).args([format!("--port={port}"), format!("--listen-address={ADDRESS}")]);
        let server = dnsmasq.stderr(Stdio::null()).spawn().expect("dnsmasq: scripts/install.sh tests");
        Self { server, port }
    }

    /// The address of a name (RFC 1035, 4.1); `None` where there is none.
    async fn address(&self, name: &str) -> Option<Ipv4Addr> {
        let labels = name.split('.').flat_map(|label| [&[u8::try_from(label.len()).expect("short")][..], label.as_bytes()].concat());
        let question: Vec<u8> = labels.chain([0, 0, 1, 0, 1]).collect();
        let packet = [&[7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], &question].concat();
        let answer = until("an answer of the DNS server", || async {
            let socket = tokio::net::UdpSocket::bind((ADDRESS, 0)).await.ok()?;
            socket.connect((ADDRESS, self.port)).await.ok()?;
            socket.send(&packet).await.ok()?;
            let mut answer = vec![0; 512];
            let length = tokio::time::timeout(Duration::from_secs(1), socket.recv(&mut answer)).await.ok()?.ok()?;
            answer.truncate(length);
            Some(answer)
        })
        .await;
        // the only answer's last four bytes
        (answer[7] == 1).then(|| Ipv4Addr::from(<[u8; 4]>::try_from(&answer[answer.len() - 4..]).expect("four")))
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        drop((self.server.kill(), self.server.wait()));
    }
}

/// What the one-shot service does, with what `support` has for a cloud.
async fn make_bucket(site: &Site, name: &str) {
    let mut python = Command::new(support::venv().join("bin/python"));
    python.arg("scripts/make-bucket.py").arg(name).current_dir(env!("CARGO_MANIFEST_DIR")).envs(site.account.environment().await);
    let said = within(python.output()).await.expect("python runs");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}

async fn gateway(site: &Site, folder: &Path, certificate: &str, bucket: &str) -> (Child, String) {
    let words = ["gateway", "--json", "--listen", "127.0.0.1:0", "--domain", DOMAIN, "--certificate", certificate, "--bucket", bucket];
    let mut command = site.iasql(&words);
    let mut child = command.arg("--home").arg(folder.join("gateway")).stdout(Stdio::piped()).spawn().expect("the binary runs");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let line = within(lines.next_line()).await.expect("a line").expect("it is ready");
    let ready: Value = serde_json::from_str(&line).expect("JSON");
    (child, ready["port"].to_string())
}

#[tokio::test]
async fn bucket_certificate_dns_and_gateway_of_the_compose_file_lead_psql_to_its_database() {
    let mut site = Site::with(&["gateway"]).await;
    site.sql("insert into gateway.domain (name) values ('db.example.com'); insert into gateway.database (name, domain, role, password) values ('12345', 'db.example.com', 'app', 'correct horse')")
        .await;
    site.check().await;
    let folder = super::whole::Folder::new();
    let bucket = format!("gateway-{}", site.account.id);
    for _ in 0..2 {
        make_bucket(&site, &bucket).await;
    }
    let tls = folder.0.join("tls");
    let mut certificate = Command::new(support::binary());
    certificate.args(["certificate", DOMAIN, "--into"]).arg(&tls);
    let file = String::from_utf8(within(certificate.output()).await.expect("the binary runs").stdout).expect("text");
    let dns = Dns::start();
    assert_eq!(dns.address("12345.DB.example.com").await, Some(ADDRESS));
    assert_eq!(dns.address("db.example.org").await, None);
    let (mut child, port) = gateway(&site, &folder.0, file.trim(), &format!("s3://{bucket}/databases")).await;
    let address = dns.address("12345.db.example.com").await.expect("an address");
    let (host, root) = (format!("12345.{DOMAIN}"), tls.join("authority.crt"));
    let to = format!(
        "host={host} hostaddr={address} port={port} user=app sslmode=verify-full sslrootcert={} channel_binding=require",
        root.display()
    );
    let mut psql = Command::new("psql");
    psql.args(["-XAtq", "-d", &to, "-c", "select current_database()"]).env("PGPASSWORD", "correct horse");
    let said = within(psql.output()).await.expect("psql runs");
    assert_eq!(String::from_utf8_lossy(&said.stdout).trim(), "app", "{}", String::from_utf8_lossy(&said.stderr));
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).expect("it runs");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGTERM).expect("a signal");
    assert!(within(child.wait()).await.expect("an end").success());
}
