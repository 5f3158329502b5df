//! PgBouncer before the same database, with the same certificate and the same password: Debian's, from its package.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use iasql::local::free_port;
use tokio::{net::TcpStream, time::sleep};

use super::{
    PASSWORD, PATIENCE, authority,
    place::{Place, servers},
};

const PROGRAM: &str = "/usr/sbin/pgbouncer";

/// It runs as the database's own user, who alone reaches the database's socket.
pub(super) struct Pool {
    child: Child,
    pub(super) port: u16,
}

impl Pool {
    /// Before the only database of the gateway that is awake.
    pub(super) async fn before(place: &Place) -> Self {
        let (sockets, user) = server(place);
        let (folder, port) = (place.folder.join("pool"), free_port(6432));
        fs::create_dir_all(&folder).expect("a folder");
        let shown = authority().issue("db.localhost", chrono::Utc::now()).expect("a certificate");
        let mut settings = include_str!("pgbouncer.ini").replace(":sockets", &sockets).replace(":port", &port.to_string());
        settings = settings.replace(":folder", &folder.display().to_string());
        let users = format!("\"app\" \"{PASSWORD}\"\n");
        for (file, text) in [("pgbouncer.ini", &*settings), ("users.txt", &users), ("shown.pem", shown.pem.expose())] {
            fs::write(folder.join(file), text).expect("a file");
            fs::set_permissions(folder.join(file), fs::Permissions::from_mode(0o600)).expect("its file");
            chown(folder.join(file), Some(user), Some(user)).expect("its file");
        }
        let mut command = Command::new(PROGRAM);
        command.arg("-q").arg(folder.join("pgbouncer.ini")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.uid(user).gid(user).spawn().expect("PgBouncer, which scripts/install.sh bench installs");
        let pool = Self { child, port };
        pool.answers().await;
        pool
    }

    async fn answers(&self) {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            assert!(began.elapsed() < PATIENCE, "PgBouncer does not listen");
            sleep(Duration::from_millis(5)).await;
        }
    }

    pub(super) fn stop(mut self) {
        drop((self.child.kill(), self.child.wait()));
    }
}

/// Where the only server that is awake has its socket, and whose it is.
pub(super) fn server(place: &Place) -> (String, u32) {
    let folders = fs::read_dir(place.gateway.home.join("node/s")).expect("sockets").flatten().map(|entry| entry.path());
    let awake: Vec<PathBuf> = folders.filter(|folder| folder.join(".s.PGSQL.5432").exists()).collect();
    assert_eq!((awake.len(), servers(&place.gateway.home).is_empty()), (1, false), "one database is awake");
    (awake[0].display().to_string(), fs::metadata(&awake[0]).expect("a folder").uid())
}
