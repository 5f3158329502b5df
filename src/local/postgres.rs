//! A Postgres server of one's own on this machine, which ends when we end, however that comes about.

use std::{
    env,
    fs::File,
    io::{BufRead, BufReader, Write},
    os::{fd::AsRawFd, unix::process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

use super::{
    Error,
    helper::WORD,
    home::{self, Home},
    wire::{Order, Reply},
};

/// How to run it.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen on 127.0.0.1; any free port where none is named.
    pub port: Option<u16>,
    /// Whether what was committed outlives a power cut; where not, it is quicker and leaves nothing behind.
    pub lasting: bool,
    /// The `iasql` binary; `None` is the one that runs.
    pub binary: Option<PathBuf>,
}

/// A running Postgres server.
///
/// It runs below a helper process that stops it as soon as the pipe from here closes, so it ends with us even
/// where we are killed.
#[derive(Debug)]
pub struct LocalPostgres {
    child: Child,
    pipe: Option<ChildStdin>,
    port: u16,
    password: String,
}

impl LocalPostgres {
    /// Starts the newest installed server on the data in `folder`, and makes that where there is none.
    ///
    /// As root the folder becomes an unprivileged user's; where such a user could not reach it, it becomes a link to one
    /// that they can.
    ///
    /// # Errors
    /// Where no server is installed, the folder or the port is in use, or root finds no unprivileged user.
    pub async fn start(folder: impl Into<PathBuf>, options: Options) -> Result<Self, Error> {
        let folder = folder.into();
        tokio::task::spawn_blocking(move || Self::start_blocking(&folder, &options))
            .await
            .map_err(|error| Error::Postgres(error.to_string()))?
    }

    fn start_blocking(folder: &Path, options: &Options) -> Result<Self, Error> {
        if let Some(port) = options.port
            && super::bind(port).is_none()
        {
            return Err(Error::Port(port));
        }
        let home = home::prepare(folder)?;
        let mut child = spawn(&home, options)?;
        let mut pipe = child.stdin.take();
        let order = Order { home: home.path, port: options.port, lasting: options.lasting };
        let asked = pipe.as_mut().map(|pipe| ask(pipe, &order));
        match (asked, child.stdout.take().map(answer)) {
            (Some(Ok(())), Some(Ok(Reply::Ready { port, password }))) => Ok(Self { child, pipe, port, password }),
            (_, Some(Ok(Reply::Failed(said)))) => Err(Error::Helper(said)),
            _ => Err(Error::Postgres("the helper that runs it ended without a word".to_owned())),
        }
    }

    /// The superuser's way to one database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// The superuser's way to the server: database `postgres`.
    pub fn admin_url(&self) -> String {
        self.url("postgres")
    }

    /// Where it listens on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Stops it, and waits until it has stopped.
    pub async fn stop(self) {
        // all that can fail here is the wait for a thread
        drop(tokio::task::spawn_blocking(move || self.stop_blocking()).await);
    }

    fn stop_blocking(mut self) {
        drop(self.pipe.take());
        drop(self.child.wait());
    }
}

fn spawn(home: &Home, options: &Options) -> Result<Child, Error> {
    let binary = options.binary.clone().unwrap_or_else(|| "/proc/self/exe".into());
    let file = File::open(&binary).map_err(Error::folder("open", &binary))?;
    // by its open file, for the user who is to run it may not be able to reach the folder it is in
    let mut command = Command::new(format!("/proc/self/fd/{}", file.as_raw_fd()));
    command.arg0("iasql").arg(WORD).current_dir(&home.path).env_clear().env("HOME", &home.path).env("LC_ALL", "C.UTF-8");
    command.env("PATH", env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()));
    // a group of its own: a Ctrl-C is for us, and we stop it in our turn
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
    if let Some((user, group)) = home.user {
        command.uid(user.as_raw()).gid(group.as_raw());
    }
    command.spawn().map_err(Error::folder("run", binary))
}

fn ask(pipe: &mut ChildStdin, order: &Order) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(order)?;
    line.push(b'\n');
    pipe.write_all(&line)
}

fn answer(pipe: impl std::io::Read) -> std::io::Result<Reply> {
    let mut line = String::new();
    BufReader::new(pipe).read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}
