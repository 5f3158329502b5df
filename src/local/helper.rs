//! The process that runs Postgres for us as a user who may: it starts a server, says where, and stops it when the pipe to us closes.

use std::{
    collections::HashMap,
    env, fs,
    io::{self, Read, Write},
    path::Path,
    process::ExitCode,
    time::Duration,
};

use postgresql_embedded::{BOOTSTRAP_SUPERUSER, PostgreSQL, Settings, VersionReq};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

use super::{
    Error, installed, lock, pidfile,
    wire::{Order, Reply},
};

/// The subcommand, which no person types.
pub(super) const WORD: &str = "postgres-helper";
const PATIENCE: Duration = Duration::from_secs(60);
const OURS: &str = "iasql.conf";
const HBA: &str = include_str!("pg_hba.conf");
const LASTING: &str = include_str!("lasting.conf");
const SCRATCH: &str = include_str!("scratch.conf");

/// Does the helper's work where this process was started as one. To be asked first of all in `main`.
pub fn help() -> Option<ExitCode> {
    (env::args_os().nth(1)? == *WORD).then(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_or(ExitCode::FAILURE, |runtime| runtime.block_on(work()))
    })
}

async fn work() -> ExitCode {
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o077));
    let mut line = String::new();
    let Some(order) = io::stdin().read_line(&mut line).ok().and_then(|_| serde_json::from_str::<Order>(&line).ok()) else {
        return ExitCode::FAILURE;
    };
    let (code, reply) = match start(&order).await {
        Ok(server) => {
            let settings = server.postgres.settings();
            tell(&Reply::Ready { port: settings.port, password: settings.password.clone() });
            told_to_stop().await;
            (ExitCode::SUCCESS, server.postgres.stop().await.err().map(|error| error.to_string()))
        }
        Err(error) => (ExitCode::FAILURE, Some(error.to_string())),
    };
    if let Some(said) = reply {
        tell(&Reply::Failed(said));
    }
    if !order.lasting {
        drop(fs::remove_dir_all(&order.home));
    }
    code
}

struct Server {
    postgres: PostgreSQL,
    /// Held for as long as the server runs: two of us never work in one folder.
    _lock: fs::File,
}

async fn start(order: &Order) -> Result<Server, Error> {
    let lock = lock(&order.home)?;
    let data = order.home.join("data");
    if pidfile::is_alive(&data) {
        // a helper was killed before it could stop its server
        PostgreSQL::new(settings(order, &data)?).stop().await.map_err(refused)?;
    }
    if !data.exists() {
        make(order, &data).await?;
    }
    write(&data.join("pg_hba.conf"), HBA)?;
    write(&data.join(OURS), if order.lasting { LASTING } else { SCRATCH })?;
    let mut postgres = PostgreSQL::new(settings(order, &data)?);
    match postgres.start().await {
        Ok(()) => Ok(Server { postgres, _lock: lock }),
        Err(error) => Err(Error::Postgres(last_words(&data.join("start.log")).unwrap_or_else(|| error.to_string()))),
    }
}

/// Makes a cluster aside, so that one half made is never taken for whole.
async fn make(order: &Order, data: &Path) -> Result<(), Error> {
    let aside = order.home.join("data.new");
    if aside.exists() {
        fs::remove_dir_all(&aside).map_err(Error::folder("remove", &aside))?;
    }
    PostgreSQL::new(settings(order, &aside)?).setup().await.map_err(refused)?;
    // what initdb found out about this machine stays; ours is read after it, and holds
    let conf = aside.join("postgresql.conf");
    let found = fs::read_to_string(&conf).map_err(Error::folder("read", &conf))?;
    write(&conf, &format!("{found}\ninclude '{OURS}'\n"))?;
    fs::rename(&aside, data).map_err(Error::folder("rename", aside))
}

fn settings(order: &Order, data: &Path) -> Result<Settings, Error> {
    let password_file = order.home.join("password");
    Ok(Settings {
        // every field by name: the crate's default would leave two folders in /tmp for each of us
        releases_url: String::new(),
        version: VersionReq::STAR,
        installation_dir: installed::fitting(data)?,
        trust_installation_dir: true,
        password: password(&password_file)?,
        password_file,
        data_dir: data.to_owned(),
        host: "127.0.0.1".to_owned(),
        port: order.port.or_else(|| super::bind(0)).unwrap_or_default(),
        username: BOOTSTRAP_SUPERUSER.to_owned(),
        temporary: false,
        timeout: Some(PATIENCE),
        // the crate starts every server with -F, which is fsync=off; what is said later holds
        configuration: HashMap::from([("fsync".to_owned(), if order.lasting { "on" } else { "off" }.to_owned())]),
        socket_dir: None,
    })
}

fn password(file: &Path) -> Result<String, Error> {
    if let Ok(known) = fs::read_to_string(file) {
        return Ok(known);
    }
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes).map_err(|error| Error::Postgres(format!("no password could be made: {error}")))?;
    let made: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    write(file, &made)?;
    Ok(made)
}

fn lock(home: &Path) -> Result<fs::File, Error> {
    let locked = lock::claim(home).map_err(Error::folder("write", home.join(lock::LOCK)))?;
    locked.ok_or_else(|| Error::Busy(home.to_owned()))
}

async fn told_to_stop() {
    let (closed, pipe) = oneshot::channel();
    std::thread::spawn(move || {
        // nothing is ever said, so this ends when the other side does
        drop(io::stdin().lock().read_to_end(&mut Vec::new()));
        let _nobody_waits = closed.send(());
    });
    let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else { return };
    tokio::select! {
        _ = pipe => {}
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
}

fn tell(reply: &Reply) {
    // where nobody listens any more there is nobody to tell
    let mut out = io::stdout().lock();
    drop(serde_json::to_writer(&mut out, reply).map(|()| out.write_all(b"\n").and_then(|()| out.flush())));
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(Error::folder("write", path))
}

/// The last complaint in the server's own log.
fn last_words(log: &Path) -> Option<String> {
    let text = fs::read_to_string(log).ok()?;
    let complaint = text.lines().rev().find(|line| line.contains("FATAL:") || line.contains("PANIC:"))?;
    Some(format!("{complaint} (its log is {})", log.display()))
}

fn refused(error: postgresql_embedded::Error) -> Error {
    Error::Postgres(error.to_string())
}
