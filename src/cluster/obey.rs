//! What an agent does when it is told to, and when it refuses: one order at a time, each by the record as it stands at this moment.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use sqlx::Connection;
use tokio::time::{interval, timeout};

use super::{
    Error,
    agent::{self, Agent},
    home::Orders,
    registry::Addresses,
    server,
    site::MEMBER,
    wire::Order,
};
use crate::{
    failover::{self, Act, Member, Record, Role, Told},
    node::tree,
};

/// How long the store may take to say what the record is.
const READ: Duration = Duration::from_secs(2);
/// How long a server may take to stop in peace.
const STOPS: Duration = Duration::from_secs(30);
/// How long a standby may take to let go of what it receives, and how often that is looked at.
const LETS_GO: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(5);

impl Agent {
    /// Carries out an order, if it may.
    ///
    /// # Errors
    /// [`Error::Refused`] where it comes too late, [`Error::Busy`] where another one is being carried out.
    pub(super) async fn obey(self: &Arc<Self>, order: Order) -> Result<(), Error> {
        let fences = matches!(order.act, Act::Fence(_));
        let _hands = match self.hands.try_lock() {
            Ok(hands) => hands,
            Err(_) if fences && self.heeds(&order, None) => {
                // what is being done, a start say, is not waited for but ended
                let data = self.home.data();
                tokio::select! {
                    hands = self.hands.lock() => hands,
                    () = kill_whoever_comes(&data) => return Err(Error::Busy),
                }
            }
            Err(_) => return Err(Error::Busy),
        };
        let kept = timeout(READ, self.book.read()).await.ok().and_then(Result::ok).flatten();
        let word = self.promises.word.lock().await;
        if !self.heeds(&order, kept.as_ref().map(|found| &found.state.record)) {
            return Err(Error::Refused("it comes too late, or may not be obeyed now"));
        }
        if order.stamp.term > self.state().term {
            self.home.note_term(order.stamp.term)?;
            self.state().term = order.stamp.term;
        }
        drop(word);
        if let Some(found) = &kept {
            self.state().timing = found.state.record.timing;
        }
        let done = self.act(order.act, &Whereabouts(order.at)).await;
        self.has_changed();
        done
    }

    fn heeds(&self, order: &Order, kept: Option<&Record>) -> bool {
        let state = self.state();
        let (term, alive, role, timeline) = (state.term, state.server.is_some(), state.role, state.timeline);
        let told = Told { member: self.me, term, alive, role, timeline, promised_until: self.promises.left_ms() };
        // by a clock that begins now
        failover::heeds(&told, &order.act, order.stamp, kept, 0)
    }

    async fn act(self: &Arc<Self>, act: Act, at: &Whereabouts) -> Result<(), Error> {
        match act {
            Act::Fence(_) => self.kill().await,
            Act::Stop(_) => self.stop(STOPS).await,
            Act::Detach(_) => return self.detach().await,
            Act::Start { follow, .. } => return self.start(at.following(follow)?).await,
            Act::Rewire { to, .. } => return self.tell(at.following(Some(to))?),
            Act::Salvage { from, .. } => return self.salvage(at.of(from)?).await,
            Act::Promote { term, names, .. } => return self.promote(term, names.as_ref()).await,
            Act::Rewind { from, .. } => return self.anew(at.of(from)?, false).await,
            Act::Rebuild { from, .. } => return self.anew(at.of(from)?, true).await,
            Act::Synchronise { names, .. } => return self.synchronise(names.as_ref()),
            Act::Checkpoint(_) => return self.say("postgres", "checkpoint").await,
            Act::RepairCron(_) => return self.repair_cron().await,
            Act::Verify { .. } => {}
            Act::Write(_) | Act::Reroute(_) | Act::PausePooler | Act::ResumePooler => return Err(Error::Refused("it is for no member")),
        }
        Ok(())
    }

