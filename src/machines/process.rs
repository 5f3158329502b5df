//! A machine's process as it can be found again by whoever did not start it: files in the machine's folder, and a lock that its overseer holds.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::{DateTime, Utc};
use nix::{errno::Errno, sys::signal::Signal, sys::stat::Mode, unistd::Pid};
use serde::{Deserialize, Serialize};
use tokio::{io::AsyncReadExt, net::unix::pipe};

use super::{Error, file, machine::State, tree};

/// The lock is looked at this often even when nothing is heard, in case something is missed.
const LOOK: Duration = Duration::from_secs(1);
/// How often, and how long apart, it is tried to take a machine's place.
const TRIES: u32 = 20;
const BREATH: Duration = Duration::from_millis(5);

/// What runs, as its overseer wrote it down.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Run {
    /// Counts the machine's processes.
    pub(super) run: u64,
    pub(super) overseer: i32,
    pub(super) init: i32,
    /// When the first process began, as the kernel counts.
    pub(super) began: u64,
    pub(super) started_at: DateTime<Utc>,
}

/// How it ended, as its overseer wrote it down.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Exit {
    pub(super) run: u64,
    /// Of a process that a signal ended: 128 and the signal, as a shell says it.
    pub(super) code: i32,
    pub(super) signal: Option<i32>,
    /// Whether it was killed because it wanted more memory than it may have, where that is known.
    #[serde(default)]
    pub(super) oom_killed: bool,
    pub(super) started_at: DateTime<Utc>,
    pub(super) ended_at: DateTime<Utc>,
}

/// What is found of a run that somebody before us was to begin.
pub(super) enum Left {
    /// It has begun, and may have ended.
    Begun,
    /// It has not, and as long as this place is held nobody begins it.
    Nothing(Option<File>),
    /// Somebody is about to.
    Unsure,
}

/// The folder of a machine.
#[derive(Clone, Debug)]
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn record(&self) -> PathBuf {
        self.0.join("machine.json")
    }

    /// What stands for `/` in the machine.
    pub(super) fn root(&self) -> PathBuf {
        self.0.join("root")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.0.join("log")
    }

    /// A pipe that the overseer holds open: whoever reads it hears when it ends.
    pub(super) fn alive(&self) -> PathBuf {
        self.0.join("alive")
    }

    fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }

    fn run_file(&self) -> PathBuf {
        self.0.join("run.json")
    }

    fn exit_file(&self) -> PathBuf {
        self.0.join("exit.json")
    }

    /// The pipe, made where it is not there.
    pub(super) fn make_alive(&self) -> Result<(), Error> {
        match nix::unistd::mkfifo(&self.alive(), Mode::S_IRUSR | Mode::S_IWUSR) {
            Ok(()) | Err(Errno::EEXIST) => Ok(()),
            Err(source) => Err(Error::process("make a pipe in a machine's folder")(source)),
        }
    }

    /// Takes the machine's place, as its overseer: one only has it.
    pub(super) fn hold(&self) -> Result<File, Error> {
        let lock = OpenOptions::new().create(true).append(true).mode(0o600).open(self.lock());
        let lock = lock.map_err(Error::folder("write", self.lock()))?;
        // whoever only looks has it, too, for a moment
        for _ in 0..TRIES {
            if lock.try_lock().is_ok() {
                return Ok(lock);
            }
            std::thread::sleep(BREATH);
        }
        Err(Error::Runs(self.0.file_name().unwrap_or_default().to_string_lossy().into_owned()))
    }

    /// Takes the place for a moment, so that no overseer comes meanwhile; `None` where one has it.
    pub(super) fn keep(&self) -> Option<File> {
        let lock = OpenOptions::new().create(true).append(true).mode(0o600).open(self.lock()).ok()?;
        lock.try_lock().ok().map(|()| lock)
    }

    /// Whether the machine still waits for this run of its process, and nobody else has begun it. To be asked by whoever holds its place.
    pub(super) fn awaits(&self, run: u64) -> bool {
        #[derive(Deserialize)]
        struct Wanted {
            run: u64,
            state: State,
        }
        let wanted =
            file::read(&self.record()).ok().flatten().is_some_and(|wanted: Wanted| wanted.run == run && !wanted.state.is_at_rest());
        wanted && self.run().is_none_or(|begun| begun.run != run)
    }

    /// Whether an overseer lives.
    pub(super) fn is_held(&self) -> bool {
        File::open(self.lock()).is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(fs::TryLockError::WouldBlock)))
    }

    pub(super) fn note_run(&self, run: &Run) -> Result<(), Error> {
        file::note(&self.run_file(), run)
    }

    pub(super) fn note_exit(&self, exit: &Exit) -> Result<(), Error> {
        file::note(&self.exit_file(), exit)
    }

    pub(super) fn run(&self) -> Option<Run> {
        file::read(&self.run_file()).ok().flatten()
    }

    /// How this run ended, where that was written down.
    pub(super) fn exit(&self, run: u64) -> Option<Exit> {
        file::read(&self.exit_file()).ok().flatten().filter(|exit: &Exit| exit.run == run)
    }

    /// Waits until no overseer holds the place.
    pub(super) async fn ended(&self) {
        let mut pipe = pipe::OpenOptions::new().open_receiver(self.alive()).ok();
        // looked at after the pipe is open: whoever holds it now is heard when it goes
        while self.is_held() {
            let heard = async {
                match pipe.as_mut() {
                    Some(pipe) => drop(pipe.read(&mut [0; 64]).await),
                    None => std::future::pending().await,
                }
            };
            if tokio::time::timeout(LOOK, heard).await.is_ok() {
                // an end that is not one yet: the lock goes a moment after the pipe
                pipe = None;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }
}

impl Run {
    /// A signal for the first process, where it still is that one.
    pub(super) fn send(&self, signal: Signal) -> Result<(), Error> {
        let init = Pid::from_raw(self.init);
        match tree::look(init).filter(|seen| seen.began == self.began) {
            Some(_) => tree::send(init, signal).map_err(Error::process("signal a machine's process")),
            None => Ok(()),
        }
    }

    pub(super) fn overseer(&self) -> Pid {
        Pid::from_raw(self.overseer)
    }

    /// What an overseer has left behind that was killed itself.
    pub(super) fn leftovers(&self, user: Option<u32>) -> Vec<Pid> {
        let init = Pid::from_raw(self.init);
        let is_it = tree::look(init).is_some_and(|seen| seen.began == self.began);
        let below = if is_it { [vec![init], tree::below(init)].concat() } else { vec![] };
        [below, user.map(tree::of_user).unwrap_or_default()].concat()
    }
}

/// The folder of a machine, made for its overseer and closed for others but its user.
pub(super) fn make(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(Error::folder("make the folder", folder))?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o711)).map_err(Error::folder("close the folder", folder))
}
