//! Databases that come from elsewhere, and go there: data folders, archives, PGlite's tarballs; each through a gateway as a process.

use std::{io::Write, process::Stdio};

use reqwest::StatusCode;
use tokio::io::AsyncWriteExt;

use super::{
    client::{clear, rest},
    tarball::{Cluster, Entry, answered, file, saved, tampered},
    whole::{Folder, Gateway, shop},
};
use crate::crash::{Site, until};

const DOOR: [&str; 2] = ["--http", "127.0.0.1:0"];
/// That all of the table is there.
const WHOLE: &str = "select count(*), count(distinct word), current_user, pg_get_userbyid(relowner) from t, pg_class where oid = 't'::regclass group by relowner";

/// A gateway with two databases.
async fn open() -> (Site, Folder, Gateway) {
    let (mut site, folder) = shop().await;
    site.sql("insert into gateway.database (name, role, password, idle_seconds) values ('copy', 'shop', 'correct horse', 1)").await;
    site.check().await;
    let pglite = pglite();
    let words = [&DOOR[..], &["--pglite", pglite.to_str().expect("a text")]].concat();
    let gateway = Gateway::with(&site, &folder.0, &words).await;
    (site, folder, gateway)
}

#[tokio::test]
async fn a_data_folder_becomes_the_database_and_nothing_in_it_gives_more_than_a_user_has() {
    let (_site, folder, gateway) = open().await;
    let cluster = Cluster::with_table("boss", "shop");
    cluster.said("shop", "create role evil superuser login password 'evil'");
    cluster.said("shop", "create function public.spy() returns event_trigger language plpgsql as $$ begin end $$");
    cluster.said("shop", "create event trigger audit on ddl_command_end execute function public.spy()");
    cluster.said("shop", "alter database shop set session_preload_libraries = '/tmp/iasql-no-such-library'");
    cluster.said("shop", "alter role all set session_preload_libraries = '/tmp/iasql-no-such-library'");
    std::fs::write(cluster.data().join("postgresql.auto.conf"), "shared_preload_libraries = '/tmp/iasql-no-such-library'\n")
        .expect("a file");
    let (status, answer) = gateway.upload("shop", cluster.tar()).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(answer["taken"]["kind"], "folder");
    assert!(answer["taken"]["left_out"][0].as_str().is_some_and(|what| what.starts_with("EVENT TRIGGER - audit")), "{answer}");
    assert_eq!(gateway.say("shop", WHOLE).await.as_deref(), Ok("1000|1000|shop|shop"));
    let rights =
        "select string_agg(rolname, ',') filter (where rolsuper), string_agg(rolname, ',') filter (where rolcanlogin) from pg_roles";
    assert_eq!(gateway.say("shop", rights).await.as_deref(), Ok("postgres|postgres,shop"));
    let settings = "select (select count(*) from pg_db_role_setting), (select count(*) from pg_event_trigger)";
    assert_eq!(gateway.say("shop", settings).await.as_deref(), Ok("0|0"));
    until("nothing is left beside", || async { (gateway.beside() == 0).then_some(()) }).await;
    gateway.stop().await;
    drop(folder);
}

#[tokio::test]
async fn what_is_downloaded_is_taken_elsewhere_as_a_tarball_and_as_an_archive_compressed_or_not() {
    let (_site, _folder, gateway) = open().await;
    gateway.say("shop", "create table t as select n, md5(n::text) as word from generate_series(1, 1000) n").await.expect("a table");
    gateway.say("shop", "create database more").await.expect("a database");
    let archive = gateway.bytes("shop/download?format=dump").await;
    assert_eq!(&archive[..5], b"PGDMP");
    until("nobody is there", || async { (gateway.status("shop").await["sessions"] == 0).then_some(()) }).await;
    let plain = gateway.bytes("shop/download").await;
    let squeezed = gateway.get("shop/download").header("Accept-Encoding", "gzip, zstd").send().await.expect("an answer");
    assert_eq!(squeezed.headers()["content-encoding"], "zstd");
    let squeezed = squeezed.bytes().await.expect("all of it").to_vec();
    println!("a tarball of {} bytes, {} with zstd; an archive of {}", plain.len(), squeezed.len(), archive.len());
    assert!(squeezed.len() < plain.len() / 4);
    let tar = dumped(&gateway, "-Ft").await;
    for body in [plain.clone(), squeezed, tar, gzipped(&plain), archive.clone(), gzipped(&archive)] {
        let length = body.len();
        gateway.say("copy", "drop table if exists t").await.expect("a database");
        let begin = std::time::Instant::now();
        let (status, answer) = gateway.upload("copy", body).await;
        let took = begin.elapsed().as_millis();
        assert_eq!(status, StatusCode::OK, "{answer}");
        let there = || async { gateway.say("copy", WHOLE).await.ok().filter(|said| said == "1000|1000|shop|shop") };
        until("what was uploaded", there).await;
        println!("{length} bytes in {took} ms: {answer}");
    }
    assert_eq!(gateway.say("copy", "select count(*) from pg_database where datname = 'more'").await.as_deref(), Ok("0"));
    gateway.upload("copy", plain).await;
    let more = || async { gateway.say("copy", "select 1 from pg_database where datname = 'more'").await.ok().filter(|said| said == "1") };
    until("the other database", more).await;
    gateway.stop().await;
}

