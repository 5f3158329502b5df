//! Who may do what: as much as `access` says, and not a bit more.

use iasql::schema::{How, Rights, downgrade, drift, upgrade};
use sqlx::{AssertSqlSafe, PgConnection};

use super::laid::{as_role, attempt, changed, connect, count, golden, laid, queue, quick, run, text, up};

/// What drift says, while `planted` is there.
async fn said(connection: &mut PgConnection, planted: &str) -> Vec<String> {
    run(connection, &format!("begin; {planted}")).await;
    let drift =
        drift(connection, &queue(), &How { golden: Some(golden().await), ..quick() }).await.unwrap_or_else(|error| panic!("{error}"));
    run(connection, "rollback").await;
    drift.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_grant_that_access_does_not_list_or_one_that_is_missing_is_seen() {
    let (_, mut connection) = laid(4).await;
    assert_eq!(said(&mut connection, "select 1").await, [""; 0]);
    let extra = said(&mut connection, "grant select on queue.payload to queue_janitor_rights").await;
    assert_eq!(extra, ["grant queue.payload to queue_janitor_rights should not be there"]);
    let more = said(&mut connection, "grant truncate on queue.task to queue_janitor_rights").await;
    assert_eq!(more.len(), 1);
    assert!(more[0].starts_with("grant queue.task to queue_janitor_rights has `"), "{more:?}");
    let missing = said(&mut connection, "revoke select on queue.payload from queue_worker_rights").await;
    assert_eq!(missing, ["grant queue.payload to queue_worker_rights is missing"]);
    let direct = said(&mut connection, "grant select on queue.task to queue_worker").await;
    assert_eq!(direct, ["grant queue.task to queue_worker should not be there"]);
    let column = said(&mut connection, "grant select (id) on queue.task to queue_worker").await;
    assert!(column.contains(&"grant queue.task to queue_worker should not be there".to_owned()), "{column:?}");
    let elsewhere = said(&mut connection, "create table public.x (); grant select on public.x to queue_worker").await;
    assert_eq!(elsewhere, ["grant public.x to queue_worker should not be there"]);
    let call = said(&mut connection, "grant execute on function queue.sweep_tasks() to queue_api").await;
    assert_eq!(call, ["grant queue.sweep_tasks() to queue_api should not be there"]);
}

#[tokio::test]
async fn without_a_golden_the_grants_are_compared_all_the_same() {
    let (_, mut connection) = laid(4).await;
    run(&mut connection, "begin; revoke delete on queue.task from queue_api_rights; revoke usage on schema queue from queue_worker").await;
    let drift = drift(&mut connection, &queue(), &quick()).await.unwrap_or_else(|error| panic!("{error}"));
    let said: Vec<_> = drift.iter().map(|drift| drift.object.clone()).collect();
    assert_eq!(said, ["grant queue to queue_worker", "grant queue.task to queue_api_rights"]);
    run(&mut connection, "rollback").await;
}

#[tokio::test]
async fn an_upgrade_grants_what_access_lists_and_takes_the_rest() {
    let (_, mut connection) = laid(3).await;
    run(&mut connection, "grant all on queue.task to queue_worker; grant truncate on queue.payload to queue_api_rights").await;
    run(&mut connection, "revoke select on queue.payload from queue_worker_rights").await;
    up(&mut connection, &queue(), 4).await;
    assert_eq!(said(&mut connection, "select 1").await, [""; 0]);
}

#[tokio::test]
async fn an_upgrade_is_refused_where_a_script_grants_more_than_access_lists() {
    // the login of another service, and the public: what the library does not know of, the comparison does
    let (_, mut connection) = laid(1).await;
    let generous = format!("{}\ngrant select on queue.task to public;\n", text("priority.up.sql"));
    let schema = changed(&[("priority.up.sql", Some(&generous))]);
    let error = upgrade(&mut connection, &schema, 2, &How { golden: Some(golden().await), ..quick() }).await.expect_err("it differs");
    assert!(error.to_string().ends_with("\n  grant queue.task to PUBLIC should not be there"), "{error}");
}

#[tokio::test]
async fn a_service_reaches_its_own_procedures_and_nothing_else() {
    const WORKER: &str = "select queue.take_task('w', 1)";
    const JANITOR: &str = "select queue.sweep_tasks()";
    const API: &str = "select queue.put_task('mail', '{}')";
    const ALL: &str = "select queue.health()";
    let (url, _) = laid(4).await;
    let may = [("queue_worker", [WORKER, ALL]), ("queue_janitor", [JANITOR, ALL]), ("queue_api", [API, ALL])];
    for (login, calls) in may {
        let mut connection = connect(&as_role(&url, login)).await;
        for sql in [WORKER, JANITOR, API, ALL] {
            let done = attempt(&mut connection, sql).await;
            assert_eq!(done.is_ok(), calls.contains(&sql), "{login}: {sql}: {done:?}");
        }
        for sql in [
            "select * from queue.task",
            "select count(task) from queue.payload",
            "insert into queue.task (kind) values ('x')",
            "update queue.task set state = 'done'",
            "delete from queue.payload",
            "truncate queue.task",
            "do $$ begin lock table queue.task in access share mode; end $$",
            "create table queue.mine ()",
            "create function queue.mine() returns integer language sql as 'select 1'",
            "alter table queue.task add column x text",
            "drop function queue.health()",
            "select queue.fill_payload(null, 1)",
            "select * from schema_versions.installed",
            "update schema_versions.installed set version = 9",
            "create table x (task bigint references queue.task)",
        ] {
            let refused = attempt(&mut connection, sql).await.expect_err(sql);
            let code = refused.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned());
            assert_eq!(code.as_deref(), Some("42501"), "{login}: {sql}: {refused}");
        }
    }
}

