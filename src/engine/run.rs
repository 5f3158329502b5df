//! A run: observe, plan, guard, apply; again until nothing is left, or what is left waits or has failed.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use super::{
    Ask, Error, Kind, Outcome, Progress, State, Watch,
    apply::{Application, Applied},
    doubt::{look_again, look_beside, settle},
    drift::read_plan,
    guard::{Guarded, Looked, Watched, guard},
    import::{adopt, read_all},
    refresh::{Names, millis, refresh},
    repeats::Repeats,
    retry::{BEFORE, PATIENCE, STUBBORNNESS, Verdict, pause},
};
use crate::{
    database::{Database, Ending, Listing, is_cut_off},
    plan::{Action, Counts, Step},
    resource::{self, Registry},
};

/// How often a plan is made anew within one run before what is left is called stuck.
const ROUNDS: usize = 12;

/// One run under way.
struct Run<'a> {
    database: &'a Database,
    registry: &'a Registry,
    counter: i64,
    ask: &'a Ask,
    watch: &'a Watch<'a>,
    /// For how long it has been going, counting the time it waited.
    going_for: Duration,
}

/// Does what is asked for, in one database, under one lease.
///
/// What fails in the cloud stands in the outcome; an error means that the run itself could not be carried out.
pub async fn run(database: &Database, registry: &Registry, fence: i64, ask: &Ask, watch: &Watch<'_>) -> Result<Outcome, Error> {
    let started = Instant::now();
    if !database.take_lease(fence).await? {
        return Err(Error::Fenced);
    }
    let so_far = database.begin_run(fence, ask.run, ask.kind.word(), &ask.asked_by).await?;
    let run = Run { database, registry, counter: fence, ask, watch, going_for: Duration::from_secs_f64(so_far.going_for.max(0.0)) };
    let ended = match run.carry_on().await {
        Ok(ended) => ended,
        Err(Error::Fenced) => return Err(Error::Fenced),
        // it is begun again, and whoever waits for it goes on waiting
        Err(error) if is_cut_off(&error) => return Err(error),
        Err(error) => {
            let ending = Ending { state: "failed", applied: so_far.applied, failed: 0, said: "the engine failed; its log says why" };
            database.end_run(fence, ask.run, ending).await?;
            return Err(error);
        }
    };
    let before = usize::try_from(so_far.applied).unwrap_or_default();
    let outcome = Outcome { applied: before + ended.applied, millis: millis(started), ..ended };
    run.write_down(&outcome).await?;
    Ok(outcome)
}

