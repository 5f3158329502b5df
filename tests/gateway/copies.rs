//! Much data through the gateway, in both directions.

use std::{
    fs,
    path::PathBuf,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    PASSWORD, Site,
    client::Client,
    server::{past, server},
    settings, until, within,
};

const HOST: &str = "12345.db.localhost";
/// Rows of 100 characters: some 50 MB.
const ROWS: usize = 500_000;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("gateway-{name}-{}", std::process::id()))
}

#[tokio::test]
async fn fifty_megabytes_are_copied_out_and_in_again_and_are_the_same() {
    let site = Site::open(settings()).await;
    let path = file("copy");
    let out = format!("copy (select lpad(n::text, 99, 'x') from generate_series(1, {ROWS}) n) to stdout");
    let mut psql = site.program("psql", HOST, "");
    let status = psql.args(["-X", "-q", "-c", &out]).stdout(Stdio::from(fs::File::create(&path).unwrap())).status();
    assert!(within(status).await.unwrap().success());
    assert_eq!(fs::metadata(&path).unwrap().len(), 100 * ROWS as u64);
    site.psql(HOST, "", "create unlogged table copied (line text)").await.unwrap();
    let mut psql = site.program("psql", HOST, "");
    let status = psql.args(["-X", "-q", "-c", "copy copied from stdin"]).stdin(Stdio::from(fs::File::open(&path).unwrap())).status();
    assert!(within(status).await.unwrap().success());
    let same = format!("select count(*), count(*) = {ROWS} and bool_and(length(line) = 99) and count(distinct line) = {ROWS} from copied");
    assert_eq!(site.psql(HOST, "", &same).await.as_deref(), Ok(&*format!("{ROWS}|t")));
    site.psql(HOST, "", "drop table copied").await.unwrap();
    fs::remove_file(path).unwrap();
    site.close().await;
}

#[tokio::test]
async fn a_dump_taken_through_the_gateway_is_restored_through_it() {
    let site = Site::open(settings()).await;
    let setup = "create schema dumped; create table dumped.thing (id int primary key, name text); insert into dumped.thing select n, md5(n::text) from generate_series(1, 5000) n";
    site.psql(HOST, "", setup).await.unwrap();
    let digest = "select md5(string_agg(name, ',' order by id)) from dumped.thing";
    let before = site.psql(HOST, "", digest).await.unwrap();
    let path = file("dump");
    let mut dump = site.program("pg_dump", HOST, "");
    let dumped = dump.args(["-Fc", "-n", "dumped", "-f"]).arg(&path).output();
    let dumped = within(dumped).await.unwrap();
    assert!(dumped.status.success(), "{}", String::from_utf8_lossy(&dumped.stderr));
    site.psql(HOST, "", "drop schema dumped cascade").await.unwrap();
    let restored = within(site.program("pg_restore", HOST, "").arg(&path).output()).await.unwrap();
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    assert_eq!(site.psql(HOST, "", digest).await.as_deref(), Ok(&*before));
    site.psql(HOST, "", "drop schema dumped cascade").await.unwrap();
    fs::remove_file(path).unwrap();
    site.close().await;
}

/// What this process has in memory, in kB.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_client_that_does_not_read_costs_no_memory() {
    const GIGABYTE: &str = "copy (select repeat('x', 1000) from generate_series(1, 1000000)) to stdout";
    let site = Site::open(settings()).await;
    let mut client = Client::inside(site.port).await;
    let before = resident();
    client.begin(GIGABYTE).await;
    let mut past = past(server().await.socket().parent().unwrap()).await;
    let stuck = "select count(*) from pg_stat_activity where query like '%repeat(''x'', 1000)%' and wait_event = 'ClientWrite'";
    // it writes and waits by turns until nobody takes any more: then it waits for good
    let mut waited = 0;
    within(async {
        while waited < 200 {
            waited = (waited + 1) * sqlx::query_scalar::<_, i64>(stuck).fetch_one(&mut past).await.unwrap();
        }
    })
    .await;
    // what other tests take meanwhile is in it, too
    assert!(resident() < before + 100_000, "{before} kB became {}", resident());
    drop(client);
    site.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_read_what_is_copied_in_costs_no_memory() {
    let site = Site::open(settings()).await;
    // its first row waits for a lock that we hold, and so it reads no second one
    let mut past = past(server().await.socket().parent().unwrap()).await;
    let mut holder = Client::inside(site.port).await;
    holder.ask("select pg_advisory_lock(4711)").await;
    let setup = "create table stuck (line text, check (pg_advisory_xact_lock(4711) is not null))";
    site.psql(HOST, "", setup).await.unwrap();
    let mut client = Client::inside(site.port).await;
    client.begin("copy stuck from stdin").await;
    client.hear_until(b'G').await;
    let before = resident();
    let sent = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&sent);
    let sending = tokio::spawn(async move {
        let piece = [&b"d"[..], &100_004_u32.to_be_bytes(), &[b'x'; 99_999], b"\n"].concat();
        loop {
            client.say(&piece).await;
            counted.fetch_add(piece.len() as u64, Ordering::SeqCst);
        }
    });
    let waits = "select count(*) from pg_stat_activity where query = 'copy stuck from stdin' and wait_event_type = 'Lock'";
    // until nobody takes any more, for good
    let (mut waited, mut seen) = (0, 0);
    within(async {
        while waited < 200 {
            let now = sent.load(Ordering::SeqCst);
            let is_stuck = now == seen && sqlx::query_scalar::<_, i64>(waits).fetch_one(&mut past).await.unwrap() == 1;
            (waited, seen) = (if is_stuck { waited + 1 } else { 0 }, now);
        }
    })
    .await;
    println!("{seen} bytes were taken");
    assert!(seen < 50_000_000, "{seen} bytes are on their way");
    // what other tests take meanwhile is in it, too
    assert!(resident() < before + 100_000, "{before} kB became {}", resident());
    sending.abort();
    drop(sending.await);
    drop(holder);
    within(async { while site.psql(HOST, "", "drop table stuck").await.is_err() {} }).await;
    site.close().await;
}

#[tokio::test]
async fn a_session_that_says_nothing_takes_little_memory() {
    const MANY: usize = 120;
    let site = Site::open(settings()).await;
    let script = file("parked");
    fs::write(&script, "select 1;\n\\sleep 1000 s\n").unwrap();
    let park = |many: usize| {
        let mut pgbench = tokio::process::Command::new(iasql::local::tools().unwrap().join("pgbench"));
        pgbench.env("PGPASSWORD", PASSWORD).env("PGHOST", HOST).env("PGHOSTADDR", "127.0.0.1").env("PGPORT", site.port.to_string());
        pgbench.env("PGUSER", "ann").env("PGSSLMODE", "require").args(["-n", "-c", &many.to_string(), "-f"]).arg(&script).arg("shop");
        pgbench.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap()
    };
    let world = &site.world;
    let open = |many: usize| until(move || world.sessions.load(Ordering::SeqCst) == many);
    // the first ones pay for what all share
    let first = park(20);
    open(20).await;
    let before = resident();
    let others = park(MANY);
    open(20 + MANY).await;
    let each = resident().saturating_sub(before) / MANY as u64;
    println!("{each} kB for each session");
    // what other tests take meanwhile is in it, too
    assert!(each < 500, "{each} kB");
    drop((first, others));
    open(0).await;
    fs::remove_file(script).unwrap();
    site.close().await;
}
