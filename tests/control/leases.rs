//! One writer per database.

use super::own;

#[tokio::test]
async fn a_lease_has_one_holder_and_its_counter_only_grows() {
    let own = own().await;
    let (control, name) = (&own.control, &own.bare().await);
    let first = control.acquire(name, "a").await.unwrap().unwrap();
    assert_eq!(control.acquire(name, "b").await.unwrap(), None);
    assert!(control.renew(&first).await.unwrap());
    control.release(&first).await.unwrap();
    assert!(!control.renew(&first).await.unwrap());
    let second = control.acquire(name, "b").await.unwrap().unwrap();
    assert!(second.counter > first.counter);
    // what was given back already is not taken from the next holder
    control.release(&first).await.unwrap();
    assert!(control.renew(&second).await.unwrap());
}

#[tokio::test]
async fn a_lease_that_has_run_out_is_anybodys_and_its_holder_learns_it() {
    let own = own().await;
    let (control, name) = (&own.control, &own.bare().await);
    let frozen = control.acquire(name, "a").await.unwrap().unwrap();
    own.run("update control.lease set expires_at = clock_timestamp() - interval '1 second'").await;
    assert!(!control.renew(&frozen).await.unwrap(), "too late, though nobody else has it yet");
    let next = control.acquire(name, "b").await.unwrap().unwrap();
    assert_eq!(next.counter, frozen.counter + 1);
    assert!(!control.renew(&frozen).await.unwrap());
}

#[tokio::test]
async fn of_many_who_want_a_lease_one_gets_it() {
    let own = own().await;
    let (control, name) = (&own.control, &*own.bare().await);
    let all = futures::future::join_all((0..12).map(|i| async move { control.acquire(name, &i.to_string()).await.unwrap() })).await;
    assert_eq!(all.into_iter().flatten().count(), 1);
}
