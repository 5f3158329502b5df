//! All that chance decides about a round, before it begins.

use super::{
    dice::Dice,
    field::KINDS,
    moves::{Move, moves},
};
use crate::support::{Moment, Which};

/// Which engine something happens to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Victim {
    /// The one that is at work.
    Worker,
    /// This one, whatever it does.
    Number(usize),
}

/// When an engine comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Back {
    /// At once.
    Soon,
    /// When its lease is over.
    TakenOver,
    /// When the other one has done everything.
    Settled,
}

/// What happens to the engines.
#[derive(Clone, Copy, Debug)]
pub(super) enum Disturbance {
    /// Nothing.
    Calm,
    /// SIGKILL.
    Kill(Victim, Back),
    /// SIGKILL for all of them.
    KillAll,
    /// SIGSTOP and later SIGCONT.
    Freeze(Victim, Back),
    /// Their sessions in all databases end.
    Cut,
}

/// What a user does at one time.
#[derive(Debug)]
pub(super) struct Turn {
    /// Whose it is: the place in [`KINDS`].
    pub(super) user: usize,
    /// In one transaction.
    pub(super) moves: Vec<(Move, usize)>,
    /// Whether it is committed.
    pub(super) commits: bool,
}

/// A round.
#[derive(Debug)]
pub(super) struct Decided {
    /// Before the disturbance.
    pub(super) first: Vec<Turn>,
    /// After it, before all is well again.
    pub(super) later: Vec<Turn>,
    pub(super) disturbance: Disturbance,
    /// How many of a thousand calls go wrong in each way that a cloud knows; none in most rounds.
    pub(super) faults: Option<u32>,
    /// After so many calls.
    pub(super) calls: usize,
    /// Of these.
    pub(super) which: Which,
    /// With the next one on its way there or back.
    pub(super) moment: Moment,
}

impl Decided {
    pub(super) fn of(seed: u64, round: u64) -> Self {
        let mut dice = Dice::of(seed, round);
        let first = (0..=dice.below(2)).map(|_| turn(&mut dice)).collect();
        let later = (0..dice.below(2)).map(|_| turn(&mut dice)).collect();
        let disturbance = disturbance(&mut dice);
        let faults = dice.is(35).then(|| 2 + u32::try_from(dice.below(25)).unwrap_or_default());
        let (which, calls) = if dice.is(60) { (Which::Changes, dice.below(4)) } else { (Which::All, dice.below(30)) };
        let moment = if dice.is(50) { Moment::Before } else { Moment::After };
        Self { first, later, disturbance, faults, calls, which, moment }
    }

    /// Whose databases it is about.
    pub(super) fn users(&self) -> Vec<usize> {
        let mut users: Vec<usize> = self.first.iter().chain(&self.later).map(|turn| turn.user).collect();
        users.sort_unstable();
        users.dedup();
        users
    }
}

fn turn(dice: &mut Dice) -> Turn {
    let user = dice.below(KINDS.len());
    let known = moves(KINDS[user].0);
    let moves = (0..=dice.below(2)).map(|_| (known[dice.below(known.len())], dice.below(1000))).collect();
    Turn { user, moves, commits: dice.is(90) }
}

fn disturbance(dice: &mut Dice) -> Disturbance {
    let victim = if dice.is(75) { Victim::Worker } else { Victim::Number(dice.below(2)) };
    let back = [Back::Soon, Back::TakenOver, Back::Settled][dice.below(3)];
    match dice.below(100) {
        0..5 => Disturbance::Calm,
        5..40 => Disturbance::Kill(victim, back),
        40..52 => Disturbance::KillAll,
        52..78 => Disturbance::Freeze(victim, back),
        _ => Disturbance::Cut,
    }
}

#[test]
fn the_same_seed_decides_the_same_and_another_one_something_else() {
    let told = |seed| (1..20).map(|round| format!("{:?}", Decided::of(seed, round))).collect::<Vec<_>>();
    assert_eq!(told(7), told(7));
    assert_ne!(told(7), told(8));
}
