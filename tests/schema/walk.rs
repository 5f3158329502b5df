//! Up and down: what a database is after each version.

use iasql::schema::{Error, downgrade, fingerprint, installed, upgrade};

use super::laid::{attempt, changed, connect, count, database, golden, laid, queue, quick, run, text, up};

#[tokio::test]
async fn a_version_up_down_and_up_again_leaves_what_was_there() {
    let (_, mut connection) = laid(0).await;
    let queue = queue();
    let how = iasql::schema::How { golden: Some(golden().await), ..quick() };
    for version in 1..=queue.newest() {
        let before = fingerprint(&mut connection, &queue, &[]).await.expect("a fingerprint");
        up(&mut connection, &queue, version).await;
        let made = fingerprint(&mut connection, &queue, &[]).await.expect("a fingerprint");
        let done = downgrade(&mut connection, &queue, version - 1, &how).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((done.from, done.to, done.versions), (version, version - 1, vec![version]));
        assert_eq!(fingerprint(&mut connection, &queue, &[]).await.expect("a fingerprint").differences(&before), []);
        up(&mut connection, &queue, version).await;
        assert_eq!(fingerprint(&mut connection, &queue, &[]).await.expect("a fingerprint").differences(&made), []);
        assert_eq!(installed(&mut connection, "queue").await.expect("a version"), version);
    }
    let done = downgrade(&mut connection, &queue, 0, &how).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(done.versions, [4, 3, 2, 1]);
    assert_eq!(installed(&mut connection, "queue").await.expect("a version"), 0);
    assert_eq!(count(&mut connection, "select count(*) from pg_namespace where nspname = 'queue'").await, 0);
}

#[tokio::test]
async fn a_failing_script_leaves_the_version_before_it() {
    let (_, mut connection) = laid(1).await;
    let broken = format!("{}\n\nalter table queue.task\n  add column priority integer;\n", text("priority.up.sql"));
    let error = upgrade(&mut connection, &changed(&[("priority.up.sql", Some(&broken))]), 4, &quick()).await.expect_err("it fails");
    let said = "version 2 of queue was not made: priority.up.sql failed: column \"priority\" of relation \"task\" already exists";
    assert_eq!(error.to_string(), said);
    let broken = text("priority.up.sql").replace("drop index queue.task_waiting", "drop index\n  queue.task_wating(");
    let error = upgrade(&mut connection, &changed(&[("priority.up.sql", Some(&broken))]), 4, &quick()).await.expect_err("it fails");
    assert_eq!(error.to_string(), "version 2 of queue was not made: priority.up.sql:6 failed: syntax error at or near \"(\"");
    assert_eq!(installed(&mut connection, "queue").await.expect("a version"), 1);
    assert_eq!(
        count(&mut connection, "select count(*) from pg_attribute where attrelid = 'queue.task'::regclass and attname = 'priority'").await,
        0
    );
    up(&mut connection, &queue(), 4).await;
}

#[tokio::test]
async fn a_script_that_ends_the_transaction_makes_no_version() {
    let (_, mut connection) = laid(1).await;
    let broken = format!("{}\ncommit; begin;\n", text("priority.up.sql"));
    let error = upgrade(&mut connection, &changed(&[("priority.up.sql", Some(&broken))]), 4, &quick()).await.expect_err("it fails");
    assert!(matches!(error, Error::Ended { version: 2, .. }), "{error}");
    assert_eq!(installed(&mut connection, "queue").await.expect("a version"), 1);
}

#[tokio::test]
async fn an_upgraded_database_that_differs_from_a_fresh_one_is_not_upgraded() {
    let (_, mut connection) = laid(1).await;
    // does something else where there is data
    let two_faced = format!(
        "{}\ndo $$ begin if exists (select from queue.task) then drop index queue.task_overdue; end if; end $$;\n",
        text("priority.up.sql")
    );
    let schema = changed(&[("priority.up.sql", Some(&two_faced))]);
    run(&mut connection, "insert into queue.task (kind, payload) values ('mail', '{}')").await;
    let how = iasql::schema::How { golden: Some(golden().await), ..quick() };
    let error = upgrade(&mut connection, &schema, 2, &how).await.expect_err("it differs");
    let said =
        "version 2 of queue was not made, for the database would differ from a fresh one:\n  index queue.task.task_overdue is missing";
    assert_eq!(error.to_string(), said);
    assert_eq!(installed(&mut connection, "queue").await.expect("a version"), 1);
}

