//! A database moves from one server to another. The registry says at each moment where it is, and one rule clears up after all:
//! it is opened where it is said to be, and the other server of the move is left without it.

use std::time::Duration;

use super::{BadShard, Control, Error, name};
use crate::{
    causes::in_one_line,
    database::{
        relocate::{self, Way, close, copy, differences, renumber},
        setup,
    },
    local,
};

/// How far a move is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nobody is let in any more, and who is in the middle of something has a moment to end it.
    Closing,
    /// All of it goes over.
    Copying,
    /// The two are compared, row by row and object by object.
    Comparing,
    /// The registry says that it is on the other server.
    Arrived,
    /// It is opened there, and what is left of it where it was is removed.
    Clearing,
}

/// Where a database is, and where else something of it may be.
struct Places {
    shard: String,
    at: String,
    other: Option<(String, String)>,
}

impl Control {
    /// Takes a database to another server. Whoever calls this holds its lease. Where it fails or is dropped half way, the database stays
    /// where it was, and closed until [`settle_move`](Self::settle_move) is called.
    ///
    /// # Errors
    /// [`Error::Move`], which says why it can't be or what went wrong; [`Error::Shard`].
    pub async fn relocate(&self, name: &str, to: &str, grace: Duration, tell: &(dyn Fn(Stage) + Send + Sync)) -> Result<(), Error> {
        let places = self.places(name).await?;
        let Some(target) = self.shard_url(to).await? else { return Err(BadShard::Unknown(to.to_owned()).into()) };
        if places.shard == to || places.other.as_ref().is_some_and(|(other, _)| other != to) {
            // what another try has left goes first
            self.settle_move(name).await?;
        }
        if places.shard == to {
            return Ok(());
        }
        let again = places.other.as_ref().is_some_and(|(other, _)| other == to);
        let tools = local::tools().map_err(|error| refused(name, &error.to_string()))?;
        self.set_out(name, to, &target, again).await?;
        self.opened.forget(name);
        let way = Way { name, from: &places.at, to: &target, tools: &tools };
        tell(Stage::Closing);
        close(&places.at, name, grace).await.map_err(failed(name))?;
        tell(Stage::Copying);
        copy(&way).await.map_err(failed(name))?;
        tell(Stage::Comparing);
        let differences = differences(&way, &self.library).await.map_err(failed(name))?;
        if !differences.is_empty() {
            let shown: Vec<_> = differences.iter().take(3).map(String::as_str).collect();
            return Err(refused(name, &format!("the copy is not what it should be: {}", shown.join("; "))));
        }
        renumber(&target, name).await.map_err(failed(name))?;
        if !self.services.http.procs.move_arrive(name, to).await? {
            return Err(refused(name, "somebody else has moved it meanwhile"));
        }
        tell(Stage::Arrived);
        tell(Stage::Clearing);
        self.settle_move(name).await
    }

    /// Ends a move, however far it came. Whoever calls this holds the database's lease.
    ///
    /// # Errors
    /// When one of the two servers does not answer: then it is to be called again.
    pub async fn settle_move(&self, name: &str) -> Result<(), Error> {
        let places = self.places(name).await?;
        let Some((_, other)) = places.other else { return Ok(()) };
        relocate::open(&places.at, name).await.map_err(failed(name))?;
        let removed = setup::remove(&other, name).await;
        removed.map_err(|source| Error::Setup { name: name.to_owned(), source: Box::new(source) })?;
        self.services.http.procs.move_end(name).await?;
        self.opened.forget(name);
        self.changed.notify_waiters();
        Ok(())
    }

    /// The databases whose move was begun and that nobody is at.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn moves_left(&self) -> Result<Vec<String>, Error> {
        Ok(self.services.scheduler.procs.moves_left().await?)
    }

    /// Notes that it sets out. What has the name on the other server and is not a former try's is somebody else's.
    async fn set_out(&self, name: &str, to: &str, target: &str, again: bool) -> Result<(), Error> {
        let free = again
            || setup::is_free(target, name).await.map_err(|source| Error::Setup { name: name.to_owned(), source: Box::new(source) })?;
        if !free {
            return Err(refused(name, &format!("on {to} something has that name which iasql did not make")));
        }
        // whoever sets it up at this moment ends first
        let turn = self.services.http.begin().await?;
        turn.procs.database_lock(name).await?;
        let begun = turn.procs.move_begin(name, to).await?;
        turn.commit().await?;
        if begun { Ok(()) } else { Err(Error::Unready(name.to_owned())) }
    }

    async fn places(&self, name: &str) -> Result<Places, Error> {
        name::check(name)?;
        let Some(place) = self.services.http.procs.database_place(name).await?.pop() else { return Err(self.unknown(name).await?) };
        if !place.ready {
            return Err(Error::Unready(name.to_owned()));
        }
        let at = self.admin_url(place.shard_url.as_deref());
        let other = place.moving.map(|other| (other, self.admin_url(place.moving_url.as_deref())));
        Ok(Places { shard: place.shard, at, other })
    }
}

fn refused(name: &str, said: &str) -> Error {
    Error::Move { name: name.to_owned(), said: said.to_owned() }
}

/// With what the server said: whoever moves a database is its operator.
fn failed(name: &str) -> impl Fn(relocate::Error) -> Error {
    let name = name.to_owned();
    move |error| refused(&name, &in_one_line(&error))
}