#[tokio::test]
async fn nothing_earlier_in_a_search_path_comes_between() {
    let (url, mut connection) = laid(4).await;
    // what a caller puts before everything else is not what a procedure calls
    run(&mut connection, "create schema trap; grant usage on schema trap to public").await;
    let trap = "create function trap.pg_is_in_recovery() returns boolean language plpgsql as $$ begin raise 'trapped'; end $$";
    run(&mut connection, trap).await;
    let mut api = connect(&as_role(&url, "queue_api")).await;
    run(&mut api, "set search_path = trap, pg_catalog; select * from queue.health()").await;
    let pinned = "select count(*) from pg_proc where pronamespace = 'queue'::regnamespace and prosecdef \
                  and proconfig is distinct from array['search_path=pg_catalog, pg_temp']";
    let loose: i64 = sqlx::query_scalar(AssertSqlSafe(pinned)).fetch_one(&mut connection).await.expect("a number");
    assert_eq!(loose, 0);
}

#[tokio::test]
async fn with_the_rights_of_the_owner_no_role_holds_any() {
    let head = text("schema").replace("roles queue", "roles queue_owned\nrights owner");
    let schema = changed(&[("schema", Some(&head)), ("access", Some(""))]);
    assert_eq!(schema.head.rights, Rights::Owner);
    let url = super::laid::database().await;
    let mut connection = connect(&url).await;
    upgrade(&mut connection, &schema, 4, &quick()).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(drift(&mut connection, &schema, &quick()).await.unwrap_or_else(|error| panic!("{error}")), []);
    let mut worker = connect(&as_role(&url, "queue_owned_worker")).await;
    run(&mut worker, "select queue.take_task('w', 1)").await;
    attempt(&mut worker, "select * from queue.task").await.expect_err("no table");
}

#[tokio::test]
async fn an_administrator_need_not_be_a_superuser() {
    let url = super::laid::database().await;
    let (way, name) = url.rsplit_once('/').expect("an address");
    let mut superuser = connect(&url).await;
    run(&mut superuser, &format!("create role {name} login createrole password 'x'; alter database {name} owner to {name}")).await;
    let host = way.rsplit_once('@').expect("a host").1;
    let mut connection = connect(&format!("postgres://{name}:x@{host}/{name}")).await;
    // roles of its own, which it makes itself
    let schema = changed(&[("schema", Some(&text("schema").replace("roles queue", &format!("roles {name}"))))]);
    upgrade(&mut connection, &schema, 4, &quick()).await.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(drift(&mut connection, &schema, &quick()).await.unwrap_or_else(|error| panic!("{error}")), []);
    run(&mut connect(&as_role(&url, &format!("{name}_worker"))).await, "select queue.take_task('w', 1)").await;
    downgrade(&mut connection, &schema, 0, &quick()).await.unwrap_or_else(|error| panic!("{error:?}"));
}

#[tokio::test]
async fn an_owner_of_the_schema_runs_the_scripts_and_owns_what_they_make() {
    let url = super::laid::database().await;
    let name = url.rsplit_once('/').expect("an address").1;
    let (mut connection, owner) = (connect(&url).await, format!("{name}_owner"));
    run(&mut connection, &format!("create role {owner} nologin")).await;
    let how = How { owner: Some(&owner), golden: Some(golden().await), ..quick() };
    // the golden one was laid by another owner: that much may differ
    upgrade(&mut connection, &queue(), 4, &how).await.unwrap_or_else(|error| panic!("{error}"));
    let owned = format!(
        "select count(*) from pg_class where relowner = '{owner}'::regrole and relkind = 'r' and relnamespace = 'queue'::regnamespace"
    );
    assert_eq!(count(&mut connection, &owned).await, 2);
    // a script can't do what its owner can't
    let bold = format!("{}\ncreate role made_by_a_script;\n", text("priority.up.sql"));
    let error = upgrade(&mut connect(&super::laid::laid(1).await.0).await, &changed(&[("priority.up.sql", Some(&bold))]), 2, &how).await;
    assert!(error.expect_err("refused").to_string().contains("priority.up.sql"));
    downgrade(&mut connection, &queue(), 0, &how).await.unwrap_or_else(|error| panic!("{error}"));
}