#[tokio::test]
async fn a_version_that_leaves_something_without_a_comment_is_not_made() {
    let silent = format!(
        "{}\nalter table queue.task add column note text;\ncreate view queue.open as select id from queue.task;\n\
         create function queue.f() returns integer language sql as 'select 1';\ncreate sequence queue.s;\ncreate table queue.t ();\n",
        text("priority.up.sql")
    );
    let (_, mut connection) = laid(0).await;
    let error = upgrade(&mut connection, &changed(&[("priority.up.sql", Some(&silent))]), 4, &quick()).await.expect_err("it is silent");
    let Error::Silent { version: 2, objects, .. } = &error else { panic!("{error}") };
    let expected =
        ["column queue.open.id", "column queue.task.note", "function queue.f()", "sequence queue.s", "table queue.t", "view queue.open"];
    assert_eq!(objects, &expected);
    assert_eq!(installed(&mut connection, "queue").await.expect("a version"), 1);
}

#[tokio::test]
async fn what_is_needed_must_be_there_before_and_a_version_must_exist() {
    let mut connection = connect(&database().await).await;
    let needs = changed(&[("schema", Some(&format!("{}needs other\n", text("schema"))))]);
    let error = upgrade(&mut connection, &needs, 1, &quick()).await.expect_err("it is not there");
    assert_eq!(error.to_string(), "queue needs the schema other, which this database does not have");
    let error = upgrade(&mut connection, &queue(), 5, &quick()).await.expect_err("there is none");
    assert_eq!(error.to_string(), "there is no version 5 of queue: the newest is 4");
    assert!(attempt(&mut connection, "select schema_versions.version_of('queue')").await.is_err());
}

#[tokio::test]
async fn an_older_directory_leaves_a_newer_database_alone() {
    let (_, mut connection) = laid(4).await;
    let older = queue().up_to(2);
    let done = upgrade(&mut connection, &older, 2, &quick()).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((done.to, done.versions), (4, vec![]));
    let error = downgrade(&mut connection, &older, 1, &quick()).await.expect_err("nobody knows how");
    assert!(error.to_string().starts_with("the database is at version 4 of queue and this directory ends at 2"), "{error}");
}

#[tokio::test]
async fn the_easy_way_goes_up_looks_and_goes_back() {
    let (url, queue) = (database().await, queue());
    assert_eq!(queue.upgrade(&url, None).await.unwrap_or_else(|error| panic!("{error}")).versions, [1, 2, 3, 4]);
    assert_eq!(queue.check(&url).await.unwrap_or_else(|error| panic!("{error}")), []);
    assert_eq!(queue.downgrade(&url, 0).await.unwrap_or_else(|error| panic!("{error}")).versions, [4, 3, 2, 1]);
    assert_eq!(queue.check(&url).await.unwrap_or_else(|error| panic!("{error}")), []);
}

#[tokio::test]
async fn a_scratch_database_is_dropped_even_where_a_version_fails() {
    // a server of everybody's: only what this test would leave behind is looked for
    let broken = changed(&[(
        "priority.up.sql",
        Some("-- Names the database it fails in.\ndo $$ begin raise exception '%', current_database(); end $$;\n"),
    )]);
    let error = iasql::schema::Golden::lay(crate::support::postgres().await, &[&broken], &iasql::schema::Scratch::default()).await;
    let Err(Error::Script { said, .. }) = error else { panic!("it fails") };
    assert!(said.starts_with("iasql_scratch_"), "{said}");
    let mut server = connect(crate::support::postgres().await).await;
    assert_eq!(count(&mut server, &format!("select count(*) from pg_database where datname = '{said}'")).await, 0);
}