#[tokio::test]
async fn what_a_browser_saved_with_pglite_becomes_a_native_database() {
    let (_site, _folder, gateway) = open().await;
    let installed = pglite();
    assert!(installed.join("installed").exists(), "run scripts/install.sh tests: it installs PGlite, for which it needs Node.js");
    for version in ["17", "18"] {
        let (status, answer) = gateway.upload("shop", saved(version)).await;
        assert_eq!((status, &answer["taken"]["kind"]), (StatusCode::OK, &"pglite".into()), "{answer}");
        let said = "select count(*), min(word), (select string_agg(version, ',') from engine) from t";
        let there = || async { gateway.say("shop", said).await.ok().filter(|said| said.ends_with(version)) };
        assert_eq!(until("what was uploaded", there).await, format!("1001|\\! touch /tmp/iasql-evil|{version}"));
        assert!(!std::fs::exists("/tmp/iasql-evil").expect("a look"));
    }
    gateway.stop().await;
}

/// Where it is installed: below the folder of the project.
pub(super) fn pglite() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(".iasql/pglite")
}

/// As pg_dump has it through the gateway's first door.
async fn dumped(gateway: &Gateway, format: &str) -> Vec<u8> {
    let mut dump = tokio::process::Command::new("pg_dump");
    dump.args([format, "-d", &gateway.place("shop", "shop")]).env("PGPASSWORD", "correct horse").kill_on_drop(true);
    let dumped = dump.output().await.expect("pg_dump");
    assert!(dumped.status.success(), "{}", String::from_utf8_lossy(&dumped.stderr));
    dumped.stdout
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = std::process::Command::new("gzip").arg("-1c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("gzip");
    let (mut input, bytes) = (gzip.stdin.take().expect("its input"), bytes.to_vec());
    let feeding = std::thread::spawn(move || input.write_all(&bytes));
    let output = gzip.wait_with_output().expect("gzip").stdout;
    feeding.join().expect("a thread").expect("it takes all");
    output
}

#[tokio::test]
async fn sessions_go_on_on_what_they_have_and_the_next_call_has_what_was_uploaded() {
    let (_site, _folder, gateway) = open().await;
    gateway.say("shop", "create table old (n int)").await.expect("a table");
    let cluster = Cluster::with_table("postgres", "shop");
    let mut session = gateway.session("shop").await;
    assert_eq!(session.say("insert into old values (1) returning n").await, "1");
    let (status, answer) = gateway.upload("shop", cluster.tar()).await;
    assert_eq!((status, &answer["serves"]), (StatusCode::OK, &"when the last session has gone".into()), "{answer}");
    assert_eq!(gateway.status("shop").await["upload_waits"], true);
    assert_eq!(session.say("insert into old values (2) returning n").await, "2");
    // whoever comes now shares the old one
    assert_eq!(gateway.say("shop", "select count(*) from old").await.as_deref(), Ok("2"));
    session.end().await;
    until("the new one", || async { gateway.say("shop", WHOLE).await.ok() }).await;
    let status = gateway.status("shop").await;
    assert_eq!(status["upload_waits"], false, "{status}");
    gateway.stop().await;
}

#[tokio::test]
async fn of_two_uploads_at_once_one_is_told_to_wait_and_one_that_is_cut_leaves_nothing() {
    let (_site, _folder, mut gateway) = open().await;
    gateway.say("shop", "create table old (n int)").await.expect("a table");
    let tar = Cluster::with_table("postgres", "shop").tar();
    let half = tar[..tar.len() / 2].to_vec();
    let (sender, body) = tokio::sync::mpsc::channel::<Result<Vec<u8>, std::io::Error>>(1);
    let body = reqwest::Body::wrap_stream(futures::stream::unfold(body, async |mut body| Some((body.recv().await?, body))));
    let first = tokio::spawn(gateway.post("shop/upload", body).send());
    sender.send(Ok(half)).await.expect("it is read");
    until("it has begun", || async { (gateway.beside() > 0).then_some(()) }).await;
    let (status, answer) = gateway.upload("shop", tar.clone()).await;
    assert_eq!(status, StatusCode::CONFLICT, "{answer}");
    first.abort();
    drop(sender);
    until("nothing is left of it", || async { (gateway.beside() == 0).then_some(()) }).await;
    let again = || async { Some(gateway.upload("shop", tar.clone()).await).filter(|(status, _)| status.is_success()) };
    until("another upload", again).await;
    assert!(gateway.say("shop", WHOLE).await.is_ok());
    // what a killed gateway leaves is swept by the next one
    let left = gateway.home().join("node/u/00000abc/data");
    gateway.child.kill().await.expect("it runs");
    std::fs::create_dir_all(&left).expect("a folder");
    let gateway = Gateway::with(&_site, &_folder.0, &DOOR).await;
    assert_eq!(gateway.beside(), 0);
    assert!(gateway.say("shop", WHOLE).await.is_ok());
    gateway.stop().await;
}

#[tokio::test]
async fn who_sends_all_of_it_before_they_listen_hears_why_it_is_refused() {
    let (_site, _folder, gateway) = open().await;
    let body = vec![7; 20_000_000];
    let head = format!("POST /databases/shop/upload HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len());
    let mut line = clear(u16::try_from(gateway.http.expect("a second door")).expect("a port")).await;
    line.write_all(head.as_bytes()).await.expect("a head");
    line.write_all(&body).await.expect("all of it");
    let told = String::from_utf8(rest(&mut line).await).expect("a text");
    assert!(told.starts_with("HTTP/1.1 401 ") && told.ends_with('}'), "{told}");
    gateway.stop().await;
}

#[tokio::test]
async fn whoever_is_not_the_login_hears_always_the_same_and_wakes_nothing() {
    let (_site, _folder, gateway) = open().await;
    let door = gateway.http.expect("a second door");
    let mut said = vec![];
    for (path, user, password) in [
        ("shop", "shop", "wrong"),
        ("shop", "postgres", "correct horse"),
        ("unknown", "shop", "correct horse"),
        ("..%2fshop", "shop", "correct horse"),
        ("shop.db.localhost", "shop", "correct horse"),
    ] {
        for request in [
            reqwest::Client::new().get(format!("http://127.0.0.1:{door}/databases/{path}")),
            reqwest::Client::new().get(format!("http://127.0.0.1:{door}/databases/{path}/download?format=dump")),
            reqwest::Client::new().post(format!("http://127.0.0.1:{door}/databases/{path}/upload")).body("x"),
        ] {
            said.push(answered(request.basic_auth(user, Some(password))).await);
        }
    }
    said.push(answered(reqwest::Client::new().get(format!("http://127.0.0.1:{door}/databases/shop"))).await);
    assert_eq!(said[0].0, StatusCode::UNAUTHORIZED);
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!((gateway.servers(), gateway.beside()), (0, 0));
    assert_eq!(gateway.status("SHOP").await["tier"], "new");
    assert_eq!(gateway.servers(), 0);
    gateway.stop().await;
}

#[tokio::test]
async fn a_large_upload_takes_no_memory() {
    let (_site, _folder, gateway) = open().await;
    let before = resident(&gateway);
    let noise: Vec<u8> = (0..1_u32 << 18).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let files: Vec<_> = (0..300).map(|number| format!("base/1/{}", 16384 + number)).collect();
    let entries: Vec<_> = files.iter().map(|name| file(name, &noise)).collect();
    let version = [Entry { name: "PG_VERSION", kind: tar::EntryType::Regular, to: "", bytes: b"15\n" }];
    let body = [tampered(None, &version).split_at(1024).0, &tampered(None, &entries)].concat();
    let (status, answer) = gateway.upload("shop", body).await;
    assert_eq!((status, answer["error"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("the data folder has no global/pg_control")));
    let after = resident(&gateway);
    println!("300 MB uploaded: {before} kB at most before, {after} kB after");
    assert!(after < before + 64_000, "{before} kB became {after}");
    gateway.stop().await;
}

/// The most that the gateway has had in memory, in kB.
pub(super) fn resident(gateway: &Gateway) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", gateway.child.id().expect("it runs"))).expect("its status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its memory");
    line.split_whitespace().next().expect("a number").parse().expect("a number")
}
