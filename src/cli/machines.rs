//! `iasql machines`: the Machines API of Fly on this machine, over real processes or containers.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use iasql::{
    causes::in_one_line,
    config::{self, Home},
    machines::{self, Machines, Options, Services},
    resource::Secret,
    shutdown,
};
use tokio::net::TcpListener;

use super::{error::Error, exit::DONE, show::Show};

pub(crate) const EXAMPLES: &str = "\
Examples:
  FLY_API_TOKEN=a-token-of-your-own iasql machines       images from ./images, machines below .iasql
  iasql machines --services 127.0.0.2                    with what Fly's proxy does: psql \"host=APP.fly.dev hostaddr=127.0.0.2 …\"
  iasql machines --listen 127.0.0.1:0 --home /var/lib/iasql/machines --token-file token --rate-limit --json

A tool for development on one machine (docs/machines.md); the fleet is Fly's.";

/// What a machine is.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Backend {
    /// Processes of this machine.
    Native,
    /// A container of its Docker engine.
    Docker,
}

/// Where machines live, and who may make them.
#[derive(clap::Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    place: Home,
    /// Where the API is served: on loopback only, for it runs what it is told to
    #[arg(long, env = "IASQL_MACHINES_LISTEN", default_value = "127.0.0.1:4280", value_name = "ADDRESS", value_parser = loopback)]
    listen: SocketAddr,
    /// The address of loopback at which services of machines are reached, each at its own port and as APP.fly.dev, as by Fly's proxy; nowhere where nothing is said. 127.0.0.2 is one where no port is anybody's yet
    #[arg(long, env = "IASQL_MACHINES_SERVICES", value_name = "IP", value_parser = own)]
    services: Option<IpAddr>,
    /// How long nobody has to be connected before a machine is stopped or suspended whose services say autostop; Fly looks every few minutes
    #[arg(long, env = "IASQL_MACHINES_AUTOSTOP_SECONDS", default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400), requires = "services")]
    autostop_seconds: u64,
    /// Where machines and volumes are; /var/lib/iasql/machines for root, else below --dir
    #[arg(long, env = "IASQL_MACHINES_HOME", value_name = "DIR")]
    home: Option<PathBuf>,
    /// What a machine is: processes of this machine, or a container of its Docker engine
    #[arg(long, env = "IASQL_MACHINES_BACKEND", value_name = "BACKEND", value_enum, default_value_t = Backend::Native)]
    backend: Backend,
    /// Where Docker's engine listens, with --backend docker
    #[arg(long, env = "DOCKER_HOST", value_name = "ADDRESS", default_value = "unix:///var/run/docker.sock")]
    docker_host: String,
    /// Where images are: for each a folder with the program `entrypoint`, or for Docker with a `Dockerfile`
    #[arg(long, env = "IASQL_MACHINES_IMAGES", value_name = "DIR", default_value = "images")]
    images: PathBuf,
    /// The folder in which scripts/install.sh has put PGlite, for the image `pglite`; below --dir where it is not said
    #[arg(long, env = "IASQL_MACHINES_PGLITE", value_name = "DIR")]
    pglite: Option<PathBuf>,
    /// Where a machine or a volume is of which nobody says it
    #[arg(long, env = "IASQL_MACHINES_REGION", value_name = "REGION", default_value = "iad", value_parser = Machines::region)]
    region: String,
    /// The bearer token that every request has to bring, in a file
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    token_file: Option<PathBuf>,
    /// The same; FLY_API_TOKEN, as Fly's own clients have it
    #[arg(long, env = "FLY_API_TOKEN", hide_env_values = true, value_name = "TOKEN", value_parser = unseen)]
    token: Option<Secret>,
    /// Answer 429 where Fly does: one request a second for each action and machine or app, three at once
    #[arg(long, env = "IASQL_MACHINES_RATE_LIMIT")]
    rate_limit: bool,
    /// Stop all machines at the end, instead of leaving them running
    #[arg(long, env = "IASQL_MACHINES_STOP")]
    stop_machines: bool,
}

