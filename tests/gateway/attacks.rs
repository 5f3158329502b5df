//! Those who mean no good, before a gateway as a process: what it takes in memory, what it makes on its disk, and whether others notice.

use std::{
    collections::BTreeSet,
    fs, io,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use futures::future::join_all;
use iasql::gateway::startup::{CancelKey, Hello, encode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use super::{
    client::rest,
    people::look_alikes,
    rows::Talk,
    uploads::resident,
    whole::{Gateway, shop},
    within,
};
use crate::crash::until;

const HALF_OPEN: usize = 2000;
const CANCELS: usize = 500;

/// A line to this port from an address of its own: what is of one address is limited, and an attack comes from many.
async fn from(address: u8, port: u64) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 1, address), 0)))?;
    socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, u16::try_from(port).expect("a port")))).await
}

/// A beginning of every kind, after which nothing comes.
async fn half_open(number: usize, port: u64) -> io::Result<TcpStream> {
    let mut line = from(u8::try_from(number % 8).expect("small"), port).await?;
    let request = encode(&Hello::Tls);
    match number % 4 {
        0 => {}
        1 => line.write_all(&request[..3]).await?,
        2 => line.write_all(&[0x16, 3, 1, 2, 0, 1]).await?,
        _ => {
            line.write_all(&request).await?;
            assert_eq!(line.read_u8().await?, b'S');
            line.write_all(&[&[0x16, 3, 1, 0x40, 0][..], &[1, 0, 0x3f, 0xfc], &[3; 8000]].concat()).await?;
        }
    }
    Ok(line)
}

/// Somebody who wants a session's statement cancelled of which they know nothing.
async fn cancels(number: usize, port: u64) {
    let Ok(mut line) = from(100 + u8::try_from(number % 4).expect("small"), port).await else { return };
    let key = CancelKey { process: u32::try_from(number).expect("small"), secret: vec![7; 32] };
    // where there are too many it is cut before that
    drop(line.write_all(&encode(&Hello::Cancel(key))).await);
    assert_eq!(rest(&mut line).await, b"");
}

/// Lets a process have as many descriptors as it may (its soft limit becomes its hard one).
fn unlimited(process: u32) {
    let limits = fs::read_to_string(format!("/proc/{process}/limits")).expect("its limits");
    let line = limits.lines().find(|line| line.starts_with("Max open files")).expect("of files");
    let hard = line.split_whitespace().nth(4).expect("the hard one");
    let done = Command::new("prlimit").args(["--pid", &process.to_string(), &format!("--nofile={hard}:{hard}")]).status();
    assert!(done.expect("prlimit, of util-linux").success());
}

fn descriptors(gateway: &Gateway) -> usize {
    fs::read_dir(format!("/proc/{}/fd", gateway.child.id().expect("it runs"))).expect("descriptors").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_half_open_lines_and_a_flood_of_cancels_take_bounded_memory_and_others_are_answered() {
    let (site, folder) = shop().await;
    let gateway = Gateway::start(&site, &folder.0).await;
    unlimited(std::process::id());
    let mut inside = Talk::begin(&gateway.place("shop", "shop"));
    assert_eq!(inside.ask("select 1;").await.as_deref(), Some("1"));
    let (memory, open) = (resident(&gateway), descriptors(&gateway));
    let lines = within(join_all((0..HALF_OPEN).map(|number| half_open(number, gateway.port)))).await;
    let lines: Vec<_> = lines.into_iter().map(|line| line.expect("a line")).collect();
    let most = descriptors(&gateway) - open;
    let flood = join_all((0..CANCELS).map(|number| cancels(number, gateway.port)));
    let others = async {
        for number in 0..20 {
            assert_eq!(inside.ask(&format!("select {number};")).await, Some(number.to_string()));
            assert_eq!(gateway.psql("shop", "shop", "correct horse", "select 'new'").await.as_deref(), Ok("new"));
        }
    };
    within(async { tokio::join!(flood, others) }).await;
    let after = resident(&gateway);
    println!("{most} half-open lines at once and {CANCELS} cancels: {memory} kB at most before, {after} kB after");
    assert!(most >= HALF_OPEN * 9 / 10, "only {most} were open at once");
    assert!(after < memory + 100_000, "{memory} kB became {after}");
    drop(lines);
    until("all are let go", || async { (descriptors(&gateway) <= open + 8).then_some(()) }).await;
    assert_eq!(inside.ask("select 'still';").await.as_deref(), Some("still"));
    drop(inside);
    gateway.stop().await;
}

/// All files and folders below one.
fn all(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.extend(all(&entry.path()));
        }
        found.insert(entry.path());
    }
    found
}

#[tokio::test]
async fn a_name_that_only_looks_right_makes_nothing_on_the_disk_and_nothing_in_the_bucket() {
    let (site, folder) = shop().await;
    let bucket = folder.0.join("bucket");
    fs::create_dir_all(&bucket).expect("a folder");
    let gateway = Gateway::with(&site, &folder.0.join("home"), &["--bucket", &format!("file://{}", bucket.display())]).await;
    let before = all(&folder.0);
    let mut said = BTreeSet::new();
    for (host, more) in look_alikes("shop", "shop") {
        let place = gateway.place("shop", "shop").replace("host=shop.db.localhost", &format!("host={host}"));
        let place = format!("{place} sslmode=require {more}");
        let output = within(
            tokio::process::Command::new("psql")
                .args(["-XAtq", "-c", "select 1", "-d", &place])
                .env("PGPASSWORD", "correct horse")
                .stdin(Stdio::null())
                .output(),
        );
        let output = output.await.expect("psql runs");
        let refused = String::from_utf8_lossy(&output.stderr).into_owned();
        let (_, fatal) = refused.split_once("FATAL:").unwrap_or_else(|| panic!("{host} {more}: {refused}"));
        said.insert(fatal.replace("\"bob\"", "\"shop\""));
    }
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(gateway.servers(), 0);
    let made: Vec<_> = all(&folder.0).difference(&before).cloned().collect();
    assert_eq!(made, Vec::<PathBuf>::new());
    // whoever has the right one makes some of both
    assert_eq!(gateway.psql("shop", "shop", "correct horse", "select 1").await.as_deref(), Ok("1"));
    until("its files in the bucket", || async { (all(&bucket).difference(&before).count() > 3).then_some(()) }).await;
    gateway.stop().await;
}
