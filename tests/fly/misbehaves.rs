//! Fly when it misbehaves: each test ends with exactly one thing for each row and nothing left to do, or with a failure that says what it is.

use std::time::Duration;

use iasql::engine::{Kind, Outcome, State};
use serde_json::json;
use uuid::Uuid;

use super::{Ground, SHOP};
use crate::support::faults::{Fault, on};

const ALL: &str = r#"
    insert into fly.app (name) values ('shop');
    insert into fly.secret (app, name, value) values ('shop', 'WORD', 'hunter2-word');
    insert into fly.volume (name, app, region) values ('shop_data', 'shop', 'ams');
    insert into fly.ip_address (app, kind) values ('shop', 'v6');
    insert into fly.certificate (hostname, app) values ('shop.example.com', 'shop');
    insert into fly.machine (app, name, region, image, cmd, volume, mount_path) values ('shop', 'one', 'ams', 'probe', '["count"]', 'shop_data', '/data');
"#;
const CREATIONS: &str = "Apps_create Secret_create Volumes_create App_IPAssignments_create App_Certificates_acme_create Machines_create";

impl Ground {
    /// One thing for each row, as the API has it.
    async fn has_one_of_each(&self) {
        assert_eq!(self.site.get("/apps?org_slug=personal").await["total_apps"], 1);
        for (noun, list) in
            [("machines", ""), ("volumes", ""), ("secrets", "secrets"), ("ip_assignments", "ips"), ("certificates", "certificates")]
        {
            let told = self.site.get(&format!("/apps/shop/{noun}")).await;
            let list = if list.is_empty() { &told } else { &told[list] };
            assert_eq!(list.as_array().map(Vec::len), Some(1), "{noun}: {told}");
        }
    }

    /// Runs until one says something other than that it is to be gone on with.
    async fn ends(&self) -> Outcome {
        let run = Uuid::new_v4();
        loop {
            let outcome = self.world.go_on(run, Kind::Check).await;
            if outcome.state != State::Waiting {
                return outcome;
            }
        }
    }

    /// As if a run had begun so long ago.
    async fn begun(&self, ago: Duration) {
        let sql = "update iasql.run set started_at = started_at - make_interval(secs => $1)";
        sqlx::query(sql).bind(ago.as_secs_f64()).execute(&self.world.owner).await.expect("a run");
    }
}

#[tokio::test]
async fn calls_that_are_one_too_many_are_made_again_when_fly_says_and_by_themselves() {
    let mut ground = Ground::new().await;
    ground.world.sql(ALL).await;
    let faults = ground.strict.faults();
    faults.add(on(CREATIONS).first(3), Fault::Refused(429, "0", "rate limit exceeded"));
    faults.add(on("Machines_org_list Volumes_list").first(2), Fault::Throttled);
    ground.check().await;
    ground.has_one_of_each().await;
    assert_eq!(ground.strict.faults().injected().len(), 5);
}

#[tokio::test]
async fn a_call_that_stays_one_too_many_says_so_and_is_tried_by_the_next_run() {
    let mut ground = Ground::new().await;
    ground.world.sql("insert into fly.app (name) values ('shop')").await;
    ground.strict.faults().add(on("Apps_create"), Fault::Refused(429, "0", "rate limit exceeded"));
    let outcome = ground.world.run(Kind::Check).await;
    assert_eq!((outcome.state, outcome.errors.len()), (State::Waiting, 1));
    assert!(outcome.errors[0].contains("rate limit exceeded (429)"), "{:?}", outcome.errors);
    ground.strict.faults().calm();
    ground.check().await;
}

#[tokio::test]
async fn what_was_made_before_fly_broke_down_is_found_and_made_once() {
    let mut ground = Ground::new().await;
    ground.world.sql(ALL).await;
    let faults = ground.strict.faults();
    for operation in CREATIONS.split(' ') {
        faults.add(on(operation).first(1), Fault::Refused(502, "after", "bad gateway"));
    }
    let outcome = ground.ends().await;
    assert_eq!((outcome.state, &outcome.errors[..]), (State::Done, &[][..]), "{:#?}", outcome.plan);
    assert_eq!(ground.strict.faults().injected().len(), 6);
    ground.check().await;
    ground.has_one_of_each().await;
    assert_eq!((ground.strict.came("Machines_create"), ground.strict.came("Volumes_create"), ground.strict.came("Apps_create")), (1, 1, 1));
}

#[tokio::test]
async fn lines_that_are_cut_before_and_after_the_effect_cost_nothing() {
    let mut ground = Ground::new().await;
    ground.world.sql(ALL).await;
    let faults = ground.strict.faults();
    for (number, operation) in CREATIONS.split(' ').enumerate() {
        faults.add(on(operation).first(1), if number % 2 == 0 { Fault::CutAfter } else { Fault::CutBefore });
    }
    let outcome = ground.ends().await;
    assert_eq!((outcome.state, &outcome.errors[..]), (State::Done, &[][..]), "{:#?}", outcome.plan);
    ground.check().await;
    ground.has_one_of_each().await;
}

