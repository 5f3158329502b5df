//! A real primary and two real standbys, with TLS at their doors.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Mutex,
};

use nix::unistd::{User, chown, geteuid};
use serde_json::{Value, json};
use sqlx::{ConnectOptions, PgConnection, postgres::PgConnectOptions};

use super::{PASSWORD, domain};
use crate::support::free_port;

/// The members, in the order of their ports.
pub(super) const NAMES: [&str; 3] = ["a", "b", "c"];

/// A cluster that ends with this.
pub(super) struct Cluster {
    child: Child,
    talk: Mutex<Option<(ChildStdin, BufReader<ChildStdout>)>>,
    pub(super) folder: PathBuf,
    pub(super) ports: [u16; 3],
}

impl Cluster {
    pub(super) async fn start() -> Self {
        let cluster = tokio::task::spawn_blocking(Self::run).await.expect("a cluster");
        for (database, statements) in [("postgres", include_str!("made.sql")), ("main", include_str!("things.sql"))] {
            let mut sql = cluster.past("a", database).await;
            for statement in statements.split(";\n") {
                sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut sql).await.expect("a statement");
            }
        }
        cluster
    }

    fn run() -> Self {
        let name = uuid::Uuid::new_v4().simple().to_string();
        let folder = std::env::temp_dir().join(format!("iasql-pool-{}", &name[..12]));
        fs::create_dir(&folder).expect("a folder");
        let pem = domain().pem;
        let (key, certificate) = pem.expose().split_at(pem.expose().find("-----BEGIN CERT").expect("a certificate"));
        let ports = [(); 3].map(|()| free_port());
        let mut command = Command::new("sh");
        command.args(["-c", include_str!("cluster.sh"), "cluster.sh"]).arg(&folder).arg(iasql::local::tools().expect("a PostgreSQL"));
        command.args(ports.map(|port| port.to_string())).stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        for (file, text) in [("shown.key", key), ("shown.crt", certificate)] {
            fs::write(folder.join(file), text).expect("a file");
            fs::set_permissions(folder.join(file), fs::Permissions::from_mode(0o600)).expect("its file");
        }
        if geteuid().is_root() {
            let user =
                ["postgres", "nobody"].into_iter().find_map(|name| User::from_name(name).ok().flatten()).expect("a user without rights");
            for path in [folder.clone(), folder.join("shown.key"), folder.join("shown.crt")] {
                chown(&path, Some(user.uid), Some(user.gid)).expect("a folder given away");
            }
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        let mut child = command.spawn().expect("a shell");
        let mut said = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        said.read_line(&mut line).expect("a line");
        assert_eq!(line, "ready\n", "{}", fs::read_to_string(folder.join("log")).unwrap_or_default());
        let talk = Mutex::new(child.stdin.take().map(|heard| (heard, said)));
        Self { child, talk, folder, ports }
    }

    /// Has something done, and waits until it is.
    pub(super) fn does(&self, what: &str) {
        let mut talk = self.talk.lock().expect("one at a time");
        let (heard, said) = talk.as_mut().expect("it runs");
        writeln!(heard, "{what}").expect("heard");
        let mut line = String::new();
        said.read_line(&mut line).expect("a line");
        assert_eq!(line, "done\n", "{what}");
    }

    fn port(&self, name: &str) -> u16 {
        let at = NAMES.iter().position(|known| *known == name).expect("a member");
        self.ports[at]
    }

    /// The superuser's way to a member, past the pooler.
    pub(super) async fn past(&self, name: &str, database: &str) -> PgConnection {
        let options = PgConnectOptions::new_without_pgpass().socket(&self.folder).port(self.port(name));
        options.username("postgres").database(database).connect().await.expect("a way past the pooler")
    }

    /// The members as a pooler is told them, with this one as the primary.
    pub(super) fn members(&self, primary: &str) -> Value {
        let member = |name: &&str| {
            let role = if *name == primary { "primary" } else { "standby" };
            let server_name = format!("{name}.{}", super::DOMAIN);
            json!({ "name": name, "host": "127.0.0.1", "port": self.port(name), "server_name": server_name, "role": role })
        };
        NAMES.iter().map(member).collect()
    }

    /// All that a pooler is told.
    pub(super) async fn book(&self) -> Value {
        let mut sql = self.past("a", "postgres").await;
        let kept = sqlx::query_scalar("select rolpassword from pg_authid where rolname = 'pooler'");
        let verifier: String = kept.fetch_one(&mut sql).await.expect("a verifier");
        json!({
            "term": 1,
            "database": "main",
            "ca": super::authority().certificate(),
            "users": [{ "name": "pooler", "verifier": verifier, "password": PASSWORD }],
            "members": self.members("a"),
        })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // it ends when nothing more comes
        drop(self.talk.lock().map(|mut talk| talk.take()));
        drop(self.child.wait());
    }
}