impl Run<'_> {
    async fn carry_on(&self) -> Result<Outcome, Error> {
        let lists = self.lists().await?;
        let seen = if self.goes_on() { self.database.listings().await? } else { lists.clone() };
        let imports = self.imports().await?;
        let unread = if imports {
            read_all(self.database, self.registry, self.counter, lists, self.watch).await?
        } else {
            refresh(self.database, self.registry, self.counter, lists, Names::Managed, self.watch).await?
        };
        let imported = if imports { adopt(self.database, self.counter, self.watch).await? } else { Vec::new() };
        let steps = self.plan().await?;
        let Guarded { steps, refused, complaints, fingerprint, watched } = match guard(self.database, self.counter, self.ask, steps).await?
        {
            Looked::At(guarded) => *guarded,
            Looked::Later(steps) => {
                let unseen = Applied { unseen: true, ..Applied::default() };
                return Ok(self.judge(unseen, steps, Vec::new(), unread_sentences(&unread)));
            }
        };
        let acts = self.ask.kind.acts() && refused.is_empty();
        let (mut applied, steps) = if acts { self.apply(steps, &watched).await? } else { (Applied::default(), steps) };
        // at every run, for what was seen just now and for rows that somebody held the last time; a run that goes on reads few lists, and may have been
        // cut off before it had filled what it made
        let seen: BTreeSet<String> = seen.into_iter().map(|list| list.resource).collect();
        for resource in seen.union(&applied.touched) {
            self.database.fill(self.counter, resource).await?;
        }
        let blind = self.database.blind_listings().await?;
        let unread = [unread_sentences(&unread), std::mem::take(&mut applied.complaints)].concat();
        let outcome = self.judge(applied, steps, refused, unread);
        let blind = blind.into_iter().map(|it| format!("{}{}: {}", it.resource, in_region(&it.region), it.blind)).collect();
        Ok(Outcome { blind, imported, complaints, fingerprint, ..outcome })
    }

    /// Whether what is in no row becomes rows.
    async fn imports(&self) -> Result<bool, Error> {
        Ok(match self.ask.kind {
            Kind::Import => true,
            Kind::Refresh | Kind::Check => self.database.setting("unknown_resources").await?.as_deref() == Some("adopt"),
            Kind::Plan | Kind::Apply | Kind::Approved(_) => false,
        })
    }

    /// Whether it was begun before.
    fn goes_on(&self) -> bool {
        self.going_for > BEFORE
    }

    /// Which lists to read first: all of them, or where the run is gone on with those that something waits on.
    async fn lists(&self) -> Result<Vec<Listing>, Error> {
        let busy = if self.goes_on() { self.database.busy_listings().await? } else { Vec::new() };
        Ok(match self.ask.kind {
            Kind::Apply if busy.is_empty() => self.database.unread_listings().await?,
            _ if busy.is_empty() => self.database.listings().await?,
            _ => busy,
        })
    }

    async fn plan(&self) -> Result<Vec<Step>, Error> {
        let steps = read_plan(self.database, self.counter, self.ask.run).await?;
        (self.watch)(Progress::planned(&Counts::of(&steps)));
        Ok(steps)
    }

    /// Applies, plans again and applies what that shows, as long as it gets on; answers what is left.
    async fn apply(&self, mut steps: Vec<Step>, watched: &Watched) -> Result<(Applied, Vec<Step>), Error> {
        let (mut all, mut repeats) = (Applied::default(), Repeats::default());
        let it =
            Application { database: self.database, registry: self.registry, counter: self.counter, run: self.ask.run, watch: self.watch };
        for _ in 0..ROUNDS {
            if !steps.iter().any(|step| step.action.is_work() && !step.blocked) {
                break;
            }
            let mut applied = it.carry_out(&steps).await?;
            repeats.note(applied.finished.iter().map(|&step| &steps[step]));
            let looked = look_again(self.database, self.registry, self.counter, (&steps, &applied.failures), self.watch).await?;
            look_beside(self.database, self.registry, self.counter, &applied.touched, self.watch).await?;
            let mut now = read_plan(self.database, self.counter, self.ask.run).await?;
            let settled = if looked { settle(self.database, &steps, &mut applied.failures, &now).await? } else { 0 };
            repeats.block(&mut now);
            watched.hold(&mut now);
            let got_on = applied.done + settled > 0;
            steps = now;
            all.done += applied.done;
            all.failures = applied.failures;
            all.touched.extend(applied.touched);
            if !got_on {
                break;
            }
            match watched.ask_again(self.database).await? {
                Some(complaints) => all.complaints = complaints,
                None => all.unseen = true,
            }
            if all.unseen || !all.complaints.is_empty() {
                break;
            }
        }
        Ok((all, steps))
    }

    fn judge(&self, applied: Applied, steps: Vec<Step>, refused: Vec<String>, unread: Vec<String>) -> Outcome {
        let acts = self.ask.kind.acts();
        let left = || steps.iter().filter(|step| step.action.is_work());
        let waiting = || steps.iter().filter(|step| step.action == Action::Wait);
        let waits = waiting().next().is_some() && self.going_for < PATIENCE;
        // what the cloud has been busy with for so long does not come to be by itself
        let given_up: Vec<String> = waiting().filter(|_| acts && !waits).map(given_up).collect();
        let has_failed = applied.unseen || !applied.failures.is_empty();
        let may_pass = applied.failures.iter().any(|it| it.verdict != Verdict::Final) && self.going_for < STUBBORNNESS;
        let unseen = applied.unseen.then(|| "the policies could not be asked so far: all who can ask were busy with others".to_owned());
        let state = match () {
            () if !refused.is_empty() => State::Refused,
            () if !unread.is_empty() => State::Failed,
            // that is no fault of whoever waits
            () if applied.unseen && self.going_for < PATIENCE => State::Waiting,
            () if applied.unseen => State::Failed,
            () if acts && (waits || may_pass) => State::Waiting,
            () if acts && (!applied.failures.is_empty() || !given_up.is_empty() || left().next().is_some()) => State::Failed,
            () => State::Done,
        };
        let stuck = left()
            .filter(|step| acts && step.blocked)
            .map(|step| format!("{} {}: {}", step.resource, step.name, step.reason.as_deref().unwrap_or("blocked")));
        let errors: Vec<String> = refused
            .into_iter()
            .chain(unread)
            .chain(unseen)
            .chain(applied.failures.into_iter().map(|it| it.said))
            .chain(given_up)
            .chain(stuck)
            .collect();
        for step in steps.iter().filter(|step| step.action == Action::Wait) {
            let status = step.reason.clone().unwrap_or_default();
            (self.watch)(Progress::Waiting { resource: step.resource.clone(), name: step.name.clone(), status });
        }
        let retry_in = (state == State::Waiting).then(|| pause(self.going_for, has_failed));
        Outcome {
            run: self.ask.run,
            state,
            applied: applied.done,
            failed: errors.len(),
            errors,
            blind: Vec::new(),
            imported: Vec::new(),
            complaints: Vec::new(),
            fingerprint: None,
            plan: steps,
            millis: 0,
            retry_in,
        }
    }

    async fn write_down(&self, outcome: &Outcome) -> Result<(), Error> {
        let said = sentence(self.ask.kind, outcome);
        let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        let ending = Ending { state: outcome.state.word(), applied: number(outcome.applied), failed: number(outcome.failed), said: &said };
        Ok(self.database.end_run(self.counter, self.ask.run, ending).await?)
    }
}

