//! The process above a machine's: it starts it, keeps its log, ends all that is left of it when it ends, and writes down how. It outlives
//! whoever has started it, and knows nothing of them.

use std::{
    collections::BTreeMap,
    env,
    fs::OpenOptions,
    io::{self, Read, Write},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
};

use chrono::Utc;
use nix::{
    errno::Errno,
    sys::{
        prctl::set_child_subreaper,
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::{Pid, setsid},
};
use serde::{Deserialize, Serialize};

use super::{
    Error,
    log::Log,
    process::{Exit, Folder, Run},
    tree,
};
use crate::{causes::in_one_line, resource::Secret};

/// The subcommand, which no person types.
pub(super) const WORD: &str = "machine-overseer";
/// What it says when the machine's process is there.
pub(super) const READY: &str = "ready";
/// Lowers the limits of what becomes the machine's process: $1 is kilobytes of each process' own memory, $2 how many processes its user may
/// have, 0 for no limit. bash and dash have other letters for that.
const LIMITED: &str =
    r#"ulimit -c 0; ulimit -d "$1" && { [ "$2" = 0 ] || ulimit -u "$2" 2>/dev/null || ulimit -p "$2"; } && shift 2 && exec "$@""#;

/// What is to be run. It comes over a pipe: secrets are in it.
#[derive(Serialize, Deserialize)]
pub(super) struct Order {
    /// The machine's.
    pub(super) folder: PathBuf,
    pub(super) run: u64,
    pub(super) words: Vec<String>,
    pub(super) env: BTreeMap<String, Secret>,
    pub(super) user: Option<u32>,
    pub(super) memory_mb: u64,
    /// How many processes its user may have; 0 for no limit.
    pub(super) processes: u32,
}

/// Oversees a machine's process where this process was started for that. To be asked first of all in `main`.
pub fn help() -> Option<ExitCode> {
    (env::args_os().nth(1)? == *WORD).then(|| match order().and_then(|order| oversee(&order)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&in_one_line(&error));
            ExitCode::FAILURE
        }
    })
}

fn order() -> Result<Order, Error> {
    let mut text = vec![];
    io::stdin().lock().read_to_end(&mut text).map_err(Error::folder("read", "/dev/stdin"))?;
    serde_json::from_slice(&text).map_err(|source| Error::Read { path: "/dev/stdin".into(), source })
}

fn oversee(order: &Order) -> Result<(), Error> {
    // a Ctrl-C and a closed terminal are for whoever started us
    let _is_one_already = setsid();
    set_child_subreaper(true).map_err(Error::process("become the one whom orphans go to"))?;
    let folder = Folder(order.folder.clone());
    folder.make_alive()?;
    // for reading, too, so that it opens when nobody reads yet
    let _alive = OpenOptions::new().read(true).write(true).open(folder.alive()).map_err(Error::folder("open", folder.alive()))?;
    let _place = folder.hold()?;
    // whoever has started us may have been killed, and the next one have gone on without us
    if !folder.awaits(order.run) {
        return Err(Error::Unwanted);
    }
    let log = Log::open(&folder.log()).map_err(Error::folder("write", folder.log()))?;
    let (said, init) = spawn(order, &folder)?;
    let began = tree::look(init).map(|seen| seen.began).unwrap_or_default();
    let run = Run { run: order.run, overseer: Pid::this().as_raw(), init: init.as_raw(), began, started_at: Utc::now() };
    if let Err(error) = folder.note_run(&run) {
        // what nobody could find again may not run
        tree::kill(init);
        return Err(error);
    }
    tell(READY);
    let logging = std::thread::spawn(move || log.follow(said));
    let (code, signal) = until_it_ends(init)?;
    end_the_rest();
    drop(logging.join());
    folder.note_exit(&Exit { run: order.run, code, signal, oom_killed: false, started_at: run.started_at, ended_at: Utc::now() })
}

/// The machine's first process, in a group of its own, and what it and all below it say.
fn spawn(order: &Order, folder: &Folder) -> Result<(io::PipeReader, Pid), Error> {
    let failed = |source| Error::folder("run the machine in", folder.root())(source);
    let (said, says) = io::pipe().map_err(failed)?;
    let limits = [(order.memory_mb << 10).to_string(), order.processes.to_string()];
    let mut command = Command::new("/bin/sh");
    command.args(["-c", LIMITED, "sh"]).args(limits).args(&order.words).current_dir(folder.root()).process_group(0).env_clear();
    command.envs(order.env.iter().map(|(name, value)| (name, value.expose())));
    if let Some(user) = order.user {
        command.uid(user).gid(user);
    }
    command.stdin(Stdio::null()).stdout(says.try_clone().map_err(failed)?).stderr(says);
    let child = command.spawn().map_err(failed)?;
    Ok((said, Pid::from_raw(i32::try_from(child.id()).unwrap_or_default())))
}

/// Waits for the first process, and for every orphan that comes to us meanwhile: its exit code, and the signal that ended it.
fn until_it_ends(init: Pid) -> Result<(i32, Option<i32>), Error> {
    loop {
        match waitpid(None, None) {
            Ok(WaitStatus::Exited(pid, code)) if pid == init => return Ok((code, None)),
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == init => return Ok((128 + signal as i32, Some(signal as i32))),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(source) => return Err(Error::process("wait for the machine's process")(source)),
        }
    }
}

/// Kills whatever is left below us, until nothing is.
fn end_the_rest() {
    loop {
        for pid in tree::below(Pid::this()) {
            tree::kill(pid);
        }
        // one of them, if one has ended; then it is looked again, for it may have begotten another
        match waitpid(None, None) {
            Err(Errno::ECHILD) => return,
            _ => while matches!(waitpid(None, Some(WaitPidFlag::WNOHANG)), Ok(status) if status != WaitStatus::StillAlive) {},
        }
    }
}

fn tell(line: &str) {
    // where nobody listens any more there is nobody to tell
    let mut out = io::stdout().lock();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}
