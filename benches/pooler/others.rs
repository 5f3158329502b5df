//! PgBouncer before the same primary, with the same certificate and the same password: Debian's, from its package.

use std::{
    fs,
    net::TcpStream,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::{PASSWORD, authority, cluster::Cluster, domain};
use crate::support::free_port;

const PROGRAM: &str = "/usr/sbin/pgbouncer";
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Bouncer {
    child: Child,
    pub(super) port: u16,
    folder: PathBuf,
}

impl Bouncer {
    /// It does not run as root, so it runs as the server's own user.
    pub(super) fn before(cluster: &Cluster) -> Self {
        let user = fs::metadata(&cluster.folder).expect("a folder").uid();
        let (folder, port) = (std::env::temp_dir().join(format!("iasql-bench-bouncer-{}", std::process::id())), free_port());
        fs::create_dir_all(&folder).expect("a folder");
        let mut settings = include_str!("pgbouncer.ini").replace(":port", &port.to_string());
        settings = settings.replace(":primary", &cluster.ports[0].to_string()).replace(":folder", &folder.display().to_string());
        settings = settings.replace(":authority", &folder.join("authority.crt").display().to_string());
        let (users, trusted) = (format!("\"pooler\" \"{PASSWORD}\"\n"), fs::read_to_string(authority().certificate()).expect("a file"));
        let shown = domain().pem;
        for (file, text) in
            [("pgbouncer.ini", &*settings), ("users.txt", &users), ("shown.pem", shown.expose()), ("authority.crt", &trusted)]
        {
            fs::write(folder.join(file), text).expect("a file");
            fs::set_permissions(folder.join(file), fs::Permissions::from_mode(0o600)).expect("its file");
            chown(folder.join(file), Some(user), Some(user)).expect("its file");
        }
        let mut command = Command::new(PROGRAM);
        command.arg("-q").arg(folder.join("pgbouncer.ini")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.uid(user).gid(user).spawn().expect("PgBouncer, which scripts/install.sh bench installs");
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < PATIENCE, "PgBouncer does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
        Self { child, port, folder }
    }

    pub(super) fn stop(mut self) {
        drop((self.child.kill(), self.child.wait()));
        drop(fs::remove_dir_all(self.folder));
    }
}
