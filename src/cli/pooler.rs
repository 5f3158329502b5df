//! `iasql pooler`: many clients over few sessions with a cluster, writes at the primary, reads at standbys.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use iasql::{
    causes::in_one_line,
    config, descriptors,
    gateway::{
        Deadlines, Limits,
        pool::{
            self, Pooler, Settings, Ways,
            control::{self, Door, Place},
        },
    },
    resource::Secret,
    shutdown,
};

use super::{
    error::Error,
    exit::DONE,
    member::{listen, port},
    show::Show,
};

pub(crate) const EXAMPLES: &str = "\
Examples:
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
    /// Which members there are and who is let in, in JSON; the control door writes other members into it
    #[arg(long, env = "IASQL_POOLER_MEMBERS", value_name = "FILE")]
    members: PathBuf,
    /// The key and the chain that clients are shown, in one PEM; read again when the control door is asked to
    #[arg(long, env = "IASQL_POOLER_CERTIFICATE", value_name = "FILE")]
    certificate: PathBuf,
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

/// How long sessions in a transaction have when it stops.
const GRACE: Duration = Duration::from_secs(20);

impl Pool {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        let shutdown = shutdown::on_signal().map_err(|source| Error::Io { what: "listening for signals".into(), source })?;
        let listener = listen("--listen", self.listen)?;
        let door = match &self.control {
            Some(place) => Some(self.door(place).await?),
            None => None,
        };
        let pooler = Pooler::new(self.settings()).map(Arc::new).map_err(|error| Error::Said(in_one_line(&error)))?;
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

    fn settings(&self) -> Settings {
        let most = usize::try_from(self.max_clients).unwrap_or(usize::MAX);
        // clients of a pool come from few addresses
        let limits = Limits { in_all: most, per_address: most, ..Limits::default() };
        Settings {
            file: self.members.clone(),
            certificate: self.certificate.clone(),
            limits: limits.within(descriptors::most()),
            deadlines: Deadlines::default(),
            ways: Ways { pool_size: self.pool_size.into(), wait: self.wait, lag_limit: self.lag_limit },
            grace: GRACE,
            guesses: Arc::default(),
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).ok_or_else(|| "a number of seconds".to_owned())
}
