//! Uploads of those who mean no good, and of those who did not know better: each is refused in words, and nothing of it is left.

use std::fs;

use reqwest::StatusCode;
use tar::EntryType;

use super::{
    tarball::{Cluster, Entry, LOGIN, file, tampered},
    uploads::resident,
    whole::{Gateway, shop},
};
use crate::crash::until;

const DOOR: [&str; 2] = ["--http", "127.0.0.1:0"];

/// Uploads it, and it is refused with this status and these words.
async fn refused(gateway: &Gateway, body: Vec<u8>, status: StatusCode, words: &str) {
    let (found, answer) = gateway.upload("shop", body).await;
    assert_eq!(found, status, "{words}: {answer}");
    assert!(answer["error"].as_str().is_some_and(|error| error.contains(words)), "{words}: {answer}");
    assert!(answer["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{answer}");
}

const UNFIT: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const LARGE: StatusCode = StatusCode::PAYLOAD_TOO_LARGE;

#[tokio::test]
async fn a_tarball_that_is_no_data_folder_is_refused_by_the_entry_that_is_wrong() {
    let (_site, _folder) = shop().await;
    let gateway = Gateway::with(&_site, &_folder.0, &DOOR).await;
    gateway.say("shop", "create table kept as select 42 as n").await.expect("a table");
    let link = |kind, to| Entry { name: "base/1/16384", kind, to, bytes: b"" };
    let version = || file("PG_VERSION", b"15\n");
    for (entry, words) in [
        (file("../../../tmp/iasql-evil", b"x"), "../../../tmp/iasql-evil: its name leads out of the folder"),
        (file("base/../../iasql-evil", b"x"), "leads out"),
        (file("/etc/cron.d/iasql-evil", b"x"), "/etc/cron.d/iasql-evil: its name is absolute"),
        (file("authorized_keys", b"x"), "belongs to no data folder"),
        (file("base/1/evil.so", b"x"), "belongs to no data folder"),
        (link(EntryType::Symlink, "/etc/passwd"), "base/1/16384: it is a link"),
        (link(EntryType::Link, "PG_VERSION"), "it is a link"),
        (link(EntryType::Char, ""), "neither a plain file nor a folder"),
        (link(EntryType::Fifo, ""), "neither a plain file nor a folder"),
        (link(EntryType::GNUSparse, ""), "neither a plain file nor a folder"),
        (link(EntryType::GNULongName, ""), "longer or deeper"),
        (file("PG_VERSION", b"15\n"), "it is there twice"),
        (file("backup_label", b"x"), "base backup"),
        (file("standby.signal", b""), "standby"),
        (file("pg_tblspc/16385", b""), "tablespaces"),
    ] {
        refused(&gateway, tampered(None, &[version(), entry]), UNFIT, words).await;
    }
    let many: Vec<_> = (0..100_001).map(|number| format!("pg_xact/{number:06}")).collect();
    let many: Vec<_> = many.iter().map(|name| file(name, b"")).collect();
    refused(&gateway, tampered(None, &many), LARGE, "more than 100000 entries").await;
    assert!(!fs::exists("/tmp/iasql-evil").expect("a look") && !fs::exists("/etc/cron.d/iasql-evil").expect("a look"));
    until("nothing is left beside", || async { (gateway.beside() == 0).then_some(()) }).await;
    assert_eq!(gateway.say("shop", "select n from kept").await.as_deref(), Ok("42"));
    gateway.stop().await;
}

#[tokio::test]
async fn what_becomes_too_large_is_refused_while_it_comes() {
    let (mut site, _folder) = shop().await;
    site.sql("update gateway.database set size_limit_bytes = 16777216").await;
    site.check().await;
    let gateway = Gateway::with(&site, &_folder.0, &DOOR).await;
    let before = resident(&gateway);
    let zeros = vec![0; 64 << 20];
    let names: Vec<_> = (0..16).map(|number| format!("base/1/{}", 16384 + number)).collect();
    let entries: Vec<_> = names.iter().map(|name| file(name, &zeros)).collect();
    let bomb = tampered(None, &entries);
    let squeezed = zstd::encode_all(&*bomb, 3).expect("a bomb");
    println!("{} bytes of {}", squeezed.len(), bomb.len());
    refused(&gateway, squeezed, LARGE, "times as large").await;
    // in its header alone
    let mut header = tampered(None, &[file("base/1/16384", b"")]);
    header.truncate(512);
    let mut said = tar::Header::from_byte_slice(&header).clone();
    said.set_size(1 << 40);
    said.set_cksum();
    refused(&gateway, said.as_bytes().to_vec(), LARGE, "base/1/16384: with it the files have more than").await;
    let squeezed = zstd::encode_all(&*vec![7_u8; 600 << 20], 1).expect("a bomb");
    refused(&gateway, squeezed, StatusCode::UNSUPPORTED_MEDIA_TYPE, "neither a tarball nor an archive").await;
    let archive =
        [b"PGDMP".to_vec(), (0..6_000_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect()].concat();
    refused(&gateway, archive, LARGE, "would have").await;
    let after = resident(&gateway);
    println!("bombs: {before} kB at most before, {after} kB after");
    assert!(after < before + 64_000, "{before} kB became {after}");
    until("nothing is left beside", || async { (gateway.beside() == 0).then_some(()) }).await;
    gateway.stop().await;
}

#[tokio::test]
async fn a_data_folder_that_can_not_be_opened_says_what_is_wrong_with_it() {
    let (_site, _folder) = shop().await;
    let gateway = Gateway::with(&_site, &_folder.0, &DOOR).await;
    let cluster = Cluster::with_table("postgres", "shop");
    let (data, whole) = (cluster.data(), cluster.tar());
    let with = |name: &str, change: &dyn Fn(Vec<u8>) -> Vec<u8>| {
        let path = data.join(name);
        let kept = fs::read(&path).unwrap_or_default();
        fs::write(&path, change(kept.clone())).expect("a file");
        let tar = cluster.tar();
        if kept.is_empty() {
            fs::remove_file(&path).expect("a file")
        } else {
            fs::write(&path, kept).expect("a file")
        }
        tar
    };
    let at = |at: usize, byte: u8| {
        move |mut bytes: Vec<u8>| {
            bytes[at] = byte;
            bytes
        }
    };
    refused(&gateway, with("PG_VERSION", &|_| b"14\n".to_vec()), UNFIT, "is of PostgreSQL 14, and 15 is what runs here").await;
    refused(&gateway, with("global/pg_control", &at(100, 77)), UNFIT, "the checksum of global/pg_control is wrong").await;
    refused(&gateway, with("postmaster.pid", &|_| b"1\n".to_vec()), UNFIT, "postmaster.pid is there").await;
    refused(&gateway, with("global/pg_filenode.map", &at(0, 1)), UNFIT, "can't open the data folder").await;
    refused(&gateway, tampered(None, &[file("PG_VERSION", b"15\n")]), UNFIT, "no global/pg_control").await;
    refused(&gateway, whole[..whole.len() - 2048].to_vec(), StatusCode::BAD_REQUEST, "could not be read").await;
    refused(&gateway, b"hello".repeat(1000), StatusCode::UNSUPPORTED_MEDIA_TYPE, "neither a tarball nor").await;
    refused(&gateway, vec![], StatusCode::UNSUPPORTED_MEDIA_TYPE, "neither a tarball nor").await;
    refused(&gateway, vec![0x1f, 0x8b, 8, 0, 1, 2, 3], StatusCode::BAD_REQUEST, "gzip").await;
    refused(&gateway, b"PGDMP and nothing more".to_vec(), UNFIT, "could not be restored").await;
    // as a server leaves it that runs: the state is a copy's
    cluster.running(|| fs::write(data.join("../running"), cluster.tar()).expect("a file"));
    let running = fs::read(data.join("../running")).expect("a file");
    refused(&gateway, running, UNFIT, "postmaster.pid is there").await;
    until("nothing is left beside", || async { (gateway.beside() == 0).then_some(()) }).await;
    gateway.stop().await;
}

#[tokio::test]
async fn what_only_a_superuser_may_make_is_refused_with_the_databases_own_words() {
    let (_site, _folder) = shop().await;
    let gateway = Gateway::with(&_site, &_folder.0, &DOOR).await;
    gateway.say("shop", "create table kept as select 42 as n").await.expect("a table");
    for (sql, words) in [
        (
            "create function public.c() returns int language c as '$libdir/plpgsql', 'plpgsql_call_handler'",
            "permission denied for language c",
        ),
        ("create extension adminpack", "adminpack"),
        ("create role other", ""),
    ] {
        let cluster = Cluster::with_table("postgres", "shop");
        cluster.said("shop", sql);
        if words.is_empty() {
            cluster.said("shop", "alter table public.t enable row level security");
            cluster.said("shop", "create policy p on public.t to other using (true)");
            refused(&gateway, cluster.tar(), UNFIT, "role \"other\" does not exist").await;
        } else {
            refused(&gateway, cluster.tar(), UNFIT, words).await;
        }
    }
    let several = Cluster::with_table("postgres", "one");
    several.said("postgres", "create database two");
    several.said("postgres", "create table public.three (n int)");
    refused(&gateway, several.tar(), UNFIT, "none has the name shop").await;
    assert_eq!(gateway.psql("shop", LOGIN.0, LOGIN.1, "select n from kept").await.as_deref(), Ok("42"));
    gateway.stop().await;
}
