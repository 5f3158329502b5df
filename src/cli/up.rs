//! `iasql up`: everything on this machine, in the foreground.

use std::{path::Path, pin::pin, time::Duration};

use iasql::{
    config::{Cloud, Door, Home, Machine},
    control::{Control, KeySource},
    local::{self, Emulator, LocalPostgres},
    seal, shutdown,
};
use sqlx::migrate::MigrateDatabase;
use tokio_util::sync::CancellationToken;

use super::{
    door::Closed,
    error::Error,
    exit::DONE,
    gateway::Serve,
    pgpass,
    running::{self, Claim, Running},
    show::Show,
    standing::fallen,
};

pub(crate) const EXAMPLES: &str = "\
Examples:
  iasql up                        in this folder, with a local cloud that needs no account
  iasql up --gateway              with a gateway, which serves a database per host name
  iasql up --cloud aws            with your own AWS account
  iasql up --dir /tmp/try --no-auth

It runs until Ctrl-C. In another terminal, in the same folder: iasql setup shop";

/// What Postgres' own port would be, were it not for a Postgres that is there already.
const POSTGRES: u16 = 5433;

/// Where, and what.
#[derive(clap::Args)]
pub(crate) struct Up {
    #[command(flatten)]
    home: Home,
    #[command(flatten)]
    machine: Machine,
    #[command(flatten)]
    door: Door,
    /// Run a gateway as well, with a certificate of its own, on 127.0.0.1:5432; IASQL_GATEWAY_… is what `iasql gateway` takes
    #[arg(long)]
    gateway: bool,
}

impl Up {
    pub(crate) async fn run(mut self, show: &Show) -> Result<u8, Error> {
        show.say(&format!("iasql {} starts in {}", env!("CARGO_PKG_VERSION"), self.home.dir.display()));
        let claim = Claim::take(&self.home.dir)?;
        let gateway = if self.gateway { Some(Serve::beside(claim.dir())?) } else { None };
        let shutdown = shutdown::on_signal().map_err(|source| Error::Io { what: "listening for signals".into(), source })?;
        self.door = with_token(self.door, claim.dir())?;
        let token = self.door.token_file.clone();
        let door = Closed::at(self.door).await?;
        let (postgres, emulator) =
            tokio::try_join!(start_postgres(claim.dir(), &self.machine, show), start_cloud(claim.dir(), &self.machine, show))?;
        let endpoint = emulator.as_ref().map(Emulator::endpoint);
        let keys = keys(claim.dir())?;
        let control = running::control(&metadata(&postgres).await?, endpoint.as_deref(), keys).await?;
        let running = Running { pid: std::process::id(), metadata_url: postgres.url(METADATA), http: door.url(), endpoint };
        claim.announce(&running)?;
        welcome(show, &running, &control, claim.dir(), token.as_deref()).await?;
        let mut servers = vec![("postgres", postgres.port())];
        servers.extend(emulator.as_ref().map(|emulator| ("the local cloud", emulator.port())));
        let work = beside(gateway, door.open(control, shutdown.clone()), &shutdown, show);
        let worked = while_standing(&servers, &shutdown, work).await;
        drop(claim);
        show.say("stopping");
        postgres.stop().await;
        worked.map(|()| DONE)
    }
}

/// Works, with a gateway beside it where one is wanted.
async fn beside(
    gateway: Option<Serve>,
    work: impl Future<Output = Result<(), Error>>,
    shutdown: &CancellationToken,
    show: &Show,
) -> Result<(), Error> {
    let Some(gateway) = gateway else { return work.await };
    // on the heap: it is much, and there is none in most cases
    let gateway = Box::pin(gateway.until(shutdown.clone(), show));
    tokio::try_join!(work, gateway).map(drop)
}

