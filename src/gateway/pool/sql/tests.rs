//! Statements, and what they may do.

use super::*;

fn is_read(text: &str) -> bool {
    meaning(text.as_bytes()).read
}

fn pins(text: &str) -> bool {
    meaning(text.as_bytes()).pins
}

#[test]
fn what_surely_reads_is_a_read() {
    for text in [
        "SELECT abalance FROM pgbench_accounts WHERE aid = 123;",
        " /* a */ ((select 1)) -- b",
        "select 1; select 2;",
        "with x as (select 1) select * from x",
        "table t",
        "values (1), (2)",
        "select count(*), max(a) filter (where b in (1, 2)) from t group by (c) having sum(d) > 3",
        "select pg_catalog.lower('A')",
        "select a::varchar(10), cast(b as numeric(3, 1)) from t as u(a, b)",
        "select 'insert into t', $$delete$$, \"update\" from t",
        "select $1::int",
        "",
    ] {
        assert!(is_read(text), "{text}");
    }
}

#[test]
fn what_may_be_more_than_a_read_is_none() {
    for text in [
        "select f(1)",
        "select nextval('s')",
        "select setval('s', 1)",
        "select * into u from t",
        "do $$ begin end $$",
        "select pg_notify('a', 'b')",
        "select cron.schedule('a', '* * * * *', 'select 1')",
        "select * from t for update",
        "select * from t for key share",
        "select 1for update",
        "explain analyze insert into t values (1)",
        "explain select 1",
        "with x as (insert into t values (1) returning a) select * from x",
        "with x as (delete from t returning *) table x",
        "select lo_create(0)",
        "copy t from stdin",
        "set a = 1; select 1",
        "select 1; insert into t values (1)",
        "create temp table t (a int)",
        "select txid_current()",
        "select set_config('a', 'b', true)",
        "/* a /* b */ */ \n ( -- c\n insert into t values (1)",
        "select * from pg_stat_activity",
        "select pg_is_in_recovery()",
        "select public.lower('a')",
        "select \"lower\"('a')",
        "select lower.x('a')",
        "select U&\"\\0066\"(1)",
        "select e'\\' ' , f(1), 'a' 'b'",
        "show transaction_read_only",
        "begin",
        "execute a",
        "fetch a",
        "select 'a",
        "call p()",
    ] {
        assert!(!is_read(text), "{text}");
    }
}

#[test]
fn what_stays_in_the_session_pins_it() {
    for text in [
        "listen a",
        "set a = 1",
        "set session a = 1",
        "select 1; set a to 1",
        "set role a",
        "prepare a as select 1",
        "create temp table t (a int)",
        "create or replace local temporary view v as select 1",
        "create table pg_temp.t (a int)",
        "select 1 as a into temp t",
        "select pg_advisory_lock(1)",
        "select pg_catalog.\"pg_try_advisory_lock\"(1)",
        "select set_config('a', 'b', false)",
        "select set_config('a', 'true', $1)",
        "insert into t select set_config('a', 'b', false)",
        "declare c cursor with hold for select 1",
        "load 'x'",
        "do $$ begin perform pg_advisory_lock(1); end $$",
        "do 'begin create temp table t (a int); end'",
        "do $$ begin set a = 1; end $$",
        "select 'a",
        "explain analyze select pg_advisory_lock(1)",
    ] {
        assert!(pins(text), "{text}");
    }
    for text in [
        "select 1",
        "set local a = 1",
        "set transaction isolation level serializable",
        "set constraints all deferred",
        "prepare transaction 'a'",
        "create table temp (a int)",
        "create table t (a int, b int, temp int)",
        "select pg_advisory_xact_lock(1)",
        "select set_config('a', 'b', true)",
        "declare c cursor for select 1",
        "do $$ begin update t set a = 1; end $$",
        "insert into t values ('listen a')",
        "notify a",
        "discard all",
    ] {
        assert!(!pins(text), "{text}");
    }
}

#[test]
fn transactions_that_only_read_are_known_by_how_they_begin() {
    let begins = |text: &str| meaning(text.as_bytes()).begins_reading;
    for text in ["begin read only", "START TRANSACTION READ ONLY;", "begin isolation level read committed, read only"] {
        assert!(begins(text), "{text}");
    }
    for text in ["begin", "begin read write", "begin read only; select 1", "begin isolation level serializable read only", "select 1"] {
        assert!(!begins(text), "{text}");
    }
}

#[test]
fn how_a_transaction_ends_is_known() {
    let ends = |text: &str| meaning(text.as_bytes()).ends;
    assert!(ends("commit") && ends("rollback;") && ends("END") && ends("abort work"));
    assert!(!ends("rollback to a") && !ends("commit prepared 'a'") && !ends("commit; select 1") && !ends("savepoint a"));
}

#[test]
fn all_that_stays_goes_with_discard_all() {
    let all = meaning(b"discard all");
    assert!(all.frees && all.forgets && !all.pins);
    let statements = meaning(b"deallocate all");
    assert!(!statements.frees && statements.forgets);
    assert!(!meaning(b"discard temp").frees && !meaning(b"discard all; listen a").frees);
}
