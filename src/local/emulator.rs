//! The cloud of this machine: the moto server in a Python environment of its own, which ends when we end.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use super::Error;

const SCRIPT: &str = include_str!("emulator.py");

/// A running emulator of AWS. It forgets everything when it ends.
#[derive(Debug)]
pub struct Emulator {
    child: Child,
    port: u16,
}

impl Emulator {
    /// Starts moto from the virtual environment `venv`, on `port` or any free one; what it prints goes to `log`.
    ///
    /// # Errors
    /// Where the environment is not there, or the server ends before it listens.
    pub async fn start(venv: impl Into<PathBuf>, port: Option<u16>, log: impl Into<PathBuf>) -> Result<Self, Error> {
        Self::start_as("whole", venv.into(), port, log.into()).await
    }

    /// The same without AWS' own policies: of those each account has a copy of 1,400, which is much where there are many accounts.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_bare(venv: impl Into<PathBuf>, port: Option<u16>, log: impl Into<PathBuf>) -> Result<Self, Error> {
        Self::start_as("bare", venv.into(), port, log.into()).await
    }

    async fn start_as(kind: &'static str, venv: PathBuf, port: Option<u16>, log: PathBuf) -> Result<Self, Error> {
        let started = tokio::task::spawn_blocking(move || Self::start_blocking(kind, &venv, port.unwrap_or(0), &log));
        started.await.map_err(|error| Error::Postgres(error.to_string()))?
    }

    fn start_blocking(kind: &str, venv: &Path, port: u16, log: &Path) -> Result<Self, Error> {
        let python = venv.join("bin/python");
        if !python.exists() {
            return Err(Error::NoEmulator(venv.to_owned()));
        }
        if port != 0 && super::bind(port).is_none() {
            return Err(Error::Port(port));
        }
        let output = File::create(log).map_err(Error::folder("write", log))?;
        let mut command = Command::new(&python);
        command.args(["-I", "-c", SCRIPT, &port.to_string(), kind]).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(output);
        let mut child = command.spawn().map_err(Error::folder("run", python))?;
        match child.stdout.take().and_then(announced) {
            Some(port) => Ok(Self { child, port }),
            None => Err(Error::Emulator { said: last_line(log), log: log.to_owned() }),
        }
    }

    /// Where it listens on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it answers, as in `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // it has nothing to lose; that it is gone already is no failure
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// It listens from the moment it says its port: requests wait until it serves them.
fn announced(pipe: impl std::io::Read) -> Option<u16> {
    let mut line = String::new();
    BufReader::new(pipe).read_line(&mut line).ok()?;
    line.trim().parse().ok()
}

fn last_line(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    text.lines().last().unwrap_or("it ended without a word").to_owned()
}
