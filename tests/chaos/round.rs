//! One round: a user does something, something happens to the engines, all is well again, and then all must be as it should.

use std::{collections::BTreeSet, time::Duration};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::{task::JoinSet, time::timeout};

use super::{
    decided::{Back, Decided, Disturbance, Turn, Victim},
    field::Field,
    settle::{quiet, settled},
    tally::Tally,
};
use crate::{crash::until, support::faults::Rates};

/// For how long a call is waited for that may never be made.
const CALL: Duration = Duration::from_millis(1500);

/// For how long an engine with a lease of a second is waited for to lose it; one that is not the frozen one keeps it.
const TAKEOVER: Duration = Duration::from_secs(5);

/// For how long calls go wrong at most, in a round in which they do.
const STORM: Duration = Duration::from_secs(4);

/// Those who wait for an answer to `CALL iasql.check()`.
pub(super) type Waiting = JoinSet<()>;

/// Plays a round; what is not as it should be is the error.
pub(super) async fn play(field: &mut Field, seed: u64, round: u64, tally: &mut Tally) -> Result<(), String> {
    let decided = Decided::of(seed, round);
    let mut waiting = Waiting::new();
    let before = field.account.calls.faults().injected().len();
    if let Some(share) = decided.faults {
        field.account.calls.faults().play(seed ^ round, Rates::of_each(share));
    }
    let mut gate = field.account.calls.gate_after(decided.calls, decided.which, decided.moment);
    for (number, turn) in decided.first.iter().enumerate() {
        take(field, turn, 10 * round + number as u64).await;
    }
    let users: BTreeSet<usize> = decided.users().into_iter().collect();
    ask(field, &users, &mut waiting);
    if timeout(CALL, gate.reached()).await.is_err() {
        tally.late += 1;
    }
    let after = disturb(field, decided.disturbance, tally).await;
    for (number, turn) in decided.later.iter().enumerate() {
        take(field, turn, 10 * round + 5 + number as u64).await;
    }
    let later: BTreeSet<usize> = decided.later.iter().map(|turn| turn.user).collect();
    ask(field, &later, &mut waiting);
    // of some that are frozen the call lands when another engine has taken over
    let is_late = matches!(decided.disturbance, Disturbance::Freeze(Victim::Worker, Back::TakenOver));
    if is_late && timeout(TAKEOVER, lease_over(field)).await.is_ok() {
        tally.landed_late += 1;
    }
    drop(gate);
    if decided.faults.is_some() {
        // what goes wrong may go wrong with all calls of the round
        let _it_goes_on = timeout(STORM, quiet(field, &users, &mut waiting)).await;
    }
    field.account.calls.faults().calm();
    tally.note_faults(&field.account.calls.faults().injected()[before..]);
    // what was cut off or lied to may end a run as failed, and says so; what a late call did is shown to who starts checks by hand: then it is for a
    // person to ask again
    let may_ask = decided.faults.is_some() || is_late || matches!(decided.disturbance, Disturbance::Cut);
    let played = recovered(field, after, &users, &mut waiting, may_ask, tally).await;
    played.map_err(|said| format!("{said}\n{decided:#?}"))
}

/// What is still to be done about an engine.
#[derive(Clone, Copy, Debug)]
enum After {
    Nothing,
    /// It is dead.
    Start(Back),
    /// It stands still.
    Thaw(usize, Back),
}

async fn disturb(field: &mut Field, disturbance: Disturbance, tally: &mut Tally) -> After {
    match disturbance {
        Disturbance::Calm => After::Nothing,
        Disturbance::Kill(victim, back) => {
            let place = field.place(victim).await;
            kill(field, place, tally).await;
            After::Start(back)
        }
        Disturbance::KillAll => {
            kill(field, 0, tally).await;
            kill(field, 1, tally).await;
            After::Start(Back::Soon)
        }
        Disturbance::Freeze(victim, back) => {
            let place = field.place(victim).await;
            field.engines[place].as_ref().expect("it runs").freeze();
            tally.freezes += 1;
            After::Thaw(place, back)
        }
        Disturbance::Cut => {
            let cut = field.registry(include_str!("cut.sql")).await;
            tally.cuts += cut.len() as u64;
            After::Nothing
        }
    }
}

async fn kill(field: &mut Field, place: usize, tally: &mut Tally) {
    field.engines[place].take().expect("it runs").kill().await;
    tally.kills += 1;
}

/// Has the engines come back when it was decided, and looks whether all is as it should be then.
async fn recovered(
    field: &mut Field,
    after: After,
    users: &BTreeSet<usize>,
    waiting: &mut Waiting,
    may_ask: bool,
    tally: &mut Tally,
) -> Result<(), String> {
    match after {
        After::Nothing => settled(field, users, waiting, may_ask, tally).await,
        After::Start(back) => {
            if back == Back::TakenOver {
                lease_over(field).await;
            } else if back == Back::Settled {
                settled(field, users, waiting, may_ask, tally).await?;
            }
            field.start_missing().await;
            settled(field, users, waiting, may_ask, tally).await
        }
        After::Thaw(place, back) => {
            if back == Back::TakenOver {
                lease_over(field).await;
            } else if back == Back::Settled {
                settled(field, users, waiting, may_ask, tally).await?;
            }
            field.engines[place].as_ref().expect("it stands still").thaw();
            settled(field, users, waiting, may_ask, tally).await
        }
    }
}

/// Waits until whoever had a lease when this began has it no more.
async fn lease_over(field: &Field) {
    let held = "select database || counter from control.lease where holder is not null and expires_at > clock_timestamp()";
    let before = field.registry(held).await;
    let gone = async || field.registry(held).await.iter().all(|lease| !before.contains(lease)).then_some(());
    until("the end of a lease", gone).await;
}

/// A user's transaction.
async fn take(field: &mut Field, turn: &Turn, unique: u64) {
    let login = &mut field.users[turn.user].login;
    let moves: Vec<String> = turn.moves.iter().enumerate().map(|(i, (one, chance))| one.sql(10 * unique + i as u64, *chance)).collect();
    let ends = if turn.commits { "commit" } else { "rollback" };
    let all = format!("begin; {} {ends}", moves.concat());
    if let Err(error) = sqlx::raw_sql(AssertSqlSafe(all)).execute(&mut *login).await {
        panic!("{:?}: {error}", turn.moves);
    }
}

/// Users in manual mode say go, and wait.
fn ask(field: &Field, users: &BTreeSet<usize>, waiting: &mut Waiting) {
    for user in users.iter().map(|&user| &field.users[user]).filter(|user| user.is_manual) {
        let url = user.url.clone();
        waiting.spawn(async move {
            let mut session = PgConnection::connect(&url).await.expect("a login");
            // it may tell of a failure, and then of what; but it tells
            let _told = sqlx::raw_sql("call iasql.check()").execute(&mut session).await;
        });
    }
}
