//! Looks into the databases that nobody listens to: each server is asked once what was written where, and only there anybody looks.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use futures::{StreamExt, stream};
use tokio::time::{Instant, timeout};

use super::{Error, look};
use crate::{
    causes::in_one_line,
    control::{Control, Watched},
};

/// How many databases are looked into at the same time, and how long one may take: a dead one holds nobody else up.
const AT_ONCE: usize = 8;
const PATIENCE: Duration = Duration::from_secs(15);
/// After so long even that is looked into where nothing was written, should the server have counted wrong.
const ALWAYS: Duration = Duration::from_secs(300);

/// What was found the last time.
#[derive(Debug, Default)]
pub(super) struct Poll {
    seen: HashMap<String, Seen>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    writes: Option<i64>,
    at: Instant,
}

impl Poll {
    /// Looks wherever something may have been asked for; answers for how many databases that were.
    pub(super) async fn look(&mut self, control: &Control, databases: Vec<Watched>) -> usize {
        self.seen.retain(|name, _| databases.iter().any(|watched| watched.database == *name));
        let shards: BTreeSet<String> = databases.iter().map(|watched| watched.shard.clone()).collect();
        let counts: HashMap<String, Option<HashMap<String, i64>>> =
            stream::iter(shards).map(|shard| writes(control.clone(), shard)).buffer_unordered(AT_ONCE).collect().await;
        let mut to_look = Vec::new();
        for Watched { database, shard } in databases {
            // who does not answer to one question does not answer to hundreds
            let Some(Some(counted)) = counts.get(&shard) else { continue };
            let writes = counted.get(&database).copied();
            if self.is_due(&database, writes) {
                to_look.push((database, writes));
            }
        }
        let count = to_look.len();
        let mut looking = stream::iter(to_look).map(|(name, writes)| glance(control.clone(), name, writes)).buffer_unordered(AT_ONCE);
        while let Some((name, seen)) = looking.next().await {
            if let Some(seen) = seen {
                self.seen.insert(name, seen);
            }
        }
        count
    }

    fn is_due(&self, name: &str, writes: Option<i64>) -> bool {
        self.seen.get(name).is_none_or(|seen| writes.is_none() || seen.writes != writes || seen.at.elapsed() > ALWAYS)
    }
}

async fn writes(control: Control, shard: String) -> (String, Option<HashMap<String, i64>>) {
    let counted = match timeout(PATIENCE, control.writes(&shard)).await {
        Ok(Ok(writes)) => Some(writes),
        Ok(Err(error)) => {
            tracing::warn!(server = shard, error = in_one_line(&error), "a server could not be asked what was written there");
            None
        }
        Err(_) => {
            tracing::warn!(server = shard, "a server did not say what was written there");
            None
        }
    };
    (shard, counted)
}

async fn glance(control: Control, name: String, writes: Option<i64>) -> (String, Option<Seen>) {
    let seen = match timeout(PATIENCE, look_into(&control, &name)).await {
        Ok(Ok(())) => Some(Seen { writes, at: Instant::now() }),
        Ok(Err(error)) => {
            tracing::warn!(database = name, error = in_one_line(&error), "a database could not be looked into");
            None
        }
        Err(_) => {
            tracing::warn!(database = name, "a database did not answer when it was looked into");
            None
        }
    };
    (name, seen)
}

async fn look_into(control: &Control, name: &str) -> Result<(), Error> {
    let database = control.enter(name, look::CONNECTIONS).await?;
    look::requests(control, &database).await?;
    // it may have been set to on_commit since: then it gets an ear the next time it is decided
    look::see_mode(control, &database, &mut None).await
}
