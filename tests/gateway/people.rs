//! What a person sees who sits before psql.

use std::{process::Stdio, time::Duration};

use nix::{sys::signal, unistd::Pid};
use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::Command,
};

use super::{
    PASSWORD, Site, authority, domain,
    server::{past, server},
    settings, within,
};

const HOST: &str = "12345.db.localhost";

#[tokio::test]
async fn psql_reaches_a_database_by_its_host_name_with_the_certificate_verified_in_full() {
    let site = Site::open(settings()).await;
    let who = "select current_user, current_database(), current_setting('application_name'), current_setting('work_mem'), current_setting('client_encoding')";
    let more = "application_name=till options='-c work_mem=3MB' client_encoding=LATIN1 channel_binding=require";
    assert_eq!(site.psql(HOST, more, who).await.as_deref(), Ok("ann|shop|till|3MB|LATIN1"));
    assert_eq!(site.psql("678.DB.LocalHost", "", "select 1").await.as_deref(), Ok("1"));
    assert_eq!(site.psql(HOST, "replication=database", "IDENTIFY_SYSTEM").await.map(|row| row.split('|').count()), Ok(4));
    assert_eq!(site.world.woken(), ["12345", "678", "12345"]);
    site.close().await;
}

#[tokio::test]
async fn who_sends_no_server_name_says_it_in_an_option_or_behind_the_user() {
    let site = Site::open(settings()).await;
    let ask = async |more: &str| site.psql(HOST, &format!("sslsni=0 {more}"), "select current_user, current_setting('geqo')").await;
    assert_eq!(ask("options='endpoint=12345 -c geqo=off'").await.as_deref(), Ok("ann|off"));
    assert_eq!(ask("user=ann@12345").await.as_deref(), Ok("ann|on"));
    let own = ask("user=ann@12345 dbname=''").await.unwrap_err();
    assert!(own.contains("FATAL:  database \"ann\" does not exist"), "{own}");
    let told = ask("").await.unwrap_err();
    assert!(told.contains("FATAL:  the connection names no database\nHINT:  Connect to the host"), "{told}");
    assert!(ask("options=endpoint=12345 user=ann@678").await.unwrap_err().contains("password authentication failed"));
    assert_eq!(site.world.woken(), ["12345", "12345", "12345"]);
    site.close().await;
}

/// What a client may say that means no database, or nobody in the one of this name: a host, and what stands beside it in a line for psql.
pub(super) fn look_alikes(known: &str, user: &str) -> Vec<(String, String)> {
    let hosts = ["evildb.localhost", "a.b.db.localhost", "db.localhost", "98.DB.localhost"].map(str::to_owned);
    let near =
        ["{}.db.localhost.evil.org", "{}_db.localhost", "a.{}.db.localhost", "x{}.db.localhost"].map(|host| host.replace("{}", known));
    let alone = hosts.into_iter().chain(near).map(|host| (host, String::new()));
    let beside = [
        (format!("{known}.db.localhost"), "user=bob".to_owned()),
        ("evildb.localhost".to_owned(), format!("user={user}@a/b")),
        ("evildb.localhost".to_owned(), format!("user={user}@../{known}")),
        ("evildb.localhost".to_owned(), format!("options=endpoint=../{known}")),
    ];
    alone.chain(beside).collect()
}

#[tokio::test]
async fn a_wrong_password_an_unknown_user_and_whatever_is_no_database_look_alike_and_wake_nothing() {
    let site = Site::open(settings()).await;
    // a name that the certificate does not have is no matter for a client that does not look
    let tried = async |host: &str, more: &str| {
        let told = site.psql(host, &format!("sslmode=require {more}"), "select 1").await.unwrap_err();
        let told = told.replace("\"bob\"", "\"ann\"");
        told.split_once("FATAL:").map(|(_, told)| told.to_owned()).unwrap_or(told)
    };
    let unknown = tried("99.db.localhost", "").await;
    assert!(unknown.contains("password authentication failed for user \"ann\"\nHINT:"), "{unknown}");
    for (host, more) in look_alikes("12345", "ann") {
        assert_eq!(tried(&host, &more).await, unknown, "{host} {more}");
    }
    assert_eq!(site.world.woken(), Vec::<String>::new());
    // whoever knocks at one that takes long does not wait for it to hear so
    for host in [HOST, "slow.db.localhost", "broken.db.localhost"] {
        assert_eq!(tried(host, "password=wrong").await, unknown, "{host}");
    }
    site.close().await;
}

