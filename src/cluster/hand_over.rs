//! How a member that leads, and is told to end, has another one lead first: it writes down whom it prefers, and a controller does the rest.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, timeout};

use super::{Error, agent::Agent, home::named, look::now, server};
use crate::{
    causes::in_one_line,
    failover::{Member, Record, Step},
};

/// How long it may take to ask for it, and until somebody heeds it.
const ASKED: Duration = Duration::from_secs(1);
const HEEDED: Duration = Duration::from_millis(1500);
/// How often it is looked how far that is.
const LOOK: Duration = Duration::from_millis(50);

impl Agent {
    /// Answers when another one leads, or nobody does anything about it.
    pub(super) async fn hand_over(&self) {
        let Some(term) = self.tenure.term() else { return };
        match timeout(ASKED, self.ask_to(term)).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => return,
            Ok(Err(error)) => return tracing::warn!(term, error = in_one_line(&error), "nobody could be asked to lead instead"),
            Err(_) => return tracing::warn!(term, "nobody could be asked to lead instead: that takes too long"),
        }
        let is_begun = |record: &Record| record.step != Step::Steady || record.term > term;
        if timeout(HEEDED, self.until(is_begun)).await.is_err() {
            return tracing::warn!(term, "nobody heeds that another one is to lead");
        }
        // who leads next is compared with what lies here, so this goes on answering until then
        let is_over = |record: &Record| matches!(record.step, Step::Steady | Step::Settle);
        let long = Duration::from_millis(u64::try_from(self.state().timing.switchover).unwrap_or_default());
        if timeout(long, self.until(is_over)).await.is_err() {
            tracing::warn!(term, "no other one came to lead in time");
        }
    }

    /// Writes down who should lead, if somebody follows this one. False where nobody does, or something is being done already.
    async fn ask_to(&self, term: u64) -> Result<bool, Error> {
        let Some(record) = self.book.read().await?.map(|found| found.state.record) else { return Ok(false) };
        if record.step != Step::Steady || !record.may_lead(self.me, term) {
            return Ok(false);
        }
        let mut session = server::session(&self.home, self.port(), "postgres").await.map_err(Error::query("reach the server"))?;
        let streaming = sqlx::query_scalar::<_, String>(include_str!("sql/streaming.sql")).fetch_all(&mut session).await;
        let streaming = streaming.map_err(Error::query("look who follows"))?;
        let follows = |member: &Member| streaming.contains(&named(*member));
        let Some(to) = record.followers().find(follows) else { return Ok(false) };
        self.book.write(&Record { version: record.version + 1, preferred: Some(to), ..record }, now()).await
    }

    async fn until(&self, is: impl Fn(&Record) -> bool) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            if let Ok(Some(found)) = self.book.read().await
                && is(&found.state.record)
            {
                return;
            }
        }
    }
}
