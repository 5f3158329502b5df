//! The same campaign before a peer, so that both tables can be read side by side. A peer is measured, and nothing is asked of it.

use std::{
    env,
    ffi::OsStr,
    process::{Command, Output},
};

use super::{
    Campaign,
    fault::Fault,
    patroni::{FAULTS, Patroni, Times},
    told,
};

/// Why there is nothing to be measured.
fn refused(peer: &str, path: Option<&OsStr>) -> Option<String> {
    if peer != "patroni" {
        return Some(format!("PEER={peer}: patroni is the only peer"));
    }
    let is_there = |name: &&str| path.is_some_and(|path| env::split_paths(path).any(|folder| folder.join(name).is_file()));
    let missing: Vec<_> = ["patroni", "etcd"].into_iter().filter(|name| !is_there(name)).collect();
    (!missing.is_empty()).then(|| format!("PEER=patroni needs patroni and etcd, and there is no {} in PATH", missing.join(" and no ")))
}

/// The first line of what it says of itself.
fn version(program: &str) -> String {
    let said = |Output { stdout, .. }| String::from_utf8_lossy(&stdout).lines().next().unwrap_or_default().to_owned();
    Command::new(program).arg("--version").output().map(said).unwrap_or_default()
}

#[test]
fn a_peer_that_is_not_there_is_named() {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ha_chaos");
    assert_eq!(refused("repmgr", None).as_deref(), Some("PEER=repmgr: patroni is the only peer"));
    let refused = refused("patroni", Some(OsStr::new(here))).expect("neither is there");
    assert_eq!(refused, "PEER=patroni needs patroni and etcd, and there is no patroni and no etcd in PATH");
}

/// `make chaos-ha PEER=patroni` runs this one, for as long as it is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_is_measured() {
    let Some(peer) = told("IASQL_CHAOS_PEER") else { return };
    if let Some(why) = refused(&peer, env::var_os("PATH").as_deref()) {
        panic!("{why}");
    }
    let times = if told("IASQL_CHAOS_TUNED").is_some() { Times::SHORTEST } else { Times::INSTALLED };
    let (campaign, over) = Campaign::asked(&told("IASQL_CHAOS_FAULT").unwrap_or_else(|| "all".to_owned()), FAULTS.to_vec(), false);
    let foreign: Vec<_> = campaign.faults.iter().filter(|fault| !FAULTS.contains(fault)).map(|fault| fault.name()).collect();
    assert!(foreign.is_empty(), "not played before a peer: {}; only {}", foreign.join(", "), FAULTS.map(Fault::name).join(", "));
    println!("{}, {}, {times:?}", version("patroni"), version("etcd"));
    campaign.play(async |synchronous| Patroni::laid(synchronous, times).await, over).await;
}
