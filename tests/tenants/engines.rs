//! Several engines share what is to be watched; a dead one's share goes to the others within seconds.

use std::time::{Duration, Instant};

use iasql::{
    control::{self, Control, RunInfo},
    worker::Limits,
};

use super::{connect, made, until, work};
use crate::control::{Own, admin, own, url_of};

/// How many listening connections each of these databases has.
async fn ears(names: &[String]) -> Vec<i64> {
    let asked = "select count(a.pid) from unnest($1::text[]) n (name) left join pg_stat_activity a on a.datname = n.name and a.application_name = 'iasql listening' group by n.name order by n.name";
    sqlx::query_scalar(asked).bind(names).fetch_all(&mut admin("postgres").await).await.unwrap()
}

#[tokio::test]
async fn each_database_is_listened_to_by_one_engine_and_by_another_soon_after_that_one_is_killed() {
    let own = own().await;
    let mut names = Vec::new();
    for _ in 0..6 {
        names.push(made(&own.control, &[]).await.database.name);
    }
    let second = Control::connect(&own.url).await.unwrap().with_cloud(Some(control::emulated("http://127.0.0.1:9").await));
    let (one, other) = (work(&own.control, Limits::default()), work(&second, Limits::default()));
    until("both engines", || async { (own.ask::<i64>("select count(*) from control.engine").await == 2).then_some(()) }).await;
    let names = &names;
    until("one ear for each", || async { (ears(names).await == [1; 6]).then_some(()) }).await;

    let killed = Instant::now();
    one.kill().await;
    until("the other engine's ears", || async { (ears(names).await == [1; 6] && alone(&own).await).then_some(()) }).await;
    assert!(killed.elapsed() < Duration::from_secs(15), "{:?}", killed.elapsed());
    for name in names {
        super::sql(
            &mut connect(&url_of(name).await).await,
            "insert into iasql.request (kind, asked_by) values ('plan', 'eve'); notify iasql_request",
        )
        .await;
    }
    for name in names {
        let run =
            until("eve's run", || async { own.control.runs(name, 9).await.unwrap().into_iter().find(|run| run.asked_by == "eve") }).await;
        until("its end", || async { own.control.run(run.id).await.unwrap().filter(RunInfo::ended) }).await;
        assert_eq!(own.control.runs(name, 9).await.unwrap().len(), 1, "asked for once, run once");
    }
    other.stop().await;
}

async fn alone(own: &Own) -> bool {
    own.ask::<i64>("select count(*) from control.engine").await == 1
}
