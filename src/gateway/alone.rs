//! A database that has one session at a time: whoever has proved who they are and comes second waits a moment, for the first may be on its way
//! out, and is refused then.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use tokio::{sync::Semaphore, time::timeout};

use super::{Awake, refusal::Refusal};

/// How long a moment is: a pool that opens ten connections hears soon that there is one.
const MOMENT: Duration = Duration::from_secs(3);

/// Whose turn it is, by the database's name.
#[derive(Debug)]
pub(super) struct Turns {
    moment: Duration,
    held: Mutex<HashMap<String, Weak<Semaphore>>>,
}

impl Default for Turns {
    fn default() -> Self {
        Self { moment: MOMENT, held: Mutex::default() }
    }
}

impl Turns {
    /// Has the database for this session alone, where it has to be; that ends with what keeps it awake.
    pub(super) async fn alone(&self, database: &str, awake: Awake) -> Result<Awake, Refusal> {
        if !awake.alone {
            return Ok(awake);
        }
        let turn = timeout(self.moment, self.turn(database).acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or(Refusal::Alone)?;
        Ok(Awake { session: Box::new((awake.session, turn)), ..awake })
    }

    /// The one turn that there is in a database.
    pub(super) fn turn(&self, database: &str) -> Arc<Semaphore> {
        let mut turns = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(database).and_then(Weak::upgrade) {
            return turn;
        }
        // who is not there takes no memory
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::new(Semaphore::new(1));
        turns.insert(database.to_owned(), Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn awake(alone: bool) -> Awake {
        Awake { socket: "/s".into(), session: Box::new(()), read_only: false, hold: None, alone, most: None, lasting: None }
    }

    #[tokio::test]
    async fn the_second_session_of_a_database_that_has_one_waits_a_moment_and_is_refused() {
        let turns = Turns { moment: Duration::from_millis(20), ..Turns::default() };
        let first = turns.alone("a", awake(true)).await.expect("the first");
        assert!(matches!(turns.alone("a", awake(true)).await, Err(Refusal::Alone)));
        let turns = Turns { moment: Duration::from_secs(60), ..turns };
        assert!(turns.alone("b", awake(true)).await.is_ok() && turns.alone("a", awake(false)).await.is_ok());
        let (second, ()) = tokio::join!(turns.alone("a", awake(true)), async { drop(first) });
        assert!(second.is_ok(), "the first has left meanwhile");
        drop(second);
        assert!(turns.alone("a", awake(true)).await.is_ok());
    }
}
