//! What all sessions share: which members there are, which of them is the primary, and whether anybody is let to it now.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use rustls::ClientConfig;
use tokio::{sync::watch, time::Instant};

use super::{
    Error,
    file::{Book, Check, Members, Named, Role},
    login::Login,
    member::Member,
    position::{Looks, Need},
    server::Bucket,
};

/// How many of the primary's positions are remembered, to tell by them how far behind a standby is.
const MARKS: usize = 256;
/// How many kinds of clients are told apart before those that nobody is of are forgotten.
const BUCKETS: usize = 1000;

/// How a pooler is to behave.
#[derive(Clone, Copy, Debug)]
pub struct Ways {
    /// How many sessions one user has with one member at most.
    pub pool_size: usize,
    /// For how long clients wait for a primary, or for a session with it.
    pub wait: Duration,
    /// How far behind a standby may be that is read from.
    pub lag_limit: Duration,
}

/// The members, as they were told in a term.
pub(super) struct View {
    pub(super) term: u64,
    pub(super) members: Vec<(Arc<Member>, Role)>,
}

impl View {
    fn named(&self) -> Option<&Arc<Member>> {
        self.members.iter().find(|(_, role)| *role == Role::Primary).map(|(member, _)| member)
    }

    /// The one that is asked for writes: it has to say itself that it takes them.
    pub(super) fn primary(&self) -> Option<&Arc<Member>> {
        let by_itself = || {
            let unknown = self.members.iter().filter(|(_, role)| *role == Role::Unknown).map(|(member, _)| member);
            unknown.filter(|member| member.answers() && !member.follows()).max_by_key(|member| member.timeline())
        };
        self.named().or_else(by_itself)
    }

    /// Those that may be read from where they follow.
    pub(super) fn standbys(&self) -> impl Iterator<Item = &Arc<Member>> {
        self.members.iter().filter(|(_, role)| *role != Role::Primary).map(|(member, _)| member)
    }
}

/// What is counted.
#[derive(Default)]
pub(super) struct Figures {
    /// Clients there are.
    pub(super) clients: AtomicUsize,
    /// Batches that a standby refused and the primary was asked instead.
    pub(super) replayed: AtomicU64,
    /// Transactions that had to wait for a primary, and for how long in all, in microseconds.
    pub(super) buffered: AtomicU64,
    pub(super) buffered_for: AtomicU64,
    /// Clients that were let down.
    pub(super) let_down: AtomicU64,
}

/// All of it.
pub(super) struct Cluster {
    pub(super) ways: Ways,
    view: RwLock<Arc<View>>,
    logins: RwLock<Arc<[Arc<Login>]>>,
    paused: AtomicBool,
    /// How many transactions are open at the primary.
    busy: AtomicUsize,
    /// It changes with whatever somebody may wait for.
    news: watch::Sender<u64>,
    pub(super) looks: Looks,
    marks: Mutex<VecDeque<(Instant, u64)>>,
    buckets: Mutex<HashMap<Kind, Arc<Bucket>>>,
    pub(super) figures: Figures,
}

/// By what buckets are told apart: the login, for its password may change, and the parameters.
type Kind = (usize, Vec<(Vec<u8>, Vec<u8>)>);

/// A transaction at the primary, for as long as this is there.
pub(super) struct Turn(Arc<Cluster>);

/// A list of members that is older than what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the members of term {known} are known already, and those of term {told} are older or say something else")]
pub struct Outdated {
    /// What was told.
    pub told: u64,
    /// What is known.
    pub known: u64,
}

impl Cluster {
    pub(super) fn of(book: &Book, reaches: Option<Arc<ClientConfig>>, ways: Ways) -> Result<Arc<Self>, Error> {
        let members = book.members.iter().map(|named| (Member::of(Named { role: Role::Unknown, ..named.clone() }), named.role)).collect();
        Ok(Arc::new(Self {
            ways,
            view: RwLock::new(Arc::new(View { term: book.term, members })),
            logins: RwLock::new(Login::of(book, reaches)?.into()),
            paused: AtomicBool::new(false),
            busy: AtomicUsize::new(0),
            news: watch::Sender::new(0),
            looks: Looks::default(),
            marks: Mutex::default(),
            buckets: Mutex::default(),
            figures: Figures::default(),
        }))
    }