impl Serve {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        let shutdown = shutdown::on_signal().map_err(|source| Error::Io { what: "listening for signals".into(), source })?;
        let (token, home, address) = (self.token()?, self.home(), self.listen);
        let listener = TcpListener::bind(address).await.map_err(|source| Error::Listen { option: "--listen", address, source })?;
        let at = listener.local_addr().map_err(|source| Error::Listen { option: "--listen", address, source })?;
        let docker = self.docker()?;
        let pglite = self.pglite.clone().unwrap_or_else(|| self.place.dir.join("pglite"));
        let pglite = Some(pglite).filter(|folder| docker.is_none() && (self.pglite.is_some() || folder.join("serve.mjs").exists()));
        let autostop = Duration::from_secs(self.autostop_seconds);
        let services = self.services.map(|address| Services { address, autostop });
        let (images, region, rate_limit) = (self.images, self.region, self.rate_limit);
        let options = Options { home: home.clone(), images, pglite, docker, region, token, rate_limit, services };
        let machines = Machines::open(options).await.map_err(|error| said(&error))?;
        show.say(&format!("machines    {}", home.display()));
        show.say(&format!("running     {}", machines.running()));
        if let (Some(services), Some(authority)) = (self.services, machines.authority()) {
            show.say(&format!("services    {services}, as APP.fly.dev; clients trust {}", authority.display()));
        }
        show.answer(&format!("ready: http://{at}/v1"));
        show.document(&serde_json::json!({
            "event": "ready", "http": format!("http://{at}"), "home": home, "running": machines.running(), "services": self.services,
            "authority": machines.authority(),
        }));
        machines.serve(listener, shutdown).await;
        if self.stop_machines {
            show.say("stopping all machines");
            machines.stop_all().await;
        }
        let running = machines.running();
        show.answer(&format!("{running} machines go on running"));
        show.document(&serde_json::json!({ "event": "stopped", "running": running }));
        Ok(DONE)
    }

    /// As root it must be where the machines' own users can get, and root's home is not.
    fn home(&self) -> PathBuf {
        let own = || if nix::unistd::geteuid().is_root() { "/var/lib/iasql/machines".into() } else { self.place.dir.join("machines") };
        self.home.clone().unwrap_or_else(own)
    }

    /// Where the engine is, which has to be of this machine: a container has its network and its folders.
    fn docker(&self) -> Result<Option<String>, Error> {
        let address = match self.backend {
            Backend::Native => return Ok(None),
            Backend::Docker => &self.docker_host,
        };
        if address.starts_with("unix:///") {
            return Ok(Some(address.clone()));
        }
        let said = format!(
            "--docker-host, or DOCKER_HOST, is {address}: machines have this machine's network and folders, so it is a socket here"
        );
        Err(Error::Said(format!("{said}; it looks like unix:///var/run/docker.sock")))
    }

    fn token(&self) -> Result<Secret, Error> {
        let Some(file) = &self.token_file else {
            let hint = "name the token that requests have to bring: --token-file, or FLY_API_TOKEN in the environment";
            let token = self.token.as_ref().ok_or_else(|| Error::Said(hint.to_owned()))?;
            return config::token(token.expose()).map_err(|said| Error::Said(format!("FLY_API_TOKEN: {said}")));
        };
        let what = || format!("reading the token file {}", file.display());
        let text = std::fs::read_to_string(file).map_err(|source| Error::Io { what: what(), source })?;
        config::token(text.trim()).map_err(|said| Error::Said(format!("{}: {said}", what())))
    }
}

/// Takes anything: clap repeats what it refuses, and that is a token.
fn unseen(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text))
}

fn said(error: &machines::Error) -> Error {
    Error::Said(in_one_line(error))
}

fn own(text: &str) -> Result<IpAddr, String> {
    let address: IpAddr = text.parse().map_err(|_| format!("{text} is no address; it looks like 127.0.0.2"))?;
    if address.is_loopback() { Ok(address) } else { Err("machines are for this machine only: name a loopback address".to_owned()) }
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| format!("{text} is no address with a port; it looks like 127.0.0.1:4280"))?;
    let hint = "whoever reaches it can run programs here: name a loopback address";
    if address.ip().is_loopback() { Ok(address) } else { Err(hint.to_owned()) }
}
