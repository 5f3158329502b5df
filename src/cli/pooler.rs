//! `iasql pooler`: many clients over few sessions with a cluster, writes at the primary, reads at standbys.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use iasql::{
    authority::{self, Presented},
    causes::in_one_line,
    cluster::{POOLER, Seat, used_for},
    config, descriptors,
    gateway::{
        Deadlines, Domain, Limits,
        pool::{
            self, Given, Pooler, Settings, Told, Ways,
            control::{self, Door, Place},
            file::{Book, Hidden, Members, Named, Pooling, Role, User},
        },
    },
    resource::Secret,
    shutdown,
};
use tokio::{net::TcpListener, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{
    cluster::Of,
    error::Error,
    exit::DONE,
    member::{listen, port},
    show::Show,
};

pub(crate) const EXAMPLES: &str = "\
Examples:
  iasql pooler --cluster --listen [::]:6432
  iasql pooler --members cluster.json --certificate pooler.pem --control /run/iasql/pooler.sock
  psql \"host=pooler.internal port=6432 user=pooler dbname=main sslmode=verify-full sslrootcert=authority.crt\"
  curl --unix-socket /run/iasql/pooler.sock http://pooler/status

docs/pooler.md says what stands in the file, and what the control door is asked.";

/// Where it listens, and what it is before.
#[derive(clap::Args)]
pub(crate) struct Pool {
    /// Where clients are served
    #[arg(long, env = "IASQL_POOLER_LISTEN", default_value = "127.0.0.1:6432", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Be the pooler of the cluster that the environment names (IASQL_CLUSTER_NAME, …_BUCKET, …_KEY): it says who the members are, and what is shown
    #[arg(long, conflicts_with_all = ["members", "certificate", "control"])]
    cluster: bool,
    #[command(flatten)]
    belongs: Belongs,
    /// Which members there are and who is let in, in JSON; the control door writes other members into it
    #[arg(long, env = "IASQL_POOLER_MEMBERS", required_unless_present = "cluster", value_name = "FILE")]
    members: Option<PathBuf>,
    /// The key and the chain that clients are shown, in one PEM; read again when the control door is asked to
    #[arg(long, env = "IASQL_POOLER_CERTIFICATE", required_unless_present = "cluster", value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Where it is told who the primary is, paused and looked at: a socket for its owner only, or an address of loopback with a key
    #[arg(long, env = "IASQL_POOLER_CONTROL", value_name = "SOCKET_OR_ADDRESS")]
    control: Option<Place>,
    /// A file with the bearer token of a control door at an address
    #[arg(long, env = "IASQL_POOLER_CONTROL_KEY_FILE", value_name = "FILE", requires = "control")]
    control_key_file: Option<PathBuf>,
    /// How many sessions one user has with one member at most
    #[arg(long, env = "IASQL_POOLER_POOL_SIZE", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..), value_name = "NUMBER")]
    pool_size: u16,
    /// How many clients may be connected at once
    #[arg(long, env = "IASQL_POOLER_MAX_CLIENTS", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..), value_name = "NUMBER")]
    max_clients: u32,
    /// For how many seconds clients wait for a primary, or for a session with it
    #[arg(long, env = "IASQL_POOLER_WAIT", default_value = "30", value_parser = seconds, value_name = "SECONDS")]
    wait: Duration,
    /// How many seconds a standby may be behind that is read from
    #[arg(long, env = "IASQL_POOLER_LAG_LIMIT", default_value = "5", value_parser = seconds, value_name = "SECONDS")]
    lag_limit: Duration,
}

/// What a pooler is in a cluster.
#[derive(clap::Args)]
struct Belongs {
    /// The database that is served, in a cluster
    #[arg(long, env = "IASQL_POOLER_DATABASE", default_value = "main", value_name = "NAME")]
    database: String,
    /// Who is let in, in a cluster, and as whom members are reached
    #[arg(long, env = "IASQL_POOLER_ROLE", default_value = POOLER, value_name = "ROLE")]
    role: String,
    /// What that one's clients prove to know, in a cluster: a verifier as in `pg_authid`
    #[arg(long, env = "IASQL_POOLER_VERIFIER", hide_env_values = true, default_value = "", value_name = "SCRAM")]
    verifier: String,
    /// By which host names clients reach it, in a cluster
    #[arg(long, env = "IASQL_POOLER_NAMES", value_delimiter = ',', value_name = "NAMES")]
    names: Vec<String>,
    /// By which address it is reached, in a cluster; without it the one where it listens
    #[arg(long, env = "FLY_PRIVATE_IP", value_name = "ADDRESS")]
    ip: Option<IpAddr>,
    /// Where it is told things, in a cluster
    #[arg(long, env = "IASQL_POOLER_CONTROL_PORT", default_value_t = 6433, value_name = "PORT")]
    control_port: u16,
}

/// How soon another certificate is tried to be made where it failed.
const AGAIN: Duration = Duration::from_secs(10);
/// How long sessions in a transaction have when it stops.
const GRACE: Duration = Duration::from_secs(20);

impl Pool {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        let shutdown = shutdown::on_signal().map_err(|source| Error::Io { what: "listening for signals".into(), source })?;
        let listener = listen("--listen", self.listen)?;
        if self.cluster {
            return self.in_cluster(listener, show, shutdown).await;
        }
        let door = match &self.control {
            Some(place) => Some(self.door(place).await?),
            None => None,
        };
        let (Some(file), Some(certificate)) = (self.members.clone(), self.certificate.clone()) else {
            return Err(Error::Said("--members and --certificate say what it is before".to_owned()));
        };
        let settings = self.settings(Told::Files { file, certificate });
        let pooler = Pooler::new(settings).map(Arc::new).map_err(said)?;
        let (port, control) = (port(&listener), door.as_ref().and_then(Door::port));
        show.answer(&format!("clients are served at {}:{port}", self.listen.ip()));
        show.document(&serde_json::json!({ "event": "ready", "port": port, "control": control }));
        show.answer("ready; Ctrl-C stops");
        let controlled = door.map(|door| tokio::spawn(control::serve(door, Arc::clone(&pooler), shutdown.clone())));
        pool::serve(listener, pooler, shutdown).await;
        if let Some(controlled) = controlled {
            drop(controlled.await);
        }
        Ok(DONE)
    }

    async fn door(&self, place: &Place) -> Result<Door, Error> {
        let read = |file: &PathBuf| {
            let text = std::fs::read_to_string(file).map_err(|source| Error::Io { what: format!("reading {}", file.display()), source })?;
            config::token(text.trim()).map_err(Error::Said)
        };
        let key: Option<Secret> = self.control_key_file.as_ref().map(read).transpose()?;
        Door::open(place, key).await.map_err(|source| Error::Io { what: "opening the control door (--control)".into(), source })
    }

    /// The same in a cluster: it finds its place there, and is told by whoever looks after the cluster.
    async fn in_cluster(self, listener: TcpListener, show: &Show, shutdown: CancellationToken) -> Result<u8, Error> {
        let site = Of::from_environment()?.site()?;
        let (lasts, token) = (site.lasts, site.token().map_err(said)?);
        let port = port(&listener);
        let at = SocketAddr::new(self.belongs.ip.unwrap_or(self.listen.ip()), port);
        let control = SocketAddr::new(at.ip(), self.belongs.control_port);
        let orders = listen("--control-port", control)?;
        let authority = site.authority().map_err(said)?;
        let seat = Seat::take(site, at, control, self.belongs.names.clone()).await.map_err(said)?;
        let leaf = seat.shows(&self.belongs.role).map_err(said)?;
        let presented = Presented::new(&leaf).map_err(said)?;
        let reaches = presented.client(authority.certificate()).map_err(said)?;
        let given = Given { book: self.belongs.book(), shown: domain(&leaf), reaches };
        let pooler = Pooler::new(self.settings(Told::Given(Box::new(given)))).map(Arc::new).map_err(said)?;
        pooler.shows(domain(&leaf), leaf.ends).map_err(said)?;
        let door = authority::Door::over(orders, presented.server().map_err(said)?);
        let door = door.map_err(|source| Error::Io { what: "opening the control door (--control-port)".into(), source })?;
        let controlled = tokio::spawn(control::serve(Door::Secured(door, token), Arc::clone(&pooler), shutdown.clone()));
        seat.register().await.map_err(said)?;
        show.answer(&format!("clients are served at {at}"));
        show.document(&serde_json::json!({ "event": "ready", "port": port, "control": control.port() }));
        let (served, finds) = (pool::serve(listener, Arc::clone(&pooler), shutdown), finds(&seat, &pooler));
        tokio::select! {
            () = served => {}
            () = async { tokio::join!(finds, seat.stay(), renews(&seat, &self.belongs.role, &pooler, &presented, leaf.ends, lasts)); } => {}
        }
        // whoever looks for it later only finds that it is gone
        drop(seat.leave().await);
        drop(controlled.await);
        Ok(DONE)
    }

    fn settings(&self, told: Told) -> Settings {
        let most = usize::try_from(self.max_clients).unwrap_or(usize::MAX);
        // clients of a pool come from few addresses
        let limits = Limits { in_all: most, per_address: most, ..Limits::default() };
        Settings {
            told,
            limits: limits.within(descriptors::most()),
            deadlines: Deadlines::default(),
            ways: Ways { pool_size: self.pool_size.into(), wait: self.wait, lag_limit: self.lag_limit },
            grace: GRACE,
            guesses: Arc::default(),
        }
    }
}