    pub(super) fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes another list of members. Gives those that are new.
    pub(super) fn take(&self, told: &Members) -> Result<Vec<Arc<Member>>, Refused> {
        told.members.check().map_err(|error| Refused::Senseless(error.to_string()))?;
        let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
        let primary = told.members.iter().find(|named| named.role == Role::Primary).map(|named| &named.name);
        let same = view.named().map(|member| &member.named.name) == primary;
        if told.term < view.term || told.term == view.term && !same {
            return Err(Refused::Outdated(Outdated { told: told.term, known: view.term }));
        }
        let mut new = vec![];
        let mut member = |named: &Named| {
            // what it is changes, and it stays who it is
            let lasting = Named { role: Role::Unknown, ..named.clone() };
            let known = view.members.iter().find(|(member, _)| member.named == lasting).map(|(member, _)| Arc::clone(member));
            let member = known.unwrap_or_else(|| {
                new.push(Member::of(lasting));
                Arc::clone(&new[new.len() - 1])
            });
            (member, named.role)
        };
        let next = View { term: told.term, members: told.members.iter().map(&mut member).collect() };
        let old = std::mem::replace(&mut *view, Arc::new(next));
        let next = Arc::clone(&view);
        drop(view);
        let stays = |old: &Arc<Member>| next.members.iter().any(|(member, _)| Arc::ptr_eq(member, old));
        for (member, role) in &old.members {
            let is_primary = next.named().is_some_and(|named| Arc::ptr_eq(named, member));
            if !stays(member) {
                member.gone.cancel();
            }
            if !stays(member) || *role == Role::Primary && !is_primary {
                // whoever it was may be writing on
                member.cut_all();
            }
        }
        self.tell();
        Ok(new)
    }

    /// Takes other users. Sessions go on as they began.
    pub(super) fn admit(&self, book: &Book) -> Result<(), Error> {
        let logins = Login::of(book, None)?;
        *self.logins.write().unwrap_or_else(PoisonError::into_inner) = logins.into();
        self.buckets().clear();
        Ok(())
    }

    pub(super) fn logins(&self) -> Arc<[Arc<Login>]> {
        Arc::clone(&self.logins.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn buckets(&self) -> MutexGuard<'_, HashMap<Kind, Arc<Bucket>>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bucket of whoever begins like this.
    pub(super) fn bucket(&self, login: &Arc<Login>, mut parameters: Vec<(Vec<u8>, Vec<u8>)>) -> Arc<Bucket> {
        parameters.sort();
        let kind = (Arc::as_ptr(login) as usize, parameters);
        let mut buckets = self.buckets();
        if let Some(known) = buckets.get(&kind) {
            return Arc::clone(known);
        }
        if buckets.len() >= BUCKETS {
            buckets.retain(|_, bucket| Arc::strong_count(bucket) > 1);
        }
        let bucket = Arc::new(Bucket { login: Arc::clone(login), parameters: kind.1.clone(), welcome: std::sync::OnceLock::new() });
        buckets.insert(kind, Arc::clone(&bucket));
        bucket
    }

    /// Something has changed that somebody may wait for.
    pub(super) fn tell(&self) {
        self.news.send_modify(|count| *count += 1);
    }

    pub(super) fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::SeqCst)
    }

    /// Lets nobody begin a transaction at the primary, or lets them again.
    pub(super) fn pause(&self, paused: bool) {
        self.paused.store(paused, Ordering::SeqCst);
        self.tell();
    }

    /// How many transactions are open at the primary.
    pub(super) fn busy(&self) -> usize {
        self.busy.load(Ordering::SeqCst)
    }

    /// A transaction at the primary, where nobody is to wait.
    pub(super) fn turn(self: &Arc<Self>) -> Option<Turn> {
        if self.is_paused() {
            return None;
        }
        self.busy.fetch_add(1, Ordering::SeqCst);
        // who pauses counts afterwards: it was either seen, or it sees that
        let turn = Turn(Arc::clone(self));
        (!self.is_paused()).then_some(turn)
    }

    /// The primary was there at this time.
    pub(super) fn mark(&self, at: Instant, position: u64) {
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        if marks.back().is_none_or(|(last, _)| at.duration_since(*last) >= self.ways.lag_limit / 64) {
            marks.push_back((at, position));
        }
        if marks.len() > MARKS {
            marks.pop_front();
        }
    }

    /// The last time at which there was nothing that is not replayed here.
    pub(super) fn fresh(&self, replayed: u64) -> Option<Instant> {
        let marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        marks.iter().rev().find(|(_, position)| *position <= replayed).map(|(at, _)| *at)
    }