#[tokio::test]
async fn a_database_that_can_not_be_woken_says_to_try_again_and_nothing_of_the_reason() {
    let mut settings = settings();
    settings.deadlines.waking = Duration::from_secs(3);
    let site = Site::open(settings).await;
    let told = site.psql("broken.db.localhost", "", "select 1").await.unwrap_err();
    assert!(told.contains("FATAL:  the database could not be woken\nHINT:  Try again in a moment.") && !told.contains("fire"), "{told}");
    let told = site.psql("slow.db.localhost", "", "select 1").await.unwrap_err();
    assert!(told.contains("FATAL:  the database could not be woken"), "{told}");
    assert!(site.psql(HOST, "dbname=nowhere", "select 1").await.unwrap_err().contains("FATAL:  database \"nowhere\" does not exist"));
    site.close().await;
}

#[tokio::test]
async fn a_ctrl_c_in_psql_cancels_the_statement() {
    let site = Site::open(settings()).await;
    let mut psql = site.program("psql", HOST, "");
    let psql = psql.args(["-X", "-c", "select pg_sleep(3601)"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut past = past(server().await.socket().parent().unwrap()).await;
    let sleeps = "select count(*) from pg_stat_activity where query = 'select pg_sleep(3601)' and wait_event = 'PgSleep'";
    within(async { while sqlx::query_scalar::<_, i64>(sleeps).fetch_one(&mut past).await.unwrap() == 0 {} }).await;
    signal::kill(Pid::from_raw(psql.id().unwrap().cast_signed()), signal::Signal::SIGINT).unwrap();
    let output = within(psql.wait_with_output()).await.unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("canceling statement due to user request"));
    site.close().await;
}

#[tokio::test]
async fn sqlx_comes_in_with_an_option_and_the_certificate_verified_in_full_and_prepares_its_statements() {
    let site = Site::open(settings()).await;
    // it looks for the name where it connects to, and this one resolves everywhere
    site.certificates.replace(&[authority().issue("localhost", chrono::Utc::now()).unwrap()]).unwrap();
    let options = PgConnectOptions::new_without_pgpass().host("localhost").port(site.port).username("ann").password(PASSWORD);
    let options = options.ssl_mode(PgSslMode::VerifyFull).ssl_root_cert(authority().certificate()).options([("endpoint", "12345")]);
    let options = options.database("shop");
    let mut sql = within(options.connect()).await.unwrap();
    for number in 0..3_i64 {
        let sum: i64 = sqlx::query_scalar("select $1 + 1").bind(number).fetch_one(&mut sql).await.unwrap();
        assert_eq!(sum, number + 1);
    }
    sqlx::Connection::close(sql).await.unwrap();
    // and does look: the certificate that is shown by now has other names
    site.certificates.replace(&[domain()]).unwrap();
    assert!(within(options.connect()).await.unwrap_err().to_string().contains("certificate"));
    site.close().await;
}

#[tokio::test]
async fn pgbench_runs_many_clients_in_all_three_ways_of_asking() {
    let site = Site::open(settings()).await;
    let pgbench = async |arguments: &[&str]| {
        let (port, ca) = (site.port.to_string(), authority().certificate());
        let mut command = Command::new(iasql::local::tools().unwrap().join("pgbench"));
        command.env("PGPASSWORD", PASSWORD).env("PGHOST", HOST).env("PGHOSTADDR", "127.0.0.1").env("PGPORT", port).env("PGUSER", "ann");
        command.env("PGSSLMODE", "verify-full").env("PGSSLROOTCERT", ca).args(arguments).arg("shop");
        let output = within(command.output()).await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    pgbench(&["-i", "-q"]).await;
    for way in ["simple", "extended", "prepared"] {
        let told = pgbench(&["-c", "8", "-t", "50", "-M", way]).await;
        assert!(told.contains("number of transactions actually processed: 400/400"), "{told}");
    }
    site.close().await;
}

#[tokio::test]
async fn a_new_certificate_is_shown_from_now_on_and_sessions_go_on() {
    let site = Site::open(settings()).await;
    let mut psql = site.program("psql", HOST, "");
    let mut psql = psql.args(["-X", "-q", "-A", "-t"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut types, mut sees) = (psql.stdin.take().unwrap(), BufReader::new(psql.stdout.take().unwrap()).lines());
    types.write_all(b"select 'before';\n").await.unwrap();
    assert_eq!(within(sees.next_line()).await.unwrap().as_deref(), Some("before"));
    let mut other = domain();
    other.name = "example.com".to_owned();
    site.certificates.replace(&[other]).unwrap();
    assert!(site.psql(HOST, "", "select 1").await.unwrap_err().contains("password authentication failed"));
    site.certificates.replace(&[domain()]).unwrap();
    assert_eq!(site.psql(HOST, "channel_binding=require", "select 1").await.as_deref(), Ok("1"));
    types.write_all(b"select 'after';\n").await.unwrap();
    assert_eq!(within(sees.next_line()).await.unwrap().as_deref(), Some("after"));
    drop(types);
    within(psql.wait()).await.unwrap();
    site.close().await;
}
