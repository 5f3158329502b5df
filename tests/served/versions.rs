//! Rows of `gateway.pin`, and what `observed.gateway_version` shows: as the engine notes them, and as a gateway tells of them.

use chrono::Utc;
use iasql::control::ToldVersion;
use uuid::Uuid;

use crate::crash::Site;

fn told(number: i64) -> ToldVersion {
    let (kind, made_by) = ("version".to_owned(), "a gateway".to_owned());
    ToldVersion { number, kind, made_at: Utc::now(), made_by, size_bytes: 7_000_000, stored_bytes: 5000 }
}

/// A database with two versions.
async fn shop() -> (Site, Uuid) {
    let mut site = Site::with(&["gateway"]).await;
    site.sql("insert into gateway.database (name, role, password) values ('shop', 'shop', 'correct horse')").await;
    site.check().await;
    let id = site.registry("select id::text from control.served").await[0].parse().expect("an id");
    site.own.control.note_versions_of_served(id, &[2, 4], &[told(2), told(4)]).await.expect("told");
    (site, id)
}

#[tokio::test]
async fn the_versions_that_a_gateway_tells_of_are_observed_and_none_of_them_is_to_be_made_or_removed() {
    let (site, id) = shop().await;
    site.check().await;
    let seen = "select number || ' ' || stored_bytes from observed.gateway_version order by number";
    assert_eq!(site.ask(seen).await, ["2 5000", "4 5000"]);
    site.rests().await;
    assert_eq!(site.own.control.newest_version_of_served(id).await.unwrap(), 4);
    // twice is once, and what is not there any more is gone
    for _ in 0..2 {
        site.own.control.note_versions_of_served(id, &[4, 6], &[told(6)]).await.unwrap();
    }
    site.check().await;
    assert_eq!(site.ask(seen).await, ["4 5000", "6 5000"]);
    site.rests().await;
}

#[tokio::test]
async fn a_version_can_only_be_referred_to() {
    let (mut site, _) = shop().await;
    site.check().await;
    site.sql("insert into gateway.version (database, number) values ('shop', 4)").await;
    site.check().await;
    let referred_to = "select number || ' ' || managed from observed.gateway_version where row_id is not null";
    assert_eq!(site.ask(referred_to).await, ["4 false"]);
    site.rests().await;
    site.sql("delete from gateway.version").await;
    site.check().await;
    assert_eq!(site.registry("select count(*)::text from control.served_version").await, ["2"]);
}

#[tokio::test]
async fn a_pin_is_wanted_until_a_gateway_has_set_it_and_again_until_one_has_let_go_of_it() {
    let (mut site, id) = shop().await;
    site.sql("insert into gateway.pin (database, name, version) values ('shop', 'before', 2), ('shop', 'Newest!', null)").await;
    site.check().await;
    let control = site.own.control.clone();
    let wanted = control.wanted_pins().await.unwrap();
    assert!(wanted.len() == 2 && wanted.iter().all(|pin| pin.id == id && !pin.is_gone), "{wanted:?}");
    for pin in &wanted {
        control.note_pin(pin.pin, pin.number.map_or(Ok(4), |_| Err("there is no version 2".to_owned()))).await.unwrap();
    }
    site.check().await;
    let pins = "select name || ' ' || version || ' ' || state from observed.gateway_pin order by name collate \"C\"";
    assert_eq!(site.ask(pins).await, ["Newest! 4 pinned", "before 2 there is no version 2"]);
    site.rests().await;
    assert_eq!(control.wanted_pins().await.unwrap(), []);
    site.sql("delete from gateway.pin").await;
    site.check().await;
    site.rests().await;
    let gone = control.wanted_pins().await.unwrap();
    assert!(gone.len() == 2 && gone.iter().all(|pin| pin.is_gone), "{gone:?}");
    for pin in gone {
        control.forget_pin(pin.pin).await.unwrap();
    }
    assert_eq!(site.registry("select count(*)::text from control.served_pin").await, ["0"]);
}

#[tokio::test]
async fn a_pin_on_another_version_is_another_pin_and_a_lost_answer_makes_no_second_one() {
    let (mut site, _) = shop().await;
    site.sql("insert into gateway.pin (database, name, version) values ('shop', 'kept', 2)").await;
    site.check().await;
    // as if the engine had died before it took in what it made
    site.ask("delete from observed.gateway_pin returning ''").await;
    site.check().await;
    assert_eq!(site.registry("select count(*)::text from control.served_pin").await, ["1"]);
    site.sql("update gateway.pin set version = 4").await;
    assert_eq!(site.ask("select action from iasql.plan").await, ["replace"]);
    site.check().await;
    site.rests().await;
    let pins = "select number || ' ' || (gone_at is null) from control.served_pin order by number";
    assert_eq!(site.registry(pins).await, ["2 false", "4 true"]);
}
