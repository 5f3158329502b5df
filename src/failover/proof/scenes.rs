//! The worlds that are explored, and that each rule is needed.

use std::rc::Rc;

use super::{
    super::{Member, Record, Standing, decide::Rules},
    explore::explore,
    happen::Faults,
    world::{Left, World},
};

const ALL: Faults = Faults { kill: true, freeze: true, cut: true, store: true };

fn sound(what: &str, begin: World) {
    let found = explore(&Rules::ALL, ALL, begin);
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
        sound("one fault", World::new(synchronous, false, left(1, 0, 2)));
    }
}

#[test]
fn an_engine_that_is_slow_harms_no_commit() {
    for synchronous in [false, true] {
        sound("one fault, one late", World::new(synchronous, false, left(1, 1, 1)));
    }
}

#[test]
fn two_faults_harm_no_commit() {
    for synchronous in [false, true] {
        sound("two faults", World::new(synchronous, false, left(2, 0, 1)));
    }
}

#[test]
fn a_planned_change_of_the_primary_harms_no_commit() {
    for synchronous in [false, true] {
        let begin = World::new(synchronous, true, left(1, 0, 2));
        sound("planned", asking(begin, |record| record.preferred = Some(Member(2))));
    }
}

#[test]
fn a_planned_change_of_the_primary_late() {
    for synchronous in [false, true] {
        let begin = World::new(synchronous, true, left(0, 1, 2));
        sound("planned late", asking(begin, |record| record.preferred = Some(Member(2))));
    }
}

#[test]
fn a_new_version_everywhere_harms_no_commit() {
    for synchronous in [false, true] {
        let mut begin = World::new(synchronous, false, left(1, 0, 1));
        begin.nodes.iter_mut().for_each(|node| node.outdated = true);
        sound("rolling", begin);
    }
}

#[test]
fn a_member_that_joins_harms_no_commit() {
    for synchronous in [false, true] {
        let mut begin = World::new(synchronous, false, left(1, 1, 1));
        let new = &mut begin.nodes[2];
        (new.alive, new.disk, new.role, new.receiving, new.follows) = (false, false, None, false, None);
        (new.timelines, new.term) = (vec![], 0);
        begin.nodes[0].asks = vec![1];
        begin.nodes[0].names = synchronous.then(|| vec![1]);
        sound(
            "join",
            asking(begin, |record| {
                record.members.insert(Member(2), Standing::Apart);
                record.holders.remove(&Member(2));
            }),
        );
    }
}
