//! Real clusters of this machine's PostgreSQL, as an unprivileged user: made, started and stopped.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
};

use nix::unistd::{User, chown, geteuid};

/// A folder that belongs to that user, in which clusters stand.
pub(super) struct Clusters(pub(super) PathBuf);

impl Clusters {
    pub(super) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("iasql-clusters-{}", uuid::Uuid::new_v4().simple()));
        fs::create_dir(&path).expect("a folder");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
        if let Some((user, group)) = owner() {
            chown(&path, Some(user.into()), Some(group.into())).expect("it is given away");
        }
        Self(path)
    }

    pub(super) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn init(&self, name: &str) {
        let arguments = ["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C", "--wal-segsize=1", "-D"];
        self.run("initdb", &[&arguments[..], &[name]].concat());
    }

    /// A copy of a cluster, as the template is copied for a new database.
    pub(super) fn copy(&self, from: &str, to: &str) {
        let mut copied = as_user(Path::new("cp"));
        assert!(copied.current_dir(&self.0).args(["-a", from, to]).status().expect("cp").success());
    }

    /// Gives a folder to whom clusters belong.
    pub(super) fn give(&self, name: &str) {
        let Some((user, group)) = owner() else { return };
        let mut given = Command::new("chown");
        assert!(given.current_dir(&self.0).args(["-R", &format!("{user}:{group}"), name]).status().expect("chown").success());
    }

    /// Starts it on a socket in its own folder; it is up when this ends.
    pub(super) fn start(&self, name: &str) {
        let socket = format!("-k {} -c listen_addresses='' -c fsync=off", self.join(name).display());
        self.run("pg_ctl", &["start", "-w", "-t", "60", "-D", name, "-l", "log", "-o", &socket]);
    }

    pub(super) fn stop(&self, name: &str, how: &str) {
        self.run("pg_ctl", &["stop", "-w", "-t", "60", "-D", name, "-m", how]);
    }

    /// What psql prints.
    pub(super) fn psql(&self, name: &str, sql: &str) -> String {
        let host = self.join(name).display().to_string();
        self.run("psql", &["-XqAt", "-h", &host, "-U", "postgres", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-c", sql])
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let out = self.0.join(format!("out-{}", uuid::Uuid::new_v4().simple()));
        // a server that pg_ctl starts keeps its output open, so it is no pipe
        let file = fs::File::create(&out).expect("a file");
        let status = as_user(&installed().join(program))
            .current_dir(&self.0)
            .args(arguments)
            .stdout(file.try_clone().expect("a file"))
            .stderr(file)
            .status()
            .expect(program);
        let said = fs::read_to_string(&out).unwrap_or_default();
        drop(fs::remove_file(out));
        let log = fs::read_to_string(self.0.join("log")).unwrap_or_default();
        assert!(status.success(), "{program} {arguments:?}: {said}\n{log}");
        said.trim().to_owned()
    }
}

impl Drop for Clusters {
    fn drop(&mut self) {
        let names: Vec<_> = fs::read_dir(&self.0).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        for running in names.iter().filter(|path| path.join("postmaster.pid").exists()) {
            let mut stop = as_user(&installed().join("pg_ctl"));
            drop(stop.args(["stop", "-w", "-t", "20", "-m", "immediate", "-s", "-D"]).arg(running).status());
        }
        drop(fs::remove_dir_all(&self.0));
    }
}

fn as_user(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C");
    if let Some((user, group)) = owner() {
        command.uid(user).gid(group);
    }
    command
}

/// Whose the files are: Postgres won't run as root.
pub(super) fn owner() -> Option<(u32, u32)> {
    let named = || ["postgres", "nobody"].into_iter().find_map(|name| User::from_name(name).ok().flatten()).expect("a user");
    geteuid().is_root().then(named).map(|user| (user.uid.as_raw(), user.gid.as_raw()))
}

fn installed() -> PathBuf {
    let found = fs::read_dir("/usr/lib/postgresql").expect("Debian's PostgreSQL").flatten().map(|entry| entry.path().join("bin"));
    let major = |bin: &Path| bin.parent().and_then(|folder| folder.file_name()?.to_str()?.parse::<u32>().ok());
    found.filter(|bin| bin.join("initdb").exists()).max_by_key(|bin| major(bin)).expect("a PostgreSQL")
}
