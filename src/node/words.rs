//! What a server says: kept in its log, which never has more than a megabyte on the disk, however much somebody makes it say.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{io::AsyncReadExt, net::unix::pipe, process::Command, task::JoinHandle, time::timeout};

/// A log that has grown beyond this is begun anew.
const LONGEST: u64 = 1 << 20;
/// How much of what was said last is remembered, for its last complaint.
const TAIL: usize = 16 << 10;
/// How many lines are told of words without a complaint: what is said before there is a server at all is no complaint yet.
const LAST: usize = 3;
/// How long it is waited for the last words of one that has ended: what it has started may live a moment longer.
const LATE: Duration = Duration::from_secs(1);
/// At most this is read at once.
const PIECE: usize = 16 << 10;

/// What a server has said since it was started.
pub(super) struct Words {
    tail: Arc<Mutex<Vec<u8>>>,
    reads: JoinHandle<()>,
}

/// The file that it is written to.
struct Log {
    path: PathBuf,
    file: Option<fs::File>,
    length: u64,
}

/// Has what a command says go into this log for as long as its processes live, also when nobody holds the words any more.
///
/// # Errors
/// When there is no pipe to be had.
pub(super) fn of(command: &mut Command, log: PathBuf) -> io::Result<Words> {
    let (read, write) = io::pipe()?;
    command.stdout(Stdio::from(write.try_clone()?)).stderr(Stdio::from(write));
    let (said, tail) = (pipe::Receiver::from_owned_fd(read.into())?, Arc::default());
    let reads = tokio::spawn(listen(said, Log::open(log), Arc::clone(&tail)));
    Ok(Words { tail, reads })
}

impl Words {
    /// The last complaint of one that has ended or is given up, else its last lines.
    pub(super) async fn last(self) -> Option<String> {
        drop(timeout(LATE, self.reads).await);
        let bytes = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        let complaint = lines.iter().rev().find(|line| line.contains("FATAL:") || line.contains("PANIC:"));
        let last = || lines[lines.len().saturating_sub(LAST)..].join(" ");
        Some(complaint.map_or_else(last, ToString::to_string)).filter(|said| !said.is_empty())
    }
}

async fn listen(mut said: pipe::Receiver, mut log: Log, tail: Arc<Mutex<Vec<u8>>>) {
    let mut piece = vec![];
    // room only while there is something: most servers say nothing for as long as they live
    while said.readable().await.is_ok() {
        piece.resize(PIECE, 0);
        match said.read(&mut piece).await {
            Ok(0) | Err(_) => break,
            Ok(length) => {
                log.write(&piece[..length]);
                remember(&mut tail.lock().unwrap_or_else(PoisonError::into_inner), &piece[..length]);
            }
        }
        piece = vec![];
    }
}

fn remember(tail: &mut Vec<u8>, piece: &[u8]) {
    tail.extend_from_slice(piece);
    let over = tail.len().saturating_sub(TAIL);
    tail.drain(..over);
}

impl Log {
    fn open(path: PathBuf) -> Self {
        let file = fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
        let length = file.as_ref().ok().and_then(|file| file.metadata().ok()).map_or(0, |found| found.len());
        Self { path, file: file.ok(), length }
    }

    /// What finds no room on the disk is lost: no server ends for its log.
    fn write(&mut self, piece: &[u8]) {
        let Some(file) = &mut self.file else { return };
        if self.length + piece.len() as u64 > LONGEST {
            if let Err(error) = file.set_len(0) {
                tracing::warn!(log = %self.path.display(), %error, "a log that has grown too long could not be begun anew");
                self.file = None;
                return;
            }
            self.length = 0;
        }
        if file.write_all(piece).is_ok() {
            self.length += piece.len() as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{env, process};

    use super::*;

    async fn said(script: &str) -> (Option<String>, u64) {
        let path = env::temp_dir().join(format!("iasql-node-words-{}-{}", process::id(), script.len()));
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        let words = of(&mut command, path.clone()).expect("a pipe");
        let mut child = command.spawn().expect("a shell");
        // it has the other end, too
        drop(command);
        child.wait().await.expect("an end");
        let last = words.last().await;
        let length = fs::metadata(&path).expect("a log").len();
        fs::remove_file(path).expect("the log");
        (last, length)
    }

    #[tokio::test]
    async fn a_log_never_has_more_than_a_megabyte_and_its_last_complaint_is_known() {
        let (last, length) = said("yes 'a line that says nothing' | head -n 200000; echo 'FATAL:  no room' >&2; echo bye").await;
        assert_eq!(last.as_deref(), Some("FATAL:  no room"));
        assert!(length > 0 && length <= LONGEST, "{length}");
        assert_eq!(said("true").await, (None, 0));
        assert_eq!(said("echo one; echo two; echo three; echo four").await.0.as_deref(), Some("two three four"));
    }
}
