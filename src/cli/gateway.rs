//! `iasql gateway`: Postgres by server name; each database is asleep until somebody calls.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use chrono::Utc;
use iasql::{
    causes::in_one_line,
    config::Place,
    control::Control,
    database::services,
    gateway::{self, Authority, BucketShelf, Care, Deadlines, Gateway, Here, Limits, Network, Own, Settings, Shown, Web},
    node::{self, Node},
    resource::Secret,
    shutdown, store,
};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{error::Error, exit::DONE, running, show::Show};

pub(crate) const EXAMPLES: &str = "\
Examples:
  iasql gateway                                       beside a running `iasql up`, in the same folder, with a certificate of its own
  iasql gateway --database-url postgres://iasql@db.internal/iasql --domain db.example.com --certificate wildcard.pem --listen 0.0.0.0:5432

Which databases there are stand in the tables gateway.database of the users' databases.";

/// Where it listens, and to whom it leads.
#[derive(clap::Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    place: Place,
    /// Where Postgres clients are served
    #[arg(long, env = "IASQL_GATEWAY_LISTEN", default_value = "127.0.0.1:5432", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// The domain below which databases have their names
    #[arg(long, env = "IASQL_GATEWAY_DOMAIN", default_value = "db.localhost", value_name = "DOMAIN", value_parser = domain)]
    domain: String,
    /// A PEM with the key and the chain for all names below the domain, read again when it changes; where none is named, what the table gateway.certificate has, and until then what a development authority makes
    #[arg(long, env = "IASQL_GATEWAY_CERTIFICATE", value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Where this gateway is: databases whose rows name another location are not run here
    #[arg(long, env = "IASQL_GATEWAY_LOCATION", value_name = "NAME")]
    location: Option<String>,
    /// How many days the files of a database are kept whose row was deleted; a part of one is possible
    #[arg(long, env = "IASQL_GATEWAY_GRACE_DAYS", default_value = "7", value_name = "NUMBER", value_parser = days)]
    grace_days: Duration,
    /// Where the databases' files are, and the development authority; /var/lib/iasql/gateway for root, else below --dir
    #[arg(long, env = "IASQL_GATEWAY_HOME", value_name = "DIR")]
    home: Option<PathBuf>,
    /// Where the files of sleeping databases are: s3://bucket/prefix (the rest from AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, …) or file:///folder; on this disk where none is named
    #[arg(long, env = "IASQL_GATEWAY_BUCKET", value_name = "URL")]
    bucket: Option<String>,
    /// Where databases' files are uploaded and downloaded over HTTP, by their own logins; nowhere where nothing is said. Without TLS: on loopback, behind what ends it
    #[arg(long, env = "IASQL_GATEWAY_HTTP", value_name = "ADDRESS", value_parser = loopback)]
    http: Option<SocketAddr>,
    /// The folder in which scripts/install.sh has put PGlite, which opens what browsers have saved; below --dir where it is not said
    #[arg(long, env = "IASQL_GATEWAY_PGLITE", value_name = "DIR")]
    pglite: Option<PathBuf>,
    /// How many databases may be awake at once
    #[arg(long, env = "IASQL_GATEWAY_AWAKE", default_value_t = 100, value_name = "NUMBER")]
    awake: usize,
    /// From where a PROXY header is believed, and demanded: a load balancer's network
    #[arg(long, env = "IASQL_GATEWAY_PROXIES", value_delimiter = ',', value_name = "NETWORK")]
    proxies: Vec<Network>,
}

/// How long sessions in a transaction have when the gateway stops.
const GRACE: Duration = Duration::from_secs(30);