impl Belongs {
    /// Nobody is known to it yet.
    fn book(&self) -> Book {
        let verifier = Hidden::new(&self.verifier);
        let user = User { name: self.role.clone(), verifier, password: None, certificate: None, pooling: Pooling::Transaction };
        Book { term: 0, database: self.database.clone(), ca: None, users: vec![user], members: vec![] }
    }
}

fn domain(leaf: &authority::Leaf) -> Domain {
    Domain { name: "the pooler".to_owned(), pem: leaf.pem() }
}

/// Knows who leads as soon as that is written down, unless somebody has told it before.
async fn finds(seat: &Seat, pooler: &Pooler) {
    let (term, served) = seat.members().await;
    let named = served.into_iter().map(|served| {
        let role = if served.role == "primary" { Role::Primary } else { Role::Standby };
        Named { name: served.name, host: served.host, port: served.port, server_name: None, role }
    });
    if let Err(why) = pooler.take(&Members { term, members: named.collect() }) {
        tracing::debug!(?why, "it was told something newer");
    }
}

/// Shows another certificate before the one that is shown is over.
async fn renews(seat: &Seat, role: &str, pooler: &Pooler, presented: &Presented, ends: DateTime<Utc>, lasts: Duration) {
    let mut ends = ends;
    loop {
        sleep(used_for(ends, lasts)).await;
        let renewed = seat.shows(role).map_err(said).and_then(|leaf| {
            presented.replace(&leaf).map_err(said)?;
            pooler.shows(domain(&leaf), leaf.ends).map_err(said)?;
            Ok(leaf.ends)
        });
        match renewed {
            Ok(until) => ends = until,
            Err(error) => {
                tracing::warn!(%error, "no other certificate could be made");
                sleep(AGAIN.min(lasts / 6)).await;
            }
        }
    }
}

fn said(error: impl std::error::Error + 'static) -> Error {
    Error::Said(in_one_line(&error))
}

fn seconds(text: &str) -> Result<Duration, String> {
    text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).ok_or_else(|| "a number of seconds".to_owned())
}
