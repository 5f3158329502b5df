//! Jobs of clusters as rows: what stands in pg_cron's own table, and what it has run.

use std::path::Path;

use super::rows::over;
use crate::{
    crash::until,
    machines::{self, own_address},
};

#[tokio::test]
async fn a_row_becomes_a_job_that_runs_where_the_primary_is() {
    assert!(Path::new("/usr/lib/postgresql/15/lib/pg_cron.so").exists(), "pg_cron: scripts/install.sh tests");
    let (images, address) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("images"), own_address());
    let machines = machines::Site::open(&["--images", images.to_str().expect("a text"), "--services", &address]);
    let (mut site, [endpoint, id, secret]) = over(&machines, &["postgres"]).await;
    let engine = site.engine().await;
    let values = format!("'shop', 'x{}-jobs', 0, 'correct horse', '{endpoint}', '{id}', '{secret}'", site.account.id);
    let columns = "name, app, standbys, password, endpoint, access_key_id, secret_access_key";
    let job = "insert into postgres.cron_job (cluster, name, schedule, command) values ('shop', 'tick', '* * * * *', 'select 1')";
    site.sql(&format!("insert into postgres.cluster ({columns}) values ({values})")).await;
    let refused = sqlx::raw_sql(job).execute(&mut site.user).await.expect_err("a refusal").to_string();
    assert!(refused.contains("the cluster shop runs no jobs"), "{refused}");
    site.sql("update postgres.cluster set settings = '{\"shared_preload_libraries\": \"pg_cron\"}'").await;
    site.sql(job).await;
    let refused = sqlx::raw_sql("update postgres.cron_job set database = 'other'").execute(&mut site.user).await;
    assert!(refused.expect_err("a refusal").to_string().contains("has no database other"));
    site.check().await;
    site.rests().await;
    let jobs = "select concat_ws(' ', cluster, name, schedule, database, active) from observed.postgres_cron_job";
    assert_eq!(site.ask(jobs).await, ["shop tick * * * * * main t"]);

    let run = || async {
        site.check().await;
        let runs = site.ask("select job || ' ' || status from observed.postgres_cron_run where status = 'succeeded' limit 1").await;
        (runs == ["tick succeeded"]).then_some(())
    };
    until("a run", run).await;

    site.sql("update postgres.cron_job set active = false, schedule = '0 4 * * 0'").await;
    assert_eq!(site.ask("select action || ' ' || resource from iasql.plan").await, ["update postgres.cron_job"]);
    site.check().await;
    site.rests().await;
    assert_eq!(site.ask(jobs).await, ["shop tick 0 4 * * 0 main f"]);
    site.sql("delete from postgres.cron_job").await;
    site.check().await;
    site.rests().await;
    assert_eq!(site.ask(jobs).await, Vec::<String>::new());
    drop(engine);
}
