//! The databases that a gateway or node runs itself: with what, how many, and where their files go up and down.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use iasql::{
    causes::in_one_line,
    gateway::{self, Care, Certificates, Gateway, Here, Settings, Web, Whereabouts},
    node::{self, Node},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{
    error::Error,
    member::{Member, Standing, listen, port},
    show::Show,
};

/// How databases are run.
#[derive(clap::Args)]
pub(super) struct Hosting {
    /// How many days the files of a database are kept whose row was deleted; a part of one is possible
    #[arg(long, env = "IASQL_GATEWAY_GRACE_DAYS", default_value = "7", value_name = "NUMBER", value_parser = days)]
    grace_days: Duration,
    /// Where databases' files are uploaded and downloaded over HTTP, by their own logins; nowhere where nothing is said. Without TLS: on loopback, behind what ends it and says in X-Forwarded-For where its callers are
    #[arg(long, env = "IASQL_GATEWAY_HTTP", value_name = "ADDRESS", value_parser = loopback)]
    http: Option<SocketAddr>,
    /// The same under TLS, at any address: with the certificates that Postgres clients are shown, by any name of theirs
    #[arg(long, env = "IASQL_GATEWAY_HTTPS", value_name = "ADDRESS")]
    https: Option<SocketAddr>,
    /// The folder in which scripts/install.sh has put PGlite, which opens what browsers have saved and runs databases with engine pglite; below --dir where it is not said
    #[arg(long, env = "IASQL_GATEWAY_PGLITE", value_name = "DIR")]
    pglite: Option<PathBuf>,
    /// How many databases may be awake at once
    #[arg(long, env = "IASQL_GATEWAY_AWAKE", default_value_t = 100, value_name = "NUMBER")]
    awake: usize,
    /// How many sessions one database may have
    #[arg(long, env = "IASQL_GATEWAY_SESSIONS", default_value_t = 20, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=400))]
    sessions: u32,
}

/// Where files go up and down.
pub(super) struct WebDoors {
    http: Option<TcpListener>,
    https: Option<TcpListener>,
}

/// Databases that run here.
pub(super) struct Hosted {
    pub(super) here: Here,
    node: Node,
    /// The folder of this gateway or node.
    home: PathBuf,
    grace: Duration,
    /// By which folder what a browser has saved is converted, where it is there.
    converts: Option<PathBuf>,
}

impl Hosting {
    /// The second door, in clear and under TLS, where it is wanted.
    pub(super) fn doors(&self) -> Result<WebDoors, Error> {
        Ok(WebDoors {
            http: self.http.map(|at| listen("--http", at)).transpose()?,
            https: self.https.map(|at| listen("--https", at)).transpose()?,
        })
    }

    /// Opens the node, which has its files in a folder of its own.
    pub(super) async fn open(&self, member: &Member, standing: &Standing, place: Whereabouts) -> Result<Hosted, Error> {
        let (bucket, pglite) = (standing.bucket.clone(), self.pglite(member));
        let shelf = bucket.clone().map(|bucket| Arc::new(bucket) as Arc<dyn node::Shelf>);
        let converts = Some(pglite.clone()).filter(|folder| folder.join("dump.mjs").exists());
        let options = node::Options::new(standing.home.join("node"));
        let node =
            Node::open(node::Options { running: self.awake, connections: self.sessions, pglite: Some(pglite), shelf, ..options }).await;
        let node = node.map_err(|error| {
            let other = if matches!(error.own(), node::Error::Closed(_)) { " with --home" } else { "" };
            Error::Said(format!("{}{other}", in_one_line(&error)))
        })?;
        if let Some(bucket) = &bucket {
            bucket.belongs_to(node.clone()).await.map_err(|error| Error::Said(format!("opening the bucket: {}", in_one_line(&*error))))?;
        }
        let here = Here::new(standing.control.clone(), node.clone(), &*member.domain, bucket, place);
        Ok(Hosted { here, node, home: standing.home.clone(), grace: self.grace_days, converts })
    }

    fn pglite(&self, member: &Member) -> PathBuf {
        let folder = self.pglite.clone().unwrap_or_else(|| member.place.home.dir.join("pglite"));
        std::path::absolute(&folder).unwrap_or(folder)
    }
}

impl Hosted {
    pub(super) fn care(&self) -> Care {
        Care::new(&self.here, self.grace).of_folder(self.home.clone())
    }

    /// The second door, for who is in these databases.
    fn web(&self, settings: &Settings) -> Web {
        Web::new(self.here.clone(), settings, self.converts.clone())
    }

    /// Puts all into the bucket, where there is one, and stops what runs.
    async fn close(self) {
        self.here.hand_over().await;
        self.node.shutdown().await;
    }
}

impl WebDoors {
    /// The ports, in clear and under TLS.
    pub(super) fn ports(&self) -> (Option<u16>, Option<u16>) {
        (self.http.as_ref().map(port), self.https.as_ref().map(port))
    }

    /// Says how one gets there.
    pub(super) fn announce(&self, standing: &Standing, domain: &str, show: &Show) {
        let (http, https) = self.ports();
        if let Some(port) = http {
            show.answer(&format!("curl -u app http://127.0.0.1:{port}/databases/NAME"));
        }
        if let Some(port) = https {
            let trust = standing.authority.as_ref().map(|file| format!("--cacert {} ", file.display())).unwrap_or_default();
            show.answer(&format!("curl {trust}-u app https://NAME.{domain}:{port}/databases/NAME"));
        }
    }

    async fn serve(self, web: Web, certificates: Arc<Certificates>, shutdown: CancellationToken) {
        let (other, stop) = (web.clone(), shutdown.clone());
        let clear = async move {
            if let Some(listener) = self.http {
                gateway::serve_web(listener, web, shutdown).await;
            }
        };
        let secure = async move {
            if let Some(listener) = self.https {
                gateway::serve_web_tls(listener, certificates, other, stop).await;
            }
        };
        tokio::join!(clear, secure);
    }
}

/// Serves at the first door until `shutdown`, with all that goes on beside it. Then databases that are here are handed over.
pub(super) async fn serve(
    postgres: TcpListener,
    gateway: Gateway,
    standing: Standing,
    hosted: Option<(Hosted, WebDoors)>,
    care: Care,
    shutdown: CancellationToken,
) {
    let Standing { control, shown, settings, .. } = standing;
    let (hosted, doors) = hosted.unzip();
    let mut beside = vec![];
    if let (Some(hosted), Some(doors)) = (&hosted, doors) {
        beside.push(tokio::spawn(doors.serve(hosted.web(&settings), shown.certificates(), shutdown.clone())));
    }
    beside.push(tokio::spawn(care.run(shutdown.clone())));
    beside.push(tokio::spawn(shown.follow(shutdown.clone())));
    gateway::serve(postgres, Arc::new(gateway), shutdown).await;
    for task in beside {
        drop(task.await);
    }
    if let Some(hosted) = hosted {
        hosted.close().await;
    }
    control.close().await;
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
