//! Ears: a listening connection for each database that is worth one, a look now and then into each of the others.

use std::{
    collections::HashMap,
    time::{Duration, Instant as Since},
};

use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Error, look, poll::Poll, share::Engines};
use crate::{
    causes::in_one_line,
    control::{Control, Watched},
};

/// How often it is decided anew who is listened to.
const DECIDE: Duration = Duration::from_secs(5);
/// How long a connection may take, and how long at most it is waited before one is tried again.
const CONNECT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_secs(10);
/// A row in `iasql.request` was committed.
const REQUEST: &str = "iasql_request";
/// A row of a desired table was committed.
const CHANGED: &str = "iasql_changed";
/// Connections to one server, of all engines together, unless its operator says otherwise.
const CONNECTIONS: u64 = 60;
/// So many have room for ears on one half, and for a run on the other.
const LEAST: u64 = 8;

/// Has this engine take no more than its part of the connections that there may be to each server; answers for how many.
pub(super) async fn make_room(control: &Control, engines: u64) -> Result<u64, Error> {
    let room = (control.number("connections", CONNECTIONS).await? / engines).max(LEAST);
    control.limit_connections(u32::try_from(room).unwrap_or(u32::MAX));
    Ok(room)
}

/// Who is listened to, and what is going on for the others.
struct Ears {
    control: Control,
    engines: watch::Receiver<Engines>,
    ears: HashMap<String, DropGuard>,
    tasks: JoinSet<()>,
}

/// Listens and looks until `shutdown`.
pub(super) async fn listen(control: &Control, engines: watch::Receiver<Engines>, shutdown: &CancellationToken) {
    let mut ears = Ears { control: control.clone(), engines, ears: HashMap::new(), tasks: JoinSet::new() };
    let (others, polled) = watch::channel(Vec::new());
    let poller = tokio::spawn(shutdown.clone().run_until_cancelled_owned(poll(control.clone(), polled)));
    while !shutdown.is_cancelled() {
        match ears.decide().await {
            Ok(left) => drop(others.send_replace(left)),
            Err(error) => tracing::warn!(error = in_one_line(&error), "it could not be decided whom to listen to"),
        }
        tokio::select! {
            () = sleep(DECIDE) => {}
            () = control.changed() => {}
            // an engine came or went: shares are others now
            changed = ears.engines.changed() => drop(changed),
            () = shutdown.cancelled() => {}
        }
        while ears.tasks.try_join_next().is_some() {}
    }
    ears.ears.clear();
    while ears.tasks.join_next().await.is_some() {}
    // it was cancelled with us
    drop(poller.await);
}

impl Ears {
    /// Starts and ends ears, and answers for the databases of this engine's share that get none.
    async fn decide(&mut self) -> Result<Vec<Watched>, Error> {
        let engines = self.engines.borrow_and_update().clone();
        let listeners = self.control.number("listeners", 100).await?;
        let room = make_room(&self.control, engines.count()).await?;
        let mut mine = self.control.to_watch().await?;
        mine.retain(|watched| engines.is_mine(&watched.database));
        // the other half of a server's room is for those who work
        let (heard, others) = divided(mine, listeners, room / 2);
        self.ears.retain(|name, _| heard.iter().any(|watched| watched.database == *name));
        for Watched { database, .. } in heard {
            let (control, tasks) = (&self.control, &mut self.tasks);
            self.ears.entry(database.clone()).or_insert_with(|| start(control.clone(), tasks, database));
        }
        Ok(others)
    }
}

fn start(control: Control, tasks: &mut JoinSet<()>, name: String) -> DropGuard {
    let ended = CancellationToken::new();
    let token = ended.clone();
    tasks.spawn(async move { token.run_until_cancelled(ear(&control, &name)).await.unwrap_or_default() });
    ended.drop_guard()
}

/// The first ones, so many in all and so many on each server; and the others.
fn divided(mine: Vec<Watched>, in_all: u64, on_each: u64) -> (Vec<Watched>, Vec<Watched>) {
    let (mut all, mut each) = (0, HashMap::<String, u64>::new());
    mine.into_iter().partition(|watched| {
        let here = each.entry(watched.shard.clone()).or_default();
        let fits = all < in_all && *here < on_each;
        all += u64::from(fits);
        *here += u64::from(fits);
        fits
    })
}

/// One ear: it hears until it is dropped, and where the line breaks it connects anew.
async fn ear(control: &Control, name: &str) {
    let mut pause = Duration::from_millis(250);
    loop {
        let began = Since::now();
        if let Err(error) = hear(control, name).await {
            tracing::debug!(database = name, error = in_one_line(&error), "listening broke off");
        }
        pause = if began.elapsed() > Duration::from_secs(60) { Duration::from_millis(250) } else { (pause * 2).min(PAUSE) };
        sleep(pause).await;
    }
}

async fn hear(control: &Control, name: &str) -> Result<(), Error> {
    let database = control.enter(name, 1).await?;
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(CONNECT).connect_lazy_with(database.listening());
    let mut listener = timeout(CONNECT, PgListener::connect_with(&pool)).await.map_err(|_| Error::Silent(CONNECT))??;
    listener.listen_all([REQUEST, CHANGED]).await?;
    let stay = database.stay();
    // listening first and looking then: nothing falls between
    let (mut changed, mut asked, mut mode) = (true, true, None);
    loop {
        {
            let database = control.enter_from(&stay, look::CONNECTIONS).await?;
            if changed {
                look::commits(control, &database, &mut mode).await?;
            }
            if asked {
                look::requests(control, &database).await?;
            }
        }
        let Some(heard) = listener.try_recv().await? else { return Ok(()) };
        (changed, asked) = (heard.channel() == CHANGED, heard.channel() == REQUEST);
        while let Some(more) = listener.next_buffered() {
            changed |= more.channel() == CHANGED;
            asked |= more.channel() == REQUEST;
        }
    }
}

/// Looks into those databases of its share that this engine does not listen to, when it is time.
async fn poll(control: Control, mut others: watch::Receiver<Vec<Watched>>) {
    let (mut poll, mut last) = (Poll::default(), None::<Instant>);
    loop {
        let every = Duration::from_secs(control.number("poll_seconds", 15).await.unwrap_or(15).max(1));
        let databases = others.borrow_and_update().clone();
        if !databases.is_empty() && last.is_none_or(|last| last.elapsed() >= every) {
            last = Some(Instant::now());
            poll.look(&control, databases).await;
        }
        tokio::select! {
            () = sleep(every.min(DECIDE)) => {}
            changed = others.changed() => if changed.is_err() { return },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_server_is_listened_to_more_than_it_has_room() {
        let watched = |database: &str, shard: &str| Watched { database: database.to_owned(), shard: shard.to_owned() };
        let mine = vec![watched("a", "one"), watched("b", "one"), watched("c", "one"), watched("d", "two"), watched("e", "two")];
        let names = |of: &[Watched]| of.iter().map(|watched| watched.database.clone()).collect::<String>();
        let (heard, others) = divided(mine.clone(), 3, 2);
        assert_eq!((names(&heard).as_str(), names(&others).as_str()), ("abd", "ce"));
        let (heard, others) = divided(mine, 0, 2);
        assert_eq!((heard.len(), others.len()), (0, 5));
    }
}
