//! Gateways that others reach: each has a number of its own, which becomes another one's when it was silent for long.

use iasql::control::{Control, Neighbour};

use crate::crash::Site;

fn there(holder: &str, address: &str) -> Neighbour {
    Neighbour { holder: holder.to_owned(), address: address.to_owned(), runs_databases: false, location: None, bucket: uuid::Uuid::nil() }
}

#[tokio::test]
async fn what_a_gateway_or_node_says_last_of_itself_is_what_others_know() {
    let site = Site::with(&[]).await;
    let control = Control::connect(&site.own.url).await.expect("the metadata database");
    let mut node = Neighbour { runs_databases: true, location: Some("fra".to_owned()), ..there("node", "n:1") };
    for runs_databases in [true, false, true] {
        node.runs_databases = runs_databases;
        assert_eq!(control.note_gateway(&node).await.expect("an answer"), Some(1));
        assert_eq!(control.gateways().await.expect("an answer"), [(1, node.clone())].into());
    }
}

#[tokio::test]
async fn a_gateway_keeps_its_number_and_another_one_gets_it_when_the_first_was_silent_for_an_hour() {
    let site = Site::with(&[]).await;
    let control = Control::connect(&site.own.url).await.expect("the metadata database");
    let note = async |holder: &str, address: &str| control.note_gateway(&there(holder, address)).await.expect("an answer");
    assert_eq!((note("one", "a:1").await, note("two", "b:1").await, note("one", "c:1").await), (Some(1), Some(2), Some(1)));
    let known = async || control.gateways().await.expect("an answer").into_iter().map(|(number, one)| format!("{number} {}", one.address));
    assert_eq!(known().await.collect::<Vec<_>>(), ["1 c:1", "2 b:1"]);
    // whoever is silent is not led to, and has its number still
    site.registry("update control.served_gateway set seen_at = seen_at - interval '50 minutes' where number = 1 returning holder").await;
    assert_eq!(known().await.collect::<Vec<_>>(), ["2 b:1"]);
    assert_eq!((note("three", "d:1").await, note("one", "c:1").await), (Some(3), Some(1)));
    site.registry("update control.served_gateway set seen_at = seen_at - interval '2 hours' where number = 2 returning holder").await;
    assert_eq!((note("four", "e:1").await, note("two", "b:1").await), (Some(2), Some(4)));
}

#[tokio::test]
async fn of_many_gateways_that_begin_at_once_no_two_have_one_number_and_who_finds_none_free_has_none() {
    let site = Site::with(&[]).await;
    let control = Control::connect(&site.own.url).await.expect("the metadata database");
    let begin =
        (0..20).map(async |number| control.note_gateway(&there(&format!("g{number}"), "a:1")).await.expect("an answer").expect("a number"));
    let mut numbers = futures::future::join_all(begin).await;
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
    let all = "insert into control.served_gateway (number, holder, address, runs_databases, bucket) select n, n::text, 'a:1', false, gen_random_uuid() from generate_series(21, 1023) as n returning holder";
    assert_eq!(site.registry(all).await.len(), 1003);
    assert_eq!(control.note_gateway(&there("one more", "a:1")).await.expect("an answer"), None);
}
