//! What rows make of a running gateway: certificates, passwords, durability, places, versions and pins, branches, replicas, sizes, and what becomes of a deleted database.

mod branches;
mod cancels;
mod certificates;
mod durability;
mod elsewhere;
mod gone;
mod hold;
mod replicas;
mod sizes;
mod versions;

use std::{process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

pub(super) use certificates::signed;

use super::whole::{Gateway, shop};
use crate::crash::until;

/// A psql that stays.
pub(super) struct Talk {
    child: Child,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Talk {
    pub(super) fn begin(place: &str) -> Self {
        let mut psql = Command::new("psql");
        psql.args(["-XAtq", "-d", place]).env("PGPASSWORD", "correct horse").kill_on_drop(true);
        let mut child = psql.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("psql runs");
        let answers = BufReader::new(child.stdout.take().expect("its output")).lines();
        Self { child, answers }
    }

    /// Says something that is answered with one line; `None` where the session has ended.
    pub(super) async fn ask(&mut self, sql: &str) -> Option<String> {
        let said = self.child.stdin.as_mut()?.write_all(format!("{sql}\n").as_bytes()).await;
        said.ok()?;
        timeout(Duration::from_secs(60), self.answers.next_line()).await.expect("an answer in time").expect("a line")
    }

    /// Asks until the session has ended.
    pub(super) async fn ends(&mut self, sql: &str) {
        let begin = std::time::Instant::now();
        while self.ask(sql).await.is_some() {
            assert!(begin.elapsed() < Duration::from_secs(120), "it goes on and on");
        }
    }

    /// Says something that is not answered yet.
    pub(super) async fn say(&mut self, words: &str) {
        self.child.stdin.as_mut().expect("it listens").write_all(format!("{words}\n").as_bytes()).await.expect("it listens");
    }

    /// What it complained of until its end.
    pub(super) async fn complaints(mut self) -> String {
        drop(self.child.stdin.take());
        let mut said = String::new();
        let mut all = self.child.stderr.take().expect("its complaints");
        timeout(Duration::from_secs(60), all.read_to_string(&mut said)).await.expect("an end in time").expect("a text");
        said
    }
}

/// Where psql finds a database of this gateway.
pub(super) fn place(gateway: &Gateway, host: &str, authority: &str) -> String {
    place_at(gateway.port, host, authority)
}

/// The same by way of another port.
fn place_at(port: u64, host: &str, authority: &str) -> String {
    format!(
        "host={host} hostaddr=127.0.0.1 port={port} user=shop dbname=shop sslmode=verify-full sslrootcert={authority} channel_binding=require"
    )
}

#[tokio::test]
async fn another_password_counts_for_the_next_session_and_who_is_in_stays_in() {
    let (mut site, folder) = shop().await;
    let gateway = Gateway::start(&site, &folder.0).await;
    let mut inside = Talk::begin(&place(&gateway, "shop.db.localhost", gateway.authority()));
    assert_eq!(inside.ask("select 1;").await.as_deref(), Some("1"));
    site.sql("update gateway.database set password = 'battery staple'").await;
    site.check().await;
    // the first that begins after the check, without a moment's wait
    assert_eq!(gateway.psql("shop", "shop", "battery staple", "select 2").await.as_deref(), Ok("2"));
    assert!(
        gateway.psql("shop", "shop", "correct horse", "select 3").await.is_err_and(|said| said.contains("password authentication failed"))
    );
    assert_eq!(inside.ask("select 4;").await.as_deref(), Some("4"));
    drop(inside);
    gateway.stop().await;
}

#[tokio::test]
async fn a_database_that_is_to_be_elsewhere_is_none_of_this_gateway() {
    let (mut site, folder) = shop().await;
    let gateway = Gateway::with(&site, &folder.0, &["--location", "fra"]).await;
    assert_eq!(gateway.psql("shop", "shop", "correct horse", "select 1").await.as_deref(), Ok("1"));
    until("sleep", || async { (gateway.servers() == 0).then_some(()) }).await;
    site.sql("update gateway.database set location = 'ams'").await;
    site.check().await;
    let refused = gateway.psql("shop", "shop", "correct horse", "select 1").await.expect_err("it is elsewhere");
    assert!(refused.contains("password authentication failed"), "{refused}");
    assert_eq!(gateway.servers(), 0);
    site.sql("update gateway.database set location = 'fra'").await;
    site.check().await;
    assert_eq!(gateway.psql("shop", "shop", "correct horse", "select 1").await.as_deref(), Ok("1"));
    gateway.stop().await;
}
