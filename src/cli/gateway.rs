//! `iasql gateway`: Postgres by server name; each database is asleep until somebody calls.

use std::{
    ffi::OsStr,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, FromArgMatches};
use iasql::{
    control::Control,
    gateway::{Acme, Backends, Care, Gateway, Network, Nodes, dns},
    shutdown,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{
    error::Error,
    exit::DONE,
    hosting::{self, Hosting, WebDoors},
    member::{Member, Standing, listen, port, said},
    show::Show,
};

pub(crate) const EXAMPLES: &str = "\
Examples:
  iasql gateway                                       beside a running `iasql up`, in the same folder, with a certificate of its own
  iasql gateway --database-url postgres://iasql@db.internal/iasql --domain db.example.com --certificate wildcard.pem --listen 0.0.0.0:5432
  iasql gateway --nodes --bucket s3://tenants/databases --database-url …                          before `iasql node`s, which run the databases

Which databases there are stand in the tables gateway.database of the users' databases.";

/// Where it listens, and to whom it leads.
#[derive(clap::Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    member: Member,
    #[command(flatten)]
    hosting: Hosting,
    /// Where Postgres clients are served
    #[arg(long, env = "IASQL_GATEWAY_LISTEN", default_value = "127.0.0.1:5432", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Run no databases here: clients are led to those that run them, `iasql node`s and other gateways of the same bucket, to those of this --location first
    #[arg(long, env = "IASQL_GATEWAY_NODES", requires = "bucket", conflicts_with_all = ["http", "https", "pglite", "awake", "sessions", "grace_days"])]
    nodes: bool,
    /// Where DNS is answered for _acme-challenge.<domain>, over UDP and TCP, so that an issuer of gateway.certificate finds that a domain is ours; nowhere where nothing is said, and then nothing is ordered here
    #[arg(long, env = "IASQL_GATEWAY_DNS", value_name = "ADDRESS")]
    dns: Option<SocketAddr>,
    /// A PEM with further authorities that issuers of gateway.certificate are believed by, beside those of this machine; with it an issuer may have an address that is not public
    #[arg(long, env = "IASQL_GATEWAY_ACME_ROOTS", value_name = "FILE", requires = "dns")]
    acme_roots: Option<PathBuf>,
    /// From where a PROXY header is believed, and demanded: a load balancer's network
    #[arg(long, env = "IASQL_GATEWAY_PROXIES", value_delimiter = ',', value_name = "NETWORK")]
    proxies: Vec<Network>,
}

/// Where it listens.
struct Doors {
    postgres: TcpListener,
    web: WebDoors,
    dns: Option<dns::Doors>,
}

/// What clients are told to trust, where `iasql certificate` has made it.
const AUTHORITY: &str = "authority.crt";

impl Serve {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        let shutdown = shutdown::on_signal().map_err(|source| Error::Io { what: "listening for signals".into(), source })?;
        self.until(shutdown, show).await
    }

    /// The one beside the `iasql up` of this folder, as the environment wants it.
    pub(super) fn beside(dir: &Path) -> Result<Self, Error> {
        let command = Self::augment_args(clap::Command::new("iasql gateway"));
        let words = [OsStr::new("iasql gateway"), OsStr::new("--dir"), dir.as_os_str()];
        let read = command.try_get_matches_from(words).and_then(|found| Self::from_arg_matches(&found));
        read.map_err(|error| Error::Said(error.to_string()))
    }

    /// Serves until `shutdown`.
    pub(super) async fn until(self, shutdown: CancellationToken, show: &Show) -> Result<u8, Error> {
        let doors = self.doors().await?;
        let acme = doors.dns.as_ref().map(|_| Acme::new(self.acme_roots.as_deref())).transpose().map_err(said)?;
        let mut standing = self.member.stand("gateway", port(&doors.postgres), show).await?;
        standing.settings.trusted.clone_from(&self.proxies);
        let hosted = if self.nodes { None } else { Some(self.hosting.open(&self.member, &standing, self.member.whereabouts()).await?) };
        let (care, backends) = match &hosted {
            Some(hosted) => (hosted.care(), Arc::new(hosted.here.clone()) as Arc<dyn Backends>),
            None => self.led(&standing)?,
        };
        let care = care.ordering(acme);
        care.agrees().await.map_err(|error| Error::Said(error.to_string()))?;
        care.begin().await;
        self.announce(&doors, &standing, show);
        let Doors { postgres, web, dns } = doors;
        let answering = tokio::spawn(answering(dns, standing.control.clone(), shutdown.clone()));
        let gateway = Gateway::new(standing.shown.certificates(), backends, standing.settings.clone()).map_err(said)?;
        let gateway = gateway.among(care.neighbours());
        hosting::serve(postgres, gateway, standing, hosted.map(|hosted| (hosted, web)), care, shutdown).await;
        drop(answering.await);
        Ok(DONE)
    }

    /// The databases of nodes, and what there is to care for without any.
    fn led(&self, standing: &Standing) -> Result<(Care, Arc<dyn Backends>), Error> {
        let bucket = standing.bucket.clone().ok_or_else(|| Error::Said("--nodes needs the nodes' bucket: name it with --bucket".into()))?;
        let care = Care::of_none(standing.control.clone(), bucket.clone());
        let (control, place) = (standing.control.clone(), self.member.whereabouts());
        let nodes = Nodes::new(control, bucket, &*self.member.domain, place, care.neighbours());
        Ok((care, Arc::new(nodes)))
    }

    /// Says where it listens, and how one gets there.
    fn announce(&self, doors: &Doors, standing: &Standing, show: &Show) {
        let (port, (http, https)) = (port(&doors.postgres), doors.web.ports());
        show.answer(&self.psql(port, standing));
        doors.web.announce(standing, &self.member.domain, show);
        let dns = doors.dns.as_ref().and_then(|doors| doors.address().ok()).map(|address| address.port());
        let (domain, authority) = (&self.member.domain, &standing.authority);
        let ready = serde_json::json!({
            "event": "ready", "port": port, "http": http, "https": https, "dns": dns, "domain": domain, "authority": authority
        });
        show.document(&ready);
        show.answer("ready; Ctrl-C stops");
    }

    /// Opens them all, or says which one can't be.
    async fn doors(&self) -> Result<Doors, Error> {
        let (postgres, web) = (listen("--listen", self.listen)?, self.hosting.doors()?);
        let dns = match self.dns {
            Some(address) => Some(dns::Doors::open(address).await.map_err(|source| Error::Listen { option: "--dns", address, source })?),
            None => None,
        };
        Ok(Doors { postgres, web, dns })
    }

    fn psql(&self, port: u16, standing: &Standing) -> String {
        let address = if self.listen.ip().is_loopback() { " hostaddr=127.0.0.1" } else { "" };
        // `iasql certificate` has put it beside what it signed
        let beside = || Some(self.member.certificate.as_ref()?.with_file_name(AUTHORITY)).filter(|file| file.exists());
        let root = standing.authority.clone().or_else(beside).map_or_else(|| "system".to_owned(), |file| file.display().to_string());
        format!("psql \"host=NAME.{}{address} port={port} user=app sslmode=verify-full sslrootcert={root}\"", self.member.domain)
    }
}

/// Answers DNS, where it is wanted.
async fn answering(doors: Option<dns::Doors>, control: Control, shutdown: CancellationToken) {
    if let Some(doors) = doors {
        dns::serve(doors, control, shutdown).await;
    }
}
