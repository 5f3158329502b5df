//! Ears: a listening connection for each database that is worth one, a look now and then into each of the others.

use std::{collections::HashMap, time::Duration};

use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Error, error::chain, look};
use crate::control::Control;

/// How often it is decided anew who is listened to.
const DECIDE: Duration = Duration::from_secs(5);
/// A row in `iasql.request` was committed.
const REQUEST: &str = "iasql_request";
/// A row of a desired table was committed.
const CHANGED: &str = "iasql_changed";

/// Listens and looks until `shutdown`.
pub(super) async fn listen(control: &Control, shutdown: &CancellationToken) {
    let (mut ears, mut tasks, mut polled) = (HashMap::new(), JoinSet::new(), Instant::now());
    while !shutdown.is_cancelled() {
        match decide(control, &mut ears, &mut tasks).await {
            Ok(others) => polled = poll(control, &others, polled, shutdown).await,
            Err(error) => tracing::warn!(error = chain(&error), "it could not be decided whom to listen to"),
        }
        tokio::select! {
            () = sleep(DECIDE) => {}
            () = control.changed() => {}
            () = shutdown.cancelled() => {}
        }
        while tasks.try_join_next().is_some() {}
    }
    drop(ears);
    while tasks.join_next().await.is_some() {}
}

/// Starts and ends ears, and answers for the databases that get none.
async fn decide(control: &Control, ears: &mut HashMap<String, DropGuard>, tasks: &mut JoinSet<()>) -> Result<Vec<String>, Error> {
    let limit = usize::try_from(control.number("listeners", 100).await?).unwrap_or(usize::MAX);
    let mut heard = control.worth_listening().await?;
    let others = heard.split_off(limit.min(heard.len()));
    ears.retain(|name, _| heard.contains(name));
    for name in heard {
        ears.entry(name.clone()).or_insert_with(|| {
            let ended = CancellationToken::new();
            let (control, token) = (control.clone(), ended.clone());
            tasks.spawn(async move { token.run_until_cancelled(ear(&control, &name)).await.unwrap_or_default() });
            ended.drop_guard()
        });
    }
    Ok(others)
}

/// One ear: it hears until it is dropped, and where the line breaks it connects anew.
async fn ear(control: &Control, name: &str) {
    let mut pause = Duration::from_millis(250);
    loop {
        let began = Instant::now();
        if let Err(error) = hear(control, name).await {
            tracing::debug!(database = name, error = chain(&error), "listening broke off");
        }
        pause =
            if began.elapsed() > Duration::from_secs(60) { Duration::from_millis(250) } else { (pause * 2).min(Duration::from_secs(30)) };
        sleep(pause).await;
    }
}

async fn hear(control: &Control, name: &str) -> Result<(), Error> {
    let database = control.open(name).await?;
    let mut listener = PgListener::connect_with(&PgPoolOptions::new().max_connections(1).connect_lazy_with(database.listening())).await?;
    listener.listen_all([REQUEST, CHANGED]).await?;
    // listening first and looking then: nothing falls between
    look::commits(control, &database).await?;
    loop {
        look::requests(control, &database).await?;
        let Some(heard) = listener.try_recv().await? else { return Ok(()) };
        let mut changed = heard.channel() == CHANGED;
        while let Some(more) = listener.next_buffered() {
            changed |= more.channel() == CHANGED;
        }
        if changed {
            look::commits(control, &database).await?;
        }
    }
}

/// Looks into databases without an ear, one after another, when it is time; answers for when that last was.
async fn poll(control: &Control, names: &[String], last: Instant, shutdown: &CancellationToken) -> Instant {
    let every = Duration::from_secs(control.number("poll_seconds", 15).await.unwrap_or(15));
    if names.is_empty() || last.elapsed() < every {
        return last;
    }
    for name in names {
        if shutdown.is_cancelled() {
            break;
        }
        if let Err(error) = glance(control, name).await {
            tracing::warn!(database = name, error = chain(&error), "a database could not be looked into");
        }
    }
    Instant::now()
}

async fn glance(control: &Control, name: &str) -> Result<(), Error> {
    let database = control.open(name).await?;
    look::requests(control, &database).await?;
    // it may have been set to on_commit since: then it gets an ear the next time it is decided
    look::see_mode(control, &database).await
}