    /// How far behind a member is; nothing where the primary was not seen yet.
    pub(super) fn lag(&self, member: &Member) -> Option<Duration> {
        let newest = self.marks.lock().unwrap_or_else(PoisonError::into_inner).back().map(|(at, _)| *at)?;
        Some(member.fresh().map_or(Duration::MAX, |fresh| newest.saturating_duration_since(fresh)))
    }

    /// Whether a standby may be read from by somebody with this need.
    pub(super) fn is_readable(&self, member: &Member, need: &mut Need) -> bool {
        let near = self.lag(member).is_none_or(|lag| lag <= self.ways.lag_limit);
        member.answers() && member.follows() && near && self.looks.is_met(need, member.position())
    }
}

/// Why a list of members is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It is older than what is known.
    #[error("{0}")]
    Outdated(#[from] Outdated),
    /// It can't be true.
    #[error("{0}")]
    Senseless(String),
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.0.busy.fetch_sub(1, Ordering::SeqCst) == 1 && self.0.is_paused() {
            self.0.tell();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(term: u64, roles: &[(&str, Role)]) -> Members {
        let named = |(name, role): &(&str, Role)| Named {
            name: (*name).to_owned(),
            host: format!("/{name}"),
            port: 5432,
            server_name: None,
            role: *role,
        };
        Members { term, members: roles.iter().map(named).collect() }
    }

    fn cluster() -> Arc<Cluster> {
        let Members { term, members } = told(3, &[("a", Role::Primary), ("b", Role::Standby)]);
        let book = Book { term, database: "main".into(), ca: None, users: vec![], members };
        let ways = Ways { pool_size: 1, wait: Duration::from_secs(1), lag_limit: Duration::from_secs(1) };
        Cluster::of(&book, None, ways).unwrap()
    }

    #[test]
    fn who_tells_of_an_older_term_is_not_believed() {
        let cluster = cluster();
        let (a, b) = (("a", Role::Primary), ("b", Role::Primary));
        assert!(cluster.take(&told(3, &[a])).is_ok());
        assert!(matches!(cluster.take(&told(3, &[b])), Err(Refused::Outdated(Outdated { told: 3, known: 3 }))));
        assert!(cluster.take(&told(4, &[b])).is_ok());
        assert!(cluster.take(&told(3, &[a])).is_err());
        assert!(matches!(cluster.take(&told(5, &[a, b])), Err(Refused::Senseless(_))));
        assert_eq!(cluster.view().primary().map(|member| member.named.name.clone()).as_deref(), Some("b"));
    }

    #[test]
    fn whoever_was_the_primary_is_heard_no_more() {
        let cluster = cluster();
        let old = Arc::clone(cluster.view().primary().unwrap());
        let cut = old.cut();
        cluster.take(&told(4, &[("a", Role::Standby), ("b", Role::Primary)])).unwrap();
        assert!(cut.is_cancelled() && !old.gone.is_cancelled() && !old.cut().is_cancelled());
        cluster.take(&told(5, &[("b", Role::Primary)])).unwrap();
        assert!(old.gone.is_cancelled());
    }

    #[test]
    fn nobody_begins_while_it_is_paused() {
        let cluster = cluster();
        let turn = cluster.turn();
        cluster.pause(true);
        assert!(turn.is_some() && cluster.turn().is_none());
        assert_eq!(cluster.busy(), 1);
        drop(turn);
        cluster.pause(false);
        assert_eq!((cluster.busy(), cluster.turn().is_some()), (0, true));
    }

    #[test]
    fn how_far_behind_a_standby_is_follows_from_what_it_has_replayed() {
        let cluster = cluster();
        let view = cluster.view();
        let standby = view.standbys().next().unwrap();
        let follows = |position| super::super::look::Look { follows: true, position, timeline: 0 };
        standby.says(follows(10));
        assert!(cluster.is_readable(standby, &mut Need::Nothing));
        let now = Instant::now();
        cluster.mark(now, 10);
        standby.is_fresh(cluster.fresh(10).unwrap());
        assert!(cluster.is_readable(standby, &mut Need::Nothing), "nothing has happened since");
        cluster.mark(now + Duration::from_secs(2), 20);
        assert!(!cluster.is_readable(standby, &mut Need::Nothing));
        standby.is_fresh(cluster.fresh(20).unwrap());
        assert!(cluster.is_readable(standby, &mut Need::Nothing));
    }
}
