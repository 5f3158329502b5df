//! Whether all is as it should be, once the world is quiet: soon, and for good.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use tokio::time::{MissedTickBehavior, interval};

use super::{cloud, field::Field, round::Waiting, tally::Tally};

/// How soon all must be as it should.
const SOON: Duration = Duration::from_secs(60);
/// For how long nothing happens before a row counts as forgotten: a commit must have been heard by then, on a busy machine too.
const QUIET: Duration = Duration::from_secs(10);

/// Waits until the cloud is as the tables say, nobody waits and nothing goes on. With `may_ask`, a person asks again where a run has failed.
pub(super) async fn settled(
    field: &Field,
    users: &BTreeSet<usize>,
    waiting: &mut Waiting,
    may_ask: bool,
    tally: &mut Tally,
) -> Result<(), String> {
    let (began, mut quiet_since, mut asked) = (Instant::now(), None::<Instant>, 0);
    let mut ticks = interval(Duration::from_millis(40));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut goes_on;
    loop {
        ticks.tick().await;
        while waiting.try_join_next().is_some() {}
        goes_on = going_on(field, users, waiting).await;
        if goes_on.is_empty() {
            let differs = differences(field, users, tally).await;
            if !differs.is_empty() && !going_on(field, users, waiting).await.is_empty() {
                // a run began while we looked: what was seen is half of before and half of after
                quiet_since = None;
                continue;
            }
            if differs.is_empty() {
                tally.note_settled(began.elapsed());
                return Ok(());
            }
            let since = *quiet_since.get_or_insert_with(Instant::now);
            if since.elapsed() > QUIET && !may_ask || asked > 5 {
                return Err(tally.violated(&differs));
            }
            if may_ask && since.elapsed() > QUIET / 10 {
                (quiet_since, asked) = (None, asked + 1);
                tally.asked += 1;
                for &user in users {
                    field.ask_for_check(user).await;
                }
            }
        } else {
            quiet_since = None;
        }
        if began.elapsed() > SOON {
            tally.stuck += 1;
            return Err(format!("after {} seconds this goes on: {goes_on:#?}", SOON.as_secs()));
        }
    }
}

/// Waits until nothing goes on, whatever has come of it.
pub(super) async fn quiet(field: &Field, users: &BTreeSet<usize>, waiting: &mut Waiting) {
    let (began, mut ticks) = (Instant::now(), interval(Duration::from_millis(40)));
    loop {
        ticks.tick().await;
        while waiting.try_join_next().is_some() {}
        let goes_on = going_on(field, users, waiting).await;
        if goes_on.is_empty() {
            return;
        }
        assert!(began.elapsed() < SOON, "after {} seconds this goes on: {goes_on:#?}", SOON.as_secs());
    }
}

/// Runs without an end, jobs without a worker, requests without an answer.
async fn going_on(field: &Field, users: &BTreeSet<usize>, waiting: &Waiting) -> Vec<String> {
    let mut goes_on = field.registry(include_str!("going_on.sql")).await;
    for &user in users {
        goes_on.extend(field.users[user].ask(include_str!("unanswered.sql")).await);
    }
    goes_on.extend((!waiting.is_empty()).then(|| format!("{} calls of iasql.check()", waiting.len())));
    goes_on
}

/// What is in the cloud and in no table, or the other way round, or planned.
async fn differences(field: &Field, users: &BTreeSet<usize>, tally: &Tally) -> Vec<String> {
    let (is, should) = (counted(cloud::inventory(&field.outside).await), counted(field.wanted().await));
    let names: BTreeSet<&String> = is.keys().chain(should.keys()).collect();
    let count = |lines: &BTreeMap<String, usize>, name: &String| lines.get(name).copied().unwrap_or_default();
    let differs = names.into_iter().map(|name| (name, count(&is, name), count(&should, name))).filter(|(_, is, should)| is != should);
    let mut differs: Vec<String> = differs.map(|(name, is, should)| tally.word(name, is, should)).collect();
    for &user in users {
        differs
            .extend(field.users[user].ask("select 'planned: ' || action || ' ' || name from iasql.plan where action <> 'unmanaged'").await);
    }
    differs
}

fn counted(lines: Vec<String>) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for line in lines {
        *counted.entry(line).or_default() += 1;
    }
    counted
}
