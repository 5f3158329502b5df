//! Policies of a tenant who means no good: whoever reads them gives nothing away, and is not held up.

use std::time::{Duration, Instant};

use iasql::database::services::{VISITORS, login};
use sqlx::Row;

use crate::{control::admin, engine::World};

/// A function of the tenant's, and a policy that calls it.
fn policy(name: &str, body: &str) -> String {
    format!(
        "create function public.{name}() returns text language plpgsql as $f$ {body} $f$;
         create view policy.{name} as select public.{name}() as said;"
    )
}

#[tokio::test]
async fn whoever_reads_a_policy_has_no_rights_to_take() {
    let mut world = World::with(&["ec2"]).await;
    let tries = [
        ("a_writes", "begin insert into ec2.vpc (name, cidr_block) values ('x', '10.0.0.0/16'); return 'wrote'; end"),
        ("b_may_write", "begin perform set_config('transaction_read_only', 'off', false); return 'may write'; end"),
        (
            "c_becomes",
            "begin perform set_config('role', 'none', false); execute 'alter role iasql_visitor password ''x'''; return 'has a login'; end",
        ),
        ("d_superuser", "begin set local session authorization postgres; return 'superuser'; end"),
        ("e_neighbour", "begin execute 'set role iasql_reconciler'; return 'the engine'; end"),
        ("f_file", "begin perform lo_export(1, '/tmp/x'); return 'wrote a file'; end"),
        ("g_reads", "begin return pg_read_file('/etc/passwd'); end"),
        ("h_settings", "begin execute 'alter role iasql_visitor set work_mem = ''1GB'''; return 'set'; end"),
        ("i_table", "begin create temporary table t (x text); return 'made a table'; end"),
        ("j_runs", "begin perform iasql.admit('x'); return 'let in'; end"),
        ("k_counts", "begin perform nextval('iasql.observed_id'); return 'counted'; end"),
        (
            "l_ends",
            "begin perform pg_terminate_backend(a.pid) from pg_stat_activity a where a.usename <> session_user and a.pid <> pg_backend_pid(); return 'ended'; end",
        ),
    ];
    for (name, body) in tries {
        world.sql(&policy(name, body)).await;
    }
    let said = world.database.complaints().await.unwrap().unwrap();
    assert_eq!(said.len(), tries.len(), "{said:#?}");
    for ((name, _), said) in tries.iter().zip(&said) {
        assert!(said.starts_with(&format!("policy.{name} can't be asked: ")), "{said}");
    }
    // the visitor is nobody afterwards, and logs in as before
    let mut superuser = admin(world.database.name()).await;
    // what other tests' visits hold at this moment is theirs
    let left = "select (select count(*) from pg_auth_members where member = 'iasql_visitor'::regrole and roleid = to_regrole(current_database()::text))
                     + (select count(*) from pg_db_role_setting where setrole = 'iasql_visitor'::regrole)";
    assert_eq!(sqlx::query(left).fetch_one(&mut superuser).await.unwrap().get::<i64, _>(0), 0);
    assert_eq!(world.ask("select name from ec2.vpc").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_policy_that_will_not_be_ended_is_ended_all_the_same() {
    let mut world = World::with(&[]).await;
    world.sql("select iasql.set('policy_seconds', '1')").await;
    let stubborn = "begin loop begin perform set_config('statement_timeout', '0', false); perform pg_sleep(100);
        exception when query_canceled or others then null; end; end loop; end";
    world.sql(&policy("stubborn", stubborn)).await;
    let started = Instant::now();
    let said = world.database.complaints().await.unwrap().unwrap();
    assert_eq!(said, ["policy.stubborn can't be asked: it did not end within 1 seconds (policy_seconds)"]);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    let mut superuser = admin(world.database.name()).await;
    let here = "select count(*) from pg_stat_activity where usename = 'iasql_visitor' and datname = current_database()";
    assert_eq!(sqlx::query(here).fetch_one(&mut superuser).await.unwrap().get::<i64, _>(0), 0, "nobody is left behind");
    // and the next visit finds the door open
    world.sql("drop view policy.stubborn; create view policy.fine as select 1 as x where false").await;
    assert_eq!(world.database.complaints().await.unwrap(), Some(vec![]));
}

#[tokio::test]
async fn of_much_little_is_taken() {
    let mut world = World::with(&[]).await;
    world.sql("select iasql.set('policy_seconds', '20')").await;
    world.sql("create view policy.a_rows as select n from generate_series(1, 100000) n").await;
    world.sql("create view policy.b_wide as select repeat('x', 5000000) as a, E'\\n\\x1b[31m' as b").await;
    world.sql("create view policy.c_deep as with recursive r (n) as (select 1 union all select n + 1 from r) select n from r").await;
    world.sql(&policy("d_loud", "begin raise exception using message = repeat('y', 5000000); end")).await;
    world.sql(&policy("e_itself", "begin return public.e_itself(); end")).await;
    let said = world.database.complaints().await.unwrap().unwrap();
    let of = |name: &str| said.iter().filter(|said| said.starts_with(&format!("policy.{name}"))).collect::<Vec<_>>();
    assert_eq!((of("a_rows").len(), of("b_wide").len(), of("c_deep").len(), of("d_loud").len()), (11, 1, 11, 1), "{said:#?}");
    assert_eq!(of("a_rows")[10], "policy.a_rows: and more");
    assert!(of("e_itself")[0].contains("stack depth limit exceeded"), "{said:#?}");
    assert!(said.iter().all(|said| said.chars().count() < 400 && !said.contains(char::is_control)), "{said:#?}");
}

#[tokio::test]
async fn nobody_but_the_tenant_reads_a_policy() {
    let mut world = World::with(&[]).await;
    world.sql(&policy("trap", "begin execute 'alter role ' || session_user || ' superuser'; return 'caught'; end")).await;
    let mut superuser = admin(world.database.name()).await;
    for asks in ["select iasql.complaints()", "select iasql.complaints_of('trap', 1)"] {
        let refused = sqlx::query(asks).fetch_all(&mut superuser).await.unwrap_err().to_string();
        assert!(refused.contains("policies are read by their tenant alone"), "{refused}");
    }
}

/// Whoever is visited by the same login could be reached by the others' policies, and who keeps one busy would hold them up.
#[tokio::test]
async fn nobody_gives_themselves_to_a_visitor() {
    let mut world = World::with(&[]).await;
    let name = world.database.name().to_owned();
    for visitor in VISITORS.map(login) {
        let refused = world.refusal(&format!("grant {name} to {visitor}")).await;
        assert!(refused.contains("permission denied") || refused.contains("must have admin option"), "{refused}");
    }
}
