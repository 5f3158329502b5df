//! Attacks by telling the engine things: messages that nobody sent, requests that make no sense.

use iasql::worker;
use tokio::{task::JoinHandle, time::interval};
use tokio_util::sync::CancellationToken;

use super::{Tenant, ask, run};

struct Working(CancellationToken, JoinHandle<Result<(), worker::Error>>);

impl Tenant {
    fn served(&self) -> Working {
        let shutdown = CancellationToken::new();
        Working(shutdown.clone(), tokio::spawn(worker::run(self.own.control.clone(), shutdown)))
    }
}

impl Working {
    async fn stop(self) {
        self.0.cancel();
        self.1.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_forged_message_has_the_engine_look_and_nothing_more() {
    let mut tenant = Tenant::with(&[]).await;
    let working = tenant.served();
    tenant.sql("call iasql.refresh()").await;
    for channel in ["iasql_request", "iasql_changed", "iasql_anything", "graphile_worker", "jobs:insert"] {
        for payload in ["''", "'x'", "repeat('x', 7999)", "'{\"kind\": \"apply\"}'", "E'\\r\\n\\x01%s%n'';drop table iasql.run;--'", "'1'"]
        {
            tenant.sql(&format!("select pg_notify('{channel}', {payload}) from generate_series(1, 20)")).await;
        }
    }
    assert_eq!(
        tenant.refusal("select pg_notify('iasql_request', repeat('x', 8000))").await.map(|(code, _)| code).as_deref(),
        Some("22023")
    );
    // the ear still hears
    tenant.sql("call iasql.refresh()").await;
    assert_eq!(tenant.own.control.runs(tenant.name(), 50).await.unwrap().len(), 2);
    assert_eq!(tenant.ask("select count(*)::text from iasql.run").await, ["2"]);
    working.stop().await;
}

#[tokio::test]
async fn a_request_of_an_unknown_kind_is_answered_and_not_carried_out() {
    let mut tenant = Tenant::with(&[]).await;
    let mut superuser = tenant.superuser().await;
    // as a database of an earlier version lets everybody ask
    run(
        &mut superuser,
        "insert into iasql.request (kind, asked_by) values ('drop everything', 'me'), ('', 'me'), (repeat('x', 1000000), 'me')",
    )
    .await;
    let working = tenant.served();
    tenant.sql("call iasql.refresh()").await;
    let mut ticks = interval(std::time::Duration::from_millis(20));
    while ask(&mut superuser, "select count(*)::text from iasql.request where said is null and run is null").await != ["0"] {
        ticks.tick().await;
    }
    assert_eq!(
        tenant.ask("select said from iasql.request order by id limit 1").await,
        ["this engine does not know runs of kind \"drop everything\""]
    );
    assert_eq!(tenant.ask("select kind from iasql.run").await, ["refresh"]);
    working.stop().await;
}