impl Serve {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        let shutdown = shutdown::on_signal().map_err(|source| Error::Io { what: "listening for signals".into(), source })?;
        let listener = gateway::listen(self.listen).map_err(|source| Error::Listen { address: self.listen, source })?;
        let http = self.http.map(|address| gateway::listen(address).map_err(|source| Error::Listen { address, source })).transpose()?;
        let running::Found { metadata, keys, .. } = running::find(&self.place)?;
        let control = Control::connect(metadata.expose()).await?.with_keys(keys).await?;
        let home = self.home();
        show.say(&format!("databases   {}", home.display()));
        let bucket = self.bucket(&home).await?;
        let shelf = bucket.clone().map(|bucket| Arc::new(bucket) as Arc<dyn node::Shelf>);
        let node = Node::open(node::Options { running: self.awake, shelf, ..node::Options::new(home.join("node")) }).await;
        let node = node.map_err(|error| Error::Said(in_one_line(&error)))?;
        if let Some(bucket) = &bucket {
            bucket.belongs_to(node.clone()).await.map_err(|error| Error::Said(format!("opening the bucket: {}", in_one_line(&*error))))?;
        }
        let (own, authority) = self.own()?;
        let shown = Shown::open(&*self.domain, own, control.clone()).await.map_err(said)?;
        let (authority, certificates) = (authority.filter(|_| shown.is_own()), shown.certificates());
        let here = Here::new(control.clone(), node.clone(), &*self.domain, bucket).at(self.location.clone());
        let care = Care::new(&here, self.grace_days);
        let settings = Settings {
            limits: Limits::default(),
            deadlines: Deadlines::default(),
            trusted: self.proxies.clone(),
            grace: GRACE,
            secret: secret(metadata.expose())?,
        };
        self.announce(&listener, http.as_ref(), authority.as_deref(), show);
        let beside = [
            tokio::spawn(self.web(http, &here, &settings.secret, shutdown.clone())),
            tokio::spawn(care.run(shutdown.clone())),
            tokio::spawn(shown.follow(shutdown.clone())),
        ];
        let gateway = Arc::new(Gateway::new(certificates, Arc::new(here), settings));
        gateway::serve(listener, gateway, shutdown).await;
        show.say("stopping");
        for task in beside {
            drop(task.await);
        }
        node.shutdown().await;
        control.close().await;
        Ok(DONE)
    }

    /// Says where it listens, and how one gets there.
    fn announce(&self, listener: &TcpListener, http: Option<&TcpListener>, authority: Option<&Path>, show: &Show) {
        let port = listener.local_addr().map_or(self.listen.port(), |address| address.port());
        show.answer(&self.psql(port, authority));
        let web_port = http.and_then(|listener| listener.local_addr().ok()).map(|address| address.port());
        if let Some(port) = web_port {
            show.answer(&format!("curl -u app http://127.0.0.1:{port}/databases/NAME"));
        }
        let ready = serde_json::json!({ "event": "ready", "port": port, "http": web_port, "domain": self.domain, "authority": authority });
        show.document(&ready);
        show.answer("ready; Ctrl-C stops");
    }

    /// The second door, where one is wanted.
    fn web(
        &self,
        listener: Option<TcpListener>,
        here: &Here,
        secret: &Secret,
        shutdown: CancellationToken,
    ) -> impl Future<Output = ()> + Send + use<> {
        let pglite = self.pglite.clone().unwrap_or_else(|| self.place.home.dir.join("pglite"));
        let pglite = std::path::absolute(&pglite).ok().filter(|folder| folder.join("dump.mjs").exists());
        let web = Web::new(here.clone(), secret, pglite);
        async move {
            if let Some(listener) = listener {
                gateway::serve_web(listener, web, shutdown).await;
            }
        }
    }

    async fn bucket(&self, home: &Path) -> Result<Option<BucketShelf>, Error> {
        let Some(url) = &self.bucket else { return Ok(None) };
        let bucket = store::Bucket::open(url, &store::Access::default()).await.map_err(|error| Error::Said(in_one_line(&error)))?;
        Ok(Some(BucketShelf::new(home, bucket, store::Options::default())))
    }

    /// As root it must be where the databases' own users can get, and root's home is not.
    fn home(&self) -> PathBuf {
        let own = || if nix::unistd::geteuid().is_root() { "/var/lib/iasql/gateway".into() } else { self.place.home.dir.join("gateway") };
        self.home.clone().unwrap_or_else(own)
    }

    /// What clients are shown, and what they are told to trust where it is our own.
    fn own(&self) -> Result<(Own, Option<PathBuf>), Error> {
        match &self.certificate {
            Some(file) => Ok((Own::File(file.clone()), None)),
            None => {
                let authority = Authority::open(self.home().join("authority"), Utc::now()).map_err(said)?;
                let domain = authority.issue(&self.domain, Utc::now()).map_err(said)?;
                Ok((Own::Rows(domain), Some(authority.certificate())))
            }
        }
    }

    fn psql(&self, port: u16, authority: Option<&Path>) -> String {
        let address = if self.listen.ip().is_loopback() { " hostaddr=127.0.0.1" } else { "" };
        let root = authority.map_or_else(|| "system".to_owned(), |file| file.display().to_string());
        format!("psql \"host=NAME.{}{address} port={port} user=app sslmode=verify-full sslrootcert={root}\"", self.domain)
    }
}

/// From this follow the salts of users who are not there: the same at each start, where the administrator has a password.
fn secret(metadata: &str) -> Result<Secret, Error> {
    if let Some(derived) = services::derived(metadata, "salts of strangers") {
        return Ok(Secret::new(derived));
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::Said(format!("no secret could be made: {error}")))?;
    Ok(Secret::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

fn said(error: gateway::Error) -> Error {
    Error::Said(in_one_line(&error))
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| format!("{text} is no address with a port; it looks like 127.0.0.1:8443"))?;
    let hint = "passwords would go over it in the clear: name a loopback address, and let something that ends TLS lead there";
    if address.ip().is_loopback() { Ok(address) } else { Err(hint.to_owned()) }
}

fn days(text: &str) -> Result<Duration, String> {
    const DAY: f64 = 86_400.0;
    let days = text.parse::<f64>().ok().filter(|days| (0.0..=3650.0).contains(days));
    days.map(|days| Duration::from_secs_f64(days * DAY)).ok_or_else(|| format!("{text} is no number of days from 0 to 3650"))
}

/// A domain in small letters, as the command line has it.
pub(super) fn domain(text: &str) -> Result<String, String> {
    let domain = text.to_lowercase();
    let is_label =
        |label: &str| !label.is_empty() && label.len() <= 63 && label.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-');
    if domain.split('.').all(is_label) { Ok(domain) } else { Err(format!("{text} is no domain; it looks like db.example.com")) }
}