    /// Receives from nobody any more, and has replayed what it received.
    async fn detach(self: &Arc<Self>) -> Result<(), Error> {
        {
            let state = self.state();
            if state.role != Some(Role::Standby) || state.server.is_none() {
                return Ok(());
            }
        }
        self.tell(Orders::default())?;
        let mut looks = interval(LOOK);
        let let_go = async {
            loop {
                looks.tick().await;
                let seen = self.report().await.seen;
                if !seen.alive || !seen.receiving {
                    break;
                }
            }
        };
        timeout(LETS_GO, let_go).await.map_err(|_| Error::Said("it still receives".to_owned()))
    }

    /// Has the primary's data: only what differs of it, or all.
    async fn anew(&self, from: Addresses, whole: bool) -> Result<(), Error> {
        let seen = self.home.has_data() && !self.state().spoilt;
        if whole && seen {
            return Err(Error::Refused("there is data, and nothing is known against it"));
        }
        self.reaches(from).await?;
        self.state().at_work = true;
        if whole {
            self.promise_again(from).await;
        }
        let made = self.make(from, whole).await;
        {
            let mut state = self.state();
            (state.at_work, state.resting, state.unread) = (false, None, false);
            state.spoilt = made.is_err();
            state.role = agent::role(&self.home);
        }
        made
    }

    async fn make(&self, from: Addresses, whole: bool) -> Result<(), Error> {
        self.home.mark_unwhole()?;
        self.write_conf(&Orders::default())?;
        if whole {
            self.lay_aside().await?;
            self.home.empty(&self.home.data())?;
            self.tools.copy(from.server).await?;
        } else {
            // what recovers is not ended by a single user
            self.home.follows(false)?;
            self.tools.rewind(from.server).await?;
        }
        self.home.follows(true)?;
        self.home.mark_whole().await
    }

    /// Nothing is destroyed before the primary can be reached.
    async fn reaches(&self, from: Addresses) -> Result<(), Error> {
        const DOING: &str = "reach the primary";
        let options = self.site.way(MEMBER)?.host(&from.server.ip().to_string()).port(from.server.port()).database("postgres");
        let session = sqlx::PgConnection::connect_with(&options).await.map_err(Error::query(DOING))?;
        session.close().await.map_err(Error::query(DOING))
    }

    async fn say(&self, database: &str, words: &'static str) -> Result<(), Error> {
        let mut session = server::session(&self.home, self.port(), database).await.map_err(Error::query("reach the server"))?;
        sqlx::raw_sql(words).execute(&mut session).await.map(drop).map_err(Error::query("carry out an order"))
    }

    async fn repair_cron(&self) -> Result<(), Error> {
        let mut session = server::session(&self.home, self.port(), "postgres").await.map_err(Error::query("reach the server"))?;
        let name = sqlx::query_scalar::<_, Option<String>>("select pg_catalog.current_setting('cron.database_name', true)");
        let name = name.fetch_one(&mut session).await.map_err(Error::query("look where the jobs are"))?;
        if let Some(name) = name {
            let mut jobs = server::session(&self.home, self.port(), &name).await.map_err(Error::query("reach the jobs' database"))?;
            let has = sqlx::query_scalar::<_, bool>("select pg_catalog.to_regclass('cron.job') is not null").fetch_one(&mut jobs).await;
            if has.map_err(Error::query("look for jobs"))? {
                self.say(&name, include_str!("sql/cron.sql")).await?;
            }
        }
        self.state().cron = true;
        Ok(())
    }
}

/// Where others are, as the order says.
struct Whereabouts(BTreeMap<Member, Addresses>);

impl Whereabouts {
    fn of(&self, member: Member) -> Result<Addresses, Error> {
        self.0.get(&member).copied().ok_or(Error::Refused("it does not say where the other one is"))
    }

    fn following(&self, follow: Option<Member>) -> Result<Orders, Error> {
        let follow = follow.map(|member| Ok::<_, Error>((member, self.of(member)?))).transpose()?;
        Ok(Orders { follow, ..Orders::default() })
    }
}

/// For as long as somebody else has his hands on the server.
async fn kill_whoever_comes(data: &std::path::Path) {
    let mut looks = interval(LOOK);
    loop {
        looks.tick().await;
        tree::kill_now(data);
    }
}
