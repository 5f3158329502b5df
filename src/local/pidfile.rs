//! What the file that a running Postgres leaves in its data folder is worth: its writer may be long dead.

use std::{fs, path::Path};

/// Whether a server works in this data folder now. A file left behind by a dead one is removed.
pub(super) fn is_alive(data: &Path) -> bool {
    let file = data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&file) else { return false };
    let pid = text.lines().next().unwrap_or_default();
    // a server stands in its data folder, so another process that got the same number is told apart
    let alive =
        !pid.is_empty() && fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| Some(folder) == fs::canonicalize(data).ok());
    if !alive {
        drop(fs::remove_file(file));
    }
    alive
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use super::is_alive;

    #[test]
    fn a_file_whose_number_belongs_to_another_process_by_now_is_removed() {
        let data = env::temp_dir().join(format!("iasql-pidfile-{}", process::id()));
        fs::create_dir(&data).expect("a folder");
        fs::write(data.join("postmaster.pid"), format!("{}\n{}\n", process::id(), data.display())).expect("a file");
        assert!(!is_alive(&data));
        assert!(!data.join("postmaster.pid").exists());
        fs::remove_dir(data).expect("an empty folder");
    }
}
