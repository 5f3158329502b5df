//! A node as a process of its own: it wants the one database, and has it awake for as long as it may.

use std::{env, fs, path::PathBuf, sync::Arc, time::Duration};

use iasql::{
    causes::in_one_line,
    gateway::BucketShelf,
    node::{Durability, Error, First, Idle, Node, Options, Session, Terms},
    resource::Secret,
    store::{self, Access, Bucket},
};
use tokio::time::interval;

use super::field::DATABASE;

/// Says to this binary that it is a node, and where its folder is.
pub(super) const HOME: &str = "IASQL_DURABLE_HOME";
pub(super) const BUCKET: &str = "IASQL_DURABLE_BUCKET";
/// In milliseconds.
pub(super) const LEASE: &str = "IASQL_DURABLE_LEASE";
/// `pause`, `sync`, or the milliseconds of an interval.
pub(super) const DURABILITY: &str = "IASQL_DURABLE_DURABILITY";
/// Whether it makes the database where there is none.
pub(super) const MAKES: &str = "IASQL_DURABLE_MAKES";
/// In its folder: while this file is there, it lets the database sleep.
pub(super) const SLEEP: &str = "sleep";

/// In its folder: where its socket is, while it lets clients in.
pub(super) const AWAKE: &str = "awake";

/// Of the password `pencil`, as RFC 7677 calculates it.
const VERIFIER: &str =
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

fn said(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not said"))
}

fn terms() -> Terms {
    let durability = match said(DURABILITY).as_str() {
        "pause" => Durability::Pause,
        "sync" => Durability::Sync,
        number => Durability::Interval(Duration::from_millis(number.parse().expect("milliseconds"))),
    };
    Terms { idle: Idle { freeze: None, stop: None, evict: None }, durability, ..Terms::default() }
}

async fn open(home: &PathBuf) -> Result<Node, String> {
    let bucket = Bucket::open(&said(BUCKET), &Access::default()).await.map_err(|error| in_one_line(&error))?;
    let lease = Duration::from_millis(said(LEASE).parse().expect("milliseconds"));
    let shelf = BucketShelf::new(home, bucket, store::Options { lease, ..store::Options::default() });
    let templates = Some(env::temp_dir().join("iasql-node-templates"));
    let options = Options { templates, shelf: Some(Arc::new(shelf.clone())), ..Options::new(home.join("node")) };
    let node = Node::open(options).await.map_err(|error| in_one_line(&error))?;
    shelf.belongs_to(node.clone()).await.map_err(|error| in_one_line(&*error))?;
    Ok(node)
}

async fn woken(node: &Node, may_make: bool) -> Result<Session, Error> {
    match node.wake(DATABASE, terms()).await {
        Err(error) if may_make && matches!(error.own(), Error::Unknown(_)) => {
            let first = First { role: "app".to_owned(), database: "app".to_owned(), verifier: Secret::new(VERIFIER) };
            node.create(DATABASE, first, terms()).await
        }
        woken => woken,
    }
}

async fn is_alive(session: &Session) -> bool {
    let process = session.process().await;
    process.is_some_and(|process| fs::read_link(format!("/proc/{process}/cwd")).is_ok())
}

/// No test by itself: the node that others start.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_by_itself() {
    let Ok(home) = env::var(HOME) else { return };
    let (home, mut ticks) = (PathBuf::from(home), interval(Duration::from_millis(40)));
    let (sleep, awake, may_make) = (home.join(SLEEP), home.join(AWAKE), env::var(MAKES).is_ok());
    drop(fs::remove_file(&awake));
    let node = loop {
        ticks.tick().await;
        match open(&home).await {
            Ok(node) => break node,
            Err(error) => println!("it does not open: {error}"),
        }
    };
    println!("it is open");
    let mut told = String::new();
    loop {
        ticks.tick().await;
        if sleep.exists() {
            println!("asleep: {:?}", node.lay_down(DATABASE).await.map_err(|error| in_one_line(&error)));
            drop(fs::remove_file(&sleep));
            continue;
        }
        match woken(&node, may_make).await {
            Ok(session) => {
                println!("awake");
                fs::write(&awake, session.folder().display().to_string()).expect("a file");
                while is_alive(&session).await && !sleep.exists() {
                    ticks.tick().await;
                }
                drop(fs::remove_file(&awake));
                println!("not any more");
            }
            Err(error) => {
                let error = in_one_line(&error);
                if error != told {
                    println!("not awake: {error}");
                }
                told = error;
            }
        }
    }
}
