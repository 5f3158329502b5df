//! Checks by the clock.

use iasql::control::Error;

use super::own;

#[tokio::test]
async fn what_is_due_is_asked_for_once_however_much_was_missed() {
    let own = own().await;
    let (control, name) = (&own.control, &own.bare().await);
    control.schedule(name, Some("*/5 * * * *")).await.unwrap();
    assert_eq!(control.database(name).await.unwrap().schedule.as_deref(), Some("*/5 * * * *"));
    assert_eq!(control.ask_for_due().await.unwrap(), 0);
    own.run("update control.schedule set next_at = clock_timestamp() - interval '3 hours'").await;
    assert_eq!(control.ask_for_due().await.unwrap(), 1);
    assert_eq!(control.ask_for_due().await.unwrap(), 0);
    let runs = control.runs(name, 10).await.unwrap();
    assert_eq!(runs.iter().map(|run| (run.kind.as_str(), run.asked_by.as_str())).collect::<Vec<_>>(), [("check", "schedule")]);
    assert!(own.ask::<bool>("select next_at between now() and now() + interval '5 minutes' and extract(minute from next_at)::int % 5 = 0 from control.schedule").await);
}

#[tokio::test]
async fn two_engines_ask_for_what_is_due_once() {
    let own = own().await;
    let (control, name) = (&own.control, &own.bare().await);
    control.schedule(name, Some("@hourly")).await.unwrap();
    own.run("update control.schedule set next_at = clock_timestamp()").await;
    let (one, other) = tokio::join!(control.ask_for_due(), control.ask_for_due());
    assert!(one.unwrap() + other.unwrap() >= 1);
    assert_eq!(control.runs(name, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_schedule_can_be_ended_and_a_wrong_one_is_refused() {
    let own = own().await;
    let (control, name) = (&own.control, &own.bare().await);
    control.schedule(name, Some("@daily")).await.unwrap();
    let error = control.schedule(name, Some("0 25 * * *")).await.unwrap_err();
    assert!(error.is_for_the_user());
    assert_eq!(error.to_string(), "the hour of a schedule can't be \"25\": 25 is not between 0 and 23");
    assert_eq!(control.database(name).await.unwrap().schedule.as_deref(), Some("@daily"), "the old one stays");
    control.schedule(name, None).await.unwrap();
    assert_eq!(control.database(name).await.unwrap().schedule, None);
    assert!(matches!(control.schedule("nowhere", None).await, Err(Error::Unknown { .. })));
}
