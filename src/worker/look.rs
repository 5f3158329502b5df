//! Looks into one user's database for what is asked there. A message only says when to look, and is not believed.

use std::time::Duration;

use tokio::time::timeout;
use uuid::Uuid;

use super::Error;
use crate::{
    causes::in_one_line,
    control::{self, Control, RunInfo},
    database::{Database, Request},
    engine::Kind,
};

/// How long a database that hangs is waited for, to tell that it does.
const GIVE_UP: Duration = Duration::from_secs(5);
/// How many connections looking takes.
pub(super) const CONNECTIONS: u32 = 2;

/// Who asks for a look at what a call that was late has done.
const LATE: &str = "takeover";

/// Asks for the runs that rows of `iasql.request` want; answers for how many.
pub(super) async fn requests(control: &Control, database: &Database) -> Result<usize, Error> {
    let requests = database.requests().await?;
    for request in &requests {
        let Some(kind) = kind(database, request).await? else {
            database.answer(request.id, &Error::Kind(request.kind.clone()).to_string()).await?;
            continue;
        };
        let run = control.request_for(database.name(), kind, &request.asked_by, request.id).await?;
        database.take(request.id, run).await?;
    }
    Ok(requests.len())
}

/// What a request is for; `None` for a word that this engine does not know.
async fn kind(database: &Database, request: &Request) -> Result<Option<Kind>, Error> {
    if request.kind != "approved" {
        return Ok(control::kind(&request.kind));
    }
    let plan = database.approved_plan(request.id).await?;
    Ok(plan.and_then(|plan| plan.parse().ok()).map(Kind::Approved))
}

/// Asks for a check if a commit is to start one. Nobody remembers which commits were seen: a check more does no harm.
pub(super) async fn commits(control: &Control, database: &Database, seen: &mut Option<String>) -> Result<(), Error> {
    see_mode(control, database, seen).await?;
    if seen.as_deref() == Some("on_commit") {
        control.request_after_commit(database.name()).await?;
    }
    Ok(())
}

/// Reads the mode. Where it is another than was seen before, lets the registry know, so that a database which waits for commits gets listened to.
pub(super) async fn see_mode(control: &Control, database: &Database, seen: &mut Option<String>) -> Result<(), Error> {
    let mode = database.setting("mode").await?.unwrap_or_else(|| "manual".to_owned());
    if seen.as_ref() != Some(&mode) {
        control.saw_mode(database.name(), &mode).await?;
        *seen = Some(mode);
    }
    Ok(())
}

/// Answers whoever waits in the database for a run that did not get as far as to tell its end there itself.
pub(super) async fn give_up(database: &Database, run: Uuid, said: &str) -> Result<(), Error> {
    Ok(database.give_up(run, said).await?)
}

/// Answers whoever waits in the database for a run that was ended from outside, should the database be there.
pub(super) async fn tell(control: &Control, run: &RunInfo, said: &str) {
    let tell = async { give_up(&*control.enter(&run.database, 1).await?, run.id, said).await };
    if !matches!(timeout(GIVE_UP, tell).await, Ok(Ok(()))) {
        tracing::warn!(run = %run.id, database = run.database, "who waits for it in the database could not be told");
    }
}

/// Has somebody look at what a call of a run may have done that landed when another engine had taken the run over: made a second thing, or put an
/// older value back. That is when the run has ended: until then it may read the cloud once more itself. Where no commit starts checks, a plan shows it,
/// and no more is done than was asked for.
pub(super) async fn late(control: Control, run: RunInfo, every: Duration) {
    if control::kind(&run.kind).is_some_and(|kind| !kind.acts()) {
        return;
    }
    // gone with its database, where it is in no table any more
    while !matches!(control.run(run.id).await, Ok(found) if found.as_ref().is_none_or(RunInfo::ended)) {
        tokio::time::sleep(every).await;
    }
    if let Err(error) = ask_for_a_look(&control, &run.database).await {
        tracing::warn!(run = %run.id, database = run.database, error = in_one_line(&error), "what its last call has done is seen by the next run");
    }
}

async fn ask_for_a_look(control: &Control, name: &str) -> Result<Uuid, Error> {
    let mode = control.enter(name, 1).await?.setting("mode").await?;
    Ok(if mode.as_deref() == Some("on_commit") {
        control.request_after_commit(name).await?
    } else {
        control.request(name, Kind::Plan, LATE).await?
    })
}

/// How much drift is told at once.
const AT_ONCE: i32 = 100;

/// Puts drift that was found into the outbox. It is noted afterwards that it is there, so what an engine leaves in the middle is told twice rather than
/// never.
pub(super) async fn drift(control: &Control, database: &Database) -> Result<(), Error> {
    loop {
        let found = database.untold_drift(AT_ONCE).await?;
        if found.is_empty() {
            return Ok(());
        }
        control.tell_drift(database.name(), &serde_json::to_value(&found).unwrap_or_default()).await?;
        database.drift_told(&found.iter().map(|it| it.id).collect::<Vec<_>>()).await?;
    }
}
