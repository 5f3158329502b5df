//! The controller of a cluster: looks, decides, and has it done, again and again. It remembers nothing that counts.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use futures::future::join_all;
use tokio::{
    sync::{Notify, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{
    Error, backup,
    book::{Book, Found, State},
    eyes::Eyes,
    look::{Agents, now},
    outside::Outside,
    poolers::{Ask, Poolers, Told},
    shown::Shown,
    site::Site,
    wanted::Wanted,
};
use crate::{
    causes::in_one_line,
    failover::{Act, Look, Member, Pooler, Record, Role, Stamp, Standing, Step, approach, decide},
};

/// How long it is waited for a change while all is well, while a member comes back, and while nobody leads.
const CALM: Duration = Duration::from_millis(500);
const PROVES: Duration = Duration::from_millis(100);
/// While the first member has not come yet.
const COMES: Duration = Duration::from_millis(40);
const BUSY: Duration = Duration::from_millis(20);
/// And until what could not be restored is tried again.
const RESTORED: Duration = Duration::from_secs(5);
/// How long the store may take.
const STORE: Duration = Duration::from_secs(5);
/// For how long open transactions may go on before a planned change, at most.
const OPEN: Duration = Duration::from_secs(5);

/// What a controller is over.
pub struct Controller {
    agents: Agents,
    poolers: Poolers,
    book: Book,
    wanted: watch::Receiver<Wanted>,
    outside: Arc<dyn Outside>,
    shown: watch::Sender<Option<Shown>>,
    /// Why nothing is written down yet.
    trouble: watch::Sender<Option<String>>,
    wake: Arc<Notify>,
}

impl Controller {
    /// Over a cluster, of which this is wanted.
    ///
    /// # Errors
    /// Where the bucket does not answer.
    pub async fn open(site: Site, wanted: watch::Receiver<Wanted>, outside: Arc<dyn Outside>) -> Result<Self, Error> {
        let (book, wake) = (site.book().await?, Arc::<Notify>::default());
        let (agents, poolers) = (Agents::new(&site, &wake)?, Poolers::new(&site, &book, &wake)?);
        Ok(Self { agents, poolers, book, wanted, outside, shown: watch::Sender::new(None), trouble: watch::Sender::new(None), wake })
    }

    /// What it knows, while it runs; nothing before anything is written down.
    pub fn shown(&self) -> watch::Receiver<Option<Shown>> {
        self.shown.subscribe()
    }

    /// Why it does not begin, where it should.
    pub fn trouble(&self) -> watch::Receiver<Option<String>> {
        self.trouble.subscribe()
    }

    /// What there is now, without running.
    ///
    /// # Errors
    /// Where the bucket does not answer.
    pub async fn show(&self) -> Result<Option<Shown>, Error> {
        let mut eyes = Eyes::default();
        let (found, keys) = self.book.look().await?;
        let Some(found) = found else { return Ok(None) };
        eyes.directory.update(&self.book, keys).await?;
        self.agents.know(eyes.directory.members());
        let of = found.state.record.members.keys().copied().collect();
        (eyes.members, eyes.extras) = self.agents.look(&of).await;
        self.poolers.look_once(eyes.directory.poolers()).await;
        let shown = self.seen(&eyes, &found.state);
        self.poolers.leave();
        Ok(Some(shown))
    }

    /// Writes down who should lead. False where the record has no such member, or something is being done to the cluster.
    ///
    /// # Errors
    /// Where the bucket does not answer.
    pub async fn prefer(&self, member: Member) -> Result<bool, Error> {
        let Some(found) = self.book.read().await? else { return Ok(false) };
        let record = found.state.record;
        if record.step != Step::Steady || !record.members.contains_key(&member) {
            return Ok(false);
        }
        self.book.write(&Record { version: record.version + 1, preferred: Some(member), ..record }, now()).await
    }

    /// Leads the cluster until it is to end. Any number may do so at the same time.
    pub async fn run(&self, ends: CancellationToken) {
        let (mut eyes, mut wanted) = (Eyes::default(), self.wanted.clone());
        loop {
            let pause = match self.turn(&mut eyes).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::warn!(error = in_one_line(&error), "the cluster can't be looked after");
                    CALM
                }
            };
            tokio::select! {
                _ = timeout(pause, self.wake.notified()) => {}
                Ok(()) = wanted.changed() => {}
                () = ends.cancelled() => break,
            }
        }
        self.poolers.leave();
    }

    /// One look, and what follows from it. Answers how long nothing else has to be looked at.
    async fn turn(&self, eyes: &mut Eyes) -> Result<Duration, Error> {
        let wanted = self.wanted.borrow().clone();
        let of: BTreeSet<_> = eyes.members.keys().copied().chain(wanted.members.iter().copied()).collect();
        let read = timeout(STORE, self.book.look());
        let (read, said) = tokio::join!(read, self.agents.look(&of));
        let (found, keys) = read.map_err(|_| Error::Said("the store takes too long".to_owned()))??;
        if eyes.directory.update(&self.book, keys).await? {
            self.agents.know(eyes.directory.members());
            self.poolers.keep(eyes.directory.poolers());
            eyes.watches.keep(&self.agents, &self.wake);
            return Ok(Duration::ZERO);
        }
        let Some(found) = found else {
            return self.first(&wanted).await;
        };
        let record = &found.state.record;
        (eyes.members, eyes.extras) = said;
        eyes.members.retain(|member, _| record.members.contains_key(member));
        if record.members.keys().any(|member| !of.contains(member)) {
            // an engine that has just begun, and a member that is not wanted any more
            eyes.members.extend(record.members.keys().map(|member| (*member, Default::default())));
            return Ok(Duration::ZERO);
        }
        self.shown.send_replace(Some(self.seen(eyes, &found.state)));
        let lease_until = eyes.lease.until(found.state.lease.as_ref());
        let members = eyes.errands.with_ended(record, eyes.members.clone());
        let look = Look { store: true, lease_until, members, pooler: self.pooler(record) };
        let acts = decide(record, &look, now());
        if let [Act::Write(next)] = &acts[..] {
            return self.write(eyes, &wanted, &found, next, look).await;
        }
        if let Some(next) = approach(record, &eyes.wish(&wanted), &look) {
            if let Some(member) = next.preferred.filter(|member| record.preferred != Some(*member)) {
                eyes.preferred = Some((member, Instant::now()));
            }
            return self.write(eyes, &wanted, &found, &next, look).await;
        }
        let pause = pause(record, &look, acts.is_empty());
        if matches!(record.step, Step::Steady | Step::Settle) {
            self.look_after(eyes, record, &wanted).await;
        }
        self.have_done(eyes, record, acts);
        Ok(pause)
    }

    fn pooler(&self, record: &Record) -> Option<Pooler> {
        self.poolers.pooler(record, &Told::of(record, &self.agents.peers()))
    }

    /// Writes, and has done at once what follows from it by the same look. What else is written follows from another one.
    async fn write(&self, eyes: &mut Eyes, wanted: &Wanted, found: &Found, next: &Record, look: Look) -> Result<Duration, Error> {
        let record = &found.state.record;
        if matches!(next.step, Step::Pause(_)) && !self.is_flushed(eyes, record).await {
            return Ok(PROVES);
        }
        let written = self.book.write_on(found, next, now()).await?;
        tracing::info!(version = next.version, term = next.term, step = ?next.step, written, "decided");
        // settings come before a member starts or copies
        if !written || matches!(next.step, Step::Steady | Step::Settle) && !eyes.unset(wanted).is_empty() {
            return Ok(Duration::ZERO);
        }
        let look = Look { pooler: self.pooler(next), ..look };
        match decide(next, &look, now()) {
            acts if acts.is_empty() || matches!(acts[..], [Act::Write(_)]) => Ok(Duration::ZERO),
            acts => {
                self.have_done(eyes, next, acts);
                Ok(BUSY)
            }
        }
    }

    /// Whether the primary has written everything to its disk a moment ago: what it would do while it stops, and clients wait, it does before.
    async fn is_flushed(&self, eyes: &mut Eyes, record: &Record) -> bool {
        let stamp = Stamp { term: record.term, version: record.version };
        if eyes.flushed != Some(stamp) {
            let asked = self.agents.order(record.primary, stamp, Act::Checkpoint(record.primary)).await;
            eyes.flushed = asked.is_ok_and(|answer| answer.done).then_some(stamp);
        }
        eyes.flushed == Some(stamp)
    }

    fn seen(&self, eyes: &Eyes, state: &State) -> Shown {
        let (places, told) = (self.agents.peers(), Told::of(&state.record, &self.agents.peers()));
        Shown {
            state: state.clone(),
            members: eyes.members.clone(),
            places,
            certificates: eyes.extras.iter().map(|(member, extra)| (*member, extra.certificate_ends)).collect(),
            backups: eyes.extras.get(&state.record.primary).and_then(|extra| extra.backups.clone()),
            complaints: eyes.refused.iter().map(|(member, (_, _, why))| (*member, why.clone())).collect(),
            poolers: self.poolers.shown(&told),
        }
    }

    /// Nothing is written yet: as soon as the first member is there it gets its data, and is written down.
    async fn first(&self, wanted: &Wanted) -> Result<Duration, Error> {
        let peers = self.agents.peers();
        let first = wanted.preferred.or(wanted.members.first().copied());
        let Some(first) = first.filter(|member| peers.contains_key(member)) else { return Ok(COMES) };
        let wish = wanted.wish();
        // they say as well what it begins with
        let begun = async {
            self.agents.set(first, &wanted.settings).await?;
            self.agents.begin(first).await
        };
        let begun = begun.await;
        self.trouble.send_replace(begun.as_ref().err().map(|error| in_one_line(error)));
        let record = Record::new(first, wish.members, wish.synchronous, wish.timing);
        // what comes from elsewhere is on a later timeline than the first
        let record = match begun {
            Ok(timeline) => Record { term: timeline.max(1), ..record },
            Err(error) if wanted.settings.contains_key(backup::FROM) => {
                tracing::warn!(error = in_one_line(&error), "the cluster does not begin yet");
                return Ok(RESTORED);
            }
            Err(error) => return Err(error),
        };
        self.book.write(&record, now()).await?;
        Ok(Duration::ZERO)
    }

    /// Members have the settings that are wanted, and the primary what it should be furnished with.
    async fn look_after(&self, eyes: &mut Eyes, record: &Record, wanted: &Wanted) {
        let each = eyes.unset(wanted).into_iter().map(async |member| (member, self.agents.set(member, &wanted.settings).await));
        for (member, set) in join_all(each).await {
            match set {
                Ok(()) => drop(eyes.refused.remove(&member)),
                Err(error) => {
                    let why = in_one_line(&error);
                    tracing::warn!(member = member.0, why, "the settings are not taken");
                    eyes.refused.insert(member, (wanted.settings.clone(), Instant::now(), why));
                }
            }
        }
        let seen = eyes.members.get(&record.primary);
        let leads = seen.is_some_and(|seen| seen.alive && seen.role == Some(Role::Primary) && seen.timeline == record.term);
        let is_asked = eyes.furnishing.as_ref().is_some_and(|asked| !asked.is_finished());
        if leads && !is_asked && !eyes.is_furnished(record.primary, wanted) {
            let (agents, primary, databases) = (self.agents.clone(), record.primary, wanted.databases.clone());
            eyes.furnishing = Some(tokio::spawn(async move {
                if let Err(error) = agents.furnish(primary, &databases).await {
                    tracing::warn!(error = in_one_line(&error), "the primary could not be furnished");
                }
            }));
        }
    }

    /// All are told, and nobody waits for what they do: a later look shows it.
    fn have_done(&self, eyes: &mut Eyes, record: &Record, acts: Vec<Act>) {
        let stamp = Stamp { term: record.term, version: record.version };
        let mut each: BTreeMap<Member, Vec<Act>> = BTreeMap::new();
        for act in acts {
            match (act.member(), &act) {
                // to look again is all there is to it
                (_, Act::Verify { .. }) => {}
                (Some(member), _) => each.entry(member).or_default().push(act),
                (None, Act::PausePooler) => {
                    // whoever is fenced answers nobody any more
                    let planned = matches!(record.step, Step::Pause(_));
                    let half = Duration::from_millis(u64::try_from(record.timing.switchover / 2).unwrap_or_default());
                    self.poolers.tell(&Ask::Pause(if planned { OPEN.min(half) } else { Duration::ZERO }));
                }
                (None, Act::ResumePooler) => self.poolers.tell(&Ask::Resume),
                (None, Act::Reroute(_)) => self.poolers.tell(&Ask::Know(Told::of(record, &self.agents.peers()))),
                (None, _) => {}
            }
        }
        for (member, acts) in each {
            if eyes.members.get(&member).is_some_and(|seen| seen.reachable) {
                eyes.errands.tell(&self.agents, member, stamp, acts);
            } else if acts.iter().any(|act| matches!(act, Act::Fence(_))) {
                eyes.errands.end(&self.outside, &self.wake, member, stamp);
            }
        }
    }
}

/// How long nothing has to be looked at unless somebody says so: no longer than until the lease of a silent primary is over.
fn pause(record: &Record, look: &Look, is_idle: bool) -> Duration {
    let all_follow = record.members.values().all(|standing| *standing == Standing::Following);
    let pause = match record.step {
        Step::Steady if all_follow && is_idle && !record.holders.contains(&record.primary) => CALM,
        Step::Steady => PROVES,
        _ => BUSY,
    };
    let silent = look.members.get(&record.primary).is_none_or(|seen| !seen.reachable);
    let over = look.lease_until.filter(|_| silent).map(|until| until + record.timing.margin - now());
    over.and_then(|over| u64::try_from(over).ok()).map_or(pause, |over| pause.min(Duration::from_millis(over + 1)))
}
