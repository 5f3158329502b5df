//! That each rule is needed: without it the same exploration finds what the rule is for.

use super::{
    super::decide::Rules,
    explore::explore,
    happen::Faults,
    world::{Left, World},
};

const NONE: Faults = Faults { kill: false, freeze: false, cut: false, store: false };
const KILL: Faults = Faults { kill: true, ..NONE };
const CUT: Faults = Faults { cut: true, ..NONE };
const FREEZE: Faults = Faults { freeze: true, ..NONE };

/// The shortest way to harm, where a rule is left out. That there is none where it is not, `scenes.rs` shows.
fn harm(rules: Rules, kinds: Faults, synchronous: bool, (faults, commits): (u8, u8)) -> (&'static str, Vec<String>) {
    shortest(rules, kinds, World::new(synchronous, false, Left { faults, late: 0, commits, losses: 1 }))
}

fn shortest(rules: Rules, kinds: Faults, begin: World) -> (&'static str, Vec<String>) {
    let Some((harm, mut way)) = explore(&rules, kinds, begin).harm else { panic!("nothing was found") };
    way.pop();
    println!("{harm}:\n  {}", way.join("\n  "));
    (harm, way)
}

#[test]
fn without_the_fence_two_primaries_take_commits() {
    assert_eq!(harm(Rules { fence: false, ..Rules::ALL }, FREEZE, false, (1, 0)).0, "two primaries take commits");
}

#[test]
fn without_the_wait_for_the_lease_two_primaries_take_commits() {
    assert_eq!(harm(Rules { lease: false, ..Rules::ALL }, CUT, false, (1, 0)).0, "two primaries take commits");
}

#[test]
fn without_the_wait_for_receivers_a_standby_goes_another_way() {
    assert_eq!(harm(Rules { receivers: false, ..Rules::ALL }, KILL, false, (1, 2)).0, "one that is said to follow went another way");
}

#[test]
fn without_comparing_a_commit_is_lost() {
    for synchronous in [false, true] {
        let rules = Rules { furthest: false, ..Rules::ALL };
        assert_eq!(harm(rules, KILL, synchronous, (1, 2)).0, "a commit that was acknowledged is lost");
    }
}

#[test]
fn without_the_salvage_a_commit_is_lost() {
    assert_eq!(harm(Rules { salvage: false, ..Rules::ALL }, KILL, false, (1, 2)).0, "a commit that was acknowledged is lost");
}

#[test]
fn without_asking_all_who_may_have_it_a_commit_is_lost() {
    let rules = Rules { holders: false, ..Rules::ALL };
    assert_eq!(harm(rules, Faults { kill: true, ..CUT }, true, (2, 1)).0, "a commit that was acknowledged is lost");
}

#[test]
fn without_the_checkpoint_a_rewound_one_never_starts() {
    let rules = Rules { checkpoint: false, ..Rules::ALL };
    assert_eq!(harm(rules, CUT, false, (1, 2)).0, "a rewind that found nothing to do left a standby that never starts");
}

#[test]
fn without_telling_the_standbys_it_never_ends() {
    assert_eq!(harm(Rules { detach: false, ..Rules::ALL }, KILL, false, (1, 1)).0, "it does not come to rest");
}

#[test]
fn a_node_that_heeds_whatever_comes_late_makes_two_primaries() {
    let mut begin = World::new(false, false, Left { faults: 2, late: 1, commits: 0, losses: 0 });
    begin.heedless = true;
    assert_eq!(shortest(Rules::ALL, Faults { kill: true, ..CUT }, begin).0, "two primaries take commits");
}
