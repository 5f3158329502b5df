//! Sessions in a PGlite: one at a time, each as if it were the first.

use std::{io::Write, process::Stdio};

use super::{MADE, WHOLE, engines, gateway, rested, rows};
use crate::{crash::until, gateway::whole::Gateway};

#[tokio::test]
async fn a_second_session_waits_a_moment_and_is_refused_and_comes_in_when_the_first_has_left() {
    let (site, folder) = rows().await;
    let gateway = gateway(&site, &folder.0, &[]).await;
    let mut first = gateway.session("lite").await;
    assert_eq!(first.say("select 1").await, "1");
    let refused = gateway.say("lite", "select 2").await.expect_err("one at a time");
    assert!(refused.contains("another session is open in the database, and it has one at a time"), "{refused}");
    assert!(refused.contains("HINT:") && refused.contains("PGlite"), "{refused}");
    assert_eq!(first.say("select 3").await, "3", "and the first does not notice");
    let (second, ()) = tokio::join!(gateway.say("lite", "select 4"), first.end());
    assert_eq!(second.as_deref(), Ok("4"), "who comes while the first leaves comes in");
    gateway.stop().await;
}

#[tokio::test]
async fn a_session_finds_nothing_of_the_one_before() {
    let (site, folder) = rows().await;
    let gateway = gateway(&site, &folder.0, &[]).await;
    gateway.say("lite", MADE).await.expect("a table");
    let mut first = gateway.session("lite").await;
    assert_eq!(first.say("set work_mem = '7MB'; create temp table mine (); prepare mine as select 1; select 1").await, "1");
    assert_eq!(first.say("begin; delete from kept where n = 1 returning n").await, "1");
    first.end().await;
    let left = "select current_setting('work_mem'), to_regclass('mine') is null, (select count(*) from pg_prepared_statements), count(*) from kept";
    assert_eq!(gateway.say("lite", left).await.as_deref(), Ok("4MB|t|0|1000"));
    // one that is cut in the middle of COPY
    let mut copying = gateway.session("lite").await;
    assert_eq!(copying.say("select 1; copy kept from stdin").await, "1");
    drop(copying);
    let there = || async { gateway.say("lite", WHOLE).await.ok() };
    assert_eq!(until("the next session", there).await, "1000|1000");
    gateway.stop().await;
}

#[tokio::test]
async fn much_is_copied_in_and_out_and_a_session_begins_as_its_parameters_say() {
    const ROWS: usize = 200_000;
    let (site, folder) = rows().await;
    let gateway = gateway(&site, &folder.0, &[]).await;
    gateway.say("lite", "create table copied (line text)").await.expect("a table");
    let mut psql = std::process::Command::new("psql");
    psql.args(["-XAtq", "-d", &gateway.place("lite", "shop"), "-c", "copy copied from stdin"]).env("PGPASSWORD", "correct horse");
    let mut psql = psql.stdin(Stdio::piped()).spawn().expect("psql");
    let mut input = psql.stdin.take().expect("its input");
    let feeding = std::thread::spawn(move || (0..ROWS).try_for_each(|n| writeln!(input, "{n:0>99}")));
    assert!(tokio::task::spawn_blocking(move || psql.wait()).await.expect("a thread").expect("an end").success());
    feeding.join().expect("a thread").expect("all of it");
    let out = gateway.say("lite", "copy (select line, line, line from copied) to stdout").await.expect("all of it");
    assert_eq!((out.lines().count(), out.len()), (ROWS, ROWS * 300 - 1));
    let most = super::memory(engines(&gateway)[0]);
    println!("{} MB out: {most}", out.len() >> 20);
    assert_eq!(said(&gateway, &[("PGOPTIONS", "-c work_mem=9MB"), ("PGAPPNAME", "mine")]).await, "9MB|mine");
    for (name, value, sign) in [
        ("PGOPTIONS", "-c no_such=1", "unrecognized configuration parameter \"no_such\""),
        ("PGOPTIONS", "--nonsense", "the options of the connection are not -c name=value"),
        ("PGDATABASE", "other", "database \"other\" does not exist"),
    ] {
        let refused = said(&gateway, &[(name, value)]).await;
        assert!(refused.contains(sign), "{refused}");
    }
    let replication =
        gateway.psql("lite", "shop replication=database", "correct horse", "IDENTIFY_SYSTEM").await.expect_err("there is none");
    assert!(replication.contains("a PGlite has no replication"), "{replication}");
    rested(&gateway).await;
    gateway.stop().await;
}

/// What psql says with these in its environment.
async fn said(gateway: &Gateway, environment: &[(&str, &str)]) -> String {
    let place = gateway.place("lite", "shop").replace("dbname=shop", "");
    let mut psql = tokio::process::Command::new("psql");
    psql.args(["-XAtq", "-d", &place, "-c", "select current_setting('work_mem'), current_setting('application_name')"]);
    psql.env("PGPASSWORD", "correct horse").envs(environment.iter().copied()).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(crate::gateway::PATIENCE, psql.output()).await.expect("in time").expect("psql");
    String::from_utf8_lossy(if output.status.success() { &output.stdout } else { &output.stderr }).trim().to_owned()
}
