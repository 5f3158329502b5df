//! The worlds that are explored, and that each rule is needed.

use std::rc::Rc;

use super::{
    super::{Member, Record, Standing, Wish, decide::Rules},
    explore::explore,
    happen::Faults,
    world::{Left, World},
};

const NONE: Faults = Faults { kill: false, freeze: false, cut: false, store: false };
const ALL: Faults = Faults { kill: true, freeze: true, cut: true, store: true };
/// With optimisations the worlds are wider: the same scenes, more of everything. They take minutes, and a few gigabytes.
const WIDE: bool = !cfg!(debug_assertions);

fn sound(what: &str, kinds: Faults, begin: World) {
    let found = explore(&Rules::ALL, kinds, begin);
    println!("{what}: {} states, {} deep", found.states, found.deepest);
    if let Some((harm, way)) = found.harm {
        panic!("{harm}:\n{}", way.join("\n"));
    }
}

fn left(faults: u8, late: u8, commits: u8) -> Left {
    Left { faults, late, commits, losses: 1 }
}

/// Whom the record should have instead.
fn asking(mut world: World, change: impl FnOnce(&mut Record)) -> World {
    change(Rc::make_mut(&mut world.record));
    world
}

#[test]
fn one_fault_harms_no_commit() {
    for synchronous in [false, true] {
        sound("one fault", ALL, World::new(synchronous, false, left(1, 0, 2)));
    }
}

#[test]
fn an_engine_that_is_slow_harms_no_commit() {
    let left = if WIDE { left(1, 2, 2) } else { left(1, 1, 1) };
    for synchronous in [false, true] {
        sound("one fault and late acts", ALL, World::new(synchronous, false, left));
    }
}

#[test]
fn two_faults_harm_no_commit() {
    let scenes = match WIDE {
        true => vec![(ALL, left(2, 0, 1)), (Faults { kill: true, cut: true, ..NONE }, left(2, 1, 1))],
        false => vec![(Faults { kill: true, ..NONE }, Left { losses: 0, ..left(2, 0, 1) })],
    };
    for (kinds, left) in scenes {
        for synchronous in [false, true] {
            sound("two faults", kinds, World::new(synchronous, false, left));
        }
    }
}

#[test]
fn a_partition_while_the_store_is_gone_harms_no_commit() {
    let left = if WIDE { left(2, 1, 1) } else { left(2, 0, 0) };
    for synchronous in [false, true] {
        sound("a partition without the store", Faults { store: true, cut: true, ..NONE }, World::new(synchronous, false, left));
    }
}

#[test]
fn a_planned_change_of_the_primary_harms_no_commit() {
    let (kinds, left) = if WIDE { (ALL, left(1, 0, 2)) } else { (Faults { kill: true, ..NONE }, Left { losses: 0, ..left(1, 0, 1) }) };
    for synchronous in [false, true] {
        let begin = World::new(synchronous, WIDE, left);
        sound("planned", kinds, asking(begin, |record| record.preferred = Some(Member(2))));
    }
}

#[test]
fn a_planned_change_of_the_primary_by_a_slow_engine_harms_no_commit() {
    let left = if WIDE { left(0, 2, 2) } else { left(0, 1, 1) };
    for synchronous in [false, true] {
        let begin = World::new(synchronous, true, left);
        sound("planned, late acts", NONE, asking(begin, |record| record.preferred = Some(Member(2))));
    }
}

#[test]
fn a_new_version_everywhere_harms_no_commit() {
    let (kinds, left) = if WIDE { (ALL, left(1, 0, 1)) } else { (NONE, left(0, 0, 1)) };
    for synchronous in [false, true] {
        let mut begin = World::new(synchronous, false, left);
        (0..3).for_each(|at| begin.nodes[at].outdated = true);
        sound("rolling", kinds, begin);
    }
}

#[test]
fn commits_that_begin_to_wait_or_do_so_no_more_are_not_lost() {
    let scenes = match WIDE {
        true => vec![(ALL, left(1, 1, 2)), (Faults { kill: true, cut: true, ..NONE }, left(2, 0, 2))],
        false => vec![(Faults { kill: true, cut: true, ..NONE }, left(1, 0, 1))],
    };
    for (kinds, left) in scenes {
        for synchronous in [false, true] {
            let mut begin = World::new(synchronous, false, left);
            let Record { members, timing, .. } = &*begin.record;
            let members = members.keys().copied().collect();
            begin.wish = Some(Wish { members, synchronous: !synchronous, preferred: None, timing: *timing });
            sound("commits that begin to wait", kinds, begin);
        }
    }
}

#[test]
fn a_member_that_joins_harms_no_commit() {
    let (kinds, left) = if WIDE { (ALL, left(1, 1, 1)) } else { (Faults { kill: true, ..NONE }, left(1, 0, 1)) };
    for synchronous in [false, true] {
        let mut begin = World::new(synchronous, false, left);
        let new = &mut begin.nodes[2];
        (new.alive, new.disk, new.role, new.receiving, new.follows) = (false, false, None, false, None);
        (new.timelines, new.term) = (vec![], 0);
        begin.nodes[0].asks = vec![1];
        begin.nodes[0].names = synchronous.then(|| vec![1]);
        let begin = asking(begin, |record| {
            record.members.insert(Member(2), Standing::Apart);
            record.holders.remove(&Member(2));
        });
        sound("joining", kinds, begin);
    }
}
