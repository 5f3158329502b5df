//! The controller of a cluster: looks, decides, and has it done, again and again. It remembers nothing that counts.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use futures::future::{BoxFuture, join_all};
use tokio::{sync::Notify, task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{
    Error,
    book::{Book, State},
    look::{Agents, Watched, now},
    sheet::Sheet,
    wire::Order,
};
use crate::{
    causes::in_one_line,
    failover::{Act, Look, Member, Record, Seen, Stamp, Standing, Step, decide},
};

/// How long it is waited for a change while all is well, while a member comes back, and while nobody leads.
const CALM: Duration = Duration::from_millis(500);
const PROVES: Duration = Duration::from_millis(100);
const BUSY: Duration = Duration::from_millis(20);
/// How long the store may take.
const STORE: Duration = Duration::from_secs(5);

/// A way to end a member's machine that does not need its agent.
pub trait Outside: Send + Sync {
    /// Ends all that runs of a member. True says that nothing of it runs any more, and that nothing will but an agent that starts anew.
    fn end(&self, member: Member) -> BoxFuture<'_, bool>;
}

/// Where there is none.
#[derive(Debug, Default)]
pub struct Nothing;

impl Outside for Nothing {
    fn end(&self, _: Member) -> BoxFuture<'_, bool> {
        Box::pin(async { false })
    }
}

/// What a controller is over.
pub struct Controller {
    agents: Agents,
    book: Book,
    sheet: Sheet,
    outside: Arc<dyn Outside>,
}

/// A cluster, as it is written down and seen.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What is written down.
    pub state: State,
    /// What is seen of each member.
    pub members: BTreeMap<Member, Seen>,
}

impl Controller {
    /// Over the cluster of this file.
    ///
    /// # Errors
    /// Where the store or a file can't be read.
    pub async fn open(sheet: Sheet, outside: Arc<dyn Outside>) -> Result<Self, Error> {
        let book = Book::new(sheet.open_bucket().await?, &sheet.name);
        Ok(Self { agents: Agents::new(&sheet)?, book, sheet, outside })
    }

    /// What there is.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn show(&self) -> Result<Option<Shown>, Error> {
        let Some(found) = self.book.read().await? else { return Ok(None) };
        Ok(Some(Shown { state: found.state, members: self.agents.look(&BTreeMap::new(), 0).await }))
    }

    /// Writes down who should lead. False where the record has no such member, or something is being done to the cluster.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn prefer(&self, member: Member) -> Result<bool, Error> {
        let Some(found) = self.book.read().await? else { return Ok(false) };
        let record = found.state.record;
        if record.step != Step::Steady || !record.members.contains_key(&member) {
            return Ok(false);
        }
        self.book.write(&Record { version: record.version + 1, preferred: Some(member), ..record }).await
    }

    /// Leads the cluster until it is to end. Any number may do so at the same time.
    pub async fn run(&self, ends: CancellationToken) {
        let wake = Arc::new(Notify::new());
        let mut watches = JoinSet::new();
        for member in self.sheet.members.keys() {
            watches.spawn(self.agents.clone().watch(*member, Arc::clone(&wake)));
        }
        let mut eyes = Eyes::default();
        loop {
            let pause = match self.turn(&mut eyes).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::warn!(error = in_one_line(&error), "the cluster can't be looked after");
                    CALM
                }
            };
            tokio::select! {
                _ = timeout(pause, wake.notified()) => {}
                () = ends.cancelled() => return,
            }
        }
    }

    /// One look, and what follows from it. Answers how long nothing else has to be looked at.
    async fn turn(&self, eyes: &mut Eyes) -> Result<Duration, Error> {
        eyes.looks += 1;
        let read = timeout(STORE, self.book.read());
        let (read, members) = tokio::join!(read, self.agents.look(&eyes.members, eyes.looks));
        let Some(found) = read.map_err(|_| Error::Said("the store takes too long".to_owned()))?? else {
            return self.first().await;
        };
        let State { record, lease, .. } = found.state;
        let lease_until = eyes.lease.until(lease.as_ref());
        eyes.members = members;
        let look = Look { store: true, lease_until, members: eyes.with_ended(&record), pooler: None };
        let acts = decide(&record, &look, now());
        let all_follow = record.members.values().all(|standing| *standing == Standing::Following);
        let pause = match record.step {
            Step::Steady if all_follow && acts.is_empty() && !record.holders.contains(&record.primary) => CALM,
            Step::Steady => PROVES,
            _ => BUSY,
        };
        if let [Act::Write(next)] = &acts[..] {
            let written = self.book.write(next).await?;
            tracing::info!(version = next.version, term = next.term, step = ?next.step, written, "decided");
            return Ok(Duration::ZERO);
        }
        self.carry_out(eyes, &record, acts).await;
        Ok(pause)
    }

    /// Nothing is written yet: the first member gets its data, and is written down.
    async fn first(&self) -> Result<Duration, Error> {
        let record = self.sheet.first()?;
        self.agents.begin(record.primary).await?;
        self.book.write(&record).await?;
        Ok(Duration::ZERO)
    }

    /// To all members at once, to each what it is to do in its order.
    async fn carry_out(&self, eyes: &mut Eyes, record: &Record, acts: Vec<Act>) {
        let stamp = Stamp { term: record.term, version: record.version };
        let mut each: BTreeMap<Member, Vec<Act>> = BTreeMap::new();
        for act in acts {
            if let Some(member) = act.member() {
                each.entry(member).or_default().push(act);
            }
        }
        let (there, silent): (BTreeMap<_, _>, BTreeMap<_, _>) =
            each.into_iter().partition(|(member, _)| eyes.members.get(member).is_some_and(|seen| seen.reachable));
        let orders = join_all(there.into_iter().map(async |(member, acts)| {
            for act in acts {
                let shown = format!("{act:?}");
                match self.agents.order(member, &Order { stamp, act }).await {
                    Ok(answer) if answer.done => {}
                    Ok(answer) => tracing::debug!(act = shown, answer.said, "not done"),
                    Err(error) => tracing::debug!(act = shown, error = in_one_line(&error), "not done"),
                }
            }
        }));
        let fences = |acts: &[Act]| acts.iter().any(|act| matches!(act, Act::Fence(_)));
        let fenced = silent.into_iter().filter(|(_, acts)| fences(acts)).map(async |(member, _)| (member, self.outside.end(member).await));
        let (_, fenced) = tokio::join!(orders, join_all(fenced));
        eyes.ended.extend(fenced.into_iter().filter(|(_, ended)| *ended).map(|(member, _)| member));
    }
}

/// What was seen last.
#[derive(Default)]
struct Eyes {
    lease: Watched,
    looks: u64,
    members: BTreeMap<Member, Seen>,
    /// Whose machine was ended from outside, and whose agent has not answered since.
    ended: BTreeSet<Member>,
}

impl Eyes {
    /// One whose machine was ended is out; its disk can't be read.
    fn with_ended(&mut self, record: &Record) -> BTreeMap<Member, Seen> {
        self.ended.retain(|member| self.members.get(member).is_some_and(|seen| !seen.reachable));
        let mut members = self.members.clone();
        for member in &self.ended {
            members.insert(*member, Seen { reachable: true, fenced: true, term: record.term, ..Seen::default() });
        }
        members
    }
}