/// Works until the end, or until something that all stands on has ended: then nothing more can be done.
async fn while_standing(
    servers: &[(&'static str, u16)],
    shutdown: &CancellationToken,
    work: impl Future<Output = Result<(), Error>>,
) -> Result<(), Error> {
    let mut work = pin!(work);
    tokio::select! {
        done = &mut work => done,
        name = fallen(servers) => {
            shutdown.cancel();
            drop(tokio::time::timeout(FAREWELL, work).await);
            Err(Error::Said(format!("{name} has ended, and nothing goes on without it: start again with iasql up")))
        }
    }
}

/// How long what runs may take to end when it has lost what it stands on.
const FAREWELL: Duration = Duration::from_secs(5);

/// The database that knows the others.
const METADATA: &str = "iasql";

async fn metadata(postgres: &LocalPostgres) -> Result<String, Error> {
    let url = postgres.url(METADATA);
    let failed = |error: sqlx::Error| Error::Said(format!("making the metadata database: {error}"));
    if !sqlx::Postgres::database_exists(&url).await.map_err(failed)? {
        sqlx::Postgres::create_database(&url).await.map_err(failed)?;
    }
    Ok(url)
}

async fn start_postgres(dir: &Path, machine: &Machine, show: &Show) -> Result<LocalPostgres, Error> {
    let mut tries = 0;
    let postgres = loop {
        let port = machine.port.unwrap_or_else(|| local::free_port(POSTGRES));
        let options = local::Options { port: Some(port), lasting: true, binary: None };
        match LocalPostgres::start(dir.join("postgres"), options).await {
            // somebody else may have taken the port since it was looked at; a port that was asked for is no choice of ours
            Err(_) if machine.port.is_none() && tries < 3 => tries += 1,
            started => break started?,
        }
    };
    show.say(&format!("postgres    127.0.0.1:{}", postgres.port()));
    Ok(postgres)
}

async fn start_cloud(dir: &Path, machine: &Machine, show: &Show) -> Result<Option<Emulator>, Error> {
    if machine.cloud == Cloud::Aws {
        show.say("cloud       AWS, with the credentials of this shell");
        return Ok(None);
    }
    let emulator = Emulator::start(&machine.venv, None, dir.join("emulator.log")).await?;
    show.say(&format!("cloud       {} (local; it forgets everything when this ends)", emulator.endpoint()));
    Ok(Some(emulator))
}

/// A token of its own where none was given and none is waived: on a shared machine others can reach loopback too.
fn with_token(door: Door, dir: &Path) -> Result<Door, Error> {
    if door.no_auth || door.token.is_some() || door.token_file.is_some() {
        return Ok(door);
    }
    let file = dir.join("token");
    if !file.exists() {
        running::private(&file, &format!("{}\n", token()?))?;
    }
    Ok(Door { token_file: Some(file), ..door })
}

/// A key of its own, made at the first start.
fn keys(dir: &Path) -> Result<KeySource, Error> {
    let file = dir.join(running::KEYS);
    if !file.exists() {
        let key = seal::new_key(chrono::Utc::now()).map_err(|error| Error::Said(error.to_string()))?;
        running::private(&file, key.expose())?;
    }
    Ok(KeySource::File(file))
}

fn token() -> Result<String, Error> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes).map_err(|error| Error::Said(format!("no token could be made: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

async fn welcome(show: &Show, running: &Running, control: &Control, dir: &Path, token: Option<&Path>) -> Result<(), Error> {
    show.say(&format!("http        {}", running.http));
    for database in control.databases().await? {
        show.answer(&pgpass::psql(dir, &database));
    }
    let header = token.map(|file| format!(" -H \"Authorization: Bearer $(cat {})\"", file.display())).unwrap_or_default();
    show.say(&format!("next        iasql setup shop, or: curl{header} {}/setup/shop", running.http));
    show.document(&serde_json::json!({ "event": "ready", "http": running.http, "endpoint": running.endpoint, "pid": running.pid }));
    show.answer("ready; Ctrl-C stops");
    Ok(())
}
