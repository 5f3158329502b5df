//! The right to work in a folder, which one process has at a time: given back when it ends, even by a kill.

use std::{fs::File, io, path::Path, sync::mpsc, time::Duration};

/// How long one that was killed a moment ago may take to give it back.
const HANDOVER: Duration = Duration::from_secs(3);
/// The file in the folder that is locked.
pub(crate) const LOCK: &str = "lock";

/// Takes a folder. `None`: somebody else has it.
///
/// # Errors
/// Where its file can't be written.
pub(crate) fn claim(home: &Path) -> io::Result<Option<File>> {
    let file = File::create(home.join(LOCK))?;
    let (locked, answer) = mpsc::channel();
    // it waits for as long as it takes, and so on a thread of its own
    std::thread::spawn(move || drop(locked.send(file.lock().map(|()| file))));
    Ok(answer.recv_timeout(HANDOVER).ok().and_then(Result::ok))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_one_processs_until_that_gives_it_back() {
        let home = std::env::temp_dir().join(format!("iasql-lock-{}", std::process::id()));
        std::fs::create_dir_all(&home).unwrap();
        let first = claim(&home).unwrap();
        assert!(first.is_some() && claim(&home).unwrap().is_none());
        drop(first);
        assert!(claim(&home).unwrap().is_some());
        assert!(claim(&home.join("nowhere")).is_err());
        std::fs::remove_dir_all(home).unwrap();
    }
}
