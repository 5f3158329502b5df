//! A world that misbehaves: what goes wrong with which call on its way to the local cloud, by rule or by a seed.
//!
//! It refuses as AWS refuses, and never looks at how the emulator words anything. All that went wrong is noted.

mod line;
mod memory;
pub(super) mod pages;
mod seeded;
mod when;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    future::pending,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use tokio::{sync::Semaphore, time::timeout};

pub(crate) use self::line::{Line, Lines};
use self::memory::Memory;
pub(crate) use self::{
    seeded::Rates,
    when::{When, on},
};
use super::{calls::Call, refusals};

/// What goes wrong with a call.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// One call too many, as the service says it.
    Throttled,
    /// The service failed: 500 or 503, in its own words.
    Broken(u16),
    /// The call is swallowed: nothing happens, and no answer comes.
    SilentBefore,
    /// The call does what it should, and no answer comes.
    SilentAfter,
    /// The line is cut, and nothing has happened.
    CutBefore,
    /// The line is cut when the call has done what it should.
    CutAfter,
    /// The line is cut in the middle of the answer.
    CutMidway,
    /// The answer takes its time.
    Slow(Duration),
    /// Not for you, as the service says it.
    Denied,
    /// The credentials of this call are over from now on: others must be used.
    Expired,
    /// A refusal with this status, code and sentence.
    Refused(u16, &'static str, &'static str),
    /// A list as it was before the last change to its service, where it was read before.
    Stale,
    /// A list in pages of so many, by the parameter that says so: `MaxItems`.
    Pages(&'static str, usize),
    /// It waits at the gate before it goes on.
    Held(Gate),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Throttled => write!(f, "throttled"),
            Self::Broken(status) => write!(f, "{status}"),
            Self::SilentBefore => write!(f, "no answer, before the effect"),
            Self::SilentAfter => write!(f, "no answer, after the effect"),
            Self::CutBefore => write!(f, "cut before the effect"),
            Self::CutAfter => write!(f, "cut after the effect"),
            Self::CutMidway => write!(f, "cut in the middle of the answer"),
            Self::Slow(by) => write!(f, "{} ms late", by.as_millis()),
            Self::Denied => write!(f, "denied"),
            Self::Expired => write!(f, "its credentials expired"),
            Self::Refused(status, code, _) => write!(f, "{status} {code}"),
            Self::Stale => write!(f, "answered as before the last change"),
            Self::Pages(_, size) => write!(f, "in pages of {size}"),
            Self::Held(_) => write!(f, "held"),
        }
    }
}

/// Where a call waits until the test lets it go on.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    come: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

impl Gate {
    /// When a call has come to it.
    pub(crate) async fn reached(&self) {
        self.come.acquire().await.expect("a gate that is there").forget();
    }

    /// Lets the call go on, and all that come after it.
    pub(crate) fn open(&self) {
        self.open.close();
    }

    async fn pass(&self) {
        self.come.add_permits(1);
        // an error says that it is open
        drop(self.open.acquire().await);
    }
}

/// All that goes wrong on one way to the cloud; nothing does at first.
#[derive(Clone, Default)]
pub(crate) struct Faults(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    rules: Vec<Rule>,
    plan: Option<(u64, Rates)>,
    /// How often each call came: `CreateVpc@us-east-1`.
    came: BTreeMap<String, usize>,
    injected: Vec<String>,
    /// The keys that are over.
    expired: BTreeSet<String>,
    memory: Memory,
}

struct Rule {
    when: When,
    fault: Fault,
    met: usize,
}

impl Faults {
    /// From now on this goes wrong with these calls; where several rules fit, the first one counts.
    pub(crate) fn add(&self, when: When, fault: Fault) {
        self.state().rules.push(Rule { when, fault, met: 0 });
    }

    /// Holds these calls up, before they have done anything.
    pub(crate) fn hold(&self, when: When) -> Gate {
        let gate = Gate { come: Arc::new(Semaphore::new(0)), open: Arc::new(Semaphore::new(0)) };
        self.add(when, Fault::Held(gate.clone()));
        gate
    }

    /// From now on things go wrong by chance: the same seed decides the same for the n-th call of a name in a region, in whatever order they come.
    pub(crate) fn play(&self, seed: u64, rates: Rates) {
        let mut state = self.state();
        state.came.clear();
        state.plan = Some((seed, rates));
    }

    /// From now on nothing goes wrong; credentials that are over stay so.
    pub(crate) fn calm(&self) {
        let mut state = self.state();
        (state.rules, state.plan) = (Vec::new(), None);
    }

    /// All that went wrong so far: `CreateVpc@us-east-1 #3: cut after the effect`.
    pub(crate) fn injected(&self) -> Vec<String> {
        self.state().injected.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What goes wrong with a call that has just come.
    pub(crate) fn decide(&self, call: &Call) -> Option<Fault> {
        let mut state = self.state();
        let name = format!("{}@{}", call.action, call.region);
        let came = state.came.entry(name.clone()).or_default();
        *came += 1;
        let number = *came;
        let is_over = state.expired.contains(&call.key);
        let ruled = state.rules.iter_mut().find_map(|rule| rule.meets(call));
        let by_chance = || state.plan.as_ref().and_then(|(seed, rates)| rates.decide(*seed, call, number));
        let fault = if is_over { Some(Fault::Expired) } else { ruled.or_else(by_chance) }?;
        if matches!(fault, Fault::Expired) {
            state.expired.insert(call.key.clone());
        }
        if !matches!(fault, Fault::Stale) || state.memory.knows(call) {
            state.injected.push(format!("{name} #{number}: {fault}"));
        }
        Some(fault)
    }

    /// What is answered at once, past the cloud.
    pub(crate) async fn before(&self, fault: &Fault, call: &Call, line: &Line) -> Option<Response> {
        match fault {
            Fault::Throttled => return Some(refusals::throttled(&call.service)),
            Fault::Broken(status) => return Some(refusals::broken(&call.service, *status)),
            Fault::Denied => return Some(refusals::refusal(&call.service)),
            Fault::Expired => return Some(refusals::expired(&call.service)),
            Fault::Refused(status, code, said) => return Some(refusals::with(&call.service, *status, code, said)),
            Fault::SilentBefore => return Some(line.silent().await),
            Fault::CutBefore => return Some(line.cut(None)),
            Fault::Stale => return self.state().memory.before(call),
            Fault::Held(gate) => gate.pass().await,
            Fault::Slow(by) => drop(timeout(*by, pending::<()>()).await),
            Fault::SilentAfter | Fault::CutAfter | Fault::CutMidway | Fault::Pages(..) => {}
        }
        None
    }

    /// What becomes of the cloud's answer.
    pub(crate) async fn after(&self, fault: Option<&Fault>, call: &Call, answer: (StatusCode, HeaderMap, Bytes), line: &Line) -> Response {
        self.state().memory.note(call, &answer);
        match fault {
            Some(Fault::SilentAfter) => line.silent().await,
            Some(Fault::CutAfter) => line.cut(None),
            Some(Fault::CutMidway) => line.cut(Some(answer)),
            _ => answer.into_response(),
        }
    }
}

impl Rule {
    fn meets(&mut self, call: &Call) -> Option<Fault> {
        if !self.when.fits(call) {
            return None;
        }
        self.met += 1;
        self.when.counts(self.met).then(|| self.fault.clone())
    }
}

#[cfg(test)]
mod tests;