/// Why lists could not be read: each reason once, for they are mostly the same.
fn unread_sentences(unread: &[resource::Error]) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for error in unread {
        match reasons.iter_mut().find(|(said, _)| *said == error.said) {
            Some((_, calls)) => calls.push(error.operation),
            None => reasons.push((&error.said, vec![error.operation])),
        }
    }
    let sentence = |(said, calls): (&str, Vec<&str>)| match calls[..] {
        [call] => format!("{call}: {said}"),
        _ => format!("{} and {} more: {said}", calls[0], calls.len() - 1),
    };
    reasons.into_iter().map(sentence).collect()
}

fn given_up(step: &Step) -> String {
    let (minutes, status) = (PATIENCE.as_secs() / 60, step.reason.as_deref().unwrap_or("busy"));
    format!("{} {}: after {minutes} minutes it is still {status}", step.resource, step.name)
}

fn in_region(region: &str) -> String {
    if region.is_empty() { String::new() } else { format!(" in {region}") }
}

fn imported(outcome: &Outcome) -> String {
    let things: usize = outcome.imported.iter().map(|it| it.imported).sum();
    let left: usize = outcome.imported.iter().map(|it| it.left.len()).sum();
    format!("{things} things imported, {left} left as they are")
}

fn sentence(kind: Kind, outcome: &Outcome) -> String {
    let left = outcome.plan.iter().filter(|step| step.action.is_work()).count();
    let what = match (kind, outcome.state) {
        (_, State::Refused) => "refused".to_owned(),
        (_, State::Waiting) if !kind.acts() => "nothing is told yet".to_owned(),
        (Kind::Refresh, _) => format!("the cloud was read in {} ms", outcome.millis),
        (Kind::Import, _) => imported(outcome),
        (Kind::Plan, _) => format!("{left} steps to do"),
        (_, State::Waiting) => format!("{} changes made; waiting for the cloud", outcome.applied),
        (_, State::Done) if !outcome.blind.is_empty() => format!("{} changes made where the cloud can be seen", outcome.applied),
        (_, State::Done) if outcome.applied == 0 => "nothing to do: the cloud is as the tables say".to_owned(),
        (_, State::Done) => format!("{} changes made; the cloud is as the tables say", outcome.applied),
        (_, State::Failed) => format!("{} changes made, {left} steps left", outcome.applied),
    };
    let blind = outcome.blind.iter().map(|said| format!("can't see {said}"));
    [what].into_iter().chain(outcome.errors.iter().cloned()).chain(blind).collect::<Vec<_>>().join("; ")
}