#[tokio::test]
async fn a_machine_that_was_changed_in_between_is_read_again_and_changed_then() {
    let mut ground = Ground::new().await;
    ground.shop().await;
    ground.world.sql("update fly.machine set env = '{}'").await;
    ground.strict.faults().add(on("Machines_update").first(1), Fault::Refused(412, "", "current_version is not the current one"));
    let outcome = ground.ends().await;
    assert_eq!(outcome.state, State::Done, "{:?}", outcome.errors);
    assert_eq!((ground.machine().await["config"]["env"].clone(), ground.strict.came("Machines_update")), (json!({}), 2));
    ground.check().await;
}

#[tokio::test]
async fn a_machine_whose_lease_another_one_holds_is_named_and_nothing_of_it_is_changed() {
    let mut ground = Ground::new().await;
    ground.shop().await;
    ground.world.sql("update fly.machine set env = '{}'").await;
    ground.strict.faults().add(on("Machines_create_lease"), Fault::Refused(409, "", "lease held"));
    let outcome = ground.world.run(Kind::Check).await;
    assert_eq!(outcome.state, State::Waiting);
    assert!(outcome.errors[0].contains("fly.machine shop one (ams): Machines_create_lease: lease held (409)"), "{:?}", outcome.errors);
    ground.begun(Duration::from_secs(90)).await;
    assert_eq!(ground.world.go_on(outcome.run, Kind::Check).await.state, State::Failed);
    assert_eq!(ground.strict.came("Machines_update"), 0);
    ground.strict.faults().calm();
    ground.check().await;
}

#[tokio::test]
async fn a_machine_that_does_not_come_up_after_a_change_fails_the_run_and_is_still_the_only_one() {
    let mut ground = Ground::new().await;
    ground.shop().await;
    ground.world.sql("update fly.machine set env = '{}'").await;
    ground.strict.faults().add(on("Machines_wait"), Fault::Refused(408, "", "deadline exceeded"));
    let outcome = ground.world.run(Kind::Check).await;
    assert_eq!(outcome.state, State::Waiting);
    assert_eq!(outcome.errors, ["fly.machine shop one (ams): Machines_wait: deadline exceeded (408)"]);
    // from now on it is seen on its way
    ground.strict.pretend(r#""state":"started""#, r#""state":"replacing""#);
    ground.begun(Duration::from_secs(46 * 60)).await;
    let outcome = ground.world.go_on(outcome.run, Kind::Check).await;
    assert_eq!((outcome.state, &*outcome.errors[0]), (State::Failed, "fly.machine shop one: after 45 minutes it is still replacing"));
    let said = ground.world.ask(&format!("select said from iasql.run where id = '{}'", outcome.run)).await;
    assert!(said[0].contains("still replacing"), "{said:?}");
    assert_eq!(
        (ground.site.get("/apps/shop/machines").await.as_array().map(Vec::len), ground.strict.came("Machines_create")),
        (Some(1), 1)
    );
}

#[tokio::test]
async fn a_machine_that_never_starts_is_waited_for_and_given_up_and_no_second_one_is_made() {
    let mut ground = Ground::new().await;
    ground.strict.pretend(r#""state":"started""#, r#""state":"starting""#);
    ground.world.sql(SHOP).await;
    let outcome = ground.world.run(Kind::Check).await;
    assert_eq!((outcome.state, &outcome.errors[..]), (State::Waiting, &[][..]));
    ground.begun(Duration::from_secs(46 * 60)).await;
    let outcome = ground.world.go_on(outcome.run, Kind::Check).await;
    assert_eq!(outcome.state, State::Failed);
    assert_eq!(outcome.errors, ["fly.machine shop one: after 45 minutes it is still starting"]);
    assert_eq!(ground.strict.came("Machines_create"), 1);
    ground.strict.pretend("nothing", "nothing");
    ground.check().await;
}

#[tokio::test]
async fn a_name_that_another_machine_has_is_no_lease_that_would_end() {
    let mut ground = Ground::new().await;
    ground.world.sql("insert into fly.app (name) values ('shop')").await;
    ground.check().await;
    ground.site.post("/apps/shop/machines", json!({ "name": "one", "config": { "image": "probe", "init": { "cmd": ["rest"] } } })).await;
    // it is in no list that the engine sees
    ground.strict.pretend(r#""name":"one""#, r#""name":"two""#);
    ground.world.sql("insert into fly.machine (app, name, region, image) values ('shop', 'one', 'ams', 'probe')").await;
    let outcome = ground.ends().await;
    assert_eq!(outcome.state, State::Failed);
    assert!(outcome.errors[0].contains("already_exists") && outcome.errors[0].contains("(409)"), "{:?}", outcome.errors);
}
